// Steps 1 and 2 in their own thread: the table is read at its own pace and never delays a fire.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "action_scheduler/action_source.h"
#include "action_scheduler/log.h"
#include "engine/change_set.h"

namespace action_scheduler {

// Polls a source every period, or as soon as the source has a hint that the table changed, but not more often than once a second
// (or a period that is shorter). The thread ends with the object.
class Poller {
 public:
  // What a poll gave. Called in the poller's thread.
  using Deliver = std::function<void(Result<ChangeSet>)>;

  // `source` and `parser` are used by the poller's thread alone from start() on, and outlive the poller.
  Poller(ActionSource& source, RowParser& parser, std::chrono::seconds period, Log& log, Deliver deliver);
  ~Poller();

  // `nothing_known`: the engine knows no row.
  void start(bool nothing_known = false);

  // The table was changed: polls before the period is over, a second after the last poll at the earliest. Thread safe.
  void poll_soon();

  // Ends a running poll and the thread. Thread safe, may be called twice.
  void stop();

 private:
  void run(bool nothing_known);
  // Until the next poll is due. False if the poller is to stop.
  bool wait();
  // Whether it was to hurry; it is no more. With mutex_ held.
  bool take_hurry();
  void report(const Result<ChangeSet>& changes);

  ActionSource& source_;
  RowParser& parser_;
  const std::chrono::seconds period_;
  Log& log_;
  const Deliver deliver_;
  RowsToRetry retry_;
  std::string failure_;                // the last one that was logged; empty while polls are good
  std::uint64_t rows_without_id_ = 0;  // as last logged
  std::string reads_all_because_;      // as last logged

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // this and the next: guarded by mutex_
  bool hurried_ = false;
  const int stop_event_;  // an eventfd, readable once the poller is to stop or to hurry; -1 if there is none
  std::thread thread_;
};

}  // namespace action_scheduler
