// One history, lived through: the real engine, planner, delivery and ledger logic in a world of which every part is simulated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/history.h"
#include "tests/simulation/model.h"
#include "tests/simulation/surroundings.h"

namespace action_scheduler {
struct Step;
}

namespace action_scheduler::simulation {

// What came of a history.
struct Account {
  std::vector<std::string> wrong;  // empty: all is as it should be
  std::uint64_t arrivals = 0;
  std::uint64_t ended_otherwise = 0;
  std::uint64_t deaths = 0;
  std::uint64_t take_overs = 0;  // of which the former owner learnt
  std::uint64_t steps = 0;
  std::uint64_t requests = 0;           // that operators made
  std::uint64_t requests_accepted = 0;  // fires by hand and backfills among them
};

// How long after a disturbance the scheduler may still be busy with it.
inline constexpr std::int64_t kRecoveryMs = 150'000;

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
  void saved(const KnownRows& upserts, std::span<const ActionId> removals, std::span<const NotedOutcome> ended) override;
  void replaced(std::span<const RowPack> packs, const KnownRows& others) override;
  void written(const LedgerChange& change, Durability durability) override;
  void refused(const LedgerChange& change) override;
  void write_failed() override {
    if (!is_rival_) model_.write_failed();
  }
  void noted(std::span<const NotedOutcome> outcomes);

  void note_clock() {
    highest_ = std::max(highest_, second());
    highest_accepted_ = std::max(highest_accepted_, second());
  }
  WallTime wall() const { return WallTime{kBegin} + std::chrono::milliseconds{now_ms_ + wall_ahead_ms_}; }
  Instant second() const { return floor_seconds(wall()); }
  // When an outcome that is written now was decided, at the latest: the clock may have been set back during the step, or since a
  // process that died began with its window.
  Instant decided_at(const NotedOutcome& outcome) const {
    return std::max(stepping_ ? std::max(second(), step_began_) : second(), std::min(outcome.noted_at, highest_));
  }

  // What happens to whom.
  void happen(const Event& event);
  void happen_to_process(const Event& event);
  void happen_to_table(const Event& event);
  void happen_to_topic(const Event& event, void (*change)(TopicState&, bool));
  void set_clock(std::int64_t seconds);
  void at(std::int64_t ms, std::function<void()> what) { timers_.emplace(ms, std::move(what)); }
  std::optional<std::int64_t> next_happening() const;
  void trouble_for(std::int64_t ms);
  void stalled_since(Instant from);

  // The process.
  void begin_process();
  void turn();
  void end_process(std::int64_t away_ms);
  void die();
  void stop_for(std::int64_t ms);
  void bury();
  void take_polls();
  void take_asks();
  void ask(const Event& event);
  void rest(WallTime wake_at);
  std::vector<std::string> judge_end();
  void live_on();
  void lose_ledger();

  // A second scheduler of the instance.
  void take_over(std::int64_t ms);
  void claimed(Delivery delivery);
  void swap_rival();
  void run_rival();
  void rival_stepped(const Step& step);

  const History& history_;
  const bool verbose_;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_ahead_ms_ = 0;
  Instant highest_ = kBegin;           // that the wall clock ever stood
  Instant highest_accepted_ = kBegin;  // since it was last set back by more than is waited for
  std::size_t next_event_ = 0;
  std::multimap<std::int64_t, std::function<void()>> timers_;

  std::map<ActionId, const RowSpec*> table_;
  std::unordered_map<const RowSpec*, Row> rows_;  // as polls show them
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
  std::optional<Instant> former_position_;  // the receiver's, when the clock was last set back for good
  Instant former_clock_ = kFirstInstant;    // what it said before that
  bool frozen_ = false;                     // stopped by a signal
  bool faults_over_ = false;
  struct Armed {
    EventKind kind;
    std::int64_t effects;
    std::int64_t amount;
  };
  std::vector<Armed> armed_;       // what waits for an effect
  std::int64_t dies_young_ = 0;    // the effect at which the next process dies; 0: none
  std::deque<const Event*> asks_;  // what operators ask the process for
  bool must_die_ = false;
  std::int64_t stop_at_rest_ms_ = 0;  // SIGSTOP before the next step
  bool power_lost_ = false;
  bool volume_lost_ = false;
  std::optional<Instant> nothing_known_since_;  // neither ledger nor table told of any action

  // The scheduler that was taken over and does not know it yet, while the other one runs; or the other way round.
  struct Rival {
    std::unique_ptr<Disk> disk;  // outlives the process
    std::unique_ptr<Process> process;
    bool stepping = false;
    Instant step_began;
    bool intent_open = false;
    bool exactly_once_used = false;
    std::int64_t wake_at_ms = 0;
    std::int64_t turn_began_ms = 0;
    ~Rival();
  };
  std::unique_ptr<Rival> rival_;
  bool is_rival_ = false;    // process_ is the one that was taken over: nobody listens to what it says of itself
  bool taken_over_ = false;  // the other one has claimed the instance
  std::int64_t polls_to_fail_ = 0;
  std::int64_t slow_poll_ms_ = 0;
  std::int64_t troubled_until_ms_ = 0;
  Account account_;
};

}  // namespace action_scheduler::simulation
