// Time zones as data: a sorted list of the instants at which the offset from UTC changes. Reading them from the system is an
// adapter's work (src/zones); the core only looks things up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/result.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// From `at` on, local time is UTC plus `offset`.
struct ZoneTransition {
  Instant at;
  Seconds offset;

  friend bool operator==(const ZoneTransition&, const ZoneTransition&) = default;
};

// A named zone. Immutable, so any thread may read it.
class Zone {
 public:
  // A stretch [begin, end) of constant offset. The first begins at Instant::min(), the last ends at Instant::max().
  struct Span {
    Instant begin;
    Instant end;
    Seconds offset;
  };

  // `transitions` ascend strictly and each changes the offset. If `periodic_from` is less than Instant::max(), the rules repeat every 400
  // Gregorian years from there: the list then reaches at least 400 years beyond it.
  Zone(std::string name, Seconds first_offset, std::vector<ZoneTransition> transitions, Instant periodic_from);

  const std::string& name() const { return name_; }

  // The stretch that holds `t`. Cannot fail; O(log transitions).
  Span span_at(Instant t) const;

 private:
  std::string name_;
  Seconds first_offset_;
  std::vector<ZoneTransition> transitions_;
  Instant periodic_from_;
};

// Where zones come from. Implementations cache: the same name gives the same pointer, which stays valid as long as the source.
class ZoneSource {
 public:
  virtual ~ZoneSource() = default;

  // The zone of exactly this name ("Europe/Berlin", "UTC"). An Error names the text, and a near match if there is one; no
  // name ever falls back to UTC. Thread safe.
  virtual Result<const Zone*> find(std::string_view name) = 0;
};

}  // namespace action_scheduler
