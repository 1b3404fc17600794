#include "tests/torture/world.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "tests/torture/subject.h"

namespace action_scheduler::torture {
namespace {

// What brokers write in an hour, and more.
constexpr int kBrokerDiskMb = 512;

}  // namespace

bool mounts_are_our_own() {
  static const bool ours = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return ours;
}

SmallDisk::SmallDisk(std::filesystem::path folder, int megabytes) : folder_(std::move(folder)) {
  std::filesystem::create_directory(folder_);
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) != 0) throw std::runtime_error("cannot mount a tmpfs");
}

SmallDisk::~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }

void SmallDisk::fill() const {
  const int file = ::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot fill " + folder_.string());
  // Large pieces first, then to the last byte.
  for (const std::size_t size : {1U << 20U, 4096U, 1U}) {
    const std::string block(size, 'x');
    while (::write(file, block.data(), block.size()) > 0) continue;
  }
  ::close(file);
}

void SmallDisk::make_room() const { std::filesystem::remove(folder_ / "filler"); }

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
    if (mounts_are_our_own()) {
      disks_.push_back(std::make_unique<SmallDisk>(folder_.path() / ("disk" + std::to_string(id)), kBrokerDiskMb));
      options.properties["log.dirs"] = (disks_.back()->path() / "data").string();
    }
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
