// Asking the running scheduler, over HTTP.
#pragma once

#include <string>
#include <variant>

#include "cli/operator_options.h"

namespace action_scheduler {

// POSTs the JSON object `body` to `path` of the scheduler that runs by these settings. Its answer, a JSON text; or, when it
// refuses or cannot be asked, the exit code, and the console was told why.
std::variant<std::string, int> ask_service(const Settings& settings, const OperatorConsole& console, const std::string& path,
                                           const std::string& body);

// `by` and `reason` as members of such a body, without braces.
std::string asker_json(const OperatorConsole& console, const std::string& reason);

}  // namespace action_scheduler
