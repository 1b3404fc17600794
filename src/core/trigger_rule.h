// What lies behind a Trigger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

enum class ScheduleFormat : std::uint8_t { unix_cron, apscheduler, interval, date };

// What every format has.
struct TriggerFrame {
  const Zone* zone = nullptr;     // not null; outlives the trigger
  Instant first = kFirstInstant;  // no fire time before it
  Instant last = kLastInstant;    // no fire time after it; may be before `first`: then there is none
  std::int32_t jitter_s = 0;
  ScheduleFormat format = ScheduleFormat::unix_cron;

  // Zones are the same when their names are.
  friend bool operator==(const TriggerFrame& a, const TriggerFrame& b);
};

// Immutable; every function is pure and thread safe. A format says where its fire times lie; the frame bounds them.
class TriggerRule {
 public:
  explicit TriggerRule(const TriggerFrame& frame) : frame_(frame) {}
  virtual ~TriggerRule() = default;
  TriggerRule(const TriggerRule&) = delete;
  TriggerRule& operator=(const TriggerRule&) = delete;

  // As in Trigger.
  std::optional<Instant> next(Instant after) const;
  std::optional<Instant> previous(Instant before) const;
  std::uint64_t count(Instant after, Instant until) const;
  virtual std::string canonical() const = 0;
  friend bool operator==(const TriggerRule& a, const TriggerRule& b) { return a.frame_ == b.frame_ && a.has_schedule_of(b); }
  std::size_t hash() const;

  const TriggerFrame& frame() const { return frame_; }

 private:
  // The earliest fire time at or after `from`, frame.first <= from <= frame.last. It may be later than frame.last.
  virtual std::optional<Instant> at_or_after(Instant from) const = 0;
  // The latest fire time at or before `to`, frame.first <= to <= frame.last. It may be earlier than frame.first.
  virtual std::optional<Instant> at_or_before(Instant to) const = 0;
  // How many fire times lie in [from, to], frame.first <= from <= to <= frame.last.
  virtual std::uint64_t count_within(Instant from, Instant to) const = 0;
  // Whether what is not in the frame is the same. `other` has an equal frame, so it is of the same format.
  virtual bool has_schedule_of(const TriggerRule& other) const = 0;
  // Of what is not in the frame.
  virtual std::size_t schedule_hash() const = 0;

  TriggerFrame frame_;
};

}  // namespace action_scheduler
