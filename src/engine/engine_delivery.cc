// Steps 5 to 8 of a row's way: plan, intent, deliver, settle; and the same for parked fires.
#include <algorithm>
#include <set>
#include <span>

#include "action_scheduler/crash_point.h"
#include "engine/engine.h"

namespace action_scheduler {

namespace {

constexpr std::size_t kRetryFiresMax = 10'000;
// Of one outage.
constexpr std::size_t kReasonsToldMax = 10;

// For each fire, whether the receiver has acknowledged it.
std::vector<bool> delivered_of(const std::vector<Fire>& fires, const DeliveryReport& report) {
  std::vector<bool> delivered(fires.size(), true);
  for (const std::size_t index : report.unsent) delivered[index] = false;
  for (const Refusal& refusal : report.refused) delivered[refusal.index] = false;
  return delivered;
}

// Reasons that differ in ports, addresses and durations are the same.
std::string without_digits(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

bool is_trouble(const DeliveryReport& report) {
  return report.status != DeliveryStatus::settled && report.status != DeliveryStatus::refused;
}

}  // namespace

Engine::Ended Engine::deliver_due(const Now& now) {
  if (!claimed_ || (retry_at_ && now.wall < *retry_at_)) return std::nullopt;
  // A fresh ledger knows no actions yet: nothing can be said to be settled.
  if (ledger_fresh_ || (!table_known_ && !recovering_)) return std::nullopt;
  std::optional<Plan> head;
  if (!progress_.window()) {
    const auto due = schedule_.timeline().next_due();
    if (!due || *due > now.second) {
      progress_.idle_until(now.second);
      behind_ = false;
      return std::nullopt;
    }
    progress_.open(now.second, behind_);
    behind_ = false;
    if (*due == now.second) head = head_of_burst();
  }

  Plan piece = head ? *std::move(head) : next_piece(now);
  DeliveryReport report;
  if (!piece.fires.empty()) {
    if (auto ended = write_intent(piece, now)) return ended;
    reached("intent");
    ++counters_.hand_overs;
    report = hand_over(piece);
    reached("delivered");
  }
  return settle(piece, report, now);
}

Plan Engine::next_piece(const Now& now) {
  const auto planned = [&] {
    const PlanWindow& window = *progress_.window();
    return plan(schedule_.actions(), schedule_.timeline().due(window.until), window, progress_.cursor(), exceptions(),
                options_.piece_fires_max);
  };
  Plan piece = planned();
  // Judged by the window alone, so that after a crash the intent tells which fires of the piece were handed over.
  if (std::ranges::any_of(piece.fires, [&](const Fire& fire) { return fire.expires && *fire.expires < now.second; })) {
    progress_.judge_at(now.second);
    piece = planned();
  }
  for (Fire& fire : piece.fires) fire.attempt = progress_.attempt_of(fire);
  return piece;
}

std::optional<Plan> Engine::head_of_burst() {
  const PlanWindow& window = *progress_.window();
  const std::vector<TriggerId> triggers = schedule_.timeline().due(window.until);
  const auto end =
      action_scheduler::head_of_burst(schedule_.actions(), triggers, window, progress_.cursor(), options_.head_fires);
  if (!end) return std::nullopt;
  Plan head = plan_between(schedule_.actions(), triggers, window, progress_.cursor(), *end, exceptions());
  if (head.fires.empty()) return std::nullopt;  // jitter left only later ids for this instant
  for (Fire& fire : head.fires) fire.attempt = progress_.attempt_of(fire);
  head.rest_from = end;
  head.reached = window.end();
  head.last = true;
  return head;
}

void Engine::plan_rest(Plan& piece) {
  const PlanWindow& window = *progress_.window();
  const std::size_t head = piece.fires.size();
  action_scheduler::plan_rest(schedule_.actions(), schedule_.timeline().due(window.until), window, exceptions(), piece);
  const std::span rest = std::span(piece.fires).subspan(head);
  for (Fire& fire : rest) fire.attempt = progress_.attempt_of(fire);
  log_started(rest);
}

DeliveryReport Engine::hand_over(Plan& piece) {
  log_started(piece.fires);
  if (!piece.rest_from) return callback_.deliver({piece.fires, schedule_.actions(), piece.reached});
  const Batch batch{BatchFires(piece.fires, [&] { plan_rest(piece); }), schedule_.actions(), piece.reached};
  DeliveryReport report = callback_.deliver(batch);
  for (std::size_t index = batch.fires.ready(); index < batch.fires.size(); ++index) report.unsent.push_back(index);
  return report;
}

Engine::Ended Engine::write_intent(const Plan& piece, const Now& now) {
  LedgerChange change;
  change.open_intent = Intent{*progress_.window(), progress_.attempt()};
  if (open_intent_ == change.open_intent) return std::nullopt;
  // An intent tells a restarted process what may have been sent. After a loss of power the watermark alone gives the same fires,
  // but not how others ended: what was merged and expired hangs on the window.
  const bool plain = progress_.window()->missed_until < progress_.window()->from.instant &&
                     progress_.window()->interruptions.empty() && piece.outcomes.empty() && piece.outcomes_of_late.empty();
  if (auto written = ledger_.write(change, plain ? Durability::process_crash : Durability::power_loss); !written) {
    ledger_trouble(written.error());
    if (!recovering_) progress_.give_up();  // a window that a crash left open stays: its fires are in doubt, later ones are not
    behind_ = true;
    retry_at_ = now.wall + options_.retry_delay;
    return try_again_later();
  }
  ++counters_.ledger_writes;
  open_intent_ = std::move(change.open_intent);
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

std::vector<ParkedFire> Engine::refused_of(const std::vector<Fire>& fires, const DeliveryReport& report, const Now& now) const {
  std::vector<ParkedFire> refused;
  for (const Refusal& refusal : report.refused) {
    Fire fire = fires[refusal.index];
    if (refusal.in_doubt) ++fire.attempt;
    const auto topic = schedule_.actions().find(fire.action)->text().topic();
    refused.push_back({fire, std::string(topic.value_or("")), refusal.reason, now.second});
    log_.warning("fire is parked", {{"fire", fire_id(fire)}, {"reason", refusal.reason}});
  }
  return refused;
}

Engine::Ended Engine::settle(Plan& piece, const DeliveryReport& report, const Now& now) {
  const Position from = progress_.cursor();
  const Position to = reached_by(piece, report);
  const bool window_done = to >= progress_.window()->end();
  const bool nothing_fired = piece.fires.empty();

  LedgerChange change;
  if (to == piece.reached) {
    change.outcomes = piece.take_outcomes();
  } else if (to > from) {
    change.outcomes = plan_between(schedule_.actions(), schedule_.timeline().due(progress_.window()->until), *progress_.window(),
                                   from, to, exceptions())
                          .take_outcomes();
  }

  if (report.reclaim) lose_claim();
  if (to < piece.reached) note_late_ahead(piece, report, to, change);
  const std::vector<bool> delivered = delivered_of(piece.fires, report);
  parking_.describe_parking(refused_of(piece.fires, report, now), schedule_.actions(), to, now.second, change);
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
    change.close_intent = open_intent_.has_value();
    open_intent_.reset();
  }
  if (!nothing_fired && to > from) renewed_at_ = now.second;

  const bool moved = to > from && (!nothing_fired || change.close_intent);
  if (moved || !change.outcomes.empty() || !change.park.empty()) {
    change.watermark = progress_.cursor();
    // A watermark inside of a window says nothing by itself of the merging that goes on across it.
    if (progress_.window() && (!open_intent_ || open_intent_->window != *progress_.window())) {
      change.open_intent = open_intent_ = Intent{*progress_.window(), progress_.attempt()};
    }
    if (!write(std::move(change), Durability::power_loss, now)) {
      // What the receiver said counts all the same: what is in doubt, for one.
      const Ended ended = is_trouble(report) ? receiver_trouble(report, now) : std::nullopt;
      return ended ? ended : try_again_later();
    }
    reached("settled");
  }
  if (is_trouble(report)) return receiver_trouble(report, now);
  if (!nothing_fired) note_answer();
  return Step{Step::Kind::again, now.wall, {}};
}

// A late fire behind `to` that is decided all the same is an exception from here on: the next plan passes over it, over what was
// merged into it, and over what expired before it.
void Engine::note_late_ahead(const Plan& piece, const DeliveryReport& report, Position to, LedgerChange& change) const {
  if (piece.outcomes_of_late.empty()) return;
  std::vector<bool> open(piece.fires.size(), false);
  for (const std::size_t index : report.unsent) open[index] = true;
  std::set<ActionId> decided;
  for (std::size_t i = 0; i < piece.fires.size(); ++i) {
    const Fire& fire = piece.fires[i];
    if (!open[i] && fire.reason != FireReason::on_time && position_after(fire) > to) decided.insert(fire.action);
  }
  for (const NotedOutcome& outcome : piece.outcomes_of_late) {
    if (decided.contains(outcome.action)) change.outcomes.push_back(outcome);
  }
}

// Each reason once while it lasts: a broker that was away may be back and refuse the password.
void Engine::tell_trouble() {
  const bool another = receiver_down_;
  receiver_down_ = true;
  if (reasons_told_.size() >= kReasonsToldMax || !reasons_told_.insert(without_digits(receiver_error_)).second) return;
  log_.error(another ? "the receiver still does not take fires, for another reason"
                     : "the receiver does not take fires; they are kept and tried again",
             {{"reason", receiver_error_}, {"watermark", format_utc(progress_.cursor().instant)}});
}

// What comes due until it is claimed again is missed.
void Engine::lose_claim() {
  claimed_ = false;
  behind_ = true;
}

Engine::Ended Engine::receiver_trouble(const DeliveryReport& report, const Now& now) {
  if (report.status == DeliveryStatus::fenced) return Step{Step::Kind::fenced, now.wall, report.error};
  if (report.status == DeliveryStatus::failed) return Step{Step::Kind::failed, now.wall, report.error};
  receiver_error_ = report.error.message;
  tell_trouble();
  if (report.reclaim) lose_claim();
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
  // While something of the schedule is due, parked fires may lie ahead of the watermark: then they are exceptions to it yet.
  if (progress_.cursor().instant < now.second) return std::nullopt;
  if (!table_known_ || !parking_.next_retry() || *parking_.next_retry() > now.second) return std::nullopt;
  Parking::Retry retry = parking_.due(schedule_.actions(), now.second, kRetryFiresMax);
  if (!retry.ended.unpark.empty() && !write(std::move(retry.ended), Durability::power_loss, now)) return try_again_later();
  if (retry.fires.empty()) return Step{Step::Kind::again, now.wall, {}};

  LedgerChange begun;
  begun.exception_batch = ++exception_batch_;
  for (const Fire& fire : retry.fires) {
    begun.park.push_back(*parking_.find(fire));
    begun.park.back().batch = exception_batch_;
  }
  // Durable before it is sent: should the receiver take the batch, its number says so.
  if (!write(std::move(begun), Durability::power_loss, now)) return try_again_later();

  log_started(retry.fires);
  const DeliveryReport report = callback_.deliver({retry.fires, schedule_.actions(), progress_.cursor(), exception_batch_});
  if (report.reclaim) lose_claim();
  const std::vector<bool> delivered = delivered_of(retry.fires, report);
  LedgerChange change;
  std::vector<Fire> not_taken;
  for (const Refusal& refusal : report.refused) {
    not_taken.push_back(retry.fires[refusal.index]);
    if (refusal.in_doubt) parking_.mark_in_doubt(retry.fires[refusal.index]);
    // What somebody asked for was parked for no fault: here is one.
    const ParkedFire& parked = *parking_.find(retry.fires[refusal.index]);
    if (!is_requested(parked.fire) || parked.reason == refusal.reason) continue;
    change.park.push_back(parked);
    change.park.back().reason = refusal.reason;
  }
  for (const std::size_t index : report.unsent) {
    if (report.in_doubt) parking_.mark_in_doubt(retry.fires[index]);
  }
  for (std::size_t i = 0; i < retry.fires.size(); ++i) {
    if (delivered[i]) parking_.describe_taken(retry.fires[i], now.second, change);
  }
  parking_.postpone(not_taken, now.second);
  count_delivered(retry.fires, delivered);
  const bool changed = !change.unpark.empty() || !change.park.empty();
  if (changed && !write(std::move(change), Durability::power_loss, now)) return try_again_later();
  if (is_trouble(report)) {
    parking_.postpone(retry.fires, now.second);
    return receiver_trouble(report, now);
  }
  return Step{Step::Kind::again, now.wall, {}};
}

void Engine::log_started(std::span<const Fire> fires) const {
  if (!log_.enabled(Level::debug)) return;
  for (const Fire& fire : fires) log_.debug("STARTED", {{"fire", fire_id(fire)}});
}

void Engine::count_delivered(const std::vector<Fire>& fires, const std::vector<bool>& delivered) {
  const WallTime acknowledged_at = clock_.read().wall;
  const bool each = log_.enabled(Level::debug);
  for (std::size_t i = 0; i < fires.size(); ++i) {
    if (each) log_.debug(delivered[i] ? "ENDED" : "ERROR", {{"fire", fire_id(fires[i])}});
    if (!delivered[i]) continue;
    ++counters_.delivered;
    if (fires[i].reason != FireReason::on_time) continue;
    counters_.lateness.add(acknowledged_at - WallTime{fires[i].due});
  }
}

}  // namespace action_scheduler
