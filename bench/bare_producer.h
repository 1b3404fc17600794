// librdkafka and nothing else: the rate that could be had.
#pragma once

#include <cstddef>
#include <string>

#include "bench/corpus.h"

namespace action_scheduler::bench {

// A transactional producer with the properties that the Kafka callback gives its own. Failures throw std::runtime_error.
class BareProducer {
 public:
  // `linger_ms`: librdkafka's own unless given.
  BareProducer(const std::string& address, const std::string& topic, const std::string& transactional_id, int linger_ms = 5);
  ~BareProducer();
  BareProducer(const BareProducer&) = delete;
  BareProducer& operator=(const BareProducer&) = delete;

  // Sends all messages in transactions of at most `transaction_messages` and returns when the last is committed.
  void send(const Corpus& corpus, std::size_t transaction_messages);

 private:
  void* client_ = nullptr;  // rd_kafka_t
  void* topic_ = nullptr;   // rd_kafka_topic_t
};

}  // namespace action_scheduler::bench
