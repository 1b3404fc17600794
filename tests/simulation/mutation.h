// The switch of the deliberate bugs (mutations.txt). Seen only by the copies of the product's files that carry them.
#pragma once

#include <string_view>

namespace action_scheduler::simulation {

// The one bug that is on; empty: none.
inline std::string_view active_mutation;

inline bool mutated(std::string_view name) { return active_mutation == name; }

}  // namespace action_scheduler::simulation

using action_scheduler::simulation::mutated;
