#include "engine/first_rows.h"

#include <utility>

namespace action_scheduler {

void FirstRows::add(const RowView& row, Action action) {
  const bool is_first = packs_.empty() && packer_.rows() == 0;
  if (!is_first && row.id <= last_id_) {
    actions_.put(std::move(action), kLastInstant);
    others_.add(row);
    return;
  }
  // The others' ids lie below that of a row before this one.
  actions_.put_new(std::move(action), kLastInstant);
  last_id_ = row.id;
  packer_.add({row, kLastInstant});
  if (packer_.full()) packs_.push_back(packer_.take());
}

void FirstRows::finish() {
  if (packer_.rows() > 0) packs_.push_back(packer_.take());
}

void FirstRows::count_from(Instant instant) {
  counts_from_ = instant;
  actions_.count_from(instant);
  for (RowPack& pack : packs_) pack.count_from(instant);
}

Result<void> FirstRows::save(Ledger& ledger) const {
  return ledger.replace_rows(packs_, {others_.size(), [this](std::size_t i) { return KnownRow{others_[i], counts_from_}; }});
}

}  // namespace action_scheduler
