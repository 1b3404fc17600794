#include "sources/postgres_copy.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace action_scheduler {
namespace {

struct ResultEnd {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedResult = std::unique_ptr<PGresult, ResultEnd>;

struct MemoryEnd {
  void operator()(char* memory) const { PQfreemem(memory); }
};

[[noreturn]] void fail(PGconn* connection, const PGresult* result, const std::string& query) {
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string what = sqlstate == nullptr ? PQerrorMessage(connection) : PQresultErrorMessage(result);
  if (PQstatus(connection) == CONNECTION_BAD) throw pqxx::broken_connection(what);
  throw pqxx::sql_error(what, query, sqlstate);
}

// The values of one row, one after the other. (PostgreSQL documentation, COPY, "Binary Format".)
class BinaryRow {
 public:
  BinaryRow(const char* begin, std::size_t size) : rest_(begin, size) {}

  bool empty() const { return rest_.empty(); }

  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) throw std::runtime_error("the server sent a row that is cut off");
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  // The signature and what follows it, before the first row.
  void skip_header() {
    constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
    if (!rest_.starts_with(kSignature)) return;
    take(kSignature.size() + 4);
    take(static_cast<std::size_t>(integer(take(4))));
  }

  // Absent if it is NULL.
  std::optional<std::string_view> value() {
    const std::int64_t length = integer(take(4));
    if (length < 0) return std::nullopt;
    return take(static_cast<std::size_t>(length));
  }

  // Of 1, 2, 4 or 8 bytes, the highest first.
  static std::int64_t integer(std::string_view bytes) {
    switch (bytes.size()) {
      case sizeof(std::int8_t):
        return number<std::int8_t>(bytes);
      case sizeof(std::int16_t):
        return number<std::int16_t>(bytes);
      case sizeof(std::int32_t):
        return number<std::int32_t>(bytes);
      case sizeof(std::int64_t):
        return number<std::int64_t>(bytes);
      default:
        throw std::runtime_error("the server sent a number of " + std::to_string(bytes.size()) + " bytes");
    }
  }

 private:
  // A loop of a fixed length, which compilers know as one instruction.
  template <class Number>
  static Number number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return static_cast<Number>(number);
  }

  std::string_view rest_;
};

// Turns values into what the same values are as text.
class RowReader {
 public:
  explicit RowReader(const TableShape& shape) : shape_(shape) {}

  // False if the row has no id. The row is valid until the next call, and as long as the values.
  bool read(BinaryRow& values, RowView& row) {
    const std::optional<std::string_view> id = values.value();
    bool has_id = id.has_value();
    if (has_id && shape_.forms[0] == BinaryForm::integer) {
      row.id = BinaryRow::integer(*id);
    } else if (has_id) {
      has_id = read_id(*id, row.id);
    }
    for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
      std::optional<std::string_view> value = values.value();
      if (value && shape_.forms[i + 1] != BinaryForm::text) value = printed(*value, shape_.forms[i + 1], numbers_[i]);
      row[shape_.columns[i]] = value;
    }
    return has_id;
  }

 private:
  using Number = std::array<char, 24>;

  static std::string_view printed(std::string_view value, BinaryForm form, Number& number) {
    if (form == BinaryForm::boolean) return BinaryRow::integer(value) != 0 ? "t" : "f";
    const auto end = std::to_chars(number.data(), number.data() + number.size(), BinaryRow::integer(value)).ptr;
    return {number.data(), static_cast<std::size_t>(end - number.data())};
  }

  const TableShape& shape_;
  std::array<Number, kColumnCount> numbers_{};
};

}  // namespace

void copy_rows(PostgresConnection& connection, const std::string& table, const TableShape& shape, const CopiedRows& visit) {
  PGconn* const handle = connection.handle();
  const std::string query = "COPY (SELECT " + shape.copy_select + " FROM " + table + ") TO STDOUT (FORMAT binary)";
  if (const OwnedResult begun(PQexec(handle, query.c_str())); PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    fail(handle, begun.get(), query);
  }
  RowReader reader(shape);
  RowView row;
  bool first = true;
  for (;;) {
    char* memory = nullptr;
    const int size = PQgetCopyData(handle, &memory, 0);
    if (size < 0) break;
    const std::unique_ptr<char, MemoryEnd> owned(memory);
    BinaryRow values(memory, static_cast<std::size_t>(size));
    if (first) values.skip_header();
    first = false;
    // A message holds one row, the end of all, or the header alone.
    if (values.empty() || BinaryRow::integer(values.take(2)) < 0) continue;
    if (reader.read(values, row)) {
      visit.row(row);
    } else {
      visit.row_without_id();
    }
  }
  for (;;) {
    const OwnedResult ended(PQgetResult(handle));
    if (!ended) break;
    if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK) fail(handle, ended.get(), query);
  }
}

}  // namespace action_scheduler
