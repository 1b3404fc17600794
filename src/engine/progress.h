// How far the schedule is settled, and the window of due time that is being delivered. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "action_scheduler/fire.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/plan.h"

namespace action_scheduler {

// The watermark in memory, together with what a window that was given up half-way leaves to the next one.
class Progress {
 public:
  Position cursor() const { return cursor_; }
  const std::optional<PlanWindow>& window() const { return window_; }
  // Where that begins, or the next one will.
  Position origin() const { return origin_; }

  // Everything up to `position` is settled, nothing is open.
  void start_at(Position position) {
    *this = Progress{};
    cursor_ = position;
    origin_ = position;
  }

  // Takes up a window that a crash left open.
  void resume(const Intent& intent, Position cursor) {
    window_ = intent.window;
    origin_ = intent.window.from;
    interruptions_ = intent.window.interruptions;
    cursor_ = std::max(cursor, origin_);
    mark_in_doubt(intent.attempt);
  }

  // Opens the window up to `now`. `missed`: what is due in it was missed.
  void open(Instant now, bool missed) { window_ = PlanWindow{origin_, now, missed ? now : kFirstInstant, now, interruptions_}; }

  // What is not settled of the window is judged again: it is `now` that decides what is expired.
  void judge_at(Instant now) { window_->planned_at = now; }

  void advance_to(Position reached) { cursor_ = std::max(cursor_, reached); }

  // Fires behind the cursor that were acknowledged before others in front of them.
  void acknowledge(const Fire& fire) {
    acknowledged_.insert(fire);
    acknowledged_until_ = std::max(acknowledged_until_, fire.due);
  }
  const ExceptionSet& acknowledged() const { return acknowledged_; }

  // The window cannot be finished now: the next one starts where it did, and knows how far it came. A window that follows on many
  // such ones stays and is finished itself, so that what is known of them is bounded.
  void give_up() {
    if (!window_) return;
    const bool moved = cursor_ > (interruptions_.empty() ? window_->from : interruptions_.back().reached);
    if (moved && interruptions_.size() == kInterruptionsMax) return;
    if (moved) interruptions_.push_back({window_->missed_until, cursor_});
    window_.reset();
  }

  // The latest instant up to which windows that were given up half-way merged what was missed.
  Instant merged_until() const {
    Instant latest = kFirstInstant;
    for (const PlanWindow::Interruption& interruption : interruptions_) latest = std::max(latest, interruption.missed_until);
    return latest;
  }

  // The latest instant up to which they did, or the open window reaches.
  Instant reaches_until() const { return window_ ? std::max(window_->until, merged_until()) : merged_until(); }

  // The window that is open, or that would be opened at `now` after what was given up. It reaches as far as what was given up
  // did: when the clock was set back, missed fires still wait for one that is ahead of `now`.
  PlanWindow under_way(Instant now) const {
    const Instant until = std::max(now, merged_until());
    return window_.value_or(PlanWindow{origin_, until, until, now, interruptions_});
  }

  // Whether missed fires behind the cursor may wait for one in front of it.
  bool is_half_way() const { return cursor_ > origin_; }

  // Nothing behind the cursor waits any more: the window, or the next one, begins there.
  void begin_here() {
    origin_ = cursor_;
    interruptions_.clear();
    if (!window_) return;
    window_->from = cursor_;
    window_->interruptions.clear();
  }

  // The window is settled to its end.
  void close() {
    cursor_ = std::max(cursor_, window_->end());
    window_.reset();
    origin_ = cursor_;
    interruptions_.clear();
    forget_acknowledged();
    if (in_doubt_until_ && *in_doubt_until_ > cursor_.instant) return;
    in_doubt_until_.reset();
    attempts_ = 0;
  }

  // Nothing is due up to `now`.
  void idle_until(Instant now) {
    advance_to({now, Position::kWholeInstant});
    origin_ = cursor_;
    interruptions_.clear();
    forget_acknowledged();
  }

  // Fires of the window may have reached the receiver in `attempts` attempts so far.
  void mark_in_doubt(std::uint16_t attempts) {
    in_doubt_until_ = std::max(in_doubt_until_.value_or(kFirstInstant), window_->until);
    attempts_ = attempts;
  }
  std::uint16_t attempt_of(const Fire& fire) const {
    return in_doubt_until_ && fire.due <= *in_doubt_until_ ? static_cast<std::uint16_t>(attempts_ + 1) : std::uint16_t{1};
  }
  std::uint16_t attempt() const { return static_cast<std::uint16_t>(attempts_ + 1); }
  bool in_doubt() const { return in_doubt_until_.has_value(); }

 private:
  static constexpr std::size_t kInterruptionsMax = 16;

  // What was handed over in a window that ended later, before the clock was set back, comes due again.
  void forget_acknowledged() {
    if (acknowledged_until_ <= cursor_.instant) acknowledged_.clear();
  }

  Position cursor_;
  Position origin_;
  std::optional<PlanWindow> window_;
  std::vector<PlanWindow::Interruption> interruptions_;
  ExceptionSet acknowledged_;
  Instant acknowledged_until_ = kFirstInstant;  // the latest due instant of them
  std::optional<Instant> in_doubt_until_;
  std::uint16_t attempts_ = 0;
};

}  // namespace action_scheduler
