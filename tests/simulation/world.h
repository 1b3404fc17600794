// One history, lived through: the real engine, planner, delivery and ledger logic in a world of which every part is simulated.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/history.h"
#include "tests/simulation/model.h"
#include "tests/simulation/surroundings.h"

namespace action_scheduler::simulation {

// What came of a history.
struct Account {
  std::vector<std::string> wrong;  // empty: all is as it should be
  std::uint64_t arrivals = 0;
  std::uint64_t ended_otherwise = 0;
  std::uint64_t deaths = 0;
  std::uint64_t steps = 0;
};

class World : private Surroundings, private LedgerWitness {
 public:
  // `history` must outlive the world. With `verbose` the events and the scheduler's log go to standard output.
  explicit World(const History& history, bool verbose = false);
  ~World() override;

  // Lives through the history, once.
  Account live();

 private:
  class SimulatedClock;
  class SimulatedLog;
  class Table;
  class Witnessed;
  struct Process;

  // Surroundings.
  std::int64_t monotonic_ms() const override { return now_ms_; }
  void pass(std::int64_t ms) override;
  void effect() override;
  void disturbed() override;
  std::size_t hand_over() const override { return hand_over_; }
  void arrived(const Message& message) override;

  // LedgerWitness.
  void saved(std::span<const KnownRow> upserts, std::span<const ActionId> removals) override;
  void written(const LedgerChange& change, Durability durability) override;

  WallTime wall() const { return WallTime{kBegin} + std::chrono::milliseconds{now_ms_ + wall_ahead_ms_}; }
  Instant second() const { return floor_seconds(wall()); }

  // What happens to whom.
  void happen(const Event& event);
  void happen_to_process(const Event& event);
  void happen_to_table(const Event& event);
  void happen_to_topic(const Event& event, void (*change)(TopicState&, bool));
  void set_clock(std::int64_t seconds);
  void at(std::int64_t ms, std::function<void()> what) { timers_.emplace(ms, std::move(what)); }
  std::optional<std::int64_t> next_happening() const;
  void trouble_for(std::int64_t ms);

  // The process.
  void begin_process();
  void turn();
  void end_process(std::int64_t away_ms);
  void die();
  void stop_for(std::int64_t ms);
  void bury();
  void take_polls();
  void rest(WallTime wake_at);
  std::vector<std::string> judge_end();

  const History& history_;
  const bool verbose_;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_ahead_ms_ = 0;
  Instant highest_ = kBegin;  // that the wall clock ever stood
  std::size_t next_event_ = 0;
  std::multimap<std::int64_t, std::function<void()>> timers_;

  std::map<ActionId, const RowSpec*> table_;
  Model model_;
  Cluster cluster_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<SimulatedClock> clock_;
  std::unique_ptr<SimulatedLog> log_;
  std::unique_ptr<Process> process_;
  int processes_ = 0;
  std::int64_t start_at_ms_ = 0;

  bool stepping_ = false;  // the process is at work, not waiting
  Instant step_began_;
  std::size_t hand_over_ = 0;
  bool intent_open_ = false;
  bool exactly_once_used_ = false;
  bool frozen_ = false;  // stopped by a signal
  bool faults_over_ = false;
  struct Armed {
    EventKind kind;
    std::int64_t effects;
    std::int64_t amount;
  };
  std::vector<Armed> armed_;  // what waits for an effect
  bool must_die_ = false;
  std::int64_t stop_at_rest_ms_ = 0;  // SIGSTOP before the next step
  bool power_lost_ = false;
  std::int64_t polls_to_fail_ = 0;
  std::int64_t slow_poll_ms_ = 0;
  std::int64_t troubled_until_ms_ = 0;
  Account account_;
};

}  // namespace action_scheduler::simulation
