// One fault after the other, in an order that a seed decides, against a scheduler for each promise at once.
#pragma once

#include <string>
#include <vector>

#include "tests/torture/report.h"

namespace action_scheduler::torture {

// What happens to the schedulers while a fault lasts.
enum class Meanwhile { as_it_comes, nothing, shutdown, kill };

struct FaultsOptions {
  std::uint64_t seed = 0;
  std::vector<Promise> promises;
  std::int64_t seconds_max = 0;        // no further fault after this time
  std::vector<std::string> only = {};  // faults whose names contain one of them; empty: all
  int patience = 1;                    // on a busy machine: so many times longer may recovery and shutdown take
  bool once = false;                   // each fault once, instead of again and again
  std::int64_t lasting_s = 0;          // each fault that lasts at all lasts so long; 0: as the seed decides
  Meanwhile meanwhile = Meanwhile::as_it_comes;
};

// Each fault is followed by a recovery that has to come by itself. While it lasts the schedulers may be shut down, which has to
// work, or killed, and started again. At the end both topics are read and judged. Throws std::runtime_error where a tool fails.
std::vector<Part> torture_by_faults(const FaultsOptions& options);

}  // namespace action_scheduler::torture
