// What a poll told, for tests to look at.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "action_scheduler/action_source.h"

namespace action_scheduler::testing {

class RecordedChanges : public ChangeVisitor {
 public:
  void changed(const RowView& row) override { EXPECT_TRUE(rows.emplace(row.id, Row(row)).second) << "told twice: " << row.id; }
  void removed(ActionId id) override { gone.push_back(id); }

  std::vector<ActionId> changed_ids() const {
    std::vector<ActionId> ids;
    for (const auto& [id, row] : rows) ids.push_back(id);
    return ids;
  }

  std::map<ActionId, Row> rows;
  std::vector<ActionId> gone;
};

// A poll that must go well.
struct GoodPoll {
  explicit GoodPoll(ActionSource& source) {
    const Result<PollSummary> result = source.poll(changes);
    if (result) {
      summary = *result;
    } else {
      ADD_FAILURE() << result.error().message;
    }
  }

  RecordedChanges changes;
  PollSummary summary;
};

// A poll that must fail; the message of its Error.
inline std::string failed_poll(ActionSource& source) {
  RecordedChanges changes;
  const Result<PollSummary> result = source.poll(changes);
  if (!result) return result.error().message;
  ADD_FAILURE() << "the poll went well";
  return "";
}

// A row with the six mandatory cells; `merge_missed` and `actuality_time` are NULL.
inline Row plain_row(ActionId id, const std::string& command = "command") {
  Row row;
  row.id = id;
  row[Column::name] = "action " + std::to_string(id);
  row[Column::command] = command;
  row[Column::cron] = R"({"format": "unix", "params": {"value": "* * * * *"}})";
  return row;
}

}  // namespace action_scheduler::testing
