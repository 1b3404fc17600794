// How fire times ended, and what operators may do about it.
#pragma once

#include <vector>

#include "http/http_context.h"
#include "http/router.h"

namespace action_scheduler {

// `fire` and `backfill` of an action, and what is under `/api/v1/fires`, `/api/v1/parked` and `/api/v1/settle`. `context`
// outlives the routes.
std::vector<Route> fire_routes(const HttpContext& context);

}  // namespace action_scheduler
