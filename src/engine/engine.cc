#include "engine/engine.h"

#include <algorithm>

#include "action_scheduler/crash_point.h"

namespace action_scheduler {

namespace {

constexpr std::chrono::seconds kRestMax{60};

WallTime wall(Instant t) { return WallTime{t}; }

}  // namespace

void Counters::add(const NotedOutcome& outcome) {
  switch (outcome.outcome) {
    case Outcome::delivered:
      break;  // counted when it is acknowledged; noted where somebody asked for it
    case Outcome::merged:
      merged += outcome.count;
      break;
    case Outcome::expired:
      expired += outcome.count;
      break;
    case Outcome::failed:
      failed += outcome.count;
      break;
    case Outcome::disabled:
      disabled += outcome.count;
      break;
  }
}

EngineStatus Engine::status() const {
  EngineStatus status;
  status.watermark = progress_.cursor().instant;
  status.next_due = schedule_.timeline().next_due();
  status.table_in_effect = table_known_ && !ledger_fresh_;
  status.actions = schedule_.actions().size();
  status.schedules = schedule_.actions().trigger_count();
  status.faults = schedule_.faults().size();
  status.parked = parking_.size();
  status.requested = parking_.requested();
  if (claimed_) status.delivery = delivery_;
  status.receiver_answers = receiver_answers();
  status.receiver_error = receiver_error_;
  status.ledger_writes = !ledger_down_;
  status.ledger_error = ledger_error_;
  status.counters = counters_;
  return status;
}

std::uint64_t Engine::pending(Instant now) const {
  std::uint64_t actions = 0;
  for (const TriggerId id : schedule_.timeline().due(now)) actions += schedule_.actions().actions_of(id).size();
  return actions;
}

Engine::Engine(Options options, Ports ports)
    : options_(options),
      clock_(ports.clock),
      ledger_(ports.ledger),
      callback_(ports.callback),
      log_(ports.log),
      schedule_(ports.log, ports.parser) {}

Result<void> Engine::open() {
  const Instant now = floor_seconds(clock_.read().wall);
  Result<LedgerState> state = ledger_.load();
  if (!state) return state.error();
  exactly_once_used_ = state->exactly_once_used;
  exception_batch_ = state->exception_batch;
  Position settled = state->watermark.value_or(Position{now});
  if (auto restored = schedule_.restore(ledger_, settled, now, options_.clock_back_wait_max); !restored) return restored;
  ledger_fresh_ = !state->watermark && !state->intent && schedule_.knows_nothing();
  // A crash after the first rows were saved and before the first watermark: nothing has fired since they began to count.
  if (const auto earliest = schedule_.earliest_count(); !state->watermark && earliest && *earliest < now) {
    settled = {*earliest};
  }
  progress_.start_at(settled);
  if (state->intent) {
    progress_.resume(*state->intent, settled);
    open_intent_ = std::move(state->intent);
    recovering_ = true;
  }
  schedule_.realign(progress_.cursor());
  parking_.restore(std::move(state->parked), now);
  requests_.restore(std::move(state->requests));
  renewed_at_ = now;
  return {};
}

void Engine::offer(ChangeSet changes) { offered_.emplace_back(std::move(changes), floor_seconds(clock_.read().wall)); }

Step Engine::step() {
  const std::size_t offered = offered_.size();
  Step step = turn();
  const bool more_to_apply = offered_.size() < offered && !offered_.empty();
  if (step.kind == Step::Kind::idle && more_to_apply) step.kind = Step::Kind::again;
  return step;
}

Step Engine::turn() {
  const ClockReading reading = clock_.read();
  const Now now{reading.wall, floor_seconds(reading.wall)};
  if (auto ended = finish_write(now)) return *ended;
  if (auto ended = watch_clock(reading, now)) return *ended;
  if (auto ended = claim(now)) return *ended;
  if (auto ended = apply_changes(now)) return *ended;
  if (auto ended = wait_for_clock(now)) return *ended;
  if (auto ended = deliver_due(now)) return *ended;
  if (auto ended = retry_parked(now)) return *ended;
  if (auto ended = renew_position(now)) return *ended;
  return rest(now);
}

Engine::Ended Engine::watch_clock(ClockReading reading, const Now& now) {
  if (clock_watch_.gap_before(reading)) {
    if (claimed_ && !recovering_) progress_.give_up();  // the rest of a window that came on time is missed, too
    behind_ = true;
    log_.warning("time passed unseen: the clock was set ahead, or the process was stopped; what was due is missed");
  }
  // Waits end by the clock that was set back, too.
  if (retry_at_) retry_at_ = std::min(*retry_at_, now.wall + options_.retry_delay);
  parking_.limit_waits(now.second);
  if (auto limited = schedule_.write_limit(ledger_); !limited) {
    ledger_trouble(limited.error());
    return try_again_later();
  }
  const Seconds back = progress_.cursor().instant - now.second;
  if (back <= options_.clock_back_wait_max) return std::nullopt;
  LedgerChange change;
  if (progress_.is_half_way()) change.outcomes = merged_up_to(now.second, now);
  if (auto rewound = schedule_.rewind(now.second, ledger_); !rewound) {
    ledger_trouble(rewound.error());
    return try_again_later();
  }
  log_.warning("the clock was set back further than is waited for; going on from the new time, so fires may repeat",
               {{"seconds", back.count()}, {"now", format_utc(now.second)}});
  progress_.start_at({now.second});
  rewound_ = true;
  open_intent_.reset();
  recovering_ = false;
  renewed_at_ = kFirstInstant;
  if (!ledger_fresh_) change.watermark = progress_.cursor();
  change.close_intent = true;
  parking_.describe_rewind(now.second, change);
  if (!write(std::move(change), Durability::power_loss, now)) return try_again_later();
  return std::nullopt;
}

// What is due again because the clock was set back is settled already. And where a window was given up half-way, the next one
// must not end earlier: what was to be merged into a later fire would seem to be settled. Nor is the rest of a window due yet
// that ends later. If that would take too long, window and merging end where they stand.
Engine::Ended Engine::wait_for_clock(const Now& now) {
  const Instant wait_until_at_most = now.second + options_.clock_back_wait_max;
  if (claimed_ && progress_.reaches_until() > wait_until_at_most) {
    if (auto ended = end_merging_here(now)) return ended;
    if (progress_.window()) {
      log_.warning("the clock was set back further than is waited for; what is ahead of it comes when it is due",
                   {{"seconds", (progress_.window()->until - now.second).count()}, {"now", format_utc(now.second)}});
      behind_ = true;
      recovering_ = false;  // what is in doubt of it stays so
    }
    progress_.give_up();
  }
  Instant settled = progress_.cursor().instant;
  if (progress_.reaches_until() <= wait_until_at_most) settled = std::max(settled, progress_.reaches_until());
  const Seconds back = settled - now.second;
  if (back <= Seconds{0}) {
    clock_back_ = false;
    return std::nullopt;
  }
  if (back > Seconds{1} && !clock_back_) {
    clock_back_ = true;
    log_.warning("the clock was set back; waiting until it has caught up", {{"seconds", back.count()}});
  }
  return rest_until(std::min(wall(settled), now.wall + kRestMax));
}

// Nothing else is done while the ledger lags behind what happened.
Engine::Ended Engine::finish_write(const Now& now) {
  if (!unwritten_) return std::nullopt;
  LedgerChange change = std::move(*unwritten_);
  unwritten_.reset();
  if (write(std::move(change), Durability::power_loss, now)) return std::nullopt;
  // What comes due until it can be written is missed, like the rest of a window that was begun.
  if (claimed_ && !recovering_) progress_.give_up();
  behind_ = true;
  return try_again_later();
}

Engine::Ended Engine::claim(const Now& now) {
  if (claimed_ || (retry_at_ && now.wall < *retry_at_)) return std::nullopt;
  auto result = callback_.claim();
  if (const auto* failure = std::get_if<Callback::ClaimFailure>(&result)) {
    DeliveryReport report;
    report.status = failure->status;
    report.error = failure->error;
    return receiver_trouble(report, now);
  }
  return take_claim(std::get<Claim>(result), now);
}

// The receiver's own record decides: what it took is settled, whatever the ledger had time to write.
Engine::Ended Engine::take_claim(const Claim& claim, const Now& now) {
  claimed_ = true;
  retry_at_.reset();
  delivery_ = claim.delivery;
  LedgerChange change;
  bool something = false;
  if (delivery_ == Delivery::exactly_once) {
    const Position known = progress_.cursor();
    const Seconds ahead = claim.position ? claim.position->instant - now.second : Seconds{0};
    if (ahead > Seconds{0} && (rewound_ || (!ledger_fresh_ && ahead > options_.clock_back_wait_max))) {
      // Written before the clock was set back, which a former process may have noticed. What is written from now on replaces it.
      renewed_at_ = kFirstInstant;
    } else if (claim.position && *claim.position > known) {
      if (ledger_fresh_) {
        schedule_.adopt_from(*claim.position);
      } else if (progress_.window()) {
        Plan taken = plan_between(schedule_.actions(), schedule_.timeline().due(progress_.window()->until), *progress_.window(),
                                  known, std::min(*claim.position, progress_.window()->end()), exceptions());
        change.outcomes = taken.take_outcomes();
        counters_.delivered += taken.fires.size();
      }
      if (progress_.window()) {
        progress_.advance_to(*claim.position);
      } else {
        // An intent that was lost with the machine was that of fires on time: each was settled for itself.
        progress_.start_at(*claim.position);
      }
      // Without its rows a fresh ledger is none yet.
      if (!ledger_fresh_) change.watermark = progress_.cursor();
      something = true;
    } else if (claim.position && ledger_fresh_) {
      // The ledger is as young as this process: the receiver knows better where the schedule stands.
      progress_.start_at(*claim.position);
      schedule_.adopt_from(*claim.position);
    }
    // What was not taken was never seen by anybody: it is planned anew, with what was missed since.
    progress_.give_up();
    recovering_ = false;
    if (!exactly_once_used_) {
      change.mark_exactly_once_used = exactly_once_used_ = true;
      something = true;
    }
  }
  schedule_.realign(progress_.cursor());
  for (const Fire& fire : parking_.handed_over_in(claim.exception_batch)) {
    parking_.describe_taken(fire, now.second, change);
    ++counters_.delivered;
    something = true;
  }
  exception_batch_ = std::max(exception_batch_, claim.exception_batch);
  note_answer();
  if (something && !write(std::move(change), Durability::power_loss, now)) return try_again_later();
  return std::nullopt;
}

Engine::Ended Engine::apply_changes(const Now& now) {
  if (offered_.empty()) return std::nullopt;
  // A window that a crash left open is planned again from the actions that the ledger knew then, if the receiver answers.
  if (recovering_ && claimed_ && !receiver_down_) return std::nullopt;
  // With a fresh ledger only the receiver can tell from when the actions count.
  if (ledger_fresh_ && !claimed_) return std::nullopt;
  while (!offered_.empty()) {
    auto& [changes, seen] = offered_.front();
    if (schedule_.changes_merging(changes)) {
      if (auto ended = end_merging_here(now)) return ended;
    }
    std::vector<NotedOutcome> ended;
    // Behind a set of the same poll the watermark may have moved on.
    const Instant from = continuing_ ? std::max(seen, progress_.cursor().instant) : seen;
    const ScheduleMoment moment{from, progress_.cursor(), progress_.under_way(now.second), exceptions()};
    if (auto applied = schedule_.apply(changes, moment, ledger_, ended); !applied) {
      ledger_trouble(applied.error());
      // What comes due until it can be written is missed.
      if (claimed_ && !recovering_) progress_.give_up();
      behind_ = true;
      return try_again_later();
    }
    continuing_ = changes.continues;
    offered_.pop_front();
    table_known_ = true;
    for (const NotedOutcome& outcome : ended) counters_.add(outcome);
    if (ledger_fresh_) {
      ledger_fresh_ = false;
      LedgerChange change;
      change.watermark = progress_.cursor();
      if (!write(std::move(change), Durability::power_loss, now)) return try_again_later();
    }
    if (continuing_ && !behind_) break;  // what has come due meanwhile goes first
  }
  reached("applied");
  return std::nullopt;
}

// How those end that the cursor has passed and that waited to be merged into a later one.
std::vector<NotedOutcome> Engine::merged_up_to(Instant until, const Now& now) {
  const PlanWindow window = progress_.under_way(now.second);
  return merged_so_far(schedule_.actions(), schedule_.timeline().due(window.until), window, progress_.cursor(), until,
                       exceptions());
}

// Whether an action merges decides over a whole window of missed fires. So that one which changes its mind within it neither
// leaves fires behind nor ends them twice, the window is made to begin where it stands.
Engine::Ended Engine::end_merging_here(const Now& now) {
  if (!progress_.is_half_way()) return std::nullopt;
  LedgerChange change;
  change.outcomes = merged_up_to(kLastInstant, now);
  progress_.begin_here();
  change.watermark = progress_.cursor();
  if (open_intent_) {
    open_intent_->window.from = progress_.cursor();
    open_intent_->window.interruptions.clear();
    change.open_intent = open_intent_;
  }
  if (!write(std::move(change), Durability::power_loss, now)) return try_again_later();
  return std::nullopt;
}

Engine::Ended Engine::renew_position(const Now& now) {
  if (!claimed_ || progress_.window() || ledger_fresh_ || !table_known_) return std::nullopt;
  if (retry_at_ && now.wall < *retry_at_) return std::nullopt;
  // What failed last may have expired, and the next fire be far away: whether the receiver answers is asked all the same.
  if (receiver_down_ && delivery_ == Delivery::at_least_once) {
    claimed_ = false;
    return Step{Step::Kind::again, now.wall, {}};
  }
  if (delivery_ != Delivery::exactly_once) return std::nullopt;
  if (!receiver_down_ && now.second - renewed_at_ < options_.renew_every) return std::nullopt;
  const DeliveryReport report = callback_.renew(progress_.cursor());
  if (report.status != DeliveryStatus::settled) return receiver_trouble(report, now);
  renewed_at_ = now.second;
  note_answer();
  return std::nullopt;
}

void Engine::note_answer() {
  if (!receiver_down_) return;
  receiver_down_ = false;
  receiver_error_.clear();
  reasons_told_.clear();
  log_.info("the receiver answers again", {{"watermark", format_utc(progress_.cursor().instant)}});
}

Step Engine::rest(const Now& now) {
  WallTime wake_at = now.wall + kRestMax;
  if (retry_at_ && *retry_at_ > now.wall) {
    wake_at = std::min(wake_at, *retry_at_);
  } else if (claimed_ && table_known_) {
    if (const auto due = schedule_.timeline().next_due()) wake_at = std::min(wake_at, wall(*due));
    if (const auto retry = parking_.next_retry()) wake_at = std::min(wake_at, wall(*retry));
  }
  return rest_until(std::max(wake_at, now.wall));
}

// What was tried may have taken long.
Step Engine::try_again_later() {
  const WallTime wake_at = clock_.read().wall + options_.retry_delay;
  return rest_until(wake_at);
}

Step Engine::rest_until(WallTime wake_at) {
  clock_watch_.rest_until(wake_at);
  return {Step::Kind::idle, wake_at, {}};
}

const ExceptionSet& Engine::exceptions() {
  if (progress_.acknowledged().empty()) return parking_.exceptions();
  exceptions_ = parking_.exceptions();
  exceptions_.merge(progress_.acknowledged());
  return exceptions_;
}

bool Engine::write(LedgerChange change, Durability durability, const Now& now) {
  const Result<void> written = try_write(change, durability, now);
  if (written) return true;
  ledger_trouble(written.error());
  unwritten_ = std::move(change);
  return false;
}

Result<void> Engine::try_write(const LedgerChange& change, Durability durability, const Now& now) {
  if (auto written = ledger_.write(change, durability); !written) return written;
  if (ledger_down_) {
    ledger_down_ = false;
    ledger_error_.clear();
    log_.info("the ledger works again");
  }
  ++counters_.ledger_writes;
  for (const NotedOutcome& outcome : change.outcomes) counters_.add(outcome);
  parking_.take(change, now.second);
  return {};
}

void Engine::ledger_trouble(const Error& error) {
  ledger_error_ = error.message;
  if (ledger_down_) return;
  ledger_down_ = true;
  log_.error("the ledger cannot be written; nothing fires until it can", {{"reason", error.message}});
}

}  // namespace action_scheduler
