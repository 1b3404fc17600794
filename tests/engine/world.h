// Everything around an engine, in memory and stepped by hand: table, clock, ledger, receiver. It survives the engine's crashes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/clock.h"
#include "engine/engine.h"
#include "ledger/memory_ledger.h"
#include "tests/callbacks/recording_callback.h"
#include "tests/ledger/failing_ledger.h"
#include "tests/sources/scripted_source.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {

// Both clocks go on together unless a test sets the wall clock.
class SteppedClock : public Clock {
 public:
  explicit SteppedClock(Instant start) : now_{WallTime{start}, std::chrono::milliseconds{1}} {}

  ClockReading read() override { return now_; }
  WallTime wall() const { return now_.wall; }
  Instant second() const { return floor_seconds(now_.wall); }
  void advance(std::chrono::milliseconds by) {
    now_.wall += by;
    now_.monotonic += by;
  }
  void set_wall(Instant to) { now_.wall = WallTime{to}; }

 private:
  ClockReading now_;
};

// Keeps the events.
class RecordingLog : public Log {
 public:
  bool enabled(Level level) const override { return level != Level::debug; }
  void write(Level level, std::string_view event, std::span<const Field> fields) override;
  std::size_t count(std::string_view event) const;
  std::vector<std::string> lines;
};

// 2026-11-21T10:00:00Z plus some seconds.
Instant at(std::int64_t seconds);
// "2026-11-21T10:00:05Z" is 5.
std::int64_t seconds_of(Instant t);

std::string every(std::int64_t seconds);          // an interval schedule from the epoch
std::string daily_cron(std::string_view fields);  // the unix format

struct World {
  explicit World(Delivery guarantee = Delivery::exactly_once) : delivery(guarantee), durable(ledger) {}

  // A row with `cron`; merge_missed and actuality_time as in the table: absent is null (no merging, for ever).
  void put(ActionId id, const std::string& cron, std::optional<bool> merge = {}, std::optional<std::int64_t> actuality_s = {});

  // Starts a scheduler on what is there: opens the ledger, polls unless `poll_first` is false.
  void start(bool poll_first = true);
  // Polls and offers what changed.
  void poll();
  // Ends the process without a word.
  void kill();
  // Steps the engine and the clock until `t` or until the engine ends; the step that ended it, else the last one.
  Step run_until(Instant t);
  // Steps until the engine has nothing to do now.
  Step settle();

  // "id@seconds" of what arrived, in order; with reason and attempt where they are not the usual ones: "1@60 merged", "1@60 #2".
  std::vector<std::string> arrived() const;
  // How often each fire arrived.
  std::map<std::string, int> arrivals() const;
  std::vector<NotedOutcome> outcomes();

  Delivery delivery;
  SteppedClock clock{at(0)};
  MemoryLedger ledger;
  FailingLedger durable;
  RecordedReceiver receiver;
  std::map<ActionId, Row> table;
  std::size_t transaction_fires_max = 1000;
  Engine::Options options;
  RecordingLog log;
  SystemZones zones;
  ZoneSource* zone_source = &zones;

  std::unique_ptr<ScriptedSource> source;
  RowsToRetry retry;
  std::unique_ptr<RecordingCallback> callback;
  std::unique_ptr<RowParser> parser;
  std::unique_ptr<Engine> engine;
};

}  // namespace action_scheduler::testing
