// Says what became of each fire time, from nothing but the rows and what consumers saw. Shares no code with the product: its rows
// fire at the multiples of their period since the epoch, which needs no calendar.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/servers/kafka_reader.h"

namespace action_scheduler::torture {

enum class Promise { exactly_once, at_least_once };

// Seconds since the epoch, both ends inside.
struct Span {
  std::int64_t from_s = 0;
  std::int64_t until_s = 0;
};

// What one row asks for: each multiple of `period_s` in `due` arrives, or is merged into a later one if the row `merges`.
struct Expectation {
  std::int64_t action = 0;
  int period_s = 1;
  bool merges = false;
  Span due;
  std::vector<Span> excused;          // fire times that need not arrive, but may
  std::vector<Span> forbidden;        // fire times that must not arrive
  std::vector<Span> repeats_excused;  // fire times that may arrive again, in whatever way
};

// A message as a consumer saw it.
struct Arrival {
  std::string id;  // ce_id
  std::int64_t action = 0;
  std::int64_t time_s = 0;
  int attempt = 0;
  bool on_time = false;
  std::int64_t merged_count = 0;
  std::int64_t first_missed_s = 0;  // where merged_count is above 0
  std::int64_t sent_ms = 0;         // handed over by the scheduler
};

// Seconds since the epoch of "2026-11-21T10:00:00Z"; 0 for anything else.
std::int64_t seconds_of(const std::string& text);

// In the order of the log. A message without the headers is an arrival with an empty id.
Arrival arrival_of(const testing::ReadMessage& message);
std::vector<Arrival> arrivals_of(const std::vector<testing::ReadMessage>& messages);

// The life of one process, in milliseconds since the epoch.
struct Life {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};

struct Verdict {
  std::uint64_t fires = 0;                     // distinct ids that arrived
  std::uint64_t merged = 0;                    // fire times merged into another
  std::uint64_t repeated = 0;                  // messages beyond the first of their id
  std::uint64_t lost = 0;                      // fire times that neither arrived nor were merged, and are not excused
  std::uint64_t twice = 0;                     // messages, or merged fire times, that the promise forbids to come again
  std::int64_t worst_lateness_ms = 0;          // handed over after its fire time, all that was missed included
  std::int64_t worst_on_time_lateness_ms = 0;  // the same of those marked on_time
  std::vector<std::string> complaints;         // one line each, the first ones only
};

// Judges the arrivals of one topic, in the order in which they were handed over. `exactly_once` allows nothing to come twice.
// `at_least_once` allows an id again with a higher ce_attempt; where `lives` are given, only from the last batch of a life and
// only in a later one: no message of a life may be repeated while a later one of the same life is not.
Verdict judge(Promise promise, const std::vector<Expectation>& expectations, const std::vector<Arrival>& arrivals,
              const std::vector<Life>& lives = {});

}  // namespace action_scheduler::torture
