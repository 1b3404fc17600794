// What the figures were measured on.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace action_scheduler::bench {

// Name and value of each fact: processor, cores, memory, system, kernel, compiler, allocator, libraries, the servers of
// tests/servers, and the commit of the checkout. What is not known of the last three is left out.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace action_scheduler::bench
