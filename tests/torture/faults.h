// One fault after the other, in an order that a seed decides, against a scheduler for each promise at once.
#pragma once

#include <string>
#include <vector>

#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct FaultsOptions {
  std::uint64_t seed = 0;
  std::vector<Promise> promises;
  std::int64_t seconds_max = 0;  // no further fault after this time
  std::string only;              // faults whose names contain it; empty: all
  int patience = 1;              // on a busy machine: so many times longer may recovery and shutdown take
};

// Each fault is followed by a recovery that has to come by itself. While it lasts the schedulers may be shut down, which has to
// work, or killed, and started again. At the end both topics are read and judged. Throws std::runtime_error where a tool fails.
std::vector<Part> torture_by_faults(const FaultsOptions& options);

}  // namespace action_scheduler::torture
