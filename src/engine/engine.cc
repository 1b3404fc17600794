#include "engine/engine.h"

#include <algorithm>

#include "action_scheduler/crash_point.h"

namespace action_scheduler {

namespace {

constexpr std::chrono::seconds kRestMax{60};
constexpr std::size_t kRetryFiresMax = 10'000;

WallTime wall(Instant t) { return WallTime{t}; }

}  // namespace

void Counters::add(const NotedOutcome& outcome) {
  switch (outcome.outcome) {
    case Outcome::delivered:
      delivered += outcome.count;
      break;
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
  ledger_fresh_ = !state->watermark.has_value();
  exactly_once_used_ = state->exactly_once_used;
  exception_batch_ = state->exception_batch;
  progress_.start_at(state->watermark.value_or(Position{now}));
  if (state->intent) {
    progress_.resume(*state->intent, progress_.cursor());
    intent_written_ = true;
    recovering_ = true;
  }
  parking_.restore(std::move(state->parked), now);
  renewed_at_ = now;
  return schedule_.restore(ledger_, progress_.cursor());
}

void Engine::offer(ChangeSet changes) { offered_.emplace_back(std::move(changes), floor_seconds(clock_.read().wall)); }

Step Engine::step() {
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
    behind_ = true;
    log_.warning("time passed unseen: the clock was set ahead, or the process was stopped; what was due is missed");
  }
  const Seconds back = progress_.cursor().instant - now.second;
  if (back <= options_.clock_back_wait_max) return std::nullopt;
  log_.warning("the clock was set back further than is waited for; going on from the new time, so fires may repeat",
               {{"seconds", back.count()}, {"now", format_utc(now.second)}});
  progress_.start_at({now.second});
  schedule_.rewind(now.second);
  intent_written_ = false;
  recovering_ = false;
  renewed_at_ = kFirstInstant;
  LedgerChange change;
  change.watermark = progress_.cursor();
  change.close_intent = true;
  if (!write(std::move(change), Durability::power_loss, now)) return try_again_later(now);
  return std::nullopt;
}

// What is due again because the clock was set back is settled already.
Engine::Ended Engine::wait_for_clock(const Now& now) {
  const Seconds back = progress_.cursor().instant - now.second;
  if (back <= Seconds{0}) {
    clock_back_ = false;
    return std::nullopt;
  }
  if (back > Seconds{1} && !clock_back_) {
    clock_back_ = true;
    log_.warning("the clock was set back; waiting until it has caught up", {{"seconds", back.count()}});
  }
  return Step{Step::Kind::idle, std::min(wall(progress_.cursor().instant), now.wall + kRestMax), {}};
}

// Nothing else is done while the ledger lags behind what happened.
Engine::Ended Engine::finish_write(const Now& now) {
  if (!unwritten_) return std::nullopt;
  LedgerChange change = std::move(*unwritten_);
  unwritten_.reset();
  if (!write(std::move(change), Durability::power_loss, now)) return try_again_later(now);
  return std::nullopt;
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
    if (claim.position && *claim.position > known) {
      if (ledger_fresh_) {
        schedule_.adopt_from(claim.position->instant);
      } else if (progress_.window()) {
        const Plan taken =
            plan_between(schedule_.actions(), schedule_.timeline().due(progress_.window()->until), *progress_.window(), known,
                         std::min(*claim.position, progress_.window()->end()), exceptions());
        change.outcomes = taken.outcomes;
        counters_.delivered += taken.fires.size();
      }
      progress_.advance_to(*claim.position);
      change.watermark = progress_.cursor();
      something = true;
    } else if (claim.position && ledger_fresh_) {
      // The ledger is as young as this process: the receiver knows better where the schedule stands.
      progress_.start_at(*claim.position);
      schedule_.adopt_from(claim.position->instant);
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
    change.unpark.push_back(fire);
    ++counters_.delivered;
    something = true;
  }
  exception_batch_ = std::max(exception_batch_, claim.exception_batch);
  if (receiver_down_) {
    receiver_down_ = false;
    log_.info("the receiver answers again", {{"watermark", format_utc(progress_.cursor().instant)}});
  }
  if (something && !write(std::move(change), Durability::power_loss, now)) return try_again_later(now);
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
    LedgerChange change;
    const ScheduleMoment moment{seen, progress_.cursor(), exceptions()};
    if (auto applied = schedule_.apply(changes, moment, ledger_, change.outcomes); !applied) {
      ledger_trouble(applied.error());
      return try_again_later(now);
    }
    offered_.pop_front();
    table_known_ = true;
    if (ledger_fresh_) {
      ledger_fresh_ = false;
      change.watermark = progress_.cursor();
    }
    if ((!change.outcomes.empty() || change.watermark) && !write(std::move(change), Durability::power_loss, now)) {
      return try_again_later(now);
    }
  }
  reached("applied");
  return std::nullopt;
}

Engine::Ended Engine::deliver_due(const Now& now) {
  if (!claimed_ || (retry_at_ && now.wall < *retry_at_)) return std::nullopt;
  if (!table_known_ && !recovering_) return std::nullopt;
  if (!progress_.window()) {
    const auto due = schedule_.timeline().next_due();
    if (!due || *due > now.second) {
      progress_.idle_until(now.second);
      behind_ = false;
      return std::nullopt;
    }
    progress_.open(now.second, behind_);
    behind_ = false;
    intent_written_ = false;
  }

  Plan piece = next_piece(now);
  DeliveryReport report;
  if (!piece.fires.empty()) {
    if (auto ended = write_intent(now)) return ended;
    reached("intent");
    if (log_.enabled(Level::debug)) {
      for (const Fire& fire : piece.fires) log_.debug("STARTED", {{"fire", fire_id(fire.action, fire.time)}});
    }
    ++counters_.hand_overs;
    report = callback_.deliver({piece.fires, schedule_.actions(), piece.reached});
    reached("delivered");
  }
  return settle(piece, report, now);
}

Plan Engine::next_piece(const Now& now) {
  const PlanWindow& window = *progress_.window();
  Plan piece = plan(schedule_.actions(), schedule_.timeline().due(window.until), window, progress_.cursor(), exceptions(),
                    options_.piece_fires_max);
  overdue_.clear();
  std::erase_if(piece.fires, [&](const Fire& fire) {
    if (!fire.expires || *fire.expires >= now.second) return false;
    overdue_.push_back({fire.action, Outcome::expired, fire.time, fire.time, 1,
                        "older than its actuality time before it could be handed over", now.second});
    return true;
  });
  for (Fire& fire : piece.fires) fire.attempt = progress_.attempt_of(fire);
  return piece;
}

Engine::Ended Engine::write_intent(const Now& now) {
  if (intent_written_) return std::nullopt;
  LedgerChange change;
  change.open_intent = Intent{*progress_.window(), progress_.attempt()};
  // An intent tells a restarted process what may have been sent; after a loss of power the watermark alone gives the same fires.
  if (auto written = ledger_.write(change, Durability::process_crash); !written) {
    ledger_trouble(written.error());
    progress_.give_up();
    behind_ = true;
    retry_at_ = now.wall + options_.retry_delay;
    return try_again_later(now);
  }
  ++counters_.ledger_writes;
  intent_written_ = true;
  return std::nullopt;
}

// The position behind the last fire before the first that is neither acknowledged nor refused.
Position Engine::reached_by(const Plan& piece, const DeliveryReport& report) const {
  if (report.unsent.empty()) return piece.reached;
  std::size_t first = report.unsent.front();
  const Position open = position_after(piece.fires[first]);
  while (first > 0 && position_after(piece.fires[first - 1]) == open) --first;
  return first == 0 ? progress_.cursor() : position_after(piece.fires[first - 1]);
}

Engine::Ended Engine::settle(Plan& piece, const DeliveryReport& report, const Now& now) {
  const Position from = progress_.cursor();
  const Position to = reached_by(piece, report);
  const bool window_done = to >= progress_.window()->end();
  const bool nothing_fired = piece.fires.empty();

  LedgerChange change;
  if (to == piece.reached) {
    change.outcomes = std::move(piece.outcomes);
    change.outcomes.insert(change.outcomes.end(), overdue_.begin(), overdue_.end());
  } else if (to > from) {
    change.outcomes = plan_between(schedule_.actions(), schedule_.timeline().due(progress_.window()->until), *progress_.window(),
                                   from, to, exceptions())
                          .outcomes;
  }

  if (to < piece.reached) note_units_ahead(piece, report, to, change);
  std::vector<bool> delivered(piece.fires.size(), true);
  for (const std::size_t index : report.unsent) delivered[index] = false;
  std::vector<ParkedFire> refused;
  for (const Refusal& refusal : report.refused) {
    delivered[refusal.index] = false;
    Fire fire = piece.fires[refusal.index];
    if (refusal.in_doubt) ++fire.attempt;
    const auto topic = schedule_.actions().find(fire.action)->text().topic();
    refused.push_back({fire, std::string(topic.value_or("")), refusal.reason, now.second});
    log_.warning("fire is parked", {{"fire", fire_id(fire.action, fire.time)}, {"reason", refusal.reason}});
  }
  parking_.describe_parking(refused, schedule_.actions(), now.second, change);
  for (std::size_t i = 0; i < piece.fires.size(); ++i) {
    if (delivered[i] && position_after(piece.fires[i]) > to) progress_.acknowledge(piece.fires[i]);
  }
  count_delivered(piece.fires, delivered);

  progress_.advance_to(to);
  if (window_done) {
    const std::vector<TriggerId> triggers = schedule_.timeline().due(progress_.window()->until);
    progress_.close();
    schedule_.advance(triggers, progress_.cursor());
    recovering_ = false;
    change.close_intent = intent_written_;
    intent_written_ = false;
  }
  if (!nothing_fired && to > from) renewed_at_ = now.second;

  const bool something = !nothing_fired || !change.outcomes.empty() || change.close_intent;
  if (something && (to > from || !change.park.empty())) {
    change.watermark = progress_.cursor();
    if (!write(std::move(change), Durability::power_loss, now)) return try_again_later(now);
    reached("settled");
  }
  if (report.status != DeliveryStatus::settled && report.status != DeliveryStatus::refused) {
    return receiver_trouble(report, now);
  }
  if (receiver_down_) {
    receiver_down_ = false;
    log_.info("the receiver answers again", {{"watermark", format_utc(progress_.cursor().instant)}});
  }
  return Step{Step::Kind::again, now.wall, {}};
}

// A fire behind `to` that is decided all the same is an exception from here on: the next plan passes over it, and over what was
// merged into it.
void Engine::note_units_ahead(const Plan& piece, const DeliveryReport& report, Position to, LedgerChange& change) const {
  std::set<ActionId> decided;
  std::vector<bool> open(piece.fires.size(), false);
  for (const std::size_t index : report.unsent) open[index] = true;
  for (std::size_t i = 0; i < piece.fires.size(); ++i) {
    const Fire& fire = piece.fires[i];
    if (!open[i] && fire.reason == FireReason::merged && position_after(fire) > to) decided.insert(fire.action);
  }
  if (decided.empty()) return;
  for (const NotedOutcome& outcome : piece.outcomes) {
    if (decided.contains(outcome.action)) change.outcomes.push_back(outcome);
  }
}

Engine::Ended Engine::receiver_trouble(const DeliveryReport& report, const Now& now) {
  if (report.status == DeliveryStatus::fenced) return Step{Step::Kind::fenced, now.wall, report.error};
  if (report.status == DeliveryStatus::failed) return Step{Step::Kind::failed, now.wall, report.error};
  if (!receiver_down_) {
    receiver_down_ = true;
    log_.error("the receiver does not take fires; they are kept and tried again",
               {{"reason", report.error.message}, {"watermark", format_utc(progress_.cursor().instant)}});
  }
  if (report.reclaim) claimed_ = false;
  // Until the receiver is claimed again the window stays: its record may say that it took more of it.
  if (claimed_ && progress_.window() && !recovering_) {
    if (report.in_doubt) progress_.mark_in_doubt(progress_.attempt());
    progress_.give_up();
  }
  behind_ = true;
  retry_at_ = clock_.read().wall + options_.retry_delay;
  return std::nullopt;
}

Engine::Ended Engine::retry_parked(const Now& now) {
  if (!claimed_ || progress_.window() || (retry_at_ && now.wall < *retry_at_)) return std::nullopt;
  if (!table_known_ || !parking_.next_retry() || *parking_.next_retry() > now.second) return std::nullopt;
  Parking::Retry retry = parking_.due(schedule_.actions(), now.second, kRetryFiresMax);
  if (!retry.ended.unpark.empty() && !write(std::move(retry.ended), Durability::power_loss, now)) return try_again_later(now);
  if (retry.fires.empty()) return Step{Step::Kind::again, now.wall, {}};

  LedgerChange begun;
  begun.exception_batch = ++exception_batch_;
  for (const Fire& fire : retry.fires) {
    begun.park.push_back(*parking_.find(fire.action, fire.time));
    begun.park.back().batch = exception_batch_;
  }
  // Durable before it is sent: should the receiver take the batch, its number says so.
  if (!write(std::move(begun), Durability::power_loss, now)) return try_again_later(now);

  const DeliveryReport report = callback_.deliver({retry.fires, schedule_.actions(), progress_.cursor(), exception_batch_});
  std::vector<bool> delivered(retry.fires.size(), true);
  for (const std::size_t index : report.unsent) delivered[index] = false;
  LedgerChange change;
  std::vector<Fire> not_taken;
  for (const Refusal& refusal : report.refused) {
    delivered[refusal.index] = false;
    not_taken.push_back(retry.fires[refusal.index]);
  }
  for (std::size_t i = 0; i < retry.fires.size(); ++i) {
    if (delivered[i]) change.unpark.push_back(retry.fires[i]);
  }
  parking_.postpone(not_taken, now.second);
  count_delivered(retry.fires, delivered);
  if (!change.unpark.empty() && !write(std::move(change), Durability::power_loss, now)) return try_again_later(now);
  if (report.status != DeliveryStatus::settled && report.status != DeliveryStatus::refused) {
    parking_.postpone(retry.fires, now.second);
    return receiver_trouble(report, now);
  }
  return Step{Step::Kind::again, now.wall, {}};
}

Engine::Ended Engine::renew_position(const Now& now) {
  if (delivery_ != Delivery::exactly_once || !claimed_ || progress_.window() || !table_known_) return std::nullopt;
  if ((retry_at_ && now.wall < *retry_at_) || now.second - renewed_at_ < options_.renew_every) return std::nullopt;
  const DeliveryReport report = callback_.renew(progress_.cursor());
  if (report.status != DeliveryStatus::settled) return receiver_trouble(report, now);
  renewed_at_ = now.second;
  return std::nullopt;
}

Step Engine::rest(const Now& now) {
  WallTime wake_at = now.wall + kRestMax;
  if (retry_at_ && *retry_at_ > now.wall) {
    wake_at = std::min(wake_at, *retry_at_);
  } else if (claimed_ && table_known_) {
    if (const auto due = schedule_.timeline().next_due()) wake_at = std::min(wake_at, wall(*due));
    if (const auto retry = parking_.next_retry()) wake_at = std::min(wake_at, wall(*retry));
  }
  wake_at = std::max(wake_at, now.wall);
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
  if (auto written = ledger_.write(change, durability); !written) {
    ledger_trouble(written.error());
    unwritten_ = std::move(change);
    return false;
  }
  if (ledger_down_) {
    ledger_down_ = false;
    log_.info("the ledger works again");
  }
  ++counters_.ledger_writes;
  for (const NotedOutcome& outcome : change.outcomes) counters_.add(outcome);
  parking_.take(change, now.second);
  return true;
}

void Engine::ledger_trouble(const Error& error) {
  if (ledger_down_) return;
  ledger_down_ = true;
  log_.error("the ledger cannot be written; nothing fires until it can", {{"reason", error.message}});
}

void Engine::count_delivered(const std::vector<Fire>& fires, const std::vector<bool>& delivered) {
  const WallTime acknowledged_at = clock_.read().wall;
  const bool each = log_.enabled(Level::debug);
  for (std::size_t i = 0; i < fires.size(); ++i) {
    if (each) log_.debug(delivered[i] ? "ENDED" : "ERROR", {{"fire", fire_id(fires[i].action, fires[i].time)}});
    if (!delivered[i]) continue;
    ++counters_.delivered;
    if (fires[i].reason != FireReason::on_time) continue;
    const auto lateness = acknowledged_at - wall(fires[i].due);
    counters_.worst_lateness = std::max(counters_.worst_lateness, lateness);
  }
}

}  // namespace action_scheduler
