// Time zones as data: a sorted list of the instants at which the offset from UTC changes. Reading them from the system is an
// adapter's work (src/zones); the core only looks things up.
#pragma once

#include <chrono>
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
    // Before `begin` the zone's clock has shown, or jumped over, every local time below this one. Later than begin + offset: the
    // span starts with an overlap; earlier: a gap ends at `begin`. local_seconds::min() for the first span.
    std::chrono::local_seconds passed;
  };

  // `transitions` ascend strictly and each changes the offset. If `periodic_from` is less than Instant::max(), the rules repeat
  // every 400 Gregorian years from there: the list then reaches at least 400 years beyond it.
  Zone(std::string name, Seconds first_offset, std::vector<ZoneTransition> transitions, Instant periodic_from);

  const std::string& name() const { return name_; }

  // The stretch that holds `t`. Cannot fail; constant time where transitions are months apart.
  Span span_at(Instant t) const;

  // The first instant at which the clock shows `local` or has jumped over it: the first occurrence of a time that occurs twice,
  // the end of the gap for one that is skipped. `local` lies within the years 0 to 10000.
  Instant first_reaching(std::chrono::local_seconds local) const;

  // The least and the greatest offset that the zone ever has.
  Seconds least_offset() const { return least_offset_; }
  Seconds greatest_offset() const { return greatest_offset_; }

 private:
  Span folded(Instant t) const;

  std::string name_;
  Seconds least_offset_;
  Seconds greatest_offset_;
  bool periodic_;
  std::vector<Span> spans_;
  std::vector<std::uint32_t> span_by_bucket_;  // the span that holds the first instant of each stretch of 2^kBucketBits seconds
  Instant bucket_origin_;
};

// Where zones come from. Implementations cache: the same name gives the same pointer, which stays valid as long as the source.
class ZoneSource {
 public:
  virtual ~ZoneSource() = default;

  // The zone of exactly this name ("Europe/Berlin", "UTC"). An Error names the text, and a near match if there is one; no
  // name ever falls back to UTC. It is `passing` where the zone may be there but cannot be read now. Thread safe.
  virtual Result<const Zone*> find(std::string_view name) = 0;
};

}  // namespace action_scheduler
