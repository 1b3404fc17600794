// The command `run`: the service.
#pragma once

#include <string>

#include "config/settings.h"

namespace action_scheduler {

// Runs until SIGTERM or SIGINT, or until it cannot go on. Writes to standard output what the callback writes, everything else to
// standard error. Gives the exit code (exit_codes.h). `settings` are checked, the zone too; `effective_config` is what
// `config --json` prints, for those who ask over HTTP.
int run_service(const Settings& settings, const std::string& effective_config);

}  // namespace action_scheduler
