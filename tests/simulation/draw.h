// What generators of histories draw from a seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <random>

#include "tests/simulation/history.h"

namespace action_scheduler::simulation {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  template <class T = std::int64_t>
  T pick(std::initializer_list<T> values) {
    return *(values.begin() + random_() % values.size());
  }
  bool chance(std::uint64_t one_in) { return random_() % one_in == 0; }
  std::int64_t below(std::int64_t limit) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit)); }

 private:
  std::mt19937_64 random_;
};

// Adds to a history that is there.
class Adder : public Draw {
 protected:
  Adder(History& history, std::uint64_t seed) : Draw(seed), history_(history) {}

  // Within the time of the faults, most of the time where something happens.
  std::int64_t instant() {
    const std::int64_t last = std::max<std::int64_t>(history_.faults_end_ms - 1, 1);
    if (chance(4) || history_.events.empty()) return below(last);
    const Event& near = history_.events[static_cast<std::size_t>(below(std::ssize(history_.events)))];
    return std::clamp<std::int64_t>(near.at_ms + pick({-10, 0, 0, 10, 30, 700, 3000, 12'000, 30'000}), 1, last);
  }

  Event& add(EventKind kind, std::int64_t at_ms) {
    Event& event = history_.events.emplace_back();
    event.at_ms = std::min(at_ms, history_.faults_end_ms);
    event.kind = kind;
    return event;
  }

  History& history_;
};

}  // namespace action_scheduler::simulation
