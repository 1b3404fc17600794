// Fires, their ids, and how far a schedule has been settled.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/time.h"

namespace action_scheduler {

// The `id` of a row.
using ActionId = std::int64_t;

// "42@2026-11-21T10:00:00Z": the same on every retry and after every restart.
std::string fire_id(ActionId action, Instant fire_time);

struct Fire;

// The id of the fire; of one that somebody asked for it ends in "+" and the instant of the request.
std::string fire_id(const Fire& fire);

// The instant at which a fire is due: its fire time plus 0..jitter seconds that a hash of the fire id decides, so that every
// replica and every restart agrees.
Instant due_instant(ActionId action, Instant fire_time, Seconds jitter);

// Why a fire is delivered now (the `ce_reason` header).
enum class FireReason : std::uint8_t { on_time, late, merged, manual, backfill };
std::string_view to_string(FireReason reason);

// How a fire time ended.
enum class Outcome : std::uint8_t { delivered, merged, expired, failed, disabled };
std::string_view to_string(Outcome outcome);

// One delivery of one action for one fire time.
struct Fire {
  ActionId action = 0;
  Instant time;                    // the fire time, nominal
  Instant due;                     // time plus jitter
  std::optional<Instant> expires;  // last instant at which it is still worth delivering; absent: for ever
  std::uint64_t merged_count = 0;  // earlier fire times that were merged into this one
  Instant first_missed;            // the earliest of them, if merged_count > 0
  FireReason reason = FireReason::on_time;
  bool stands_for_earlier = false;  // what was missed of its action and due before it was decided with it: merged, or expired
  std::uint16_t attempt = 1;        // 2 when an earlier hand-over of this fire may have reached the receiver
  Instant requested;                // when somebody asked for it, if is_requested()
};

// Whether somebody asked for it: such a fire stands beside the schedule.
inline bool is_requested(const Fire& fire) { return fire.reason == FireReason::manual || fire.reason == FireReason::backfill; }

// How far a schedule is settled, in the order in which fires are delivered: by due instant, then by action id. Everything due
// before `instant` is settled, and of what is due at `instant` the actions with id <= `last_action`.
struct Position {
  static constexpr ActionId kWholeInstant = std::numeric_limits<ActionId>::max();

  Instant instant;
  ActionId last_action = kWholeInstant;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// The position at which exactly `fire` and all before it are settled.
inline Position position_after(const Fire& fire) { return {fire.due, fire.action}; }

}  // namespace action_scheduler
