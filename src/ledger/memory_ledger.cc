#include "ledger/memory_ledger.h"

namespace action_scheduler {

namespace {

std::tuple<ActionId, Instant, Instant> key_of(const Fire& fire) {
  return {fire.action, fire.time, is_requested(fire) ? fire.requested : Instant{}};
}

}  // namespace

Result<LedgerState> MemoryLedger::load() {
  LedgerState state;
  state.watermark = watermark_;
  state.intent = intent_;
  for (const auto& [key, parked] : parked_) state.parked.push_back(parked);
  state.exception_batch = exception_batch_;
  state.exactly_once_used = exactly_once_used_;
  state.requests = requests_;
  return state;
}

Result<void> MemoryLedger::load_rows(const std::function<void(const KnownRow&)>& visit) {
  for (const auto& [id, known] : rows_) visit({known.first.view(), known.second});
  return {};
}

Result<void> MemoryLedger::save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                                     std::span<const NotedOutcome> ended) {
  for (ActionId id : removals) rows_.erase(id);
  for (std::size_t i = 0; i < upserts.size(); ++i) keep(upserts[i]);
  for (const NotedOutcome& noted : ended) note(noted);
  return {};
}

Result<void> MemoryLedger::replace_rows(std::span<const RowPack> packs, const KnownRows& others) {
  rows_.clear();
  for (const RowPack& pack : packs) {
    if (!unpack_rows(pack.bytes(), [this](const KnownRow& known) { keep(known); })) return Error{"rows that cannot be read"};
  }
  return save_rows(others, {}, {});
}

void MemoryLedger::keep(const KnownRow& known) {
  rows_.insert_or_assign(known.row.id, std::pair(Row(known.row), known.counts_from));
}

Result<void> MemoryLedger::write(const LedgerChange& change, Durability /*durability*/) {
  if (change.watermark) watermark_ = change.watermark;
  if (change.close_intent) intent_.reset();
  if (change.open_intent) intent_ = change.open_intent;
  for (const Fire& fire : change.unpark) parked_.erase(key_of(fire));
  for (const ParkedFire& parked : change.park) parked_.insert_or_assign(key_of(parked.fire), parked);
  if (change.exception_batch) exception_batch_ = *change.exception_batch;
  if (change.mark_exactly_once_used) exactly_once_used_ = true;
  for (const NotedOutcome& noted : change.outcomes) note(noted);
  if (change.request) requests_.push_back(*change.request);
  if (requests_.size() > kRequestsMax) requests_.erase(requests_.begin());
  return {};
}

void MemoryLedger::note(const NotedOutcome& noted) {
  std::uint64_t& place = noted_[{noted.action, noted.outcome, noted.first, noted.requested}];
  if (place != 0) outcomes_.erase(place);
  place = ++last_noted_;
  outcomes_.emplace(place, noted);
  if (outcomes_.size() <= outcomes_max_) return;
  const NotedOutcome& oldest = outcomes_.begin()->second;
  noted_.erase({oldest.action, oldest.outcome, oldest.first, oldest.requested});
  outcomes_.erase(outcomes_.begin());
}

Result<std::vector<NotedOutcome>> MemoryLedger::outcomes(std::optional<ActionId> action, std::size_t limit) {
  std::vector<NotedOutcome> newest;
  for (auto noted = outcomes_.rbegin(); noted != outcomes_.rend() && newest.size() < limit; ++noted) {
    if (!action || noted->second.action == *action) newest.push_back(noted->second);
  }
  return newest;
}

}  // namespace action_scheduler
