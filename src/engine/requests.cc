#include "engine/requests.h"

#include <algorithm>
#include <set>
#include <utility>

#include "action_scheduler/utf8.h"

namespace action_scheduler {

void AcceptedRequests::add(NotedRequest request) {
  requests_.push_back(std::move(request));
  if (requests_.size() > kRequestsMax) requests_.erase(requests_.begin());
}

Instant AcceptedRequests::instant_for(Instant now) const {
  if (requests_.empty() || requests_.back().at <= now) return now;
  return requests_.back().at + Seconds{1};
}

const NotedRequest* AcceptedRequests::with_key(const std::string& key) const {
  const auto found = std::find_if(requests_.rbegin(), requests_.rend(), [&](const NotedRequest& one) { return one.key == key; });
  return key.empty() || found == requests_.rend() ? nullptr : &*found;
}

const NotedRequest* AcceptedRequests::at(Instant at, ActionId action, FireReason kind) const {
  for (auto one = requests_.rbegin(); one != requests_.rend() && one->at == at; ++one) {
    if (one->action == action && one->kind == kind) return &*one;
  }
  return nullptr;
}

PlanWindow untouched_window(Position from, Instant until) {
  return {.from = from, .until = until, .missed_until = until, .planned_at = until, .interruptions = {}};
}

Result<std::vector<ParkedFire>> parked_named(const std::vector<ParkedFire>& parked, const std::vector<std::string>& ids) {
  if (ids.empty()) return parked;
  std::set<std::string> unused(ids.begin(), ids.end());
  const std::set<std::string> wanted = unused;
  std::vector<ParkedFire> found;
  for (const ParkedFire& one : parked) {
    const std::string action = std::to_string(one.fire.action);
    const std::string fire = fire_id(one.fire);
    if (!wanted.contains(action) && !wanted.contains(fire)) continue;
    unused.erase(action);
    unused.erase(fire);
    found.push_back(one);
  }
  if (unused.empty()) return found;
  constexpr std::size_t kShown = 60;
  std::string text;
  append_printable(text, first_bytes(*unused.begin(), kShown));
  return Error{"no fire of \"" + text +
               "\" is parked; action-scheduler parked list shows those that are, by action id or fire id"};
}

Result<void> can_be_given_up(const std::vector<ParkedFire>& fires, Position origin) {
  for (const ParkedFire& one : fires) {
    if (is_requested(one.fire) || position_after(one.fire) <= origin) continue;
    return Error{fire_id(one.fire) +
                 " cannot be dropped yet: fires that were due before it are still to be delivered; try again when they are, or "
                 "settle until now first"};
  }
  return {};
}

LedgerChange give_up_parked(const std::vector<ParkedFire>& fires, std::uint64_t batch, const std::string& asked, Instant now) {
  LedgerChange change;
  for (const ParkedFire& one : fires) {
    std::string reason = "dropped by hand by " + asked + ": " + one.reason;
    if (one.batch != 0 && one.batch == batch) reason += "; it may have been sent all the same before a crash";
    change.unpark.push_back(one.fire);
    const Instant requested = is_requested(one.fire) ? one.fire.requested : Instant{};
    change.outcomes.push_back(
        {one.fire.action, Outcome::failed, one.fire.time, one.fire.time, 1, std::move(reason), now, requested});
  }
  return change;
}

}  // namespace action_scheduler
