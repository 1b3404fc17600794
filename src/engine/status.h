// How a running service does: plain values, copied out of its threads, for whoever wants to know.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "action_scheduler/callback.h"
#include "action_scheduler/plan.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// How late fires were that came on time, from due to acknowledged, by powers of ten and halves between them.
struct LatenessHistogram {
  static constexpr std::array<std::int64_t, 12> kBounds_ms = {10,   25,   50,   100,    250,    500,
                                                              1000, 2500, 5000, 10'000, 30'000, 60'000};

  std::array<std::uint64_t, kBounds_ms.size() + 1> counts{};  // up to each bound and above the one before; the last has no bound
  std::uint64_t count = 0;
  std::chrono::milliseconds sum{0};
  std::chrono::milliseconds worst{0};

  void add(std::chrono::milliseconds lateness) {
    std::size_t bucket = 0;
    while (bucket < kBounds_ms.size() && lateness.count() > kBounds_ms[bucket]) ++bucket;
    ++counts[bucket];
    ++count;
    sum += lateness;
    if (lateness > worst) worst = lateness;
  }
};

// What has happened since the process started.
struct Counters {
  std::uint64_t delivered = 0;
  std::uint64_t merged = 0;
  std::uint64_t expired = 0;
  std::uint64_t failed = 0;
  std::uint64_t disabled = 0;
  std::uint64_t ledger_writes = 0;
  std::uint64_t hand_overs = 0;
  LatenessHistogram lateness;

  void add(const NotedOutcome& outcome);
};

struct EngineStatus {
  Instant watermark;
  std::optional<Instant> next_due;
  bool table_in_effect = false;  // what was read first, or what the ledger knew where reading failed
  std::uint64_t actions = 0;
  std::uint64_t schedules = 0;
  std::uint64_t faults = 0;
  std::uint64_t parked = 0;
  std::uint64_t pending = 0;         // actions with a fire that has been due for over a second; counted now and then
  std::uint64_t requested = 0;       // of them those that somebody asked for
  std::optional<Delivery> delivery;  // absent until the receiver is claimed
  bool receiver_answers = false;
  std::string receiver_error;  // why it does not
  bool ledger_writes = true;
  std::string ledger_error;  // why it does not
  Counters counters;
};

struct PollStatus {
  std::uint64_t good = 0;
  std::uint64_t failed = 0;
  std::uint64_t failed_in_a_row = 0;
  std::optional<Instant> last_good;
  std::uint64_t rows = 0;  // at the last good one
  std::string error;       // of the last one, if it failed
};

struct ServiceStatus {
  Instant started_at;
  std::chrono::milliseconds turned{0};  // by the monotonic clock, when the engine's thread last came by
  EngineStatus engine;
  PollStatus polls;
};

}  // namespace action_scheduler
