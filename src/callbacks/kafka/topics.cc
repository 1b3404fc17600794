#include "callbacks/kafka/topics.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "callbacks/kafka/cluster.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kMetadataTimeoutMs = 3000;
// How long a topic that nobody knows may take to be created on demand.
constexpr int kCreationPatienceMs = 2000;
// How long metadata's bad news is believed.
constexpr auto kFaultHold = 5s;
// More than this many topics at once are asked for in one request for all.
constexpr std::size_t kSingleRequestsMax = 4;

// Asks once. False if no broker answers.
bool ask(const Client& client, rd_kafka_topic_t* only, int timeout_ms, std::map<std::string_view, Topic*>& wanted) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client.handle(), 0, only, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto found = wanted.find(metadata->topics[i].topic);
    if (found == wanted.end()) continue;
    found->second->fault = topic_fault(metadata->topics[i]);
    found->second->ask_again = monotonic_now() + kFaultHold;
    if (!found->second->refuses()) wanted.erase(found);
  }
  rd_kafka_metadata_destroy(metadata);
  return true;
}

}  // namespace

std::string topic_fault(const rd_kafka_metadata_topic_t& answer) {
  const std::string name = std::string("topic ") + answer.topic;
  switch (answer.err) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return name + " does not exist: create it, or correct the name";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return name + ": no right to it, allow Describe and Write";
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return name + ": not a valid name of a topic";
    default:
      break;
  }
  for (const rd_kafka_metadata_partition_t& partition :
       std::span(answer.partitions, static_cast<std::size_t>(answer.partition_cnt))) {
    if (partition.leader < 0) {
      return name + ": partition " + std::to_string(partition.id) + " has no leader: its brokers are away";
    }
  }
  return "";
}

TopicTable::TopicTable(const std::string& default_topic) { default_ = &find(default_topic); }

void TopicTable::attach(Client& client) {
  detach();
  client_ = &client;
  each([this](Topic& topic) { open(topic); });
}

void TopicTable::detach() {
  each([](Topic& topic) {
    if (topic.handle != nullptr) rd_kafka_topic_destroy(topic.handle);
    topic.handle = nullptr;
    topic.checked = false;
  });
  client_ = nullptr;
}

Topic& TopicTable::find(std::string_view name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  auto topic = std::make_unique<Topic>();
  topic->name = std::string(name);
  Topic& result = *topic;
  by_name_.emplace(topic->name, std::move(topic));
  if (client_ != nullptr) open(result);
  return result;
}

void TopicTable::open(Topic& topic) {
  topic.handle = rd_kafka_topic_new(client_->handle(), topic.name.c_str(), nullptr);
  if (topic.handle == nullptr) {
    topic.checked = true;
    refuse(topic, "topic " + topic.name + ": not a valid name of a topic", 24h);
  }
}

bool TopicTable::wants_check(const Topic& topic) {
  if (topic.refuses()) return monotonic_now() >= topic.ask_again;
  return !topic.checked || (topic.ask_limit_again && monotonic_now() >= *topic.ask_limit_again);
}

bool TopicTable::check(const Client& client, std::span<Topic* const> topics, const Interruption& interruption) {
  std::map<std::string_view, Topic*> wanted;  // not answered well yet
  for (Topic* topic : topics) {
    if (topic->handle != nullptr) wanted.emplace(topic->name, topic);
  }
  const bool patient = std::ranges::any_of(topics, [](const Topic* topic) { return !topic->checked && !topic->refuses(); });
  const Deadline creation(std::chrono::milliseconds{interruption.left_ms(monotonic_now(), kCreationPatienceMs)});
  const auto timeout_ms = [&] { return interruption.left_ms(monotonic_now(), kMetadataTimeoutMs); };
  do {
    if (wanted.size() > kSingleRequestsMax) {
      if (!ask(client, nullptr, timeout_ms(), wanted)) return false;
    } else {
      const auto asked = wanted;
      for (const auto& [name, topic] : asked) {
        if (!ask(client, topic->handle, timeout_ms(), wanted)) return false;
      }
    }
    if (!wanted.empty() && patient && !creation.passed()) rd_kafka_poll(client.handle(), 200);
  } while (!wanted.empty() && patient && !creation.passed());

  std::vector<std::string> good;
  for (Topic* topic : topics) {
    topic->checked = true;
    topic->ask_limit_again.reset();
    if (!topic->refuses()) good.push_back(topic->name);
  }
  if (good.empty()) return true;
  for (const auto& [name, limit] : topic_limits(client, good, timeout_ms())) find(name).message_bytes_max = limit;
  return true;
}

void TopicTable::refuse(Topic& topic, std::string reason, std::chrono::milliseconds hold) {
  topic.fault = std::move(reason);
  topic.ask_again = monotonic_now() + hold;
}

void TopicTable::refuse_by_limit(Topic& topic) {
  if (!topic.ask_limit_again) topic.ask_limit_again = monotonic_now() + kFaultHold;
}

std::optional<std::size_t> TopicTable::smallest_limit() const {
  std::optional<std::size_t> smallest;
  for (const auto& [name, topic] : by_name_) {
    if (!topic->message_bytes_max) continue;
    smallest = std::min(smallest.value_or(*topic->message_bytes_max), *topic->message_bytes_max);
  }
  return smallest;
}

}  // namespace action_scheduler::kafka
