// The fires of a batch. Those of a burst need not all be planned when the first ones are handed over.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "action_scheduler/fire.h"

namespace action_scheduler {

// Seen as a list of all fires it is one: what is still to be planned is planned when it is asked for. A receiver for which that
// is worth while hands over what is ready(), and asks for the rest while it waits for acknowledgements. Single-threaded.
class BatchFires {
 public:
  // All of them, which outlive the list. Implicit, like the views that it is made of.
  BatchFires(std::span<const Fire> fires) : fires_(fires) {}     // NOLINT(google-explicit-constructor)
  BatchFires(const std::vector<Fire>& fires) : fires_(fires) {}  // NOLINT(google-explicit-constructor)
  // The first ones. `plan_rest` is called once at most, appends the others to the same vector and must not throw; both outlive
  // the list.
  BatchFires(const std::vector<Fire>& fires, std::function<void()> plan_rest)
      : fires_(fires), growing_(&fires), plan_rest_(std::move(plan_rest)) {}

  // How many are planned, which is all of them if complete().
  std::size_t ready() const { return fires_.size(); }
  bool complete() const { return !plan_rest_; }

  std::span<const Fire> all() const {
    if (plan_rest_) {
      std::exchange(plan_rest_, nullptr)();
      fires_ = *growing_;
    }
    return fires_;
  }
  std::size_t size() const { return all().size(); }
  bool empty() const { return fires_.empty() && all().empty(); }
  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }
  const Fire& operator[](std::size_t index) const { return index < fires_.size() ? fires_[index] : all()[index]; }

 private:
  mutable std::span<const Fire> fires_;
  const std::vector<Fire>* growing_ = nullptr;
  mutable std::function<void()> plan_rest_;
};

}  // namespace action_scheduler
