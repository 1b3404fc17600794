#include "sources/postgres_source.h"

#include <utility>

#include "sources/postgres_reader.h"

namespace action_scheduler {

using Clock = std::chrono::steady_clock;

PostgresSource::PostgresSource(PostgresTableOptions options) : options_(std::move(options)) {}

PostgresSource::~PostgresSource() { deadline_.end(); }

int PostgresSource::hint_descriptor() const { return reader_ ? reader_->socket() : -1; }

Result<PollSummary> PostgresSource::poll(ChangeVisitor& visitor) {
  const SteadyTime deadline = Clock::now() + options_.deadline;
  if (!deadline_.begin()) return Error{where(options_) + ": the poll was interrupted"};
  // A session that was lost since the last poll shows itself by the first try; a table that is being replaced may be so again.
  constexpr int kTries = 3;
  bool again = true;
  Result<PollSummary> summary = Error{};
  for (int tries = 0; again && tries < kTries; ++tries) {
    again = false;
    summary = try_poll(visitor, deadline, again);
    if (Clock::now() >= deadline) break;
  }
  if (!summary) {
    if (deadline_.ended() == SocketDeadline::Ended::interrupted) {
      summary = Error{where(options_) + ": the poll was interrupted"};
    } else if (deadline_.ended() == SocketDeadline::Ended::late) {
      summary = Error{where(options_) + ": no answer within " + std::to_string(options_.deadline.count()) +
                      " ms; is the server overloaded or stopped, or the network down?"};
    }
  }
  deadline_.end();
  return summary;
}

Result<PollSummary> PostgresSource::try_poll(ChangeVisitor& visitor, SteadyTime deadline, bool& again) {
  const bool reused = reader_ != nullptr;
  bool telling = false;
  Error error;
  try {
    if (!reader_) reader_ = std::make_unique<PostgresReader>(options_, deadline);
    deadline_.watch(reader_->socket(), deadline);
    Result<PollSummary> summary = reader_->poll(deadline, diff_, visitor, telling);
    deadline_.release();
    return summary;
  } catch (const UnusableTable& unusable) {
    error = {where(options_) + ": " + unusable.what()};
  } catch (const RewrittenTable& rewritten) {
    error = {where(options_) + ": " + rewritten.what()};
    again = true;
  } catch (const pqxx::broken_connection& broken) {
    error = error_of(broken, options_);
    again = reused;
  } catch (const pqxx::sql_error& refused) {
    error = error_of(refused, options_);
    // 57P01 to 57P03: the server shuts down, and says so to the first statement after a restart.
    again = reused && sqlstate_of(refused).starts_with("57P");
  } catch (const std::exception& other) {
    error = error_of(other, options_);
  }
  again = again && !telling && deadline_.ended() == SocketDeadline::Ended::no;
  // Whatever state the session is in: a new one is cheap beside a poll.
  deadline_.release();
  reader_.reset();
  return error;
}

}  // namespace action_scheduler
