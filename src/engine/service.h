// The running scheduler: the engine in the calling thread, the poller in its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
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

  // How it does. Waits for nobody. Thread safe.
  ServiceStatus status() const;

  // Runs `work` in the engine's thread, between two steps of it, and waits until it is done. False if the engine does not come to
  // it within `wait`, or ends: then it is not done. Thread safe.
  bool between_steps(const std::function<void(Engine&)>& work, std::chrono::milliseconds wait);

  // The table was changed: it is looked at soon. Thread safe.
  void poll_soon() { poller_.poll_soon(); }

  // Ends run(): nothing more is planned, what is under way is settled. Thread safe, may be called twice.
  void stop();

 private:
  // What waits for the engine's thread.
  struct Errand {
    const std::function<void(Engine&)>& work;
    enum class State : std::uint8_t { waits, runs, done } state = State::waits;
    std::exception_ptr thrown = nullptr;
  };

  bool take_offered();
  void run_errands();
  void close_errands();
  void wait_until(WallTime wake_at);
  void summarize(bool force);
  void publish(bool engine_too);
  std::uint64_t count_pending(const ClockReading& now, const std::optional<Instant>& next_due);
  void note_poll(const Result<ChangeSet>& changes);

  const Options options_;
  Clock& clock_;
  Callback& callback_;
  Log& log_;
  Engine& engine_;
  const AfterPoll after_poll_;

  std::chrono::milliseconds started_{0};
  std::chrono::milliseconds summarized_{0};
  Counters summarized_counters_;
  std::chrono::milliseconds pending_counted_{0};
  std::uint64_t pending_ = 0;
  bool gave_up_waiting_ = false;  // for the first poll; the engine's thread alone looks at it

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<ChangeSet> inbox_;  // this and what follows: guarded by mutex_
  bool first_poll_failed_ = false;
  bool stopping_ = false;
  std::deque<Errand*> errands_;
  std::condition_variable errand_done_;
  bool errands_closed_ = false;

  mutable std::mutex status_mutex_;  // held to copy what follows, nothing else
  ServiceStatus status_;

  Poller poller_;
};

}  // namespace action_scheduler
