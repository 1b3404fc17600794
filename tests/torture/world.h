// What the scheduler lives among while it is tortured: three brokers and a Postgres, each behind a proxy.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/scheduler_process.h"
#include "tests/torture/tcp_proxy.h"

namespace action_scheduler::torture {

// Whether file systems can be mounted that nobody else sees. The first call makes it so for the calling thread and its children.
bool mounts_are_our_own();

// A file system of its own, small enough to be filled. Throws std::runtime_error if it cannot be mounted.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path folder, int megabytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::filesystem::path& path() const { return folder_; }
  // Takes all the space that is left, and gives it back.
  void fill() const;
  void make_room() const;

 private:
  const std::filesystem::path folder_;
};

// Three nodes, each broker and controller. Topics have three copies and take a message when two have it. Single-threaded.
class Cluster {
 public:
  static constexpr int kNodes = 3;

  Cluster();

  // By id, from 1.
  testing::KafkaServer& node(int id) { return *nodes_[static_cast<std::size_t>(id - 1)]; }
  TcpProxy& proxy(int id) { return proxies_[static_cast<std::size_t>(id - 1)]; }
  // What the node keeps everything on; only where mounts_are_our_own().
  const SmallDisk& disk(int id) const { return *disks_[static_cast<std::size_t>(id - 1)]; }

  // Comma separated: for the tests themselves, and for the scheduler.
  std::string direct() const;
  std::string proxied() const;

  // Starts whatever does not run, and waits until all answer.
  void start_all();
  void kill_all();

  // The node that leads the partition, waiting until there is one.
  int leader_of(const std::string& topic, int partition = 0) const;

 private:
  testing::WorkFolder folder_;
  std::vector<std::unique_ptr<SmallDisk>> disks_;
  std::array<TcpProxy, kNodes> proxies_;
  std::vector<std::unique_ptr<testing::KafkaServer>> nodes_;
};

}  // namespace action_scheduler::torture
