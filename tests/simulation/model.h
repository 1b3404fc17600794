// What must, may and must not have happened to each fire time, worked out from the table's edits, the polls and the faults alone.
// Nothing of the product's planning is used here: not its triggers, its due times nor its windows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "action_scheduler/ledger.h"
#include "action_scheduler/plan.h"
#include "tests/simulation/history.h"
#include "tests/simulation/requests_model.h"
#include "tests/simulation/surroundings.h"

namespace action_scheduler::simulation {

// What a poll showed: the version of each row.
using Snapshot = std::map<ActionId, const RowSpec*>;

class Model {
 public:
  explicit Model(const Setup& setup, bool verbose = false)
      : exactly_once_(setup.mode == Setup::Mode::exactly_once),
        prompt_(setup.piece_fires_max > 1000 && setup.transaction_fires_max > 100),
        verbose_(verbose),
        requests_(setup, [this](std::string what) { wrong(std::move(what)); }) {}

  // What the ports saw, in order. Instants are of the wall clock, `ms` of the monotonic one.
  void process_began(Instant now);
  void process_died(bool power_lost);
  // `highest`: the highest that the wall clock stood so far; above `seen` if it was set back.
  void offered(Instant seen, Instant highest, Snapshot snapshot);
  // `open`: what a window holds may be on its way to the receiver.
  void rows_saved(const std::vector<int>& versions, const std::vector<ActionId>& removed, std::int64_t ms, bool open);
  // What a restarted process finds in its ledger; a write that was an error may be there all the same.
  void rows_found(const std::map<ActionId, int>& versions, std::int64_t ms);
  void noted(const NotedOutcome& outcome, Instant now);
  // An outcome that the ledger refused to take at `now`: it may take it when the clock has been set back.
  void decided(const NotedOutcome& outcome, Instant now);
  void found_noted(const NotedOutcome& outcome);
  // What the ledger holds as parked, at the start of a process and after each write.
  void parked_found(const std::vector<ParkedFire>& parked);
  void parked(const LedgerChange& change);
  // The ledger is gone, or another scheduler of the instance, without it, goes on. It knows no more than the receiver's position,
  // which took_over() tells (absent: there is none, all counts from the first poll).
  void ledger_lost(Instant highest, std::int64_t ms);
  void took_over(std::optional<Position> position);
  bool awaits_position() const { return awaits_position_; }
  // A claim found the receiver's position of before the clock was set back for good: what it has passed counts as settled.
  void found_former_position(Instant position) {
    if (set_back_ && set_back_->goes_on_from) set_back_->goes_on_from = std::max(*set_back_->goes_on_from, position);
  }
  // The ledger has a watermark, as it may have rows: what it does not hold from here on is new.
  void watermark_written(Position watermark, Instant now) {
    adopted_.reset();
    watermark_ = watermark;
    if (set_back_ && !set_back_->goes_on_from && watermark.instant <= now) set_back_->goes_on_from = watermark.instant;
  }
  void settled();  // a durable write of the ledger went well
  // A hand-over begins; its number.
  std::size_t hand_over(bool exceptions, Instant step_began, std::int64_t ms);
  void hand_over_ended(std::size_t number, const std::set<RequestedFire>& acknowledged);
  void arrived(const Message& message, Instant now);
  // From `from` to `until` nothing is expected to go on time.
  void troubled(Instant from, Instant until);
  // The process was stopped at work: what came due meanwhile need not be known as missed.
  void stalled(Instant from, Instant until) { stalled_.emplace_back(from, until); }
  // What operators ask for (model_requests.cc), before and after the engine is asked; process_died() if it never answers.
  // `works`: no fault waits for the ledger's next write.
  void ask(const FireRequest& asked, Instant now, std::int64_t ms, bool works) {
    requests_.ask(asked, followed_row(asked.action), now, ms, works && is_calm(now, now));
  }
  void answered(const std::variant<AcceptedFires, Refused>& answer) { requests_.answered(answer); }
  void ask(const ParkedRequest& asked, Instant now, bool works);
  void answered(const std::variant<ParkedRepair, Refused>& answer, std::int64_t ms);
  void ask(const SettleRequest& asked, Instant now, bool works);
  void answered(const std::variant<Settlement, Refused>& answer, std::int64_t ms);
  // A write failed: who asks just now may be refused for it, even if all was well when he began.
  void write_failed() {
    must_be_granted_ = false;
    requests_.write_failed();
  }
  // From `was`, the highest that it ever stood.
  void clock_set_back_for_good(Instant now, Instant was);
  // And by more than is waited for since it was last set back so.
  void set_back_is_accepted(std::int64_t ms) { set_back_ = SetBack{ms, ended_count_, std::nullopt, std::nullopt}; }
  void wrong(std::string what) { wrong_.push_back(std::move(what)); }

  // The table as it should be followed: id to version of what is scheduled.
  std::map<ActionId, int> followed() const;

  // Everything that is wrong, one line each; all that is due by `end` must have ended; `latest` is the
  // highest that the wall clock ever stood.
  std::vector<std::string> verdict(Instant end, Instant latest);

  std::uint64_t arrivals() const { return arrival_count_; }
  std::uint64_t ended_otherwise() const;
  std::uint64_t requests_accepted() const { return requests_.accepted(); }

 private:
  struct Policy {
    std::int64_t since_ms;
    const RowSpec* row;
  };
  // A stretch of an action's life with one schedule.
  struct Epoch {
    Instant from;                  // exclusive
    std::optional<Instant> until;  // inclusive; absent: it goes on
    std::int64_t began_ms = 0;
    std::int64_t ended_ms = 0;
    std::optional<Position> behind;       // of the fire times only those due behind it,
    std::optional<Position> through;      // and up to this one
    bool ledger_lost = false;             // it ended with its ledger: what was not delivered may be forgotten
    Instant policy_from = kFirstInstant;  // what was due until then may have been handed over with another policy
    bool seen_again = false;              // it began while the clock repeated itself
    bool awaits_position = false;         // likewise, and nobody knows yet how far the receiver's position goes
    std::vector<Policy> policies;
  };
  struct Arrival {
    Instant time;
    std::size_t hand_over;
    std::string topic;
    std::string reason;
    std::uint64_t merged = 0;
    std::optional<Instant> first_missed;
    int attempt = 1;
    Instant at;
    std::uint64_t number;  // in the order of all that ended
    bool acknowledged = false;
    bool settled = false;
    bool power_lost_since = false;
    std::size_t before = kNone;  // the arrival of the same fire before this one
  };
  struct Noted {
    NotedOutcome outcome;
    Instant at;
    std::uint64_t number;    // in the order of all that ended
    bool forgotten = false;  // with its ledger
  };
  // The clock was set back for good. What comes due behind it ends, be it once more.
  struct SetBack {
    std::int64_t ms;
    std::uint64_t number;  // of what had ended
    // The first watermark that is not ahead of the clock, or where a position of before it stands.
    std::optional<Instant> goes_on_from;
    std::optional<Instant> next_process;  // when the first one began that found it so
  };
  struct ActionRecord {
    std::vector<Epoch> epochs;
    std::vector<Arrival> arrivals;
    std::unordered_map<std::int64_t, std::size_t> last_arrival;  // by fire time
    std::vector<Noted> outcomes;
    std::map<std::pair<Outcome, Instant>, std::size_t> outcome_places;  // by kind and first fire time
    std::map<std::pair<Outcome, Instant>, Instant> decided;             // by the same: when, of those that the ledger refused
    std::size_t taken_from_offer = 0;
    std::set<Instant> parked;                                // fire times that were ever parked
    std::map<Instant, std::optional<std::int64_t>> dropped;  // that somebody asked to give up; when it was answered, in ms
    std::set<Instant> kept;                                  // likewise to keep beyond their actuality time
    std::set<Instant> parked_forgotten;                      // and of which the ledger that knew is lost
    std::vector<std::pair<Instant, Instant>> tainted;        // fire times of which nothing can be said
  };
  struct Settled {
    Instant until;
    std::optional<std::int64_t> answered_ms;
  };
  struct HandOver {
    bool exceptions;
    Instant step_began;
    std::int64_t began_ms;
    int process;
    std::map<ActionId, Instant> late_of_merging;  // the one that is not on time
  };
  struct Offer {
    Instant seen;
    Instant highest;
    Snapshot snapshot;
    int process;
  };
  class ActionVerdict;

  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  static Instant due(ActionId id, const Epoch& epoch, Instant time);
  static bool holds(ActionId id, const Epoch& epoch, Instant time);
  void take_rows(const std::vector<int>& versions, const std::vector<ActionId>& removed, std::int64_t ms, bool open);
  void take_version(ActionId id, const RowSpec* row, std::size_t offer, std::int64_t ms, bool open);
  void take_removal(ActionId id, std::int64_t ms);
  std::optional<std::size_t> find_offer(std::size_t from, ActionId id, int wanted) const;
  Epoch* live_epoch(ActionId id);
  const RowSpec* followed_row(ActionId id) const;
  const RowSpec* row_at(ActionId id, std::int64_t ms) const;
  bool gone_since(ActionId id, std::int64_t ms) const;
  void requested_arrived(const RequestedFire& fire, const Message& message, Instant now);
  // Whether somebody asked to settle what is due then; with `before_ms` only if it was granted before.
  bool settled_by_hand(Instant due_at, std::optional<std::int64_t> before_ms) const;
  Epoch* epoch_of(ActionId id, Instant time);
  bool is_calm(Instant from, Instant until) const;
  bool is_stalled(Instant due_at) const;
  bool is_tainted(const ActionRecord& record, Instant time) const;
  void end_epoch(ActionId id, Epoch& epoch, const Offer& offer, std::int64_t ms);
  void taint(ActionId id, const Offer& offer);
  void judge_arrival(ActionId id, Epoch& epoch, ActionRecord& record, Arrival& arrival, const Message& message);

  const bool exactly_once_;
  const bool prompt_;  // a burst goes out at once, not in many small pieces
  const bool verbose_;
  std::map<ActionId, ActionRecord> actions_;
  std::map<int, const RowSpec*> versions_;
  std::vector<Offer> offers_;
  std::vector<HandOver> hand_overs_;
  std::vector<std::pair<ActionId, std::size_t>> unsettled_arrivals_;
  std::vector<std::pair<Instant, Instant>> trouble_;
  std::vector<std::pair<Instant, Instant>> tainted_;
  std::vector<std::pair<Instant, Instant>> stalled_;
  std::set<RequestedFire> held_;  // parked, as the ledger has it
  std::vector<Settled> settled_;  // that somebody asked for
  std::optional<SetBack> set_back_;
  std::uint64_t ended_count_ = 0;
  std::optional<ParkedRequest> repairing_;
  std::vector<RequestedFire> repaired_;
  bool must_be_granted_ = false;
  bool must_be_refused_ = false;
  std::map<std::string, std::pair<Instant, ActionId>> last_in_order_;  // of each topic
  int process_ = 0;
  bool awaits_position_ = false;
  Position watermark_;               // the last that the ledger was given
  std::optional<Position> adopted_;  // from which the rows of the first poll count
  std::uint64_t arrival_count_ = 0;
  std::vector<std::string> wrong_;
  RequestsModel requests_;
};

}  // namespace action_scheduler::simulation
