#include "engine/parking.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace action_scheduler {

namespace {

constexpr std::string_view kReplaced = "its action was replaced, or its schedule changed";

NotedOutcome outcome_of(const Fire& fire, Outcome outcome, std::string reason, Instant now) {
  const Instant requested = is_requested(fire) ? fire.requested : Instant{};
  return {fire.action, outcome, fire.time, fire.time, 1, std::move(reason), now, requested};
}

void end(const Fire& fire, Outcome outcome, std::string reason, Instant now, LedgerChange& change) {
  change.outcomes.push_back(outcome_of(fire, outcome, std::move(reason), now));
  change.unpark.push_back(fire);
}

// What came due before the clock was set back is handed over when it is due again: until then it is ahead of the watermark, and
// would come twice.
Instant retry_not_before(const Fire& fire, Instant at) { return is_requested(fire) ? at : std::max(at, fire.due); }

std::string expired_because(const ParkedFire& parked) {
  return "older than its actuality time while it was parked: " + parked.reason;
}

// `fire` carries `earlier` from now on.
void take_in(const Fire& earlier, Fire& fire) {
  const Instant first = earlier.merged_count > 0 ? std::min(earlier.first_missed, earlier.time) : earlier.time;
  fire.first_missed = fire.merged_count > 0 ? std::min(fire.first_missed, first) : first;
  fire.merged_count += 1 + earlier.merged_count;
}

}  // namespace

void Parking::restore(std::vector<ParkedFire> parked, Instant now) {
  for (ParkedFire& fire : parked) {
    const Key key = key_of(fire.fire);
    if (fire.batch != 0) ++fire.fire.attempt;  // a crash hides whether it was taken
    note_held(fire.fire);
    const Instant retry_at = retry_not_before(fire.fire, now);
    by_retry_.emplace(retry_at, key);
    parked_.insert_or_assign(key, Held{std::move(fire), retry_at, Seconds{0}});
  }
}

void Parking::describe_rewind(Instant now, LedgerChange& change) const {
  for (const auto& [key, held] : parked_) {
    if (!held.parked.fire.stands_for_earlier || held.parked.fire.due <= now) continue;
    change.park.push_back(held.parked);
    change.park.back().fire.stands_for_earlier = false;
  }
}

void Parking::describe_parking(const std::vector<ParkedFire>& fires, const ActionSet& actions, Position settled, Instant now,
                               LedgerChange& change) const {
  std::set<Key> ended;  // of those that were parked before
  for (ParkedFire parked : fires) {
    const ScheduledAction* action = actions.find(parked.fire.action);
    if (action != nullptr && action->policy().merge) {
      const auto begin = parked_.lower_bound({parked.fire.action, Instant::min(), Instant::min()});
      for (auto held = begin; held != parked_.end() && held->second.parked.fire.action == parked.fire.action; ++held) {
        const Fire& earlier = held->second.parked.fire;
        if (earlier.time >= parked.fire.time) break;
        if (is_requested(earlier)) continue;
        if (position_after(earlier) > settled) continue;  // it would be planned again
        if (!ended.insert(held->first).second) continue;
        if (earlier.time <= action->counts_from()) {
          end(earlier, Outcome::disabled, std::string(kReplaced), now, change);
        } else if (earlier.expires && *earlier.expires < now) {
          end(earlier, Outcome::expired, expired_because(held->second.parked), now, change);
        } else {
          end(earlier, Outcome::merged, "merged into " + fire_id(parked.fire), now, change);
          take_in(earlier, parked.fire);
        }
      }
    }
    change.park.push_back(std::move(parked));
  }
  const std::size_t held = parked_.size() + change.park.size() - std::min(change.unpark.size(), parked_.size());
  if (held <= kParkedMax) return;
  std::size_t excess = held - kParkedMax;
  std::vector<const Held*> oldest;
  for (const auto& [key, entry] : parked_) {
    if (!ended.contains(key)) oldest.push_back(&entry);
  }
  excess = std::min(excess, oldest.size());
  std::nth_element(oldest.begin(), oldest.begin() + static_cast<std::ptrdiff_t>(excess), oldest.end(),
                   [](const Held* a, const Held* b) { return a->parked.fire.due < b->parked.fire.due; });
  for (std::size_t i = 0; i < excess; ++i) {
    end(oldest[i]->parked.fire, Outcome::failed, "more than " + std::to_string(kParkedMax) + " fires are parked", now, change);
  }
}

void Parking::set_retry(const Key& key, Held& held, Instant at) {
  by_retry_.erase({held.retry_at, key});
  held.retry_at = retry_not_before(held.parked.fire, at);
  by_retry_.emplace(held.retry_at, key);
}

void Parking::postpone(const Key& key, Held& held, Instant now) {
  held.delay = held.delay == Seconds{0} ? kRetryFirst : std::min(held.delay * 2, kRetryMax);
  set_retry(key, held, now + held.delay);
}

void Parking::note_held(const Fire& fire) {
  if (is_requested(fire)) {
    ++requested_;
  } else {
    exceptions_.insert(fire);
  }
}

void Parking::remove(const Fire& fire) {
  const auto found = parked_.find(key_of(fire));
  if (found == parked_.end()) return;
  by_retry_.erase({found->second.retry_at, found->first});
  if (is_requested(fire)) {
    --requested_;
  } else {
    exceptions_.erase(fire.action, fire.time);
  }
  parked_.erase(found);
}

void Parking::describe_taken(const Fire& fire, Instant now, LedgerChange& change) const {
  change.unpark.push_back(fire);
  if (is_requested(fire)) change.outcomes.push_back(outcome_of(fire, Outcome::delivered, find(fire)->asked, now));
}

void Parking::take(const LedgerChange& change, Instant now) {
  for (const ParkedFire& fire : change.park) {
    const Key key = key_of(fire.fire);
    auto [held, is_new] = parked_.try_emplace(key);
    held->second.parked = fire;
    if (!is_new) {
      if (is_requested(fire.fire)) continue;
      exceptions_.erase(fire.fire.action, fire.fire.time);
      exceptions_.insert(fire.fire);
      continue;
    }
    note_held(fire.fire);
    if (is_requested(fire.fire)) {
      set_retry(key, held->second, now);
    } else {
      postpone(key, held->second, now);
    }
  }
  for (const Fire& fire : change.unpark) remove(fire);
}

Parking::Retry Parking::due(const ActionSet& actions, Instant now, std::size_t fires_max) const {
  Retry retry;
  for (const auto& [retry_at, key] : by_retry_) {
    if (retry_at > now || retry.fires.size() >= fires_max) break;
    const Fire& fire = parked_.at(key).parked.fire;
    const ScheduledAction* action = actions.find(fire.action);
    if (action == nullptr) {
      end(fire, Outcome::disabled, "its action is gone", now, retry.ended);
    } else if (!is_requested(fire) && fire.time <= action->counts_from()) {
      end(fire, Outcome::disabled, std::string(kReplaced), now, retry.ended);
    } else if (fire.expires && *fire.expires < now) {
      end(fire, Outcome::expired, expired_because(parked_.at(key).parked), now, retry.ended);
    } else {
      retry.fires.push_back(fire);
      FireReason& reason = retry.fires.back().reason;
      if (fire.merged_count > 0) {
        reason = FireReason::merged;
      } else if (reason == FireReason::on_time) {
        reason = FireReason::late;
      }
    }
  }
  std::sort(retry.fires.begin(), retry.fires.end(), [](const Fire& a, const Fire& b) {
    return std::tie(a.due, a.action, a.time, a.requested) < std::tie(b.due, b.action, b.time, b.requested);
  });
  return retry;
}

void Parking::postpone(const std::vector<Fire>& fires, Instant now) {
  for (const Fire& fire : fires) {
    const auto held = parked_.find(key_of(fire));
    if (held != parked_.end()) postpone(held->first, held->second, now);
  }
}

void Parking::mark_in_doubt(const Fire& fire) {
  const auto held = parked_.find(key_of(fire));
  if (held != parked_.end()) ++held->second.parked.fire.attempt;
}

void Parking::hurry(const Fire& fire, Instant now) {
  const auto held = parked_.find(key_of(fire));
  if (held != parked_.end()) set_retry(held->first, held->second, now);
}

void Parking::limit_waits(Instant now) {
  const Instant latest = now + kRetryMax;
  std::vector<Key> too_late;
  for (auto last = by_retry_.rbegin(); last != by_retry_.rend() && last->first > latest; ++last) {
    if (retry_not_before(parked_.at(last->second).parked.fire, latest) < last->first) too_late.push_back(last->second);
  }
  for (const Key& key : too_late) set_retry(key, parked_.at(key), latest);
}

std::optional<Instant> Parking::next_retry() const {
  if (by_retry_.empty()) return std::nullopt;
  return by_retry_.begin()->first;
}

const ParkedFire* Parking::find(const Fire& fire) const {
  const auto held = parked_.find(key_of(fire));
  return held == parked_.end() ? nullptr : &held->second.parked;
}

std::vector<Fire> Parking::handed_over_in(std::uint64_t batch) const {
  std::vector<Fire> fires;
  for (const auto& [key, held] : parked_) {
    if (batch != 0 && held.parked.batch == batch) fires.push_back(held.parked.fire);
  }
  return fires;
}

}  // namespace action_scheduler
