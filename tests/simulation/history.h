// What happens in one simulated history: the seed decides it all before it begins, so that any part of it can be left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/fire.h"
#include "action_scheduler/row.h"
#include "action_scheduler/time.h"
#include "tests/simulation/cluster.h"

namespace action_scheduler::simulation {

// The instant at which every history begins.
inline constexpr Instant kBegin = instant_from_unix(1795255200);  // 2026-11-21T10:00:00Z

// A schedule of which the model knows by itself when it fires.
struct ScheduleSpec {
  enum class Format : std::uint8_t { interval, unix_minutes, unix_hourly, unix_daily, apscheduler_daily, date };
  Format format = Format::interval;
  std::int64_t period_s = 60;
  std::int64_t phase_s = 0;  // fires at t % period_s == phase_s; date: at this instant alone
  std::int64_t jitter_s = 0;
  std::optional<std::int64_t> end_at;  // inclusive

  std::string cron() const;
  // The earliest fire time after `t`.
  std::optional<std::int64_t> next(std::int64_t t) const;

  friend bool operator==(const ScheduleSpec&, const ScheduleSpec&) = default;
};

struct RowSpec {
  ActionId id = 0;
  int version = 0;  // unique over the history; stands in the command
  ScheduleSpec schedule;
  bool bad = false;  // its cron cannot be parsed
  std::optional<bool> merge;
  std::optional<std::int64_t> actuality_s;
  std::optional<bool> enabled;
  std::string topic;  // empty: the default one

  bool schedulable() const { return !bad && enabled.value_or(true); }
  // Seconds; absent: for ever.
  std::optional<std::int64_t> actuality() const { return actuality_s && *actuality_s >= 0 ? actuality_s : std::nullopt; }
  std::string command() const { return "v" + std::to_string(version); }
  Row row() const;
};

enum class EventKind : std::uint8_t {
  put,                   // `row` is committed `amount` ms later
  erase,                 // row.id likewise
  truncate,              // all rows
  poll_fails,            // the next `count` polls
  poll_slow,             // the next poll is heard of `amount` ms after it looked
  kill,                  // at the `count`th effect from now (0: now); starts again after `amount` ms
  power_loss,            // the same for the machine
  stop_process,          // SIGSTOP at the `count`th effect, SIGCONT after `amount` ms
  shutdown,              // SIGTERM; starts again after `amount` ms
  clock_step,            // the wall clock is set `amount` seconds ahead (or back)
  ledger_fails,          // `count` writes, after `amount` that go well
  disk_full,             // for `amount` ms
  broker_down,           // for `amount` ms; at the `count`th effect from now (0: now)
  broker_fault,          // `fault`
  transactions_refused,  // for `amount` ms
  topic_gone,            // `topic`, for `amount` ms
  topic_forbidden,
  topic_silent,
  topic_small,  // takes no message any more: all are too large
  lose_ledger,  // like kill, and the ledger's volume is gone
  take_over,  // at the `count`th effect the process is stopped for `amount` ms; a second one of the instance has a ledger of its
              // own
  die_young,  // the next process dies at the `count`th effect of its life
  ledger_unheard,  // as ledger_fails, but what failed is there after the process died, unless another write came in between
  // What operators ask for, between two steps:
  fire_by_hand,  // of row.id, with `key`
  backfill,      // likewise, of the `count` seconds that began `amount` seconds ago
  retry_parked,  // of row.id (0: all); count 1: expired ones too
  drop_parked,   // of row.id (0: all)
  settle,        // until `amount` seconds ago
};
std::string_view to_string(EventKind kind);

// A fault of the world: neither an edit of the table nor something that operators ask for.
constexpr bool is_fault(EventKind kind) { return kind > EventKind::truncate && kind < EventKind::fire_by_hand; }

struct Event {
  std::int64_t at_ms = 0;  // since the begin
  EventKind kind = EventKind::kill;
  std::int64_t amount = 0;
  std::int64_t count = 0;
  BrokerFault fault = BrokerFault::commit_slow;
  std::string topic;
  std::string key;
  RowSpec row;

  std::string describe() const;
};

struct Setup {
  enum class Mode : std::uint8_t { exactly_once, at_least_once, automatic };
  Mode mode = Mode::exactly_once;
  bool sqlite = false;          // the ledger is the SQLite one, on a disk in memory that tears
  bool unheard_writes = false;  // some fail and are there after a crash
  std::size_t transaction_fires_max = 1000;
  std::size_t piece_fires_max = 100'000;
  std::int64_t poll_period_s = 30;

  std::string describe() const;
};

// Which histories the seeds mean. What was written later is drawn from numbers of its own, so that a seed of before means what it
// meant with what was written later left out.
enum class Generation : std::uint8_t {
  faults = 1,    // edits of the table and faults
  requests = 2,  // and what operators ask for, and faults that meet
  unheard = 3,   // and what happens although it was said to have failed; a clock that is days away
};

struct History {
  std::uint64_t seed = 0;
  Generation generation = Generation::faults;
  Setup setup;
  std::vector<Event> events;       // ascending by time
  std::int64_t faults_end_ms = 0;  // all faults end here
  bool clock_stays = false;        // a clock that was set back by more than is waited for is not set right then
  std::int64_t end_ms = 0;
};

inline constexpr std::string_view kDefaultTopic = "actions";
inline constexpr std::string_view kOtherTopics[] = {"reports", "alarms"};

History generate(std::uint64_t seed, Generation generation = Generation::unheard);

// What the second generation adds (history_requests.cc).
void add_requests(History& history);

// What the third one adds (history_unheard.cc).
void add_unheard(History& history);

// A year of a hundred mixed actions without faults, for measuring.
History year_of_a_hundred_actions();

}  // namespace action_scheduler::simulation
