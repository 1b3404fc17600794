#include "tests/torture/world.h"

#include <stdexcept>

#include "tests/torture/subject.h"

namespace action_scheduler::torture {

Cluster::Cluster() {
  const std::vector<int> ports = testing::free_ports(kNodes);
  for (int id = 1; id <= kNodes; ++id) {
    testing::KafkaServerOptions options;
    options.node_id = id;
    options.quorum_ports = ports;
    options.advertised_port = proxy(id).port();
    options.properties = {{"default.replication.factor", "3"},
                          {"min.insync.replicas", "2"},
                          {"offsets.topic.replication.factor", "3"},
                          {"transaction.state.log.replication.factor", "3"},
                          {"transaction.state.log.min.isr", "2"},
                          {"broker.session.timeout.ms", "6000"},
                          {"broker.heartbeat.interval.ms", "1000"},
                          {"controller.quorum.election.timeout.ms", "3000"},
                          {"controller.quorum.fetch.timeout.ms", "6000"},
                          {"replica.lag.time.max.ms", "5000"}};
    // Leave a busy machine time, where other tests are in a hurry.
    nodes_.push_back(std::make_unique<testing::KafkaServer>(options));
    const std::string address = nodes_.back()->proxied_address();
    proxy(id).forward_to(std::stoi(address.substr(address.find(':') + 1)));
  }
  start_all();
}

std::string Cluster::direct() const {
  std::string all;
  for (const auto& node : nodes_) all += (all.empty() ? "" : ",") + node->address();
  return all;
}

std::string Cluster::proxied() const {
  std::string all;
  for (const TcpProxy& proxy : proxies_) all += (all.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(proxy.port());
  return all;
}

void Cluster::start_all() {
  for (const auto& node : nodes_) node->launch();
  for (const auto& node : nodes_) node->await_ready();
}

void Cluster::kill_all() {
  for (const auto& node : nodes_) node->kill();
}

int Cluster::leader_of(const std::string& topic, int partition) const {
  for (const std::int64_t deadline = now_ms() + 30'000; now_ms() < deadline; sleep_ms(200)) {
    if (const int leader = testing::kafka_leader(direct(), topic, partition); leader > 0) return leader;
  }
  throw std::runtime_error("topic " + topic + " has no leader");
}

}  // namespace action_scheduler::torture
