// Prints a line for each fire: `2023-06-17T23:18:40.011761+03:00 | command1`.
#pragma once

#include <memory>

#include "action_scheduler/callback.h"
#include "action_scheduler/result.h"
#include "callbacks/options.h"

namespace action_scheduler {

// Writes to CallbackOptions::stdout_fd, which stays open as long as the callback lives. The time is the local time of the machine
// at delivery. Whole lines are written at once, unbuffered. The process must ignore SIGPIPE: a reader that is gone is then
// reported as `failed`; a full disk is `unavailable`.
Result<std::unique_ptr<Callback>> make_stdout_callback(const CallbackOptions& options);

}  // namespace action_scheduler
