// A trigger: a parsed schedule, a pure value that names fire times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "action_scheduler/time.h"

namespace action_scheduler {

class Zone;
class TriggerRule;  // what the formats differ in (src/core/trigger_rule.h)

// Immutable and cheap to copy (copies share the rule). Every function is pure, thread safe, bounded in time and cannot fail.
// Fire times are whole seconds and strictly ascend. The Zone that it was parsed with must outlive it. The rule takes one
// allocation of at most 128 bytes; only a list of years (the field `year` of `apscheduler`) is kept apart.
class Trigger {
 public:
  explicit Trigger(std::shared_ptr<const TriggerRule> rule);

  // The earliest fire time strictly after `after`; absent when there is none up to kLastInstant.
  std::optional<Instant> next(Instant after) const;

  // The latest fire time strictly before `before`; absent when there is none from kFirstInstant on.
  std::optional<Instant> previous(Instant before) const;

  // How many fire times lie in (after, until]; 0 if until <= after. Does not step through them one by one.
  std::uint64_t count(Instant after, Instant until) const;

  // A fire is due at most this much later than its fire time: 0 to 86400 seconds. See due_instant() in fire.h.
  Seconds jitter() const;

  // The zone that its schedule is read in.
  const Zone& zone() const;

  // A text that is the same for two triggers exactly when they are equal, and that names format, fields, zone, bounds and jitter.
  // It is a `cron` text itself: parsed again, it gives an equal trigger. Made at each call; to compare triggers, use == and
  // hash().
  std::string canonical() const;

  // Equal are triggers of the same format, zone, bounds and jitter whose fields match the same, however they were written.
  friend bool operator==(const Trigger& a, const Trigger& b);
  std::size_t hash() const;

  // The same for copies of a trigger, which share what they are made of; a quick way to see that two are equal.
  const void* identity() const { return rule_.get(); }

 private:
  std::shared_ptr<const TriggerRule> rule_;
};

}  // namespace action_scheduler
