// "Did you mean": the nearest of the names that would have been right.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace action_scheduler {

// How many characters must be inserted, deleted, changed or swapped with their neighbour to make `a` of `b`; letters of either
// case are the same. Costs size times size steps.
std::size_t edit_distance(std::string_view a, std::string_view b);

// ` (did you mean "Europe/Berlin"?)` if one of `names` (a range of strings or views) is near enough to `text`, else nothing.
template <class Names>
std::string suggestion(std::string_view text, const Names& names) {
  constexpr std::size_t kLongestText = 64;
  if (text.empty() || text.size() > kLongestText) return {};
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const auto& name : names) {
    const std::string_view candidate{name};
    if (candidate.size() >= text.size() + least || text.size() >= candidate.size() + least) continue;
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? std::string() : " (did you mean \"" + std::string(nearest) + "\"?)";
}

}  // namespace action_scheduler
