// Follows a topic as a consumer of committed messages does, to see how far the fires have come.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace action_scheduler::torture {

// Reads in a thread of its own from the topic's beginning, until it is destroyed, through any trouble of the brokers. What it
// missed or saw twice is not its affair: at the end the topic is read anew.
class Watcher {
 public:
  Watcher(const std::string& servers, std::string topic, int partitions = 1);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // The latest fire time of the action that arrived, in seconds since the epoch; 0 before the first.
  std::int64_t latest_s(std::int64_t action) const;
  // The least of them.
  std::int64_t latest_of_all_s(const std::vector<std::int64_t>& actions) const;
  // How many messages it read so far, of whatever action.
  std::uint64_t seen() const;
  // The longest that an on-time fire took from its fire time to the eyes of the consumer, since the last call.
  std::int64_t take_worst_latency_ms();

 private:
  struct Consumer;
  void read();

  const std::string topic_;
  std::unique_ptr<Consumer> consumer_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::int64_t> latest_s_;  // guarded by mutex_
  std::uint64_t seen_ = 0;                         // guarded by mutex_
  std::int64_t worst_latency_ms_ = 0;              // guarded by mutex_
  bool ending_ = false;                            // guarded by mutex_
  std::thread thread_;
};

}  // namespace action_scheduler::torture
