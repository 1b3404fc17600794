// kill -9 of the scheduler, again and again, at random instants and at the named points of its way.
#pragma once

#include <string>

#include "tests/servers/postgres_server.h"
#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct KillsOptions {
  std::uint64_t seed = 0;
  std::uint64_t kills = 0;       // 0: as many as there is time for
  std::int64_t seconds_max = 0;  // no further kill after this time
};

// Kills a scheduler over a table and a topic of its own, with `replicas` copies on these brokers, then reads the topic and judges
// it. The servers are left alone.
// Throws std::runtime_error where the servers fail. Several threads may each torture one of their own.
Part torture_by_kills(Promise promise, const testing::PostgresServer& postgres, const std::string& brokers, int replicas,
                      const KillsOptions& options);

}  // namespace action_scheduler::torture
