#include "engine/poller.h"

#include <utility>

namespace action_scheduler {

Poller::Poller(ActionSource& source, RowParser& parser, std::chrono::seconds period, Log& log, Deliver deliver)
    : source_(source), parser_(parser), period_(period), log_(log), deliver_(std::move(deliver)) {}

Poller::~Poller() { stop(); }

void Poller::start() {
  thread_ = std::thread([this] { run(); });
}

void Poller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  source_.interrupt();
  if (thread_.joinable()) thread_.join();
}

void Poller::run() {
  for (;;) {
    Result<ChangeSet> changes = poll_changes(source_, parser_);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    report(changes);
    deliver_(std::move(changes));
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, period_, [this] { return stopping_; })) return;
  }
}

// What is wrong is logged when it appears or changes, not at each poll.
void Poller::report(const Result<ChangeSet>& changes) {
  if (!changes) {
    if (changes.error().message == failure_) return;
    failure_ = changes.error().message;
    log_.error("the table cannot be read; firing goes on from what is known of it", {{"reason", failure_}});
    return;
  }
  if (!failure_.empty()) log_.info("the table can be read again");
  failure_.clear();
  if (std::exchange(rows_without_id_, changes->rows_without_id) != changes->rows_without_id) {
    if (rows_without_id_ > 0) {
      log_.warning("rows without an integer id cannot be scheduled: give each an id", {{"rows", rows_without_id_}});
    } else {
      log_.info("every row has an id again");
    }
  }
  if (reads_all_because_ != changes->reads_all_because) {
    reads_all_because_ = changes->reads_all_because;
    if (reads_all_because_.empty()) {
      log_.info("polls read only what changed again");
    } else {
      log_.info("each poll reads the whole table", {{"reason", reads_all_because_}});
    }
  }
  if (changes->parsed.empty() && changes->removed.empty()) return;
  log_.info("table read", {{"rows", changes->rows_in_table},
                           {"changed", changes->parsed.size()},
                           {"removed", changes->removed.size()},
                           {"read", changes->rows_read},
                           {"complete", changes->complete}});
}

}  // namespace action_scheduler
