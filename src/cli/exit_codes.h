// What the program's exit codes mean.
#pragma once

namespace action_scheduler {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;  // wrong usage or configuration
inline constexpr int kExitAlreadyRunning = 3;
inline constexpr int kExitFenced = 4;

}  // namespace action_scheduler
