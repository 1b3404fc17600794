// Step 3 of a row's way: the actions that are scheduled now, and how a change set becomes part of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/log.h"
#include "action_scheduler/plan.h"
#include "action_scheduler/timeline.h"
#include "engine/change_set.h"

namespace action_scheduler {

// Where the schedule stands when a change is applied.
struct ScheduleMoment {
  Instant seen;       // new and changed schedules count from here
  Position cursor;    // what is settled
  PlanWindow window;  // that is being delivered, or would be now
  const ExceptionSet& exceptions;
};

// Actions, timeline and faults. Single-threaded.
class Schedule {
 public:
  Schedule(Log& log, RowParser& parser);

  // Takes up the rows that the ledger knows. One that counts from further ahead of both `now` and `cursor` than `ahead_max` was
  // seen when the clock was wrong: it counts from the later of them, and write_limit() is due.
  Result<void> restore(Ledger& ledger, Position cursor, Instant now, Seconds ahead_max);

  // Makes the ledger remember from where restore() let such rows count, or a later process would take it for little ahead.
  // Nothing if there were none or it was done. On an Error (the ledger's) it may be called again.
  Result<void> write_limit(Ledger& ledger);

  // Whether the ledger held no row, and no change set was taken up.
  bool knows_nothing() const { return knows_nothing_; }

  // The earliest instant from which a row counts, those included that could not be parsed for a reason that passes.
  std::optional<Instant> earliest_count() const;

  // Whether an action whose schedule stays merges what is missed from now on, or does so no longer.
  bool changes_merging(const ChangeSet& changes) const;

  // Makes the ledger remember the change durably, then takes it up. Fires that end with it are outcomes `disabled`, noted with it
  // and told in `ended`, which is empty. On an Error (the ledger's) nothing is changed and the same change set may be applied
  // again. One with first rows only if it knows nothing.
  Result<void> apply(ChangeSet& changes, const ScheduleMoment& moment, Ledger& ledger, std::vector<NotedOutcome>& ended);

  // For the first change set when the receiver knows how far it went and the ledger does not: what it holds was there before.
  void adopt_from(Position position) { adopted_from_ = position; }

  // After the clock was set back: nothing counts from later than `now`, here and in the ledger, and every trigger is due anew
  // behind it. On an Error (the ledger's) nothing is changed.
  Result<void> rewind(Instant now, Ledger& ledger);

  // Finds anew when every trigger is due behind `cursor`.
  void realign(Position cursor);

  // Finds anew when these triggers are due behind `cursor`.
  void advance(const std::vector<TriggerId>& triggers, Position cursor);

  const ActionSet& actions() const { return actions_; }
  const Timeline& timeline() const { return timeline_; }
  const std::map<ActionId, RowFault>& faults() const { return faults_; }

 private:
  struct Staged;
  Result<void> load_first(FirstRows& rows, const ScheduleMoment& moment, Ledger& ledger);
  Result<void> change(ChangeSet& changes, const ScheduleMoment& moment, Ledger& ledger, std::vector<NotedOutcome>& ended);
  Staged stage(ChangeSet& changes, const ScheduleMoment& moment) const;
  void take_faults(const ChangeSet& changes);
  void forget_unread(const ChangeSet& changes);
  void end(ActionId id, const ScheduleMoment& moment, std::string_view reason, std::vector<NotedOutcome>& ended);

  Log& log_;
  RowParser& parser_;
  ActionSet actions_;
  Timeline timeline_;
  std::map<ActionId, RowFault> faults_;
  std::unordered_map<ActionId, std::uint64_t> restored_;  // fingerprints of the ledger's rows until the first change set
  std::optional<Position> adopted_from_;
  bool knows_nothing_ = true;

  struct Limit {
    Instant latest;
    Seconds ahead_max;
  };
  std::optional<Limit> unwritten_limit_;

  // Rows of the ledger that could not be parsed for a reason that passes, until the table shows them as they can be, or other
  // ones.
  struct Unread {
    std::uint64_t fingerprint;
    Instant counts_from;
  };
  std::unordered_map<ActionId, Unread> unread_;
};

}  // namespace action_scheduler
