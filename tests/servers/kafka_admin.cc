// What is asked of a running Kafka: topics and their settings.
#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>

#include "tests/servers/kafka_client.h"
#include "tests/servers/kafka_server.h"

namespace action_scheduler::testing {
namespace {

using namespace std::chrono_literals;

// Sends an admin request; the error, and whether asking again may help, because brokers are only coming back.
struct AdminFailure {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;

  bool is_passing() const {
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || code == RD_KAFKA_RESP_ERR_NOT_CONTROLLER ||
           code == RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
  }
  // What an earlier attempt did whose answer got lost.
  bool is_done_already() const {
    return code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS;
  }
};

AdminFailure ask(const std::string& address, const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& send) {
  const KafkaClient client = connect_to_kafka(address);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  send(client.get(), queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  AdminFailure failure;
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = nullptr;
  if (event == nullptr) {
    failure = {RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer"};
  } else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure = {rd_kafka_event_error(event), rd_kafka_event_error_string(event)};
  } else if (const auto* created = rd_kafka_event_CreateTopics_result(event)) {
    results = rd_kafka_CreateTopics_result_topics(created, &count);
  } else if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event)) {
    results = rd_kafka_DeleteTopics_result_topics(deleted, &count);
  } else if (const auto* raised = rd_kafka_event_CreatePartitions_result(event)) {
    results = rd_kafka_CreatePartitions_result_topics(raised, &count);
  } else if (const auto* altered = rd_kafka_event_AlterConfigs_result(event)) {
    std::size_t resources = 0;
    const rd_kafka_ConfigResource_t** answers = rd_kafka_AlterConfigs_result_resources(altered, &resources);
    for (std::size_t i = 0; i < resources; ++i) {
      const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[i]);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) failure = {code, rd_kafka_ConfigResource_error_string(answers[i])};
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) failure = {code, rd_kafka_topic_result_error_string(results[i])};
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  return failure;
}

// Sends an admin request, again for a minute while brokers are coming back, and throws what went wrong. `send` gets the client
// and the queue.
void administer(const std::string& address, const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& send) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (bool first = true;; first = false) {
    const AdminFailure failure = ask(address, send);
    if (failure.code == RD_KAFKA_RESP_ERR_NO_ERROR || (!first && failure.is_done_already())) return;
    if (!failure.is_passing() || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("Kafka at " + address + ": " + failure.text);
    }
    std::this_thread::sleep_for(200ms);
  }
}

// Brokers tell of a topic a moment after they made it. Waits until this is true.
void await_topic(const std::string& address, const std::string& name, bool there) {
  const KafkaClient client = connect_to_kafka(address);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client.get(), name.c_str(), nullptr);
  bool done = false;
  while (!done && std::chrono::steady_clock::now() < deadline) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client.get(), 0, topic, &metadata, 2000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool led = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                       metadata->topics[0].partition_cnt > 0 && metadata->topics[0].partitions[0].leader >= 0;
      done = led == there;
      rd_kafka_metadata_destroy(metadata);
    }
    if (!done) rd_kafka_poll(client.get(), 20);
  }
  rd_kafka_topic_destroy(topic);
  if (!done) throw std::runtime_error("Kafka at " + address + ": topic " + name + (there ? " does not appear" : " does not go"));
}

// `replicas` -1: `complete` says where they are.
void create(const std::string& address, const std::string& name, int partitions, int replicas,
            const std::function<void(rd_kafka_NewTopic_t*)>& complete) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<char, 256> reason{};
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, reason.data(), reason.size());
    if (topic == nullptr) throw std::runtime_error(reason.data());
    complete(topic);
    rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
    rd_kafka_NewTopic_destroy(topic);
  });
  await_topic(address, name, true);
}

}  // namespace

KafkaClient connect_to_kafka(const std::string& address) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  rd_kafka_conf_set(conf, "bootstrap.servers", address.c_str(), reason.data(), reason.size());
  rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "200", reason.data(), reason.size());
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  return {rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()), &rd_kafka_destroy};
}

void KafkaServer::create_topic(const std::string& name, int partitions, const std::map<std::string, std::string>& config) {
  create_kafka_topic(address(), name, partitions, config);
}

void KafkaServer::create_topic_here(const std::string& name) {
  create(address(), name, 1, -1, [this](rd_kafka_NewTopic_t* topic) {
    std::array<char, 256> reason{};
    std::int32_t node = options_.node_id;
    if (rd_kafka_NewTopic_set_replica_assignment(topic, 0, &node, 1, reason.data(), reason.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error(reason.data());
  });
}

void KafkaServer::delete_topic(const std::string& name) { delete_kafka_topic(address(), name); }

void create_kafka_topic(const std::string& address, const std::string& name, int partitions,
                        const std::map<std::string, std::string>& config, int replicas) {
  create(address, name, partitions, replicas, [&](rd_kafka_NewTopic_t* topic) {
    for (const auto& [key, value] : config) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  });
}

void delete_kafka_topic(const std::string& address, const std::string& name) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
    rd_kafka_DeleteTopics(client, &topic, 1, nullptr, queue);
    rd_kafka_DeleteTopic_destroy(topic);
  });
  await_topic(address, name, false);
}

void add_kafka_partitions(const std::string& address, const std::string& name, int total) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<char, 256> reason{};
    rd_kafka_NewPartitions_t* partitions =
        rd_kafka_NewPartitions_new(name.c_str(), static_cast<std::size_t>(total), reason.data(), reason.size());
    if (partitions == nullptr) throw std::runtime_error(reason.data());
    rd_kafka_CreatePartitions(client, &partitions, 1, nullptr, queue);
    rd_kafka_NewPartitions_destroy(partitions);
  });
}

void configure_kafka_topic(const std::string& address, const std::string& name,
                           const std::map<std::string, std::string>& config) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
    for (const auto& [key, value] : config) rd_kafka_ConfigResource_set_config(resource, key.c_str(), value.c_str());
    rd_kafka_AlterConfigs(client, &resource, 1, nullptr, queue);
    rd_kafka_ConfigResource_destroy(resource);
  });
}

int kafka_leader(const std::string& address, const std::string& topic, int partition) {
  const KafkaClient client = connect_to_kafka(address);
  rd_kafka_topic_t* opened = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  int leader = -1;
  if (rd_kafka_metadata(client.get(), 0, opened, &metadata, 5000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (metadata->topic_cnt == 1 && partition < metadata->topics[0].partition_cnt) {
      leader = metadata->topics[0].partitions[partition].leader;
    }
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(opened);
  return leader;
}

}  // namespace action_scheduler::testing
