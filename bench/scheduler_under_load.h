// The real engine, ledger file and (mostly) Kafka callback around a table in memory and a clock that is set by hand.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "action_scheduler/callback.h"

namespace action_scheduler::bench {

// What one tick took, or a turn in which nothing is due.
struct Tick {
  std::chrono::duration<double> to_last_acknowledgement{0};  // from when the engine wakes
  std::chrono::duration<double> to_settled{0};               // until the ledger knows
  std::uint64_t fires = 0;
  std::uint64_t syncs = 0;  // fsync and fdatasync
};

// Failures throw std::runtime_error.
class SchedulerUnderLoad {
 public:
  // `count` actions of 40 schedules, all due each minute. The ledger is a file in `folder`.
  SchedulerUnderLoad(const std::string& address, const std::string& topic, const std::string& instance, std::size_t count,
                     const std::string& folder);
  // The same with a receiver that counts the fires and does nothing else.
  SchedulerUnderLoad(std::size_t count, const std::string& folder);
  ~SchedulerUnderLoad();

  // Goes on to the next minute, at which every action is due once, and delivers.
  Tick next_tick();

  // Goes on by a second, in which nothing is due.
  Tick quiet_turn();

  // Called with each batch before it is handed over; null: nothing.
  void on_batch(std::function<void(const Batch&)> visit);

 private:
  struct Parts;
  void load(std::size_t count);
  Tick run_for(std::chrono::milliseconds time);

  std::unique_ptr<Parts> parts_;
};

}  // namespace action_scheduler::bench
