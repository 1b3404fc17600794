// A table of actions in an SQLite file.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "action_scheduler/action_source.h"
#include "sources/action_table.h"
#include "sources/row_diff.h"

namespace action_scheduler {

struct SqliteTableOptions {
  std::string path;
  std::string table = "action";  // a table or a view; taken as it is, quotes and blanks included
  // Make the file if there is none. Otherwise a missing file is an Error.
  bool create_file = false;
  // How long a call may take in all, waiting for a writer included.
  std::chrono::milliseconds deadline{30'000};
};

// Reads the table in one read transaction per poll. Columns are found anew in each poll, by name, in any case; a missing one of
// the first six is an Error. Values of any storage class are taken as text. A row whose id is no integer is only counted. A file
// that was replaced by another one is opened anew.
class SqliteSource : public ActionSource {
 public:
  explicit SqliteSource(SqliteTableOptions options);
  ~SqliteSource() override;

  Result<PollSummary> poll(ChangeVisitor& visitor) override;

  // Ends the poll that runs, or else the next one, with an Error.
  void interrupt() override { interrupted_ = true; }

 private:
  class Connection;

  const SqliteTableOptions options_;
  std::atomic<bool> interrupted_ = false;
  RowDiff diff_;
  std::unique_ptr<Connection> connection_;  // null: opened at the next poll
};

// The table, for creating and filling it.
std::unique_ptr<ActionTable> make_sqlite_action_table(SqliteTableOptions options);

}  // namespace action_scheduler
