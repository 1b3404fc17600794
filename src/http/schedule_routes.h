// Schedules that need not be anybody's, and what all of them will fire.
#pragma once

#include <vector>

#include "http/http_context.h"
#include "http/router.h"

namespace action_scheduler {

// `/api/v1/explain`, `/api/v1/next` and `/api/v1/simulate`. `context` outlives the routes.
std::vector<Route> schedule_routes(const HttpContext& context);

}  // namespace action_scheduler
