#include "sources/sqlite_source.h"

#include <sys/stat.h>

#include <optional>
#include <utility>

#include "sources/sqlite_table.h"
#include "sqlite/database.h"

namespace action_scheduler {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// The open file, and what is known of the table in it.
class SqliteSource::Connection {
 public:
  Connection(const SqliteTableOptions& options, const std::atomic<bool>& interrupted)
      : database_(sqlite::Database::open(
            options.path, options.create_file ? sqlite::Database::Access::create : sqlite::Database::Access::read_write)),
        identity_(identity_of(options.path)) {
    database_.set_busy_timeout(options.deadline);
    database_.stop_when([this, &interrupted] { return interrupted || Clock::now() >= deadline_; });
  }

  bool is_still_the_file(const std::string& path) const { return identity_ && identity_ == identity_of(path); }

  Result<PollSummary> poll(const SqliteTableOptions& options, RowDiff& diff, ChangeVisitor& visitor, Clock::time_point deadline) {
    deadline_ = deadline;
    sqlite::Transaction snapshot(database_, sqlite::Transaction::Kind::read);
    const SqliteTableShape shape = describe_table(database_, options);
    sqlite::Statement row = database_.prepare("SELECT " + shape.select + " FROM " + sqlite::quoted(options.table));
    RowDiff::Scan scan(diff, visitor);
    while (row.step()) {
      if (!row.is_integer(0)) {
        scan.row_without_id();
        continue;
      }
      scan.row(row_view(row, shape.columns));
    }
    return scan.finish(where(options));
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  static std::optional<Identity> identity_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return Identity(status.st_dev, status.st_ino);
  }

  Clock::time_point deadline_ = Clock::time_point::max();
  sqlite::Database database_;
  std::optional<Identity> identity_;
};

SqliteSource::SqliteSource(SqliteTableOptions options) : options_(std::move(options)) {}

SqliteSource::~SqliteSource() = default;

Result<PollSummary> SqliteSource::poll(ChangeVisitor& visitor) {
  const Clock::time_point deadline = Clock::now() + options_.deadline;
  if (interrupted_.exchange(false)) return Error{where(options_) + ": the poll was interrupted"};
  Result<PollSummary> summary = guarded(options_, [&] {
    if (!connection_ || !connection_->is_still_the_file(options_.path)) {
      connection_ = std::make_unique<Connection>(options_, interrupted_);
    }
    return connection_->poll(options_, diff_, visitor, deadline);
  });
  if (!summary) connection_.reset();
  interrupted_ = false;
  return summary;
}

}  // namespace action_scheduler
