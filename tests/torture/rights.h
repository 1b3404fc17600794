// Rights that are taken away while the scheduler runs, and given back.
#pragma once

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/report.h"

namespace action_scheduler::torture {

struct RightsOptions {
  std::uint64_t seed = 0;
  std::int64_t seconds_max = 0;  // nothing more is taken away after this time
};

// A scheduler that has exactly the documented rights on a secured Kafka loses one after the other. Nothing may be lost, and it
// goes on by itself when it has them back.
Part torture_by_rights(Promise promise, const testing::PostgresServer& postgres, testing::KafkaServer& kafka,
                       const RightsOptions& options);

}  // namespace action_scheduler::torture
