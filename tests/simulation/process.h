// The simulated scheduler process: what lives and dies with it. Included by world.cc and process.cc only.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <utility>

#include "callbacks/kafka/kafka_callback.h"
#include "engine/engine.h"
#include "sources/row_diff.h"
#include "tests/simulation/world.h"
#include "zones/system_zones.h"

namespace action_scheduler::simulation {

class World::SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(const World& world) : world_(world) {}
  ClockReading read() override { return {world_.wall(), std::chrono::milliseconds{world_.now_ms_}}; }

 private:
  const World& world_;
};

class World::SimulatedLog : public Log {
 public:
  explicit SimulatedLog(const World& world) : world_(world) {}
  bool enabled(Level level) const override { return world_.verbose_ && level != Level::debug; }
  void write(Level level, std::string_view event, std::span<const Field> fields) override;

 private:
  const World& world_;
};

// The table as one process follows it, with the change detection of the real sources.
class World::Table : public ActionSource {
 public:
  explicit Table(World& world) : world_(world) {}
  Result<PollSummary> poll(ChangeVisitor& visitor) override;

 private:
  World& world_;
  RowDiff diff_;
};

// Looks at what goes into the callback and comes out of it.
class World::Witnessed : public Callback {
 public:
  Witnessed(World& world, std::unique_ptr<Callback> callback) : world_(world), callback_(std::move(callback)) {}
  std::variant<Claim, ClaimFailure> claim() override;
  DeliveryReport deliver(const Batch& batch) override;
  DeliveryReport renew(Position position) override { return callback_->renew(position); }
  void interrupt(std::chrono::milliseconds grace) override { callback_->interrupt(grace); }

 private:
  World& world_;
  std::unique_ptr<Callback> callback_;
};

struct World::Process {
  std::unique_ptr<RowParser> parser;
  std::unique_ptr<Table> table;
  RowsToRetry retry;
  std::unique_ptr<Callback> callback;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Engine> engine;

  struct Poll {
    std::int64_t known_at_ms;
    std::optional<ChangeSet> changes;  // absent: it failed
    Snapshot snapshot;
  };
  int number = 0;
  std::int64_t started_ms = 0;
  std::int64_t poll_at_ms = 0;
  std::optional<Poll> polling;  // it has looked, and is not heard of yet
  std::deque<Poll> inbox;
  bool first_poll_failed = false;
  bool nothing_known = false;  // until a poll is good
  bool had_instance = false;
  bool at_rest = false;  // between two steps, with nothing to do
  std::optional<std::int64_t> stop_ordered_ms;
  std::int64_t away_ms = 0;  // after a stop that was ordered
  int steps_without_time = 0;
  std::int64_t last_step_ms = -1;
};

}  // namespace action_scheduler::simulation
