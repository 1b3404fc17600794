// The scheduler as users have it: a process.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace action_scheduler::bench {

// A running `action-scheduler` with a folder of its own, gone with the object. Failures throw std::runtime_error.
class SchedulerProcess {
 public:
  // `config` is its config.yaml.
  explicit SchedulerProcess(std::string_view config);
  ~SchedulerProcess();
  SchedulerProcess(const SchedulerProcess&) = delete;
  SchedulerProcess& operator=(const SchedulerProcess&) = delete;

  // Processor time that it has used so far, all threads, user and system.
  double cpu_seconds() const;

  // Throws with what it logged if it has ended.
  void expect_running();

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

}  // namespace action_scheduler::bench
