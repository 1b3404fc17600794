#include "tests/simulation/shrink.h"

#include <algorithm>
#include <numeric>

namespace action_scheduler::simulation {

History only(const History& history, const std::vector<std::size_t>& events) {
  History part = history;
  part.events.clear();
  for (const std::size_t number : events) {
    if (number < history.events.size()) part.events.push_back(history.events[number]);
  }
  return part;
}

// Leaves out runs of events, long ones first, for as long as the rest still fails.
std::vector<std::size_t> shrink(const History& history, const std::function<bool(const History&)>& fails) {
  std::vector<std::size_t> kept(history.events.size());
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  std::size_t run = std::max<std::size_t>(1, kept.size() / 2);
  for (;;) {
    bool shorter = false;
    for (std::size_t begin = 0; begin < kept.size();) {
      std::vector<std::size_t> tried = kept;
      const auto first = tried.begin() + static_cast<std::ptrdiff_t>(begin);
      tried.erase(first, first + static_cast<std::ptrdiff_t>(std::min(run, kept.size() - begin)));
      if (fails(only(history, tried))) {
        kept = std::move(tried);
        shorter = true;
      } else {
        begin += run;
      }
    }
    if (run == 1 && !shorter) return kept;
    if (run > 1) run /= 2;
  }
}

}  // namespace action_scheduler::simulation
