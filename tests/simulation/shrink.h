// From a history that fails to the least that still does.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tests/simulation/history.h"

namespace action_scheduler::simulation {

// The history with only those of its events, by number.
History only(const History& history, const std::vector<std::size_t>& events);

// A least list of event numbers of `history` with which it still fails: without any one of them it does not.
std::vector<std::size_t> shrink(const History& history, const std::function<bool(const History&)>& fails);

}  // namespace action_scheduler::simulation
