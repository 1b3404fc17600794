#include "callbacks/kafka/statistics.h"

#include <algorithm>

#include "core/json.h"

namespace action_scheduler::kafka {
namespace {

double number(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  return member != nullptr ? static_cast<double>(member->integer().value_or(0)) : 0;
}

// What the brokers' entries say together.
struct Brokers {
  double up = 0;
  double errors = 0;
  double timeouts = 0;
  double slowest_us = 0;  // the 99th percentile of the slowest one's answers
};

Brokers sum_of(const Json& root) {
  Brokers sum;
  const Json* brokers = root.find("brokers");
  if (brokers == nullptr) return sum;
  for (const Json& broker : brokers->children()) {
    const Json* state = broker.find("state");
    const Json* source = broker.find("source");
    // A coordinator has an entry of its own beside that of its broker.
    const bool logical = source != nullptr && source->text() == "logical";
    if (state != nullptr && state->text() == "UP" && number(broker, "nodeid") >= 0 && !logical) ++sum.up;
    sum.errors += number(broker, "txerrs") + number(broker, "rxerrs");
    sum.timeouts += number(broker, "req_timeouts");
    if (const Json* rtt = broker.find("rtt")) sum.slowest_us = std::max(sum.slowest_us, number(*rtt, "p99"));
  }
  return sum;
}

}  // namespace

void Statistics::keep(std::string_view json) {
  const std::lock_guard lock(mutex_);
  json_ = json;
}

std::vector<Measurement> Statistics::measurements() const {
  std::string json;
  {
    const std::lock_guard lock(mutex_);
    json = json_;
  }
  const auto document = parse_json(std::string_view(json));
  if (!document || !document->root().is(Json::Kind::object)) return {};
  const Json& root = document->root();
  const Brokers brokers = sum_of(root);
  return {
      {"kafka_queue_messages", "Messages that wait in librdkafka's queue or for their acknowledgement.", false,
       number(root, "msg_cnt")},
      {"kafka_queue_bytes", "Bytes of them.", false, number(root, "msg_size")},
      {"kafka_sent_messages", "Messages that were sent to brokers, repeats included.", true, number(root, "txmsgs")},
      {"kafka_sent_message_bytes", "Bytes of them.", true, number(root, "txmsg_bytes")},
      {"kafka_requests", "Requests that were sent to brokers.", true, number(root, "tx")},
      {"kafka_sent_bytes", "Bytes that were sent to brokers.", true, number(root, "tx_bytes")},
      {"kafka_received_bytes", "Bytes that were received from brokers.", true, number(root, "rx_bytes")},
      {"kafka_brokers_up", "Brokers with a connection.", false, brokers.up},
      {"kafka_request_errors", "Requests to brokers that failed, and answers that could not be read.", true, brokers.errors},
      {"kafka_request_timeouts", "Requests that brokers did not answer in time.", true, brokers.timeouts},
      {"kafka_round_trip_p99_seconds", "The 99th percentile of how long the slowest broker took to answer.", false,
       brokers.slowest_us / 1e6},
  };
}

}  // namespace action_scheduler::kafka
