#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace action_scheduler::testing {

// The first header of that name; empty if there is none.
inline std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [one, value] : response.headers) {
    if (one == name) return value;
  }
  return {};
}

}  // namespace action_scheduler::testing
