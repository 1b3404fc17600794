#include "engine/poller.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace action_scheduler {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A table that changes all the time does not make the polls follow each other without a rest.
constexpr std::chrono::milliseconds kLeastPause{1000};

}  // namespace

Poller::Poller(ActionSource& source, RowParser& parser, std::chrono::seconds period, Log& log, Deliver deliver)
    : source_(source),
      parser_(parser),
      period_(period),
      log_(log),
      deliver_(std::move(deliver)),
      stop_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Poller::~Poller() {
  stop();
  if (stop_event_ >= 0) ::close(stop_event_);
}

void Poller::start(bool nothing_known) {
  thread_ = std::thread([this, nothing_known] { run(nothing_known); });
}

void Poller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (stop_event_ >= 0) (void)::eventfd_write(stop_event_, 1);
  source_.interrupt();
  if (thread_.joinable()) thread_.join();
}

void Poller::poll_soon() {
  {
    const std::lock_guard lock(mutex_);
    hurried_ = true;
  }
  wake_.notify_all();
  if (stop_event_ >= 0) (void)::eventfd_write(stop_event_, 1);
}

bool Poller::take_hurry() {
  eventfd_t count = 0;
  if (stop_event_ >= 0) (void)::eventfd_read(stop_event_, &count);
  return std::exchange(hurried_, false);
}

void Poller::run(bool nothing_known) {
  for (;;) {
    Result<ChangeSet> changes = poll_changes(source_, parser_, retry_, nothing_known);
    if (changes) nothing_known = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    report(changes);
    deliver_(std::move(changes));
    if (!wait()) return;
  }
}

bool Poller::wait() {
  const SteadyClock::time_point until = SteadyClock::now() + period_;
  const int hint = source_.hint_descriptor();
  {
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::min<std::chrono::milliseconds>(period_, kLeastPause), [this] { return stopping_; }))
      return false;
    if (hint < 0 || stop_event_ < 0) {
      wake_.wait_until(lock, until, [this] { return stopping_ || hurried_; });
      take_hurry();
      return !stopping_;
    }
    if (take_hurry()) return true;
  }
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    std::array<pollfd, 2> watched{pollfd{stop_event_, POLLIN, 0}, pollfd{hint, POLLIN, 0}};
    const int ready = left > 0 ? ::poll(watched.data(), watched.size(), static_cast<int>(left)) : 0;
    const std::lock_guard lock(mutex_);
    if (!stopping_ && ready < 0) continue;
    take_hurry();
    return !stopping_;
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
  if (changes->changed() == 0 && changes->removed.empty()) return;
  log_.info("table read", {{"rows", changes->rows_in_table},
                           {"changed", changes->changed()},
                           {"removed", changes->removed.size()},
                           {"read", changes->rows_read},
                           {"complete", changes->complete}});
}

}  // namespace action_scheduler
