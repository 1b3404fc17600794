// What the figures were measured on.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace action_scheduler::bench {

// Name and value of each fact: processor, cores, memory, system, compiler, libraries.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace action_scheduler::bench
