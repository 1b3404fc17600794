#include "tests/simulation/requests_model.h"

#include <algorithm>

namespace action_scheduler::simulation {

namespace {

constexpr std::size_t kBackfillAtMost = 10'000;

std::string_view reason_of(FireReason kind) { return kind == FireReason::manual ? "manual" : "backfill"; }

}  // namespace

std::string RequestsModel::name(const RequestedFire& fire) {
  const auto& [id, time, at] = fire;
  return std::to_string(id) + "@" + format_utc(time) + "+" + format_utc(at);
}

std::vector<Instant> RequestsModel::times_of(const FireRequest& asked, const ScheduleSpec& schedule) {
  std::vector<Instant> times;
  for (auto t = schedule.next(unix_seconds(asked.from) - 1); t && *t < unix_seconds(asked.to); t = schedule.next(*t)) {
    times.push_back(instant_from_unix(*t));
  }
  return times;
}

// Whether `known` asked for the same fires as what is asked now.
bool RequestsModel::is_same(const Request& known) const {
  return known.asked.action == asking_->asked.action && known.asked.kind == asking_->asked.kind && known.times == asking_->times;
}

RequestsModel::Request* RequestsModel::with_key(const std::string& key) {
  const auto found = keys_.find(key);
  return key.empty() || found == keys_.end() ? nullptr : &requests_[found->second];
}

// One for the same action whose fires would have the same ids; or one that nobody was told of.
RequestsModel::Request* RequestsModel::within_the_second() {
  for (auto known = requests_.rbegin(); known != requests_.rend(); ++known) {
    if (known->never || (known->forgotten && !known->shares_id) || known->asked.action != asking_->asked.action ||
        known->asked.kind != asking_->asked.kind) {
      continue;
    }
    if (known->at.value_or(asking_->now) >= asking_->now) return &*known;
  }
  return nullptr;
}

void RequestsModel::ask(const FireRequest& asked, const RowSpec* row, Instant now, std::int64_t ms, bool calm) {
  asking_ = Request{asked, {}, now, ms, {}, {}, {}};
  can_be_granted_ = row != nullptr;
  if (row != nullptr && asked.kind == FireReason::backfill) {
    asking_->times = times_of(asked, row->schedule);
    can_be_granted_ =
        asked.from < asked.to && asked.to <= now && !asking_->times.empty() && asking_->times.size() <= kBackfillAtMost;
  }
  if (row != nullptr && asked.kind == FireReason::manual && row->actuality()) asking_->actuality = Seconds{*row->actuality()};
  asking_->actuality_at_least = asking_->actuality;
  const Request* known = with_key(asked.key);
  const bool clear = known != nullptr ? known->at && is_same(*known) : within_the_second() == nullptr;
  must_be_granted_ = can_be_granted_ && calm && clear;
}

void RequestsModel::answered(const std::variant<AcceptedFires, Refused>& answer) {
  const std::string what = std::string(reason_of(asking_->asked.kind)) + " of action " + std::to_string(asking_->asked.action) +
                           ", asked at " + format_utc(asking_->now);
  if (const auto* refused = std::get_if<Refused>(&answer)) {
    if (must_be_granted_) wrong_(what + " was refused: " + refused->message);
    if (torn_ && refused->kind == Refused::Kind::unavailable) return leave_open();
    asking_.reset();
    return;
  }
  const auto& accepted = std::get<AcceptedFires>(answer);
  if (!can_be_granted_) wrong_(what + " was accepted although it cannot be");
  const std::size_t expected = asking_->asked.kind == FireReason::manual ? 1 : asking_->times.size();
  if (accepted.fires != expected) wrong_(what + " was answered with " + std::to_string(accepted.fires) + " fires");
  if (accepted.repeated) {
    answered_as_before(accepted);
  } else if (!asking_->asked.dry_run) {
    answered_anew(accepted);
  }
  asking_.reset();
}

void RequestsModel::answered_as_before(const AcceptedFires& answer) {
  const std::string& key = asking_->asked.key;
  Request* known = with_key(key);
  if (known == nullptr || known->never) known = within_the_second();
  if (known != nullptr && !known->at) {
    // Of several that nobody was told of one may have shown itself meanwhile.
    const auto shown = std::ranges::find_if(requests_, [&](const Request& one) { return one.at == answer.at && is_same(one); });
    // And of several with one key any may be the one that was heard.
    const auto heard = std::ranges::find_if(requests_, [&](const Request& one) {
      return !one.at && !one.never && !key.empty() && one.asked.key == key && one.now <= answer.at && is_same(one);
    });
    if (shown != requests_.end()) {
      known = &*shown;
    } else if (!is_same(*known) && heard != requests_.end()) {
      known = &*heard;
    }
  }
  if (known == nullptr || !is_same(*known) || (known->at && *known->at != answer.at)) {
    return wrong_("action " + std::to_string(asking_->asked.action) + ", asked at " + format_utc(asking_->now) +
                  ", was answered with another request, of " + format_utc(answer.at));
  }
  const auto index = static_cast<std::size_t>(known - requests_.data());
  if (!known->at) take(index, answer.at);
  grant(key, index);
}

// A key is granted once: whoever else asked with it, unanswered, was not heard.
void RequestsModel::grant(const std::string& key, std::size_t request) {
  if (key.empty()) return;
  keys_[key] = request;
  for (Request& other : requests_) other.never |= !other.at && other.asked.key == key;
}

void RequestsModel::answered_anew(const AcceptedFires& answer) {
  const std::string& key = asking_->asked.key;
  if (Request* known = with_key(key)) {
    if (known->at && !known->forgotten) {
      wrong_("key " + key + " fired a second time, at " + format_utc(answer.at) + " after " + format_utc(*known->at));
    }
    known->never = true;
  }
  if (answer.at < asking_->now) wrong_("a request of " + format_utc(asking_->now) + " has the instant " + format_utc(answer.at));
  const bool manual = asking_->asked.kind == FireReason::manual;
  if (answer.times != (manual ? std::vector<Instant>{answer.at} : asking_->times)) {
    wrong_("a request of " + format_utc(asking_->now) + " was answered with other fire times than its schedule has");
  }
  ++accepted_;
  requests_.push_back(*asking_);
  take(requests_.size() - 1, answer.at);
  grant(key, requests_.size() - 1);
}

// It is in the ledger: its fires are known from here on.
void RequestsModel::take(std::size_t request, Instant at) {
  Request& taken = requests_[request];
  taken.at = at;
  taken.never = false;
  if (taken.asked.kind == FireReason::manual) taken.times = {at};
  for (const Instant time : taken.times) {
    Record& record = fires_[{taken.asked.action, time, at}];
    if (!record.arrivals.empty() || record.noted) {
      Request& earlier = requests_[record.request];
      if (earlier.guessed) {
        earlier.forgotten = true;
      } else {
        if (!earlier.forgotten) wrong_(name({taken.asked.action, time, at}) + " is the id of two fires");
        taken.forgotten = taken.shares_id = true;  // of two fires with one id nothing can be said
      }
    }
    record.request = request;
  }
  // As the answers have it: a manual one is the same whenever it is asked for.
  if (taken.asked.kind == FireReason::manual) taken.times.clear();
}

void RequestsModel::died(bool power_lost) {
  unsettled_.clear();
  if (power_lost) {
    for (auto& [fire, record] : fires_) {
      for (Arrival& arrival : record.arrivals) arrival.power_lost_since = true;
    }
  }
  leave_open();
}

// Nobody was told whether it was granted.
void RequestsModel::leave_open() {
  if (!asking_) return;
  if (can_be_granted_ && !asking_->asked.dry_run) {
    const std::string& key = asking_->asked.key;
    const Request* known = with_key(key);
    // What is known already was not asked for anew.
    if (known == nullptr || !known->at || known->forgotten) {
      requests_.push_back(*asking_);
      if (!key.empty()) keys_[key] = requests_.size() - 1;
    }
  }
  asking_.reset();
}

void RequestsModel::ledger_lost() {
  for (Request& request : requests_) {
    request.forgotten = true;
    request.shares_id = false;
  }
  for (auto& [fire, record] : fires_) record.dropped_ms.reset();
  keys_.clear();
}

// The fire, if it was asked for: by somebody who was answered, or by somebody who may have been heard.
RequestsModel::Records::iterator RequestsModel::find(const RequestedFire& fire, std::string_view reason) {
  const auto found = fires_.find(fire);
  if (found != fires_.end()) return found;
  const auto& [id, time, at] = fire;
  std::vector<std::size_t> of_this_second;
  std::vector<std::size_t> of_before;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const Request& request = requests_[i];
    if (request.at || request.never || request.asked.action != id || at < request.now) continue;
    if (!reason.empty() && reason != reason_of(request.asked.kind)) continue;
    const bool manual = request.asked.kind == FireReason::manual;
    if (manual ? time != at : !std::ranges::binary_search(request.times, time)) continue;
    (request.now == at ? of_this_second : of_before).push_back(i);
  }
  const std::vector<std::size_t>& possible = of_this_second.empty() ? of_before : of_this_second;
  if (possible.empty()) return fires_.end();
  // A backfill whose times are more than what came would show itself by another of them.
  std::size_t request = *std::ranges::min_element(possible, {}, [&](std::size_t i) { return requests_[i].times.size(); });
  if (possible.size() > 1) {
    // Which of them was heard, and with it whose key is known, an answer may tell.
    requests_.push_back(Request(requests_[request]));
    request = requests_.size() - 1;
    Request& guess = requests_[request];
    guess.asked.key.clear();
    guess.guessed = true;
    for (const std::size_t other : possible) {
      const std::optional<Seconds> actuality = requests_[other].actuality;
      guess.actuality = guess.actuality && actuality ? std::optional(std::max(*guess.actuality, *actuality)) : std::nullopt;
      if (actuality) guess.actuality_at_least = std::min(guess.actuality_at_least.value_or(*actuality), *actuality);
    }
  }
  take(request, at);
  grant(requests_[request].asked.key, request);
  return fires_.find(fire);
}

void RequestsModel::arrived(const RequestedFire& fire, const RequestedArrival& arrival) {
  const auto found = find(fire, arrival.reason);
  if (found == fires_.end()) return wrong_(name(fire) + " arrived, but nobody asked for it");
  Record& record = found->second;
  const Request& request = requests_[record.request];
  if (arrival.reason != reason_of(request.asked.kind)) wrong_(name(fire) + " says " + arrival.reason);
  if (record.dropped_ms && arrival.began_ms > *record.dropped_ms)
    wrong_(name(fire) + " was handed over although it was given up");
  if (request.actuality && !record.kept && arrival.step_began > *request.at + *request.actuality) {
    wrong_(name(fire) + " was handed over although it had expired, at " + format_utc(arrival.step_began));
  }
  if (!record.arrivals.empty()) {
    const Arrival& earlier = record.arrivals.back();
    if (exactly_once_ && !request.forgotten) {
      wrong_(name(fire) + " arrived twice");
    } else if (earlier.settled && !request.forgotten) {
      wrong_(name(fire) + " arrived again although it was acknowledged and settled");
    } else if (earlier.acknowledged && earlier.arrival.process == arrival.process) {
      wrong_(name(fire) + " arrived again although it was acknowledged");
    } else if (arrival.attempt < 2 && !earlier.power_lost_since && !request.forgotten) {
      wrong_(name(fire) + " arrived again without a mark");
    }
  }
  record.arrivals.push_back({arrival});
}

void RequestsModel::acknowledged(const RequestedFire& fire, std::size_t hand_over) {
  const auto found = fires_.find(fire);
  if (found == fires_.end() || found->second.arrivals.empty() || found->second.arrivals.back().arrival.hand_over != hand_over) {
    return wrong_(name(fire) + " was reported as delivered but did not arrive");
  }
  found->second.arrivals.back().acknowledged = true;
  unsettled_.emplace_back(fire, found->second.arrivals.size() - 1);
}

void RequestsModel::settled() {
  for (const auto& [fire, index] : unsettled_) fires_[fire].arrivals[index].settled = true;
  unsettled_.clear();
}

void RequestsModel::noted(const NotedOutcome& outcome, Instant now, const std::function<bool(std::int64_t)>& gone_since) {
  const RequestedFire fire{outcome.action, outcome.first, outcome.requested};
  const std::string what = name(fire) + " is noted as " + std::string(to_string(outcome.outcome));
  const auto found = find(fire, {});
  if (found == fires_.end()) return wrong_(what + ", but nobody asked for it");
  Record& record = found->second;
  const Request& request = requests_[record.request];
  if (record.noted && record.noted->outcome != outcome.outcome && !request.forgotten) {
    wrong_(what + " and was noted as " + std::string(to_string(record.noted->outcome)));
  }
  record.noted = outcome;
  switch (outcome.outcome) {
    case Outcome::delivered:
      if (record.arrivals.empty()) wrong_(what + " but did not arrive");
      return;
    case Outcome::failed:
      if (!record.drop_asked) wrong_(what + " although nobody gave it up");
      return;
    case Outcome::expired:
      if (!request.actuality_at_least || now <= *request.at + *request.actuality_at_least)
        wrong_(what + " although it is worth it");
      return;
    case Outcome::disabled:
      if (!gone_since(request.ms)) wrong_(what + " although its action was there all the time");
      return;
    case Outcome::merged:
      return wrong_(what + ": it stands beside the schedule");
  }
}

void RequestsModel::dropped(const RequestedFire& fire, std::optional<std::int64_t> ms) {
  const auto found = find(fire, {});
  if (found == fires_.end()) return wrong_(name(fire) + " is parked, but nobody asked for it");
  found->second.drop_asked = true;
  if (ms) found->second.dropped_ms = ms;
}

void RequestsModel::kept(const RequestedFire& fire) {
  const auto found = find(fire, {});
  if (found != fires_.end()) found->second.kept = true;
}

void RequestsModel::judge_end(const Calm& calm, bool prompt) {
  for (const auto& [fire, record] : fires_) {
    const Request& request = requests_[record.request];
    if (request.forgotten) continue;
    if (!record.noted) {
      wrong_(name(fire) +
             (record.arrivals.empty() ? " is lost: it neither arrived nor has an outcome" : " arrived and has no outcome"));
      continue;
    }
    const NotedOutcome& noted = *record.noted;
    const bool surely_arrived =
        std::ranges::any_of(record.arrivals, [&](const Arrival& one) { return exactly_once_ || one.settled; });
    if (surely_arrived && noted.outcome != Outcome::delivered && noted.reason.find("may have been sent") == std::string::npos) {
      wrong_(name(fire) + " was delivered, but is noted as " + std::string(to_string(noted.outcome)) + ", " + noted.reason);
    }
    if (record.dropped_ms && noted.outcome != Outcome::failed) wrong_(name(fire) + " was given up, but is not noted so");
    if (!prompt || !calm(request.now, request.now + kPunctual) || record.drop_asked) continue;
    if (record.arrivals.empty()) {
      if (noted.outcome != Outcome::disabled && request.actuality_at_least.value_or(kPunctual) >= kPunctual) {
        wrong_(name(fire) + " was not delivered although nothing was in the way");
      }
    } else if (record.arrivals.front().arrival.at > request.now + kPunctual || record.arrivals.front().arrival.attempt != 1) {
      wrong_(name(fire) + " came late or marked although nothing was in the way");
    }
  }
}

}  // namespace action_scheduler::simulation
