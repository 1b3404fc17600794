#include "action_scheduler/forecast.h"

#include <algorithm>
#include <queue>

namespace action_scheduler {
namespace {

constexpr Seconds kSecond{1};

using Load = ForecastSum::Load;

// The second with the most fires, best first: a stretch of time is split only if it may hold more than what was found. A trigger
// fires once a second at most, so no second of a stretch has more fires than the triggers that fire in it have actions.
class PeakSearch {
 public:
  explicit PeakSearch(std::vector<Load> loads) : loads_(std::move(loads)) {}

  // Absent if it would ask the triggers more than kQuestionsMax times.
  std::optional<Forecast::Peak> find(Instant from, Instant to) {
    push(from, to);
    while (!stretches_.empty() && questions_ <= kQuestionsMax) {
      const Stretch best = stretches_.top();
      stretches_.pop();
      if (best.to - best.from == kSecond) return Forecast::Peak{best.from, best.most};
      const Seconds part = std::max(kSecond, (best.to - best.from + Seconds{kParts - 1}) / kParts);
      for (Instant start = best.from; start < best.to; start += part) push(start, std::min(start + part, best.to));
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kQuestionsMax = 20'000'000;  // about a second of work
  static constexpr std::int64_t kParts = 16;

  struct Stretch {
    Instant from;
    Instant to;
    std::uint64_t most;

    // Of equals the earlier one comes first, and the shorter one of those that begin together.
    friend bool operator<(const Stretch& a, const Stretch& b) {
      return a.most != b.most ? a.most < b.most : a.from != b.from ? a.from > b.from : a.to > b.to;
    }
  };

  void push(Instant from, Instant to) {
    std::uint64_t most = 0;
    for (const Load& load : loads_) {
      const auto fire = load.trigger.next(from - kSecond);
      if (fire && *fire < to) most += load.actions;
    }
    questions_ += loads_.size();
    if (most > 0) stretches_.push({from, to, most});
  }

  std::vector<Load> loads_;
  std::priority_queue<Stretch> stretches_;
  std::uint64_t questions_ = 0;
};

std::uint64_t count_from(const Trigger& trigger, Instant from, Instant to) { return trigger.count(from - kSecond, to - kSecond); }

// Adds a trigger's fires to the bins, each `actions` times.
void add_to_bins(const Load& load, std::uint64_t fires, const ForecastRange& range, std::vector<std::uint64_t>& bins) {
  if (fires <= bins.size()) {
    for (auto t = load.trigger.next(range.from - kSecond); t && *t < range.to; t = load.trigger.next(*t)) {
      bins[static_cast<std::size_t>((*t - range.from) / range.bin)] += load.actions;
    }
    return;
  }
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const Instant begin = range.from + static_cast<std::int64_t>(i) * range.bin;
    bins[i] += count_from(load.trigger, begin, std::min(begin + range.bin, range.to)) * load.actions;
  }
}

// Keeps the `max` busiest.
void add_busy(std::vector<Forecast::Busy>& busiest, Forecast::Busy busy, std::size_t max) {
  const auto before = [](const Forecast::Busy& a, const Forecast::Busy& b) {
    return a.fires != b.fires ? a.fires > b.fires : a.id < b.id;
  };
  if (busiest.size() == max && (max == 0 || !before(busy, busiest.back()))) return;
  busiest.insert(std::ranges::upper_bound(busiest, busy, before), busy);
  if (busiest.size() > max) busiest.pop_back();
}

}  // namespace

ForecastSum::ForecastSum(const ForecastRange& range, std::size_t busiest_max) : range_(range), busiest_max_(busiest_max) {
  result_.bins.resize(static_cast<std::size_t>((range.to - range.from + range.bin - kSecond) / range.bin));
}

void ForecastSum::add(const Trigger& trigger, std::uint64_t actions, std::span<const ActionSet::Entry> least_ids) {
  const Load load{trigger, actions};
  const std::uint64_t fires = count_from(trigger, range_.from, range_.to);
  if (fires == 0) {
    result_.silent_actions += actions;
    return;
  }
  result_.fires += fires * actions;
  add_to_bins(load, fires, range_, result_.bins);
  for (std::size_t i = 0; i < std::min(least_ids.size(), busiest_max_); ++i) {
    add_busy(result_.busiest, {least_ids[i].id, fires}, busiest_max_);
  }
  loads_.push_back(load);
}

Forecast ForecastSum::finish() && {
  result_.peak = PeakSearch(std::move(loads_)).find(range_.from, range_.to);
  return std::move(result_);
}

Forecast forecast(const ActionSet& actions, const ForecastRange& range, std::size_t busiest_max,
                  const std::function<void(std::size_t done, std::size_t all)>& progress) {
  constexpr std::size_t kProgressStep = 256;
  ForecastSum sum(range, busiest_max);
  std::size_t done = 0;
  for (TriggerId id = 0; id < actions.trigger_limit(); ++id) {
    if (!actions.has_trigger(id)) continue;
    const auto entries = actions.actions_of(id);
    sum.add(actions.trigger(id), entries.size(), entries);
    if (progress && ++done % kProgressStep == 0) progress(done, actions.trigger_count());
  }
  return std::move(sum).finish();
}

FireWalk::FireWalk(const ActionSet& actions, Instant from, Instant to) : actions_(actions), to_(to) {
  for (TriggerId id = 0; id < actions.trigger_limit(); ++id) {
    if (actions.has_trigger(id)) push(id, from - kSecond);
  }
}

void FireWalk::push(TriggerId trigger, Instant after) {
  const auto at = actions_.trigger(trigger).next(after);
  if (!at || *at >= to_) return;
  heap_.push_back({*at, trigger});
  std::ranges::push_heap(heap_, later);
}

std::optional<Instant> FireWalk::next(std::vector<ActionId>& ids) {
  ids.clear();
  if (heap_.empty()) return std::nullopt;
  const Instant at = heap_.front().at;
  while (!heap_.empty() && heap_.front().at == at) {
    std::ranges::pop_heap(heap_, later);
    const TriggerId trigger = heap_.back().trigger;
    heap_.pop_back();
    for (const ActionSet::Entry& entry : actions_.actions_of(trigger)) ids.push_back(entry.id);
    push(trigger, at);
  }
  std::ranges::sort(ids);
  return at;
}

}  // namespace action_scheduler
