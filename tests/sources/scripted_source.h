// A table in memory that a test edits, followed the way a real one is.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "action_scheduler/action_source.h"
#include "sources/row_diff.h"

namespace action_scheduler::testing {

// The edits are thread safe, so that a test may edit while an engine's thread polls. A poll sees all edits made before it.
class ScriptedSource : public ActionSource {
 public:
  // Adds the row or replaces the one of its id.
  void upsert(const Row& row);
  void erase(ActionId id);
  void clear();

  // A row with the six mandatory cells; `merge_missed` and `actuality_time` are NULL.
  static Row row(ActionId id, const std::string& cron, const std::string& command = "command");

  // The next `count` polls end with an Error, after half of the table was told.
  void fail_next_polls(std::size_t count, std::string message = "table action: connection lost (ordered by the test)");

  // While it is blocked a poll waits, until unblock() or interrupt().
  void block();
  void unblock();

  // Polls that ended well, and polls that were begun.
  std::size_t good_polls() const;
  std::size_t polls() const;

  Result<PollSummary> poll(ChangeVisitor& visitor) override;
  // Ends the poll that runs, or else the next one, with an Error.
  void interrupt() override;

 private:
  mutable std::mutex mutex_;  // protects everything but diff_, which belongs to the polling thread
  std::condition_variable woken_;
  std::map<ActionId, Row> table_;
  std::size_t failures_ = 0;
  std::string message_;
  bool blocked_ = false;
  bool interrupted_ = false;
  std::size_t good_polls_ = 0;
  std::size_t polls_ = 0;
  RowDiff diff_;
};

}  // namespace action_scheduler::testing
