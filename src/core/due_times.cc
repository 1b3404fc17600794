#include "core/due_times.h"

#include <algorithm>

namespace action_scheduler {

bool DueTimes::in(Instant fire_time, Instant after, Instant until) const {
  const Instant due_at = due(fire_time);
  return fire_time > counts_from_ && due_at > after && due_at <= until;
}

std::uint64_t DueTimes::count_due_by(Instant until) const {
  // What fired a whole jitter ago is due for certain; what lies within it is asked one by one.
  const Instant certain = std::max(until - jitter_, counts_from_);
  std::uint64_t n = trigger_.count(counts_from_, certain);
  for (auto time = trigger_.next(certain); time && *time <= until; time = trigger_.next(*time)) {
    if (due(*time) <= until) ++n;
  }
  return n;
}

std::uint64_t DueTimes::count(Instant after, Instant until, const std::set<Instant>* except) const {
  if (after >= until) return 0;
  std::uint64_t n =
      jitter_ == Seconds{0} ? trigger_.count(std::max(after, counts_from_), until) : count_due_by(until) - count_due_by(after);
  if (except != nullptr) {
    for (const Instant time : *except) n -= in(time, after, until) && has(time) ? 1U : 0U;
  }
  return n;
}

std::optional<Instant> DueTimes::first(Instant after, Instant until, const std::set<Instant>* except) const {
  if (after >= until) return std::nullopt;
  for (auto time = trigger_.next(lowest(after)); time && *time <= until; time = trigger_.next(*time)) {
    if ((except == nullptr || !except->contains(*time)) && in(*time, after, until)) return time;
  }
  return std::nullopt;
}

std::optional<Instant> DueTimes::last(Instant after, Instant until, const std::set<Instant>* except) const {
  if (after >= until) return std::nullopt;
  for (auto time = trigger_.previous(until + Seconds{1}); time && *time > lowest(after); time = trigger_.previous(*time)) {
    if ((except == nullptr || !except->contains(*time)) && in(*time, after, until)) return time;
  }
  return std::nullopt;
}

std::optional<Instant> DueTimes::due_last(Instant after, Instant until, const std::set<Instant>* except) const {
  if (after >= until) return std::nullopt;
  std::optional<Instant> best;
  Instant best_due = after;
  // A fire time that lies a whole jitter before the best due instant cannot be due later.
  for (auto time = trigger_.previous(until + Seconds{1}); time && *time > lowest(best_due); time = trigger_.previous(*time)) {
    const Instant due_at = due(*time);
    if (due_at > best_due && due_at <= until && (except == nullptr || !except->contains(*time))) {
      best = time;
      best_due = due_at;
    }
  }
  return best;
}

std::uint64_t DueTimes::count_not_due(Instant after, Instant time) const {
  std::uint64_t n = trigger_.count(std::max(after, counts_from_), time);
  for (auto earlier = trigger_.next(lowest(after)); earlier && *earlier <= std::min(after, time);
       earlier = trigger_.next(*earlier)) {
    if (due(*earlier) > after) ++n;
  }
  return n;
}

}  // namespace action_scheduler
