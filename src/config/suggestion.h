// Finds what somebody meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace action_scheduler {

// The candidate that is nearest to `word` by insertions, deletions, replacements and swaps, case ignored; empty if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace action_scheduler
