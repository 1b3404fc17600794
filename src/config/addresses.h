// Addresses as they are written in configuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/result.h"
#include "config/settings.h"

namespace action_scheduler {

// "host", "host:9092", "[::1]:9092", each with or without "kafka://" before it, many with commas between them, gives
// "host:9092,..." as librdkafka takes it. The port is 9092 where none is given. The Error says what was expected.
Result<std::string> parse_kafka_servers(const std::vector<std::string>& items);

// "127.0.0.1:8080", "[::1]:8080", ":8080" or "8080" (all addresses: host 0.0.0.0). The Error says what was expected.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace action_scheduler
