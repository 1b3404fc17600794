// Notices when time passed that the engine did not see: the clock was set ahead, the machine slept, the process was stopped.
#pragma once

#include <optional>

#include "action_scheduler/clock.h"

namespace action_scheduler {

class ClockWatch {
 public:
  // Time that passed unseen by less than this is our own slowness.
  static constexpr std::chrono::milliseconds kGapMin{5000};

  // True if time passed unseen before this reading. The first reading never says so.
  bool gap_before(ClockReading now) {
    bool gap = false;
    if (last_) {
      const auto wall = now.wall - last_->wall;
      const auto monotonic = now.monotonic - last_->monotonic;
      gap = wall - monotonic >= kGapMin || (resting_until_ && now.wall - *resting_until_ >= kGapMin);
    }
    last_ = now;
    resting_until_.reset();
    return gap;
  }

  // Nothing is done before this instant: a reading much later means that nobody was there to see it pass.
  void rest_until(WallTime wake_at) { resting_until_ = wake_at; }

 private:
  std::optional<ClockReading> last_;
  std::optional<WallTime> resting_until_;
};

}  // namespace action_scheduler
