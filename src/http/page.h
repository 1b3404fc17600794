// The dashboard's files.
#pragma once

#include <vector>

#include "http/router.h"

namespace action_scheduler {

// A route for each file of page/, and `/` for index.html.
std::vector<Route> page_routes();

}  // namespace action_scheduler
