// What lies behind a Trigger.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// What every format has.
struct TriggerFrame {
  const Zone* zone = nullptr;     // not null; outlives the trigger
  Instant first = kFirstInstant;  // no fire time before it
  Instant last = kLastInstant;    // no fire time after it; may be before `first`: then there is none
  Seconds jitter{0};
};

// Immutable; every function is pure and thread safe. A format says where its fire times lie; the frame bounds them.
class TriggerRule {
 public:
  TriggerRule(TriggerFrame frame, std::string canonical) : frame_(frame), canonical_(std::move(canonical)) {}
  virtual ~TriggerRule() = default;
  TriggerRule(const TriggerRule&) = delete;
  TriggerRule& operator=(const TriggerRule&) = delete;

  // As in Trigger.
  std::optional<Instant> next(Instant after) const;
  std::optional<Instant> previous(Instant before) const;
  std::uint64_t count(Instant after, Instant until) const;

  const TriggerFrame& frame() const { return frame_; }
  const std::string& canonical() const { return canonical_; }

 private:
  // The earliest fire time at or after `from`, frame.first <= from <= frame.last. It may be later than frame.last.
  virtual std::optional<Instant> at_or_after(Instant from) const = 0;
  // The latest fire time at or before `to`, frame.first <= to <= frame.last. It may be earlier than frame.first.
  virtual std::optional<Instant> at_or_before(Instant to) const = 0;
  // How many fire times lie in [from, to], frame.first <= from <= to <= frame.last.
  virtual std::uint64_t count_within(Instant from, Instant to) const = 0;

  TriggerFrame frame_;
  std::string canonical_;
};

}  // namespace action_scheduler
