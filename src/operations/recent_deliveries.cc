#include "operations/recent_deliveries.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <unordered_map>
#include <utility>

#include "action_scheduler/fire.h"
#include "ledger/sqlite_ledger.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

// An action with a second's schedule whose fires expired for a year must not be walked through to its end.
constexpr std::size_t kLookedAtMax = 1'000'000;

// Fire times that did not end in a plain delivery.
class Exceptions {
 public:
  void add(ActionId id, Instant first, Instant last) { ranges_[id].emplace_back(first, last); }

  // Before the first has().
  void sort() {
    for (auto& [id, ranges] : ranges_) {
      std::ranges::sort(ranges);
      std::vector<Range> apart;
      for (const Range& range : ranges) {
        if (!apart.empty() && range.first <= apart.back().second) {
          apart.back().second = std::max(apart.back().second, range.second);
        } else {
          apart.push_back(range);
        }
      }
      ranges = std::move(apart);
    }
  }

  bool has(ActionId id, Instant time) const {
    const auto found = ranges_.find(id);
    if (found == ranges_.end()) return false;
    const auto behind = std::ranges::upper_bound(found->second, time, {}, &Range::first);
    return behind != found->second.begin() && time <= std::prev(behind)->second;
  }

 private:
  using Range = std::pair<Instant, Instant>;
  std::unordered_map<ActionId, std::vector<Range>> ranges_;
};

Result<ActionSet> known_actions(const LedgerView& ledger, RowParser& parser, std::optional<ActionId> action) {
  ActionSet actions;
  const auto take = [&](const RowView& row, Instant counts_from) {
    ParsedRow parsed = parser.parse(row);
    auto* one = std::get_if<Action>(&parsed);
    if (one == nullptr) return;
    one->text = {};  // a million of them would weigh something
    actions.put(std::move(*one), counts_from);
  };
  if (action) {
    const auto known = ledger.taken_up(*action);
    if (!known) return known.error();
    if (*known) take((*known)->row.view(), (*known)->counts_from);
    return actions;
  }
  const auto read = ledger.taken_up_rows({}, [&](const KnownRow& known) {
    take(known.row, known.counts_from);
    return true;
  });
  if (!read) return read.error();
  return actions;
}

Result<Exceptions> known_exceptions(const LedgerView& ledger, std::optional<ActionId> action) {
  Exceptions exceptions;
  const auto noted = ledger.outcomes({action, {}, SqliteLedgerOptions().outcomes_max});
  if (!noted) return noted.error();
  for (const NotedOutcome& outcome : *noted) {
    if (outcome.requested == Instant{}) exceptions.add(outcome.action, outcome.first, outcome.last);
  }
  for (const ParkedFire& parked : ledger.parked()) {
    if (!is_requested(parked.fire)) exceptions.add(parked.fire.action, parked.fire.time, parked.fire.time);
  }
  exceptions.sort();
  return exceptions;
}

}  // namespace

std::string delivery_json(const PlainDelivery& delivery) {
  return JsonObject()
      .quoted("id", fire_id(delivery.action, delivery.time))
      .number("action", delivery.action)
      .time("time", delivery.time)
      .text();
}

Result<std::vector<PlainDelivery>> recent_deliveries(const LedgerView& ledger, RowParser& parser, std::optional<ActionId> action,
                                                     std::size_t limit) {
  std::vector<PlainDelivery> found;
  const auto& watermark = ledger.state().watermark;
  if (!watermark) return found;
  const auto actions = known_actions(ledger, parser, action);
  if (!actions) return actions.error();
  const auto exceptions = known_exceptions(ledger, action);
  if (!exceptions) return exceptions.error();

  // The latest fire time of each trigger that was not looked at yet.
  std::priority_queue<std::pair<Instant, TriggerId>> latest;
  const auto push = [&](TriggerId id, Instant before) {
    const auto time = actions->trigger(id).previous(before);
    if (time && !(ledger.complete_since() && *time < *ledger.complete_since())) latest.emplace(*time, id);
  };
  for (TriggerId id = 0; id < actions->trigger_limit(); ++id) {
    if (actions->has_trigger(id)) push(id, watermark->instant + Seconds{1});
  }
  for (std::size_t looked_at = 0; !latest.empty() && looked_at < kLookedAtMax && found.size() < limit;) {
    const auto [time, id] = latest.top();
    latest.pop();
    const Seconds jitter = actions->trigger(id).jitter();
    bool counts = false;  // for one of the actions at least
    for (const ActionSet::Entry& entry : actions->actions_of(id)) {
      ++looked_at;
      if (time <= entry.action->counts_from()) continue;
      counts = true;
      const bool settled = Position{due_instant(entry.id, time, jitter), entry.id} <= *watermark;
      if (settled && !exceptions->has(entry.id, time)) found.push_back({entry.id, time});
    }
    if (counts) push(id, time);
  }
  std::ranges::stable_sort(found, [](const PlainDelivery& a, const PlainDelivery& b) {
    return std::pair(b.time, b.action) < std::pair(a.time, a.action);
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace action_scheduler
