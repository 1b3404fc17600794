// How the service does: probes, metrics, status.
#pragma once

#include <vector>

#include "http/http_context.h"
#include "http/router.h"

namespace action_scheduler {

// `/healthz`, `/readyz`, `/metrics`, `/api/v1/status` and `/api/v1/openapi.json`. `context` outlives the routes.
std::vector<Route> service_routes(const HttpContext& context);

}  // namespace action_scheduler
