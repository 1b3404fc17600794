// Reads what consumers see: committed messages, in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace action_scheduler::testing {

struct ReadMessage {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  // since the epoch: when it was handed over, unless the topic has the broker's time
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;  // in order

  // The first header of this name; empty if there is none.
  std::string header(const std::string& name) const;
};

// Reads topics of one cluster from their beginning. Throws std::runtime_error where Kafka refuses. Single-threaded.
class KafkaReader {
 public:
  explicit KafkaReader(const std::string& address);
  ~KafkaReader();
  KafkaReader(const KafkaReader&) = delete;
  KafkaReader& operator=(const KafkaReader&) = delete;

  // Everything committed in the topic up to its present end; waits for open transactions to end (read_committed), for
  // `timeout` at most and then throws. Each call begins anew.
  std::vector<ReadMessage> read_all(const std::string& topic, std::chrono::seconds timeout = std::chrono::seconds(30));

  // The first `count` messages, as read_all(); returns fewer when `timeout` is over.
  std::vector<ReadMessage> read(const std::string& topic, std::size_t count,
                                std::chrono::seconds timeout = std::chrono::seconds(30));

 private:
  std::vector<ReadMessage> read(const std::string& topic, std::size_t count, bool to_end, std::chrono::seconds timeout);

  struct Consumer;
  std::unique_ptr<Consumer> consumer_;
};

// The committed offset of `group` on partition 0 of `topic` with its metadata; absent if there is none.
std::optional<std::pair<std::int64_t, std::string>> read_committed_offset(const std::string& address, const std::string& group,
                                                                          const std::string& topic);

}  // namespace action_scheduler::testing
