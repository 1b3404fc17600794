// Reads the sources as text and says where they depart from the architecture (docs/architecture.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace action_scheduler {

// Every departure in the tree at `root` (the folder that holds include/, src/ and tests/), one line each: "file:line: what".
// Empty: none. A tree without any source file is a departure too, so that a wrong `root` cannot pass.
std::vector<std::string> architecture_faults(const std::filesystem::path& root);

}  // namespace action_scheduler
