#include "bench/bare_producer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace action_scheduler::bench {
namespace {

void check(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return;
  const std::string text = std::string(what) + ": " + rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  throw std::runtime_error(text);
}

}  // namespace

BareProducer::BareProducer(const std::string& address, const std::string& topic, const std::string& transactional_id,
                           int linger_ms) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::string linger = std::to_string(linger_ms);
  std::array<char, 512> reason{};
  const std::array<std::pair<const char*, const char*>, 9> properties{{
      {"bootstrap.servers", address.c_str()},
      {"transactional.id", transactional_id.c_str()},
      {"acks", "all"},
      {"enable.idempotence", "true"},
      {"delivery.report.only.error", "true"},
      {"linger.ms", linger.c_str()},
      {"queue.buffering.max.messages", "500000"},
      {"queue.buffering.max.kbytes", "262144"},
      {"partitioner", "murmur2_random"},
  }};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(reason.data());
    }
  }
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t*, void*) {});
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
  if (client == nullptr) throw std::runtime_error(reason.data());
  client_ = client;
  topic_ = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  check(rd_kafka_init_transactions(client, 30'000), "init_transactions");
}

BareProducer::~BareProducer() {
  rd_kafka_topic_destroy(static_cast<rd_kafka_topic_t*>(topic_));
  rd_kafka_destroy(static_cast<rd_kafka_t*>(client_));
}

void BareProducer::send(const Corpus& corpus, std::size_t transaction_messages) {
  auto* client = static_cast<rd_kafka_t*>(client_);
  auto* topic = static_cast<rd_kafka_topic_t*>(topic_);
  const auto& messages = corpus.messages();
  for (std::size_t begin = 0; begin < messages.size(); begin += transaction_messages) {
    check(rd_kafka_begin_transaction(client), "begin_transaction");
    const std::size_t end = std::min(messages.size(), begin + transaction_messages);
    for (std::size_t i = begin; i < end; ++i) {
      const CorpusMessage& message = messages[i];
      for (;;) {
        rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
        for (const auto& [name, value] : message.headers) {
          rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                              static_cast<ssize_t>(value.size()));
        }
        const rd_kafka_resp_err_t error = rd_kafka_producev(
            client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
            RD_KAFKA_V_KEY(message.key.data(), message.key.size()), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
        rd_kafka_headers_destroy(headers);
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) throw std::runtime_error(rd_kafka_err2str(error));
        rd_kafka_poll(client, 50);
      }
    }
    check(rd_kafka_commit_transaction(client, 60'000), "commit_transaction");
  }
}

}  // namespace action_scheduler::bench
