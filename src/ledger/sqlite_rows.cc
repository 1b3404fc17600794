#include "ledger/sqlite_rows.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ledger/sqlite_state.h"

namespace action_scheduler {
namespace {

// Fewer rows are as fast one by one.
constexpr std::size_t kPackedRowsLeast = 1000;
// Where there are less rows than so many beside each one that came out of order, all are packed anew.
constexpr std::int64_t kPackedRowsPerOther = 8;
// So many rows are written or removed for each pack that is looked at.
constexpr std::size_t kRowsPerTidiedPack = 512;

constexpr const char* kCells =
    "id, counts_from_s, name, command, cron, merge_missed, actuality_time, enabled, timezone, topic, key, headers";

KnownRow known_row(const sqlite::Statement& row) {
  constexpr int kFirstCell = 2;
  KnownRow known;
  known.row.id = row.integer(0);
  known.counts_from = instant_from_unix(row.integer(1));
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const int column = kFirstCell + static_cast<int>(i);
    if (!row.is_null(column)) known.row.cells[i] = row.text(column);
  }
  return known;
}

void unpack(std::string_view bytes, const std::function<void(const KnownRow&)>& visit) {
  if (!unpack_rows(bytes, visit))
    throw MalformedLedger(
        "rows that cannot be read; the file is damaged: move it away, with its -wal and -shm, and a fresh one is begun");
}

// The places of the rows, ascending by id; empty if they stand so already, as they mostly do.
std::vector<std::size_t> order_by_id(const KnownRows& rows) {
  std::vector<std::size_t> order;
  if (rows.size() == 0) return order;
  std::size_t ascending = 1;
  for (ActionId last = rows[0].row.id; ascending < rows.size(); ++ascending) {
    const ActionId id = rows[ascending].row.id;
    if (id <= last) break;
    last = id;
  }
  if (ascending == rows.size()) return order;
  std::vector<std::pair<ActionId, std::size_t>> by_id;
  by_id.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) by_id.emplace_back(rows[i].row.id, i);
  std::ranges::sort(by_id);
  order.reserve(rows.size());
  for (const auto& [id, place] : by_id) order.push_back(place);
  return order;
}

template <std::size_t... Index>
void run_put_row(sqlite::Statement& put, std::int64_t shard, const KnownRow& known, std::index_sequence<Index...> /*cells*/) {
  put.run(known.row.id, shard, unix_seconds(known.counts_from), known.row.cells[Index]...);
}

std::string insert_row(const char* otherwise) {
  return std::string("INSERT OR ") + otherwise +
         " INTO ledger_row (id, shard, counts_from_s, name, command, cron, merge_missed, actuality_time, enabled, timezone, "
         "topic,"
         " key, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
}

// Releases the statement's lock on the database, whatever happens.
class Reset {
 public:
  explicit Reset(sqlite::Statement& statement) : statement_(statement) {}
  ~Reset() { statement_.reset(); }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite::Statement& statement_;
};

// Ids in ascending order, a row of a statement each.
class Ids {
 public:
  explicit Ids(sqlite::Statement& statement) : statement_(statement), more_(statement.step()) {}
  // Whether there is a row of this id; goes on to the first one that is not less.
  bool at(ActionId id) {
    while (more_ && statement_.integer(0) < id) more_ = statement_.step();
    return more_ && statement_.integer(0) == id;
  }

 private:
  sqlite::Statement& statement_;
  bool more_;
};

}  // namespace

std::optional<std::pair<Row, Instant>> read_row(sqlite::Database& database, std::int64_t shard, ActionId id) {
  sqlite::Statement row = database.prepare(std::string("SELECT ") + kCells + " FROM ledger_row WHERE shard = ? AND id = ?");
  row.bind(shard, id);
  std::optional<std::pair<Row, Instant>> found;
  const auto take = [&](const KnownRow& known) { found.emplace(Row(known.row), known.counts_from); };
  if (row.step()) {
    take(known_row(row));
    return found;
  }
  sqlite::Statement gone = database.prepare("SELECT 1 FROM ledger_gone WHERE shard = ? AND id = ?");
  gone.bind(shard, id);
  if (gone.step()) return std::nullopt;
  sqlite::Statement pack =
      database.prepare("SELECT rows FROM ledger_pack WHERE shard = ? AND first_id <= ? ORDER BY first_id DESC LIMIT 1");
  pack.bind(shard, id);
  if (!pack.step()) return std::nullopt;
  unpack(pack.text(0), [&](const KnownRow& known) {
    if (known.row.id == id) take(known);
  });
  return found;
}

void read_rows(sqlite::Database& database, std::int64_t shard, ActionId first,
               const std::function<bool(const KnownRow&)>& visit) {
  sqlite::Statement row =
      database.prepare(std::string("SELECT ") + kCells + " FROM ledger_row WHERE shard = ? AND id >= ? ORDER BY id");
  sqlite::Statement gone = database.prepare("SELECT id FROM ledger_gone WHERE shard = ? AND id >= ? ORDER BY id");
  sqlite::Statement pack = database.prepare("SELECT rows FROM ledger_pack WHERE shard = ? AND last_id >= ? ORDER BY first_id");
  row.bind(shard, first);
  gone.bind(shard, first);
  pack.bind(shard, first);
  Ids gone_ids(gone);
  bool more_rows = row.step();
  bool wanted = true;
  while (wanted && pack.step()) {
    unpack(pack.text(0), [&](const KnownRow& known) {
      if (known.row.id < first) return;
      for (; wanted && more_rows && row.integer(0) < known.row.id; more_rows = row.step()) wanted = visit(known_row(row));
      if (!wanted) return;
      const bool known_better = more_rows && row.integer(0) == known.row.id;
      if (!known_better && !gone_ids.at(known.row.id)) wanted = visit(known);
    });
  }
  for (; wanted && more_rows; more_rows = row.step()) wanted = visit(known_row(row));
}

RowWriter::RowWriter(sqlite::Database& database, std::int64_t shard)
    : shard_(shard),
      put_row_(database.prepare(insert_row("REPLACE"))),
      remove_row_(database.prepare("DELETE FROM ledger_row WHERE id = ? AND shard = ?")),
      note_gone_(
          database.prepare("INSERT OR IGNORE INTO ledger_gone (shard, id) SELECT ?1, ?2 WHERE (SELECT last_id FROM ledger_pack"
                           " WHERE shard = ?1 AND first_id <= ?2 ORDER BY first_id DESC LIMIT 1) >= ?2")),
      put_pack_(database.prepare("INSERT INTO ledger_pack (shard, first_id, last_id, row_count, rows) VALUES (?, ?, ?, ?, ?)")),
      greatest_id_(database.prepare(
          "SELECT max(id) FROM (SELECT max(id) AS id FROM ledger_row UNION ALL SELECT * FROM (SELECT last_id FROM ledger_pack"
          " WHERE shard = ?1 ORDER BY first_id DESC LIMIT 1))")),
      next_pack_(database.prepare("SELECT first_id, last_id, row_count FROM ledger_pack WHERE shard = ? AND first_id >= ?"
                                  " ORDER BY first_id LIMIT 1")),
      count_covered_(database.prepare("SELECT (SELECT count(*) FROM ledger_row WHERE id BETWEEN ?2 AND ?3 AND shard = ?1) +"
                                      " (SELECT count(*) FROM ledger_gone WHERE shard = ?1 AND id BETWEEN ?2 AND ?3)")),
      gone_in_(database.prepare("SELECT id FROM ledger_gone WHERE shard = ? AND id BETWEEN ? AND ? ORDER BY id")),
      pack_rows_(database.prepare("SELECT rows FROM ledger_pack WHERE shard = ? AND first_id = ?")),
      keep_row_(database.prepare(insert_row("IGNORE"))),
      remove_pack_(database.prepare("DELETE FROM ledger_pack WHERE shard = ? AND first_id = ?")),
      forget_gone_(database.prepare("DELETE FROM ledger_gone WHERE shard = ? AND id BETWEEN ? AND ?")),
      forget_all_{database.prepare("DELETE FROM ledger_row WHERE shard = ?"),
                  database.prepare("DELETE FROM ledger_pack WHERE shard = ?"),
                  database.prepare("DELETE FROM ledger_gone WHERE shard = ?")} {}

void RowWriter::save(const KnownRows& upserts, std::span<const ActionId> removals) {
  for (const ActionId id : removals) {
    remove_row_.run(id, shard_);
    note_gone_.run(shard_, id);
  }
  std::size_t written = removals.size();
  if (!save_packed(upserts)) {
    for (std::size_t i = 0; i < upserts.size(); ++i) put_row(upserts[i]);
    written += upserts.size();
  }
  tidy(1 + written / kRowsPerTidiedPack);
}

// Packs do not overlap: only rows behind all that are known make new ones. False if these are no such rows, or few.
bool RowWriter::save_packed(const KnownRows& upserts) {
  if (upserts.size() < kPackedRowsLeast) return false;
  const std::vector<std::size_t> order = order_by_id(upserts);
  const auto in_order = [&](std::size_t place) { return upserts[order.empty() ? place : order[place]]; };
  greatest_id_.bind(shard_);
  const std::optional<ActionId> greatest = greatest_id_.step() ? greatest_id_.integer_or_null(0) : std::nullopt;
  greatest_id_.reset();
  if (greatest && in_order(0).row.id <= *greatest) return false;
  packer_.clear();
  for (std::size_t place = 0; place < upserts.size(); ++place) pack(in_order(place));
  put_pack();
  return true;
}

void RowWriter::replace(std::span<const RowPack> packs, const KnownRows& others) {
  for (sqlite::Statement& forget : forget_all_) forget.run(shard_);
  std::int64_t packed = 0;
  for (const RowPack& ready : packs) packed += ready.rows();
  if (static_cast<std::int64_t>(others.size()) * kPackedRowsPerOther > packed) return save_merged(packs, others);
  for (const RowPack& ready : packs) {
    put_pack_.run(shard_, ready.first_id(), ready.last_id(), ready.rows(), sqlite::Blob{ready.bytes()});
  }
  for (std::size_t i = 0; i < others.size(); ++i) put_row(others[i]);
}

void RowWriter::save_merged(std::span<const RowPack> packs, const KnownRows& others) {
  const std::vector<std::size_t> order = order_by_id(others);
  std::size_t place = 0;
  std::optional<KnownRow> other;
  const auto next_other = [&] {
    other.reset();
    if (place < others.size()) other = others[order.empty() ? place : order[place]];
    ++place;
  };
  packer_.clear();
  next_other();
  for (const RowPack& ready : packs) {
    unpack(ready.bytes(), [&](const KnownRow& known) {
      for (; other && other->row.id < known.row.id; next_other()) pack(*other);
      pack(known);
    });
  }
  for (; other; next_other()) pack(*other);
  put_pack();
}

void RowWriter::pack(const KnownRow& known) {
  packer_.add(known);
  if (packer_.full()) put_pack();
}

void RowWriter::put_pack() {
  if (packer_.rows() == 0) return;
  put_pack_.run(shard_, packer_.first_id(), packer_.last_id(), packer_.rows(), sqlite::Blob{packer_.bytes()});
  packer_.clear();
}

void RowWriter::put_row(const KnownRow& known) { run_put_row(put_row_, shard_, known, std::make_index_sequence<kColumnCount>()); }

// The count may be too high, where ids came between those of the pack later on; then it dissolves a little early.
void RowWriter::tidy(std::size_t packs) {
  for (; packs > 0; --packs) {
    next_pack_.bind(shard_, tidied_ ? *tidied_ : std::numeric_limits<ActionId>::min());
    if (!next_pack_.step()) {
      tidied_.reset();
      return;
    }
    const ActionId first_id = next_pack_.integer(0);
    const ActionId last_id = next_pack_.integer(1);
    const std::int64_t rows = next_pack_.integer(2);
    next_pack_.reset();
    count_covered_.bind(shard_, first_id, last_id);
    const bool half_covered = count_covered_.step() && count_covered_.integer(0) * 2 >= rows;
    count_covered_.reset();
    if (half_covered) dissolve(first_id, last_id);
    tidied_.reset();
    if (last_id < std::numeric_limits<ActionId>::max()) tidied_ = last_id + 1;
  }
}

void RowWriter::dissolve(ActionId first_id, ActionId last_id) {
  {
    const Reset after_gone(gone_in_);
    const Reset after_rows(pack_rows_);
    gone_in_.bind(shard_, first_id, last_id);
    Ids gone(gone_in_);
    pack_rows_.bind(shard_, first_id);
    if (!pack_rows_.step()) return;
    unpack(pack_rows_.text(0), [&](const KnownRow& known) {
      if (!gone.at(known.row.id)) run_put_row(keep_row_, shard_, known, std::make_index_sequence<kColumnCount>());
    });
  }
  remove_pack_.run(shard_, first_id);
  forget_gone_.run(shard_, first_id, last_id);
}

}  // namespace action_scheduler
