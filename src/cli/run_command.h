// The command `run`: the service.
#pragma once

#include "config/settings.h"

namespace action_scheduler {

// Runs until SIGTERM or SIGINT, or until it cannot go on. Writes to standard output what the callback writes, everything else to
// standard error. Gives the exit code (exit_codes.h). `settings` are checked, the zone too.
int run_service(const Settings& settings);

}  // namespace action_scheduler
