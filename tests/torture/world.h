// What the scheduler lives among while it is tortured: three brokers and a Postgres, each behind a proxy.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/tcp_proxy.h"

namespace action_scheduler::torture {

// Three nodes, each broker and controller. Topics have three copies and take a message when two have it. Single-threaded.
class Cluster {
 public:
  static constexpr int kNodes = 3;

  Cluster();

  // By id, from 1.
  testing::KafkaServer& node(int id) { return *nodes_[static_cast<std::size_t>(id - 1)]; }
  TcpProxy& proxy(int id) { return proxies_[static_cast<std::size_t>(id - 1)]; }

  // Comma separated: for the tests themselves, and for the scheduler.
  std::string direct() const;
  std::string proxied() const;

  // Starts whatever does not run, and waits until all answer.
  void start_all();
  void kill_all();

  // The node that leads the partition, waiting until there is one.
  int leader_of(const std::string& topic, int partition = 0) const;

 private:
  std::array<TcpProxy, kNodes> proxies_;
  std::vector<std::unique_ptr<testing::KafkaServer>> nodes_;
};

}  // namespace action_scheduler::torture
