#include <algorithm>
#include <bit>
#include <functional>

#include "action_scheduler/action.h"

namespace action_scheduler {

namespace {

constexpr std::size_t kAlignment = 16;  // of what is allocated
constexpr unsigned kTogetherBits = 3;
constexpr std::size_t kTogether = std::size_t{1} << kTogetherBits;
// The actions lie apart in memory, and there may be a million of them: each is asked for so many slots ahead.
constexpr std::size_t kPrefetched = 16;

bool less_by_id(const ActionSet::Entry& a, const ActionSet::Entry& b) { return a.id < b.id; }

}  // namespace

// Rows with the same text share one trigger, so nearly always the identity tells, and nothing is hashed or compared.
TriggerId ActionSet::intern(Trigger trigger) {
  TriggerId& latest = latest_by_identity_[std::hash<const void*>()(trigger.identity()) / kAlignment % latest_by_identity_.size()];
  if (has_trigger(latest) && groups_[latest].trigger->identity() == trigger.identity()) return latest;
  if (const auto known = by_trigger_.find(trigger); known != by_trigger_.end()) return latest = known->second;
  TriggerId id = 0;
  if (free_.empty()) {
    id = static_cast<TriggerId>(groups_.size());
    groups_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  by_trigger_.emplace(trigger, id);
  groups_[id].trigger = std::move(trigger);
  return latest = id;
}

// Eight ids that follow each other share a home of eight slots, a cache line: tables are mostly read in the order of their ids.
// The homes are spread by multiplication with 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4), the
// upper bits of which depend on all bits of the id; as a fraction of 2^32 they choose among any number of homes.
std::size_t ActionSet::home_of(ActionId id) const {
  const std::uint64_t spread = static_cast<std::uint64_t>(id >> kTogetherBits) * 0x9E3779B97F4A7C15ULL;
  const auto home = static_cast<std::size_t>((spread >> 32) * (slots_.size() / kTogether) >> 32);
  return home * kTogether + static_cast<std::size_t>(id) % kTogether;
}

// How far `slot` lies behind `from`, once around the end.
std::size_t ActionSet::behind(std::size_t slot, std::size_t from) const {
  return slot >= from ? slot - from : slot + slots_.size() - from;
}

// The action's slot, or the empty one where it would be put. There is an empty slot.
std::size_t ActionSet::slot_of(ActionId id) const {
  std::size_t slot = home_of(id);
  while (slots_[slot] != nullptr && slots_[slot]->id_ != id) slot = next(slot);
  return slot;
}

// Where an action would be put that is not there. Nothing is compared, so no other action is looked at: they lie apart in memory.
std::size_t ActionSet::free_slot_of(ActionId id) const {
  std::size_t slot = home_of(id);
  while (slots_[slot] != nullptr) slot = next(slot);
  return slot;
}

void ActionSet::resize(std::size_t slots, std::optional<Instant> counts_from) {
  std::vector<std::unique_ptr<ScheduledAction>> before(slots);
  before.swap(slots_);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i + kPrefetched < before.size()) __builtin_prefetch(before[i + kPrefetched].get());
    if (before[i] == nullptr) continue;
    if (counts_from) before[i]->counts_from_ = *counts_from;
    slots_[free_slot_of(before[i]->id_)] = std::move(before[i]);
  }
}

// At most three of four slots are taken while it grows.
void ActionSet::reserve(std::size_t actions) {
  if (actions + (actions + 2) / 3 <= slots_.size()) return;
  constexpr std::size_t kLeastSlots = 16;
  resize(std::bit_ceil(std::max(kLeastSlots, actions + (actions + 2) / 3)));
}

void ActionSet::fit() {
  if (const std::size_t slots = fitting_slots(); slots < slots_.size()) resize(slots);
}

// Two of three are taken: the next rows find room, and do not move all that were just moved.
std::size_t ActionSet::fitting_slots() const { return ((size_ + size_ / 2) / kTogether + 1) * kTogether; }

TriggerId ActionSet::put(Action action, Instant counts_from) {
  reserve(size_ + 1);
  const std::size_t slot = slot_of(action.id);
  return put_into(slot, std::move(action), counts_from);
}

TriggerId ActionSet::put_new(Action action, Instant counts_from) {
  reserve(size_ + 1);
  const std::size_t slot = free_slot_of(action.id);
  return put_into(slot, std::move(action), counts_from);
}

TriggerId ActionSet::put_into(std::size_t place, Action action, Instant counts_from) {
  const TriggerId trigger = intern(std::move(action.trigger));
  auto& slot = slots_[place];
  const bool was_there = slot != nullptr;
  const bool moves = was_there && slot->trigger_ != trigger;
  if (!was_there) {
    slot = std::make_unique<ScheduledAction>();
    slot->id_ = action.id;
    ++size_;
  } else if (moves) {
    leave_group(*slot);
  }
  slot->trigger_ = trigger;
  slot->counts_from_ = counts_from;
  slot->text_ = std::move(action.text);
  slot->set_policy(action.policy);
  if (!was_there || moves) groups_[trigger].entries.push_back({slot->id_, slot.get()});
  return trigger;
}

bool ActionSet::erase(ActionId id) {
  if (find(id) == nullptr) return false;
  std::size_t hole = slot_of(id);
  leave_group(*slots_[hole]);
  slots_[hole] = nullptr;
  --size_;
  // What stands behind the hole moves up unless it would come before its home: then no search ends too early.
  for (std::size_t slot = next(hole); slots_[slot] != nullptr; slot = next(slot)) {
    if (behind(slot, home_of(slots_[slot]->id_)) < behind(slot, hole)) continue;
    slots_[hole] = std::move(slots_[slot]);
    hole = slot;
  }
  return true;
}

void ActionSet::count_from(Instant instant) {
  if (const std::size_t slots = fitting_slots(); slots < slots_.size()) return resize(slots, instant);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (i + kPrefetched < slots_.size()) __builtin_prefetch(slots_[i + kPrefetched].get(), 1);
    if (slots_[i] != nullptr) slots_[i]->counts_from_ = instant;
  }
}

void ActionSet::limit_counts_from(Instant latest) {
  for (auto& action : slots_) {
    if (action != nullptr) action->counts_from_ = std::min(action->counts_from_, latest);
  }
}

std::optional<Instant> ActionSet::earliest_count() const {
  std::optional<Instant> earliest;
  for (const auto& action : slots_) {
    if (action != nullptr && (!earliest || action->counts_from_ < *earliest)) earliest = action->counts_from_;
  }
  return earliest;
}

const ScheduledAction* ActionSet::find(ActionId id) const { return slots_.empty() ? nullptr : slots_[slot_of(id)].get(); }

void ActionSet::leave_group(const ScheduledAction& action) {
  Group& group = groups_[action.trigger_];
  // Entries that were put since the last tidy() are searched one by one: keep them few.
  constexpr std::size_t unsorted_max = 1024;
  if (group.entries.size() - group.sorted > unsorted_max) tidy(group);
  const auto sorted_end = group.entries.begin() + static_cast<std::ptrdiff_t>(group.sorted);
  auto place = std::lower_bound(group.entries.begin(), sorted_end, Entry{action.id_, nullptr}, less_by_id);
  if (place == sorted_end || place->action != &action) {
    place = std::find_if(sorted_end, group.entries.end(), [&](const Entry& entry) { return entry.action == &action; });
  }
  place->action = nullptr;
  if (++group.erased == group.entries.size()) {
    by_trigger_.erase(*group.trigger);
    group = Group{};
    free_.push_back(action.trigger_);
  }
}

// One linear pass over the group however many entries changed since the last one.
void ActionSet::tidy(Group& group) {
  if (group.sorted != group.entries.size()) {
    const auto middle = group.entries.begin() + static_cast<std::ptrdiff_t>(group.sorted);
    std::sort(middle, group.entries.end(), less_by_id);
    std::inplace_merge(group.entries.begin(), middle, group.entries.end(), less_by_id);
    // What a whole table was put into has grown by doubling; later changes are few.
    if (group.sorted == 0) group.entries.shrink_to_fit();
  }
  if (group.erased > 0) {
    std::erase_if(group.entries, [](const Entry& entry) { return entry.action == nullptr; });
    group.erased = 0;
  }
  group.sorted = group.entries.size();
}

std::span<const ActionSet::Entry> ActionSet::actions_of(TriggerId id) const {
  if (!has_trigger(id)) return {};
  tidy(groups_[id]);
  return groups_[id].entries;
}

}  // namespace action_scheduler
