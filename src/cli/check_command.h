// The command `check`: what would keep the service from working?
#pragma once

#include "config/settings.h"

namespace action_scheduler {

// Tries the databases, Kafka and every row, and tells all faults at once on standard output, as JSON if `json`. Gives the exit
// code (exit_codes.h). `settings` are checked, the zone too.
int check(const Settings& settings, bool json);

}  // namespace action_scheduler
