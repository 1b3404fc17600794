// A fire becomes a Kafka message.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "action_scheduler/action.h"
#include "action_scheduler/fire.h"
#include "action_scheduler/message.h"
#include "callbacks/kafka/client.h"

namespace action_scheduler::kafka {

// Encodes and produces. Keeps its buffers: beyond librdkafka's own copy nothing is allocated for a message.
class MessageEncoder {
 public:
  explicit MessageEncoder(const CallbackOptions& options);

  // Produces the fire's message to `topic` under the number `index`. Returns what librdkafka says; __QUEUE_FULL: poll and try
  // again.
  rd_kafka_resp_err_t produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const Fire& fire, const ActionText& text,
                              std::size_t index);

  // The size of a batch that holds this message alone, as brokers compare it with max.message.bytes: an upper bound of a few
  // bytes more. Uncompressed.
  std::size_t batch_bytes(const Fire& fire, const ActionText& text);

  // A size that no message of this action exceeds, cheap to tell.
  std::size_t batch_bytes_bound(const ActionText& text) const;

 private:
  std::string_view key(const Fire& fire, const ActionText::Texts& texts);
  std::string_view value(std::string_view command);

  const KafkaOptions::Key key_;
  const KafkaOptions::Value value_;
  const KafkaOptions::Headers headers_;
  const std::string source_;
  const EventContext context_;
  std::array<char, 24> id_{};
  std::string value_buffer_;
};

}  // namespace action_scheduler::kafka
