// The numbers that librdkafka tells of itself every few seconds.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/callback.h"

namespace action_scheduler::kafka {

// The latest statistics. Thread safe: the client's thread leaves them here, whoever wants to know reads them.
class Statistics {
 public:
  // The text that librdkafka hands out (its STATISTICS.md). Only kept here: reading it is left to who asks.
  void keep(std::string_view json);

  // None before the first text, or of one that cannot be read.
  std::vector<Measurement> measurements() const;

 private:
  mutable std::mutex mutex_;
  std::string json_;
};

}  // namespace action_scheduler::kafka
