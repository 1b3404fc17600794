// The running scheduler: the engine in the calling thread, the poller in its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "engine/engine.h"
#include "engine/poller.h"

namespace action_scheduler {

class Service {
 public:
  struct Options {
    std::chrono::seconds poll_period{30};
    // From stop() to the end of run(). What the receiver has not acknowledged by then stays unsettled.
    std::chrono::seconds shutdown_timeout{10};
    // How long a restored schedule waits for the first poll before it fires without it.
    std::chrono::seconds first_poll_wait{10};
  };

  struct Ports {
    Clock& clock;
    Callback& callback;
    ActionSource& source;
    RowParser& parser;
    Log& log;
  };

  // Called in the engine's thread after each good poll was taken up.
  using AfterPoll = std::function<void(const Schedule&, Instant now)>;

  // The engine has been opened. Everything outlives the service.
  Service(Options options, Ports ports, Engine& engine, AfterPoll after_poll = nullptr);

  enum class End : std::uint8_t { stopped, fenced, failed };

  // Runs until stop(), or until the engine ends. Call once.
  End run();

  // Ends run(): nothing more is planned, what is under way is settled. Thread safe, may be called twice.
  void stop();

 private:
  bool take_offered();
  void wait_until(WallTime wake_at);
  void summarize(bool force);

  const Options options_;
  Clock& clock_;
  Callback& callback_;
  Log& log_;
  Engine& engine_;
  const AfterPoll after_poll_;

  std::chrono::milliseconds started_{0};
  std::chrono::milliseconds summarized_{0};
  Counters summarized_counters_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<ChangeSet> inbox_;  // this and what follows: guarded by mutex_
  bool first_poll_failed_ = false;
  bool stopping_ = false;

  Poller poller_;
};

}  // namespace action_scheduler
