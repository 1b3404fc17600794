#include "http/probes.h"

#include <algorithm>

namespace action_scheduler {

std::string why_not_alive(const ServiceStatus& status, ClockReading now, const ProbeLimits& limits) {
  const std::chrono::milliseconds turn = now.monotonic - status.turned;
  if (turn <= limits.turn_max) return {};
  return "the loop has not turned for " + std::to_string(std::chrono::floor<std::chrono::seconds>(turn).count()) +
         " seconds; its log says what it does";
}

std::vector<std::string> why_not_ready(const ServiceStatus& status, ClockReading now, const ProbeLimits& limits) {
  constexpr std::uint64_t kFailedPollsMax = 3;
  std::vector<std::string> reasons;
  if (std::string reason = why_not_alive(status, now, limits); !reason.empty()) reasons.push_back(std::move(reason));
  const PollStatus& polls = status.polls;
  if (!polls.last_good) {
    reasons.push_back("the table was not read yet" + (polls.error.empty() ? "" : ": " + polls.error));
  } else if (polls.failed_in_a_row >= kFailedPollsMax) {
    reasons.push_back("the table cannot be read; the last known one is fired: " + polls.error);
  }
  const EngineStatus& engine = status.engine;
  if (polls.last_good && !engine.table_in_effect) reasons.emplace_back("the table was read, and is not in effect yet");
  if (!engine.receiver_answers) {
    reasons.push_back("the receiver does not take fires" +
                      (engine.receiver_error.empty() ? " yet" : ": " + engine.receiver_error));
  }
  if (!engine.ledger_writes) reasons.push_back("the ledger cannot be written, so nothing fires: " + engine.ledger_error);
  return reasons;
}

Seconds lag(const ServiceStatus& status, Instant now) {
  if (!status.engine.next_due) return Seconds{0};
  return std::max(Seconds{0}, now - *status.engine.next_due);
}

}  // namespace action_scheduler
