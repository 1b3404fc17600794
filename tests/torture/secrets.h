// Certificates and passwords of a secured Kafka that are exchanged while the scheduler runs.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct SecretsOptions {
  std::uint64_t seed = 0;
  std::vector<Promise> promises;
  std::int64_t seconds_max = 0;  // nothing more is exchanged after this time, but everything once
};

// A scheduler for each promise lives through each exchange: while what it has is wrong nothing may be lost and its log has to say
// what is wrong; when both sides agree again it goes on, by itself unless it was given another password. Throws
// std::runtime_error where a tool fails.
std::vector<Part> torture_by_secrets(const SecretsOptions& options);

}  // namespace action_scheduler::torture
