// Counts the steps of a search, so that tests can bound its work without a clock. Only in a build with
// ACTION_SCHEDULER_COUNT_SEARCH_STEPS, which is made for those tests; otherwise nothing at all.
#pragma once

#ifdef ACTION_SCHEDULER_COUNT_SEARCH_STEPS

#include <cstdint>
#include <type_traits>

namespace action_scheduler {

inline std::uint64_t search_steps = 0;

constexpr void search_step() {
  if (!std::is_constant_evaluated()) ++search_steps;
}

}  // namespace action_scheduler

#else

namespace action_scheduler {

// To be called wherever the work of a search is not constant: once for each call of a trigger, and for each month, year, word of
// years and span that is looked at.
constexpr void search_step() {}

}  // namespace action_scheduler

#endif
