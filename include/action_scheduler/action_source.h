// Port: where actions come from. Adapters: src/sources.
#pragma once

#include <cstdint>
#include <string>

#include "action_scheduler/fire.h"
#include "action_scheduler/result.h"
#include "action_scheduler/row.h"

namespace action_scheduler {

// Receives what changed, row by row, while ActionSource::poll runs. An id occurs once at most in a poll.
class ChangeVisitor {
 public:
  virtual ~ChangeVisitor() = default;

  // The row is new or differs from what the last good poll saw. `row` is valid during the call.
  virtual void changed(const RowView& row) = 0;

  // The row was there at the last good poll and is no more.
  virtual void removed(ActionId id) = 0;
};

// What a good poll says of itself.
struct PollSummary {
  // The poll named every row of the table: what it did not name does not exist. True for the first good poll of a source.
  bool complete = false;
  std::uint64_t rows = 0;             // rows in the table, disabled ones too
  std::uint64_t rows_without_id = 0;  // not in `rows`: the id is NULL (in a view) or no integer, so they cannot be scheduled
  std::uint64_t rows_read = 0;        // rows that had to be read to find out what changed
  // Why each poll must read the whole table, in a few words for people; empty where polls read what changed, or where nobody
  // minds.
  std::string reads_all_because;
};

// A table of actions that is followed by polling. Not thread safe: one thread polls.
class ActionSource {
 public:
  virtual ~ActionSource() = default;

  // Reads one consistent snapshot and tells `visitor` what changed since the last good poll. On an Error what the visitor heard
  // is void and the next poll tells it again; a table that cannot be read is an Error, never an empty table. If more than half of
  // a large table (over 1,000 rows) vanished, the removals are held back until the next poll confirms them. Reconnects by itself.
  // Blocks for at most the deadline that the adapter was made with.
  virtual Result<PollSummary> poll(ChangeVisitor& visitor) = 0;

  // A file descriptor that becomes readable when the table may have changed, so that the next poll need not wait for its time; -1
  // where nobody tells. A hint only. The source owns it, the next poll may replace it. To be used by the polling thread.
  virtual int hint_descriptor() const { return -1; }

  // Asks a poll that runs in another thread to end soon with an Error. Thread safe.
  virtual void interrupt() {}
};

}  // namespace action_scheduler
