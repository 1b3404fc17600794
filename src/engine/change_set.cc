#include "engine/change_set.h"

#include <cstring>

namespace action_scheduler {

namespace {

// A packed row: the id, the length of each cell (absent: kAbsent), the cells.
constexpr std::uint32_t kAbsent = 0xffffffff;

template <class T>
void append_raw(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class T>
T read_raw(const char*& at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

class Collector : public ChangeVisitor {
 public:
  Collector(ChangeSet& changes, RowParser& parser) : changes_(changes), parser_(parser) {}

  void changed(const RowView& row) override {
    changes_.rows.add(row);
    changes_.parsed.push_back(parser_.parse(row));
  }
  void removed(ActionId id) override { changes_.removed.push_back(id); }

 private:
  ChangeSet& changes_;
  RowParser& parser_;
};

}  // namespace

void PackedRows::add(const RowView& row) {
  offsets_.push_back(text_.size());
  append_raw(text_, row.id);
  for (const auto& cell : row.cells) append_raw(text_, cell ? static_cast<std::uint32_t>(cell->size()) : kAbsent);
  for (const auto& cell : row.cells) {
    if (cell) text_ += *cell;
  }
}

RowView PackedRows::operator[](std::size_t index) const {
  const char* at = text_.data() + offsets_[index];
  RowView row;
  row.id = read_raw<ActionId>(at);
  const char* text = at + kColumnCount * sizeof(std::uint32_t);
  for (auto& cell : row.cells) {
    const auto length = read_raw<std::uint32_t>(at);
    if (length == kAbsent) continue;
    cell = std::string_view(text, length);
    text += length;
  }
  return row;
}

Result<ChangeSet> poll_changes(ActionSource& source, RowParser& parser) {
  ChangeSet changes;
  Collector collector(changes, parser);
  const Result<PollSummary> summary = source.poll(collector);
  if (!summary) return summary.error();
  changes.complete = summary->complete;
  changes.rows_in_table = summary->rows;
  changes.rows_without_id = summary->rows_without_id;
  changes.rows_read = summary->rows_read;
  changes.reads_all_because = summary->reads_all_because;
  return changes;
}

}  // namespace action_scheduler
