// A process that delivers and is killed at a named point.
#pragma once

#include <string>

namespace action_scheduler::testing {

// Runs this program again with `--deliver-and-die`: it claims `instance`, delivers `count` fires (actions 1..count, as FireList
// makes them) to `topic` and kills itself with SIGKILL when it first reaches `point` of that delivery. False if it did not die
// that way.
bool deliver_in_a_child_that_dies(const std::string& address, const std::string& topic, const std::string& instance,
                                  const std::string& mode, const std::string& point, int count);

// The child's side: what main() does with these arguments.
int deliver_and_die(char** arguments);

}  // namespace action_scheduler::testing
