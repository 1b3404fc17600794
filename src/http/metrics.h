// What Prometheus is told.
#pragma once

#include <string>
#include <vector>

#include "action_scheduler/callback.h"
#include "engine/status.h"

namespace action_scheduler {

// The text format of Prometheus, version 0.0.4. Each name begins with `action_scheduler_`; no label depends on what the table
// holds. docs/http.md names them all.
std::string metrics_text(const ServiceStatus& status, const std::vector<Measurement>& receiver, Instant now);

}  // namespace action_scheduler
