// The simplest things that an engine can be surrounded with.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "action_scheduler/action_source.h"
#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "bench/progress.h"
#include "ledger/sqlite_ledger.h"

namespace action_scheduler::bench {

// Stands still until it is set.
class SetClock : public Clock {
 public:
  // At the beginning of the minute before `now`.
  explicit SetClock(std::chrono::system_clock::time_point now = std::chrono::system_clock::now())
      : now_{std::chrono::floor<std::chrono::minutes>(now), std::chrono::milliseconds{1}} {}
  ClockReading read() override { return now_; }
  void advance(std::chrono::milliseconds by) {
    now_.wall += by;
    now_.monotonic += by;
  }

 private:
  ClockReading now_;
};

class SilentLog : public Log {
 public:
  bool enabled(Level) const override { return false; }
  void write(Level, std::string_view, std::span<const Field>) override {}
};

// Takes whatever it is given, and shows it to `visit` if there is one.
class ReadyCallback : public Callback {
 public:
  std::variant<Claim, ClaimFailure> claim() override { return Claim{}; }
  DeliveryReport deliver(const Batch& batch) override {
    if (visit) visit(batch);
    return {};
  }
  DeliveryReport renew(Position) override { return {}; }

  std::function<void(const Batch&)> visit;
};

// Rows 1 to `count`, new at the first poll and never changed.
class TableInMemory : public ActionSource {
 public:
  // `tell` shows the row of this number to the visitor.
  using Tell = std::function<void(std::size_t number, ChangeVisitor&)>;
  TableInMemory(std::size_t count, Tell tell) : count_(count), tell_(std::move(tell)) {}

  Result<PollSummary> poll(ChangeVisitor& visitor) override {
    PollSummary summary;
    summary.complete = !std::exchange(polled_, true);
    summary.rows = count_;
    constexpr std::size_t kRowsBetweenLooks = 4096;  // at the clock
    ProgressLine progress = progress_line();
    for (std::size_t i = 1; summary.complete && i <= count_; ++i) {
      tell_(i, visitor);
      if (i % kRowsBetweenLooks == 0) progress.part("taking up rows", i, count_);
    }
    return summary;
  }

 private:
  std::size_t count_;
  Tell tell_;
  bool polled_ = false;
};

// The ledger in `folder`. Throws std::runtime_error.
inline std::unique_ptr<Ledger> ledger_in(const std::string& folder) {
  SqliteLedgerOptions options;
  options.path = folder + "/ledger.db";
  auto opened = open_sqlite_ledger(options);
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opened)) throw std::runtime_error(failure->error.message);
  return std::move(std::get<OpenedLedger>(opened).ledger);
}

}  // namespace action_scheduler::bench
