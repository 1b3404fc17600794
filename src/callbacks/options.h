// What callbacks are made with.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace action_scheduler {

class Clock;
class Log;

struct KafkaOptions {
  enum class DeliveryMode : std::uint8_t { automatic, exactly_once, at_least_once };
  enum class Key : std::uint8_t { id, name, none };
  enum class Value : std::uint8_t { json, raw };
  enum class Headers : std::uint8_t { cloudevents, none };

  std::vector<std::string> servers;  // host:port
  std::string topic;                 // of actions that name none; keeps the position
  DeliveryMode delivery = DeliveryMode::automatic;
  int delivery_timeout_ms = 10'000;  // 1,000 to 300,000
  Key key = Key::id;
  Value value = Value::json;
  Headers headers = Headers::cloudevents;
  std::string source;  // `ce_source`; empty: the instance
  // Properties of librdkafka, passed through.
  std::map<std::string, std::string> properties;

  // A transaction carries at most about this many fires, so that consumers see the first ones of a burst early.
  std::size_t transaction_fires_max = 200'000;
  // How often librdkafka tells its statistics; 0: never.
  int statistics_interval_ms = 0;
  // `automatic`: for how long brokers may answer but refuse transactions until at_least_once is taken.
  std::chrono::milliseconds step_down_after{10'000};
};

struct CallbackOptions {
  std::string instance;  // the name of this scheduler towards Kafka
  KafkaOptions kafka;
  Clock* clock = nullptr;  // required; outlives the callback
  Log* log = nullptr;      // null: silent; outlives the callback
  // The ledger has once seen exactly_once: `automatic` never takes less any more.
  bool exactly_once_used = false;
  int stdout_fd = 1;
};

}  // namespace action_scheduler
