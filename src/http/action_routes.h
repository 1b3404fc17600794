// The rows of the table: pages of them, one of them, and writing them.
#pragma once

#include <vector>

#include "http/http_context.h"
#include "http/router.h"

namespace action_scheduler {

// What is under `/api/v1/actions`, but for `fire` and `backfill`. `context` outlives the routes.
std::vector<Route> action_routes(const HttpContext& context);

}  // namespace action_scheduler
