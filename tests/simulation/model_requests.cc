// What operators ask for beside fires: repairs of what is parked, giving up what was missed.
#include <algorithm>
#include <utility>

#include "tests/simulation/model.h"

namespace action_scheduler::simulation {

namespace {

RequestedFire key_of(const Fire& fire) { return {fire.action, fire.time, is_requested(fire) ? fire.requested : Instant{}}; }

}  // namespace

const RowSpec* Model::followed_row(ActionId id) const {
  const auto found = actions_.find(id);
  if (found == actions_.end() || found->second.epochs.empty() || found->second.epochs.back().until) return nullptr;
  return found->second.epochs.back().policies.back().row;
}

// The row that was scheduled at `ms`; null if none was.
const RowSpec* Model::row_at(ActionId id, std::int64_t ms) const {
  const auto found = actions_.find(id);
  if (found == actions_.end()) return nullptr;
  const RowSpec* row = nullptr;
  for (const Epoch& epoch : found->second.epochs) {
    if (epoch.until && epoch.ended_ms < ms) continue;
    for (const Policy& policy : epoch.policies) {
      if (policy.since_ms <= ms) row = policy.row;
    }
  }
  return row;
}

// Whether it was not scheduled for a moment since then: a schedule that is changed is not.
bool Model::gone_since(ActionId id, std::int64_t ms) const {
  const auto found = actions_.find(id);
  if (found == actions_.end()) return true;
  const std::vector<Epoch>& epochs = found->second.epochs;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const bool followed = i + 1 < epochs.size() && epochs[i + 1].began_ms == epochs[i].ended_ms;
    if (epochs[i].until && !followed && epochs[i].ended_ms >= ms) return true;
  }
  return epochs.empty();
}

void Model::parked_found(const std::vector<ParkedFire>& parked) {
  held_.clear();
  for (const ParkedFire& one : parked) held_.insert(key_of(one.fire));
}

void Model::parked(const LedgerChange& change) {
  for (const Fire& fire : change.unpark) held_.erase(key_of(fire));
  for (const ParkedFire& one : change.park) {
    held_.insert(key_of(one.fire));
    if (!is_requested(one.fire)) actions_[one.fire.action].parked.insert(one.fire.time);
  }
}

void Model::ask(const ParkedRequest& asked, Instant now, bool works) {
  repairing_ = asked;
  must_be_granted_ = works && is_calm(now, now);
  repaired_.clear();
  for (const RequestedFire& fire : held_) {
    const auto& [id, time, requested] = fire;
    if (!asked.ids.empty() && std::ranges::find(asked.ids, std::to_string(id)) == asked.ids.end()) continue;
    repaired_.push_back(fire);
    if (asked.kind == ParkedRequest::Kind::drop) {
      // Whether or not it is answered.
      if (requested != Instant{}) {
        requests_.dropped(fire, std::nullopt);
      } else {
        actions_[id].dropped.try_emplace(time, std::nullopt);
      }
    } else if (asked.late) {
      if (requested != Instant{}) {
        requests_.kept(fire);
      } else {
        actions_[id].kept.insert(time);
      }
    }
  }
}

void Model::answered(const std::variant<ParkedRepair, Refused>& answer, std::int64_t ms) {
  const ParkedRequest asked = *std::exchange(repairing_, std::nullopt);
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    const bool nothing = repaired_.empty() && !asked.ids.empty();
    if (must_be_granted_ && !nothing) wrong("a repair of what is parked was refused: " + refused->message);
    return;
  }
  const auto& repair = std::get<ParkedRepair>(answer);
  if (repair.done + repair.expired != repaired_.size()) {
    wrong("a repair of " + std::to_string(repaired_.size()) + " parked fires was answered with " + std::to_string(repair.done) +
          " and " + std::to_string(repair.expired));
  }
  if (asked.kind == ParkedRequest::Kind::retry) return;
  for (const RequestedFire& fire : repaired_) {
    const auto& [id, time, requested] = fire;
    if (requested != Instant{}) {
      requests_.dropped(fire, ms);
    } else {
      actions_[id].dropped[time] = ms;
    }
    if (held_.contains(fire)) wrong("a parked fire of action " + std::to_string(id) + " was given up and is held");
  }
}

void Model::ask(const SettleRequest& asked, Instant now, bool works) {
  const Instant until = asked.until.value_or(now);
  must_be_refused_ = until > now;
  const bool table_known = !offers_.empty() && offers_.back().process == process_;
  must_be_granted_ = until == now && works && table_known && is_calm(now, now);
  settled_.push_back({until, std::nullopt});
}

void Model::answered(const std::variant<Settlement, Refused>& answer, std::int64_t ms) {
  Settled& asked = settled_.back();
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    if (must_be_granted_) wrong("settling was refused: " + refused->message);
    return;
  }
  if (must_be_refused_) wrong("what is ahead was settled");
  if (std::get<Settlement>(answer).until != asked.until) wrong("settled until another instant than was asked");
  asked.answered_ms = ms;
}

bool Model::settled_by_hand(Instant due_at, std::optional<std::int64_t> before_ms) const {
  return std::ranges::any_of(settled_, [&](const Settled& settled) {
    return due_at <= settled.until && (!before_ms || (settled.answered_ms && *settled.answered_ms < *before_ms));
  });
}

}  // namespace action_scheduler::simulation
