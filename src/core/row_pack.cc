#include "action_scheduler/row_pack.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "action_scheduler/leb128.h"

namespace action_scheduler {
namespace {

// A pack: the form's number, then the rows. A row: what its id and counts_from are more than the last one's, then its cells. A
// name or a command: 0 for NULL; or 1 + the number of bytes with which it begins like the last one of its column, the number of
// the others, and these. Another cell: 0 for NULL; 1 + 2 * size and a text; or 2 + 2 * n for the text that stands at the n-th
// place among those that may repeat, counted from 0. In form 1 all cells are like these others. Numbers are LEB128;
// the first counts_from takes all the bytes that it ever may, so that it can be written later.
constexpr char kForm = 2;
constexpr char kFormBefore = 1;
constexpr std::size_t kLeastRepeatable = 4;  // less is as long as its number

// Names and commands are mostly each its own, but begin alike.
bool may_repeat(std::size_t column) {
  return column != static_cast<std::size_t>(Column::name) && column != static_cast<std::size_t>(Column::command);
}

// Small numbers of either sign become small numbers.
std::uint64_t folded(std::int64_t number) {
  return static_cast<std::uint64_t>(number) << 1 ^ (number < 0 ? ~std::uint64_t{0} : std::uint64_t{0});
}
std::int64_t unfolded(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1 ^ ((number & 1) != 0 ? ~std::uint64_t{0} : std::uint64_t{0}));
}

// Differences wrap around, so that no two ids are too far apart.
std::int64_t difference(std::int64_t to, std::int64_t from) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

class PackReader {
 public:
  explicit PackReader(std::string_view bytes) : rest_(bytes) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  std::string_view take(std::size_t bytes) {
    good_ = good_ && bytes <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::uint64_t number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::string_view byte = take(1);
      if (!good_) return 0;
      number |= static_cast<std::uint64_t>(byte.front() & 0x7F) << shift;
      if ((byte.front() & 0x80) == 0) return number;
    }
    good_ = false;
    return 0;
  }

  // Valid until the next call for the same `last`.
  std::optional<std::string_view> cell_like(std::string& last) {
    const std::uint64_t code = number();
    if (code == 0) return std::nullopt;
    good_ = good_ && code - 1 <= last.size();
    if (!good_) return std::string_view();
    last.resize(code - 1);
    last += take(number());
    return last;
  }

  std::optional<std::string_view> cell(bool repeats) {
    const std::uint64_t code = number();
    if (code == 0) return std::nullopt;
    const std::uint64_t value = (code - 1) / 2;
    if (code % 2 == 1) {
      const std::string_view text = take(value);
      if (repeats && text.size() >= kLeastRepeatable) repeatables_.push_back(text);
      return text;
    }
    good_ = good_ && value < repeatables_.size();
    return good_ ? repeatables_[value] : std::string_view();
  }

 private:
  std::string_view rest_;
  std::vector<std::string_view> repeatables_;
  bool good_ = true;
};

}  // namespace

// Where so many bytes may be written behind the others.
char* RowPacker::room(std::size_t bytes) {
  if (size_ + bytes > capacity_) {
    capacity_ = std::max(kFullBytes, size_ + bytes) + kFullBytes / 4;
    std::unique_ptr<char[]> larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::copy_n(bytes_.get(), size_, larger.get());
    bytes_ = std::move(larger);
  }
  return bytes_.get() + size_;
}

// Returns where the next one goes.
char* RowPacker::add_cell(char* at, std::string_view text) {
  if (text.size() >= kLeastRepeatable) {
    std::uint32_t& latest = latest_by_hash_[std::hash<std::string_view>()(text) % latest_by_hash_.size()];
    if (latest > 0) {
      const Repeatable& known = repeatables_[latest - 1];
      if (std::string_view(bytes_.get() + known.begin, known.size) == text) return write_leb128(at, 2 * std::uint64_t{latest});
    }
    at = write_leb128(at, 1 + 2 * std::uint64_t{text.size()});
    repeatables_.push_back({static_cast<std::uint32_t>(at - bytes_.get()), static_cast<std::uint32_t>(text.size())});
    latest = static_cast<std::uint32_t>(repeatables_.size());
  } else {
    at = write_leb128(at, 1 + 2 * std::uint64_t{text.size()});
  }
  return std::ranges::copy(text, at).out;
}

char* RowPacker::add_cell_like(char* at, std::string_view text, std::string& last) {
  const auto alike = static_cast<std::size_t>(std::ranges::mismatch(text, last).in1 - text.begin());
  const std::string_view rest = text.substr(alike);
  at = write_leb128(at, 1 + std::uint64_t{alike});
  at = write_leb128(at, rest.size());
  last.resize(alike);
  last += rest;
  return std::ranges::copy(rest, at).out;
}

void RowPacker::add(const KnownRow& known) {
  std::size_t bytes_max = sizeof kForm + 2 * (1 + kColumnCount) * kLeb128BytesMax;
  for (const auto& cell : known.row.cells) bytes_max += cell ? cell->size() : 0;
  char* at = room(bytes_max);
  if (rows_ == 0) {
    *at++ = kForm;
    first_id_ = known.row.id;
  }
  at = write_leb128(at, folded(difference(known.row.id, last_id_)));
  last_id_ = known.row.id;
  const std::int64_t counts_from_s = unix_seconds(known.counts_from);
  const std::uint64_t counts_from_code = folded(difference(counts_from_s, counts_from_s_));
  at = rows_ == 0 ? write_whole_leb128(at, counts_from_code) : write_leb128(at, counts_from_code);
  counts_from_s_ = counts_from_s;
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const auto& cell = known.row.cells[i];
    if (!cell) {
      at = write_leb128(at, 0);
    } else if (may_repeat(i)) {
      at = add_cell(at, *cell);
    } else {
      at = add_cell_like(at, *cell, last_[i]);
    }
  }
  size_ = static_cast<std::size_t>(at - bytes_.get());
  ++rows_;
}

RowPack RowPacker::take() {
  RowPack pack;
  pack.first_id_ = first_id_;
  pack.last_id_ = last_id_;
  pack.rows_ = rows_;
  pack.bytes_ = bytes();
  clear();
  return pack;
}

void RowPacker::clear() {
  size_ = 0;
  rows_ = 0;
  last_id_ = 0;
  counts_from_s_ = 0;
  for (std::string& last : last_) last.clear();
  repeatables_.clear();
  latest_by_hash_.fill(0);
}

void RowPack::count_from(Instant instant) {
  char* at = bytes_.data() + sizeof kForm;
  const char* behind_id = at;
  (void)read_leb128(behind_id);
  write_whole_leb128(at + (behind_id - at), folded(unix_seconds(instant)));
}

bool unpack_rows(std::string_view bytes, const std::function<void(const KnownRow&)>& visit) {
  PackReader reader(bytes);
  const std::string_view form = reader.take(1);
  if (form.empty() || (form.front() != kForm && form.front() != kFormBefore)) return false;
  const bool begin_alike = form.front() == kForm;
  LastTexts last;
  KnownRow known;
  std::int64_t counts_from_s = 0;
  while (!reader.at_end()) {
    known.row.id = sum(known.row.id, unfolded(reader.number()));
    counts_from_s = sum(counts_from_s, unfolded(reader.number()));
    known.counts_from = instant_from_unix(counts_from_s);
    for (std::size_t i = 0; i < kColumnCount; ++i) {
      known.row.cells[i] = begin_alike && !may_repeat(i) ? reader.cell_like(last[i]) : reader.cell(may_repeat(i));
    }
    if (!reader.good()) return false;
    visit(known);
  }
  return true;
}

}  // namespace action_scheduler
