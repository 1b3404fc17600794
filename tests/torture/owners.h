// Several schedulers that fight over one name, or over one ledger.
#pragma once

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct OwnersOptions {
  std::uint64_t seed = 0;
  std::int64_t seconds_max = 0;  // no further fight after this time
};

// exactly_once: three schedulers of one instance with a ledger each; the newest stays, the others end with exit code 4.
// at_least_once: two on one ledger; the second ends with exit code 3. They are also killed, and stopped and resumed meanwhile.
Part torture_by_owners(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka,
                       const OwnersOptions& options);

}  // namespace action_scheduler::torture
