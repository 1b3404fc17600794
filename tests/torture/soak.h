// An hour of ordinary life with edits and faults: memory and descriptors must not grow.
#pragma once

#include <string>

#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct SoakOptions {
  std::uint64_t seed = 0;
  std::vector<Promise> promises;
  std::int64_t seconds_max = 0;
  std::string samples;  // a file for what was measured, CSV; empty: none
};

// A scheduler for each promise lives through all of it without a restart, beside one Kafka and one Postgres. Each ten seconds its
// memory, descriptors, threads and ledger are measured: the last quarter must look like the second. What it delivered is judged
// as ever. Throws std::runtime_error where a tool fails.
std::vector<Part> torture_by_soak(const SoakOptions& options);

}  // namespace action_scheduler::torture
