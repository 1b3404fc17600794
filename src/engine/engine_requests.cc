// What operators ask for: fires by hand, repairs of what is parked, giving up what was missed.
#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace action_scheduler {

namespace {

constexpr std::size_t kSettledNotedMax = 100'000;
constexpr const char* kTooMany = "too many fires were asked for and wait for their delivery; try again when they are through";
constexpr const char* kNotTakenUp = "the scheduler has not taken up the table yet; try again soon";

Refused refused(Refused::Kind kind, std::string message) { return {kind, std::move(message)}; }

// The fire times in [from, to); an empty list if they are too many.
std::vector<Instant> times_between(const Trigger& trigger, Instant from, Instant to) {
  std::vector<Instant> times;
  if (trigger.count(from - Seconds{1}, to - Seconds{1}) > kBackfillMax) return times;
  for (auto t = trigger.next(from - Seconds{1}); t && *t < to; t = trigger.next(*t)) times.push_back(*t);
  return times;
}

AcceptedFires repeated_of(const NotedRequest& request) {
  AcceptedFires accepted{request.at, request.fires, {request.first}, true};
  if (request.fires > 1) accepted.times.push_back(request.last);
  return accepted;
}

bool same_fires(const NotedRequest& request, const FireRequest& asked, const std::vector<Instant>& times) {
  if (request.action != asked.action || request.kind != asked.kind) return false;
  if (asked.kind == FireReason::manual) return true;
  return request.first == times.front() && request.last == times.back() && request.fires == times.size();
}

}  // namespace

// The fires stand beside the schedule: parked from the start, they go out with the next batch of exceptions, once.
std::variant<AcceptedFires, Refused> Engine::request(const FireRequest& asked) {
  const Now now = read_now();
  if (ledger_fresh_) return refused(Refused::Kind::unavailable, kNotTakenUp);
  if (unwritten_) return refused(Refused::Kind::unavailable, "the ledger cannot be written now: " + ledger_error_);
  const ScheduledAction* action = schedule_.actions().find(asked.action);
  if (action == nullptr) {
    return refused(Refused::Kind::not_scheduled, "action " + std::to_string(asked.action) +
                                                     " is not scheduled: it is disabled, has a fault, or was not taken up yet");
  }
  const Instant at = requests_.instant_for(now.second);
  std::vector<Instant> times{at};
  if (asked.kind == FireReason::backfill) {
    if (asked.to <= asked.from || asked.to > now.second) {
      return refused(Refused::Kind::bad_range, asked.to <= asked.from ? "`to` does not lie after `from`"
                                                                      : "`to` lies ahead of now, " + format_utc(now.second));
    }
    times = times_between(schedule_.actions().trigger(action->trigger()), asked.from, asked.to);
    if (times.empty()) {
      return refused(Refused::Kind::bad_range,
                     "its schedule has no fire time in this range, or more than " + std::to_string(kBackfillMax) + " of them");
    }
  }
  if (asked.dry_run) return AcceptedFires{{}, times.size(), std::move(times), false};

  if (const NotedRequest* known = requests_.with_key(asked.key)) {
    if (same_fires(*known, asked, times)) return repeated_of(*known);
    return refused(Refused::Kind::conflict, "this Idempotency-Key was used for another request; use a new one");
  }
  if (const NotedRequest* known = requests_.at(at, asked.action, asked.kind)) {
    if (same_fires(*known, asked, times)) return note_key(*known, asked.key, now);
    return refused(Refused::Kind::conflict, "another backfill of this action was accepted within this second; try again");
  }
  if (parking_.requested() + times.size() > kRequestedMax || requests_.full_at(at)) {
    return refused(Refused::Kind::unavailable, kTooMany);
  }

  LedgerChange change;
  change.request = NotedRequest{at, asked.action, asked.kind, times.front(), times.back(), times.size(), asked.key, asked.asked};
  const std::string topic(action->text().topic().value_or(""));
  for (const Instant time : times) {
    Fire fire;
    fire.action = asked.action;
    fire.time = time;
    fire.due = time;
    fire.reason = asked.kind;
    fire.requested = at;
    if (asked.kind == FireReason::manual && action->policy().actuality) fire.expires = at + *action->policy().actuality;
    change.park.push_back({fire, topic, "waits for its delivery", now.second, 0, asked.asked});
  }
  NotedRequest request = *change.request;
  if (auto written = try_write(change, Durability::power_loss, now); !written) {
    return refused(Refused::Kind::unavailable, written.error().message);
  }
  requests_.add(std::move(request));
  log_.info("fires are asked for", {{"action", asked.action},
                                    {"kind", to_string(asked.kind)},
                                    {"fires", times.size()},
                                    {"requested", format_utc(at)},
                                    {"by", asked.asked}});
  return AcceptedFires{at, times.size(), std::move(times), false};
}

// A request that is another's fire too: asked again with its own key, it still is.
std::variant<AcceptedFires, Refused> Engine::note_key(NotedRequest request, const std::string& key, const Now& now) {
  if (key.empty()) return repeated_of(request);
  if (requests_.full_at(request.at)) return refused(Refused::Kind::unavailable, kTooMany);
  request.key = key;
  LedgerChange change;
  change.request = request;
  if (auto written = try_write(change, Durability::power_loss, now); !written) {
    return refused(Refused::Kind::unavailable, written.error().message);
  }
  AcceptedFires accepted = repeated_of(request);
  requests_.add(std::move(request));
  return accepted;
}

std::variant<ParkedRepair, Refused> Engine::repair_parked(const ParkedRequest& asked) {
  const Now now = read_now();
  if (unwritten_) return refused(Refused::Kind::unavailable, "the ledger cannot be written now: " + ledger_error_);
  std::vector<ParkedFire> parked;
  parking_.for_each([&](const ParkedFire& one) { parked.push_back(one); });
  auto chosen = parked_named(parked, asked.ids);
  if (!chosen) return refused(Refused::Kind::not_found, chosen.error().message);

  LedgerChange change;
  ParkedRepair repair{chosen->size(), 0};
  if (asked.kind == ParkedRequest::Kind::drop) {
    if (auto can = can_be_given_up(*chosen, progress_.origin()); !can) {
      return refused(Refused::Kind::conflict, can.error().message);
    }
    change = give_up_parked(*chosen, exception_batch_, asked.asked, now.second);
  } else {
    for (const ParkedFire& one : *chosen) {
      if (!one.fire.expires || *one.fire.expires >= now.second) continue;
      if (asked.late) {
        change.park.push_back(one);
        change.park.back().fire.expires.reset();
      } else {
        ++repair.expired;
      }
    }
    repair.done -= repair.expired;
  }
  if (!change.park.empty() || !change.unpark.empty()) {
    if (auto written = try_write(change, Durability::power_loss, now); !written) {
      return refused(Refused::Kind::unavailable, written.error().message);
    }
  }
  const bool drop = asked.kind == ParkedRequest::Kind::drop;
  if (!drop) {
    for (const ParkedFire& one : *chosen) parking_.hurry(one.fire, now.second);
  }
  log_.info(drop ? "parked fires are dropped" : "parked fires are tried again", {{"fires", repair.done}, {"by", asked.asked}});
  return repair;
}

std::variant<Settlement, Refused> Engine::settle(const SettleRequest& asked) {
  const Now now = read_now();
  const Instant until = asked.until.value_or(now.second);
  if (ledger_fresh_) return refused(Refused::Kind::unavailable, kNotTakenUp);
  if (unwritten_ || clock_back_) {
    return refused(Refused::Kind::unavailable, "not now: the ledger cannot be written, or the clock was set back");
  }
  if (until > now.second) {
    return refused(Refused::Kind::bad_range, format_utc(until) + " lies ahead of now, " + format_utc(now.second) +
                                                 "; to keep actions from firing in time to come, disable them");
  }
  // What was seen of the table decides what is given up.
  while (!offered_.empty()) {
    const std::size_t offered = offered_.size();
    if (apply_changes(now) || offered_.size() == offered) {
      return refused(Refused::Kind::unavailable, "not now: a change of the table was seen that is not in effect yet");
    }
  }
  const Position from = progress_.cursor();
  if (Position{until} < from) {
    return refused(Refused::Kind::bad_range, format_utc(until) + " lies before the watermark, " + format_utc(from.instant) +
                                                 ": what was due until then is settled already");
  }
  // Of a window that was begun some fires may have been delivered: only the whole of it can be given up.
  const bool begun = progress_.window() || progress_.is_half_way() || !progress_.acknowledged().empty() || progress_.in_doubt();
  if (begun && until < now.second) {
    return refused(Refused::Kind::bad_range, "fires are on their way to the receiver; settle until now");
  }

  // Before it is claimed the receiver may know of more than the ledger does.
  const bool doubtful = begun || !claimed_;

  const ActionSet& actions = schedule_.actions();
  const PlanWindow window = begun ? progress_.under_way(now.second) : untouched_window(from, until);
  Settlement settlement{from.instant, until, 0, 0, parking_.size()};
  LedgerChange change;
  for (TriggerId id = 0; id < actions.trigger_limit(); ++id) {
    for (const ActionSet::Entry& entry : actions.actions_of(id)) {
      auto skipped = unsettled_due(actions, *entry.action, window, from, until, exceptions());
      if (!skipped) continue;
      ++settlement.actions;
      settlement.fires += skipped->count;
      if (change.outcomes.size() == kSettledNotedMax) continue;
      skipped->noted_at = now.second;
      skipped->reason = "settled by hand by " + asked.asked;
      if (doubtful) skipped->reason += "; some may have been delivered";
      change.outcomes.push_back(*std::move(skipped));
    }
  }
  if (asked.dry_run) return settlement;
  change.watermark = Position{until};
  change.close_intent = true;
  if (auto written = try_write(change, Durability::power_loss, now); !written) {
    return refused(Refused::Kind::unavailable, written.error().message);
  }
  progress_.start_at({until});
  open_intent_.reset();
  recovering_ = false;
  schedule_.realign(progress_.cursor());
  log_.warning(
      "settled by hand",
      {{"from", format_utc(from.instant)}, {"until", format_utc(until)}, {"fires", settlement.fires}, {"by", asked.asked}});
  return settlement;
}

}  // namespace action_scheduler
