// The key table as documentation.
#pragma once

#include <string>

namespace action_scheduler {

// docs/configuration.md, whole.
std::string configuration_markdown();

// One line a key for --help. Ends in a newline.
std::string configuration_help();

}  // namespace action_scheduler
