// The loop body: steps 3 to 8 of a row's way to its receiver (docs/architecture.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/log.h"
#include "action_scheduler/plan.h"
#include "engine/clock_watch.h"
#include "engine/parking.h"
#include "engine/progress.h"
#include "engine/requests.h"
#include "engine/schedule.h"
#include "engine/status.h"

namespace action_scheduler {

// How a step left the engine.
struct Step {
  enum class Kind : std::uint8_t {
    idle,    // nothing to do before `wake_at`
    again,   // there is more to do now
    fenced,  // a newer owner exists: end
    failed,  // cannot go on: end
  };
  Kind kind = Kind::idle;
  WallTime wake_at;  // for idle: within a minute
  Error error;       // for fenced and failed
};

// The engine of one shard. It waits for nothing but its ports, reads no clock but its port, and moves only when step() is called:
// by Service in its thread, by a test by hand. Single-threaded. The ports must outlive it.
class Engine {
 public:
  struct Options {
    // About how many fires are planned and handed over at a time.
    std::size_t piece_fires_max = 1'000'000;
    // How many of a burst are planned before the first are handed over; the others are while those are on their way. About one
    // transaction of the usual size.
    std::size_t head_fires = 200'000;
    // A clock that is set back by up to this much is waited for.
    Seconds clock_back_wait_max{3 * 3600};
    // Between tries while the receiver or the ledger does not work.
    std::chrono::milliseconds retry_delay{1000};
    // Receivers forget positions that nobody renews: Kafka after 7 days.
    Seconds renew_every{24 * 3600};
  };

  struct Ports {
    Clock& clock;
    Ledger& ledger;
    Callback& callback;
    RowParser& parser;
    Log& log;
  };

  Engine(Options options, Ports ports);

  // Takes up what the ledger holds. Call once, first. An Error means that the ledger cannot be read.
  Result<void> open();

  // Hands over what a poll found. The next step() applies all that was offered, in order, before it looks for what is due; behind
  // a set that `continues` it looks first.
  void offer(ChangeSet changes);

  // Whether the first change set may hold first rows (poll_changes()): the ledger knew none, and no change set was offered.
  bool knows_nothing() const { return schedule_.knows_nothing() && offered_.empty(); }

  // Lets the engine fire what the ledger knows although the table could not be read yet.
  void go_on_without_table() { table_known_ = true; }

  // One turn of the loop. Never throws.
  Step step();

  // What operators ask for, between two steps (engine_requests.cc). What is granted is durable then; what is refused, and what
  // the ledger does not take, changes nothing.
  std::variant<AcceptedFires, Refused> request(const FireRequest& request);
  std::variant<ParkedRepair, Refused> repair_parked(const ParkedRequest& request);
  std::variant<Settlement, Refused> settle(const SettleRequest& request);

  const Schedule& schedule() const { return schedule_; }
  const Parking& parking() const { return parking_; }
  const Counters& counters() const { return counters_; }
  EngineStatus status() const;
  // How many actions have a fire that is due at `now` and not settled. Takes time in proportion to their number.
  std::uint64_t pending(Instant now) const;
  Position watermark() const { return progress_.cursor(); }
  // Whether the receiver is claimed and took the last batch.
  bool receiver_answers() const { return claimed_ && !receiver_down_; }

 private:
  struct Now {
    WallTime wall;
    Instant second;
  };
  using Ended = std::optional<Step>;  // how a step ends; absent: it goes on to its next part

  Step turn();
  Ended watch_clock(ClockReading reading, const Now& now);
  Ended finish_write(const Now& now);
  Ended claim(const Now& now);
  Ended apply_changes(const Now& now);
  Ended end_merging_here(const Now& now);
  std::vector<NotedOutcome> merged_up_to(Instant until, const Now& now);
  Ended deliver_due(const Now& now);
  Ended retry_parked(const Now& now);
  Ended renew_position(const Now& now);
  Step rest(const Now& now);

  std::variant<AcceptedFires, Refused> note_key(NotedRequest request, const std::string& key, const Now& now);

  Ended wait_for_clock(const Now& now);
  Ended take_claim(const Claim& claim, const Now& now);
  Ended write_intent(const Plan& piece, const Now& now);
  Plan next_piece(const Now& now);
  std::optional<Plan> head_of_burst();
  void plan_rest(Plan& piece);
  DeliveryReport hand_over(Plan& piece);
  std::vector<ParkedFire> refused_of(const std::vector<Fire>& fires, const DeliveryReport& report, const Now& now) const;
  Ended settle(Plan& piece, const DeliveryReport& report, const Now& now);
  Position reached_by(const Plan& piece, const DeliveryReport& report) const;
  void note_late_ahead(const Plan& piece, const DeliveryReport& report, Position to, LedgerChange& change) const;
  Ended receiver_trouble(const DeliveryReport& report, const Now& now);
  void lose_claim();
  void tell_trouble();

  void note_answer();

  const ExceptionSet& exceptions();
  bool write(LedgerChange change, Durability durability, const Now& now);
  Result<void> try_write(const LedgerChange& change, Durability durability, const Now& now);
  Now read_now() {
    const WallTime wall = clock_.read().wall;
    return {wall, floor_seconds(wall)};
  }
  void ledger_trouble(const Error& error);
  void log_started(std::span<const Fire> fires) const;
  void count_delivered(const std::vector<Fire>& fires, const std::vector<bool>& delivered);
  Step rest_until(WallTime wake_at);
  Step try_again_later();

  const Options options_;
  Clock& clock_;
  Ledger& ledger_;
  Callback& callback_;
  Log& log_;

  Schedule schedule_;
  Parking parking_;
  Progress progress_;
  AcceptedRequests requests_;
  ClockWatch clock_watch_;
  ExceptionSet exceptions_;  // parked and acknowledged ones together, where there are both
  Counters counters_;

  std::deque<std::pair<ChangeSet, Instant>> offered_;  // with the instant at which each was seen
  bool continuing_ = false;                            // the first of them is of the same poll as the one that was applied last
  std::optional<LedgerChange> unwritten_;              // happened, but the ledger has refused it so far
  std::optional<Intent> open_intent_;                  // as the ledger holds it
  std::uint64_t exception_batch_ = 0;
  std::optional<WallTime> retry_at_;
  Instant renewed_at_;
  Delivery delivery_ = Delivery::at_least_once;
  std::string receiver_error_;          // why it does not answer
  std::set<std::string> reasons_told_;  // of the present outage, without digits
  std::string ledger_error_;            // why it does not take writes
  bool behind_ = true;                  // what is due now was missed
  bool table_known_ = false;            // the table was read once, or will not be waited for
  bool ledger_fresh_ = false;
  bool exactly_once_used_ = false;
  bool recovering_ = false;  // a window that a crash left open is delivered again before the table is looked at
  bool claimed_ = false;
  bool receiver_down_ = false;
  bool ledger_down_ = false;
  bool clock_back_ = false;
  bool rewound_ = false;  // the clock was set back further than was waited for: the receiver may hold a position of its future
};

}  // namespace action_scheduler
