#include "engine/service.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace action_scheduler {

namespace {

constexpr std::chrono::seconds kSummaryPeriod{60};
constexpr Seconds kPendingLeast{1};
constexpr std::chrono::seconds kPendingPeriod{5};

// A clock that is set is noticed within this time.
constexpr std::chrono::milliseconds kWaitMax{1000};

// Of the time for the shutdown this much is left to what follows the last hand-over.
constexpr std::chrono::milliseconds kShutdownMargin{1000};

}  // namespace

Service::Service(Options options, Ports ports, Engine& engine, AfterPoll after_poll)
    : options_(options),
      clock_(ports.clock),
      callback_(ports.callback),
      log_(ports.log),
      engine_(engine),
      after_poll_(std::move(after_poll)),
      poller_(ports.source, ports.parser, options.poll_period, ports.log, [this](Result<ChangeSet> changes) {
        note_poll(changes);
        std::vector<ChangeSet> slices;
        if (changes) slices = in_slices(*std::move(changes));
        {
          const std::lock_guard lock(mutex_);
          if (slices.empty()) first_poll_failed_ = true;
          std::ranges::move(slices, std::back_inserter(inbox_));
        }
        wake_.notify_all();
      }) {
  status_.started_at = floor_seconds(clock_.read().wall);
}

Service::End Service::run() {
  started_ = summarized_ = clock_.read().monotonic;
  publish(true);
  poller_.start(engine_.knows_nothing());

  End end = End::stopped;
  bool polled = false;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    polled = take_offered() || polled;
    run_errands();
    const Step step = engine_.step();
    // What a poll found may take several steps.
    if (step.kind != Step::Kind::again && std::exchange(polled, false) && after_poll_) {
      after_poll_(engine_.schedule(), floor_seconds(clock_.read().wall));
    }
    if (step.kind == Step::Kind::fenced || step.kind == Step::Kind::failed) {
      end = step.kind == Step::Kind::fenced ? End::fenced : End::failed;
      log_.error(end == End::fenced ? "fenced: a newer scheduler of this instance took over" : "the receiver cannot be used",
                 {{"reason", step.error.message}});
      break;
    }
    summarize(false);
    publish(true);
    if (step.kind == Step::Kind::idle) wait_until(step.wake_at);
  }

  close_errands();
  poller_.stop();
  summarize(true);
  return end;
}

void Service::stop() {
  // A receiver that does not come back in time is interrupted, so that the process ends when it was promised to.
  const std::chrono::milliseconds timeout = options_.shutdown_timeout;
  callback_.interrupt(std::max(timeout * 4 / 5, timeout - kShutdownMargin));
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

bool Service::take_offered() {
  std::vector<ChangeSet> offered;
  if (clock_.read().monotonic - started_ >= options_.first_poll_wait) gave_up_waiting_ = true;
  {
    const std::lock_guard lock(mutex_);
    offered.swap(inbox_);
    if (first_poll_failed_) gave_up_waiting_ = true;
  }
  if (gave_up_waiting_) engine_.go_on_without_table();
  const bool polled = !offered.empty();
  for (ChangeSet& changes : offered) engine_.offer(std::move(changes));
  return polled;
}

bool Service::between_steps(const std::function<void(Engine&)>& work, std::chrono::milliseconds wait) {
  Errand errand{work};
  std::unique_lock lock(mutex_);
  if (errands_closed_) return false;
  errands_.push_back(&errand);
  wake_.notify_all();
  // Once it runs it is waited for: it waits for nothing but the ledger.
  if (!errand_done_.wait_for(lock, wait, [&] { return errand.state != Errand::State::waits || errands_closed_; }) ||
      errand.state == Errand::State::waits) {
    std::erase(errands_, &errand);
    return false;
  }
  errand_done_.wait(lock, [&] { return errand.state == Errand::State::done; });
  if (errand.thrown) std::rethrow_exception(errand.thrown);
  return true;
}

void Service::run_errands() {
  std::unique_lock lock(mutex_);
  while (!errands_.empty()) {
    Errand& errand = *errands_.front();
    errands_.pop_front();
    errand.state = Errand::State::runs;
    lock.unlock();
    try {
      errand.work(engine_);
    } catch (...) {
      errand.thrown = std::current_exception();
    }
    lock.lock();
    errand.state = Errand::State::done;
    errand_done_.notify_all();
  }
}

void Service::close_errands() {
  const std::lock_guard lock(mutex_);
  errands_closed_ = true;
  errand_done_.notify_all();
}

void Service::wait_until(WallTime wake_at) {
  std::unique_lock lock(mutex_);
  const bool table_missing = !first_poll_failed_;
  while (!stopping_ && inbox_.empty() && errands_.empty()) {
    lock.unlock();
    publish(false);
    callback_.tend();
    lock.lock();
    if (stopping_ || !inbox_.empty() || !errands_.empty()) return;
    const ClockReading now = clock_.read();
    if (now.wall >= wake_at) return;
    // The first failure, or the end of the wait for the first poll, lets a restored schedule fire.
    if (table_missing && first_poll_failed_) return;
    if (!gave_up_waiting_ && now.monotonic - started_ >= options_.first_poll_wait) return;
    wake_.wait_for(lock, std::min(kWaitMax, std::chrono::duration_cast<std::chrono::milliseconds>(wake_at - now.wall)));
  }
}

// What goes through within a second is not worth counting, and where many wait counting them takes its time.
std::uint64_t Service::count_pending(const ClockReading& now, const std::optional<Instant>& next_due) {
  const Instant second = floor_seconds(now.wall);
  if (!next_due || second - *next_due <= kPendingLeast) {
    pending_ = 0;
  } else if (pending_ == 0 || now.monotonic - pending_counted_ >= kPendingPeriod) {
    pending_ = engine_.pending(second);
    pending_counted_ = now.monotonic;
  }
  return pending_;
}

// The engine's part is made in the engine's thread, outside of the lock.
void Service::publish(bool engine_too) {
  const ClockReading now = clock_.read();
  std::optional<EngineStatus> engine;
  if (engine_too) {
    engine = engine_.status();
    engine->pending = count_pending(now, engine->next_due);
  }
  const std::lock_guard lock(status_mutex_);
  status_.turned = now.monotonic;
  if (engine) status_.engine = *std::move(engine);
}

void Service::note_poll(const Result<ChangeSet>& changes) {
  const Instant now = floor_seconds(clock_.read().wall);
  const std::lock_guard lock(status_mutex_);
  PollStatus& polls = status_.polls;
  if (changes) {
    ++polls.good;
    polls.failed_in_a_row = 0;
    polls.last_good = now;
    polls.rows = changes->rows_in_table;
    polls.error.clear();
  } else {
    ++polls.failed;
    ++polls.failed_in_a_row;
    polls.error = changes.error().message;
  }
}

ServiceStatus Service::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void Service::summarize(bool force) {
  const auto now = clock_.read().monotonic;
  if (!force && now - summarized_ < kSummaryPeriod) return;
  const Counters& total = engine_.counters();
  log_.info("summary", {{"delivered", total.delivered - summarized_counters_.delivered},
                        {"merged", total.merged - summarized_counters_.merged},
                        {"expired", total.expired - summarized_counters_.expired},
                        {"failed", total.failed - summarized_counters_.failed},
                        {"disabled", total.disabled - summarized_counters_.disabled},
                        {"worst_lateness_ms", total.lateness.worst.count()},
                        {"parked", engine_.parking().size()},
                        {"actions", engine_.schedule().actions().size()},
                        {"triggers", engine_.schedule().actions().trigger_count()},
                        {"faults", engine_.schedule().faults().size()},
                        {"watermark", format_utc(engine_.watermark().instant)}});
  summarized_ = now;
  summarized_counters_ = total;
}

}  // namespace action_scheduler
