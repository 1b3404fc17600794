// What a running service tells the service manager that started it: sd_notify(3) of systemd, Type=notify and WatchdogSec=.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace action_scheduler {

// Where the manager listens. Without a socket nobody does, and nothing is sent.
struct ManagerAddress {
  std::string socket;                     // a path, or a name of the abstract namespace behind `@`
  std::chrono::microseconds watchdog{0};  // a sign of life is wanted at least this often; 0: none is
};

// As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say. What cannot be understood there counts as absent.
ManagerAddress manager_from_environment();

class ServiceManager {
 public:
  struct Health {
    bool alive = true;   // false: no sign of life is sent, so that the manager ends and restarts the service
    std::string status;  // one line for people, shown by `systemctl status`
  };

  // `look` is called in a thread of its own from ready() on. It waits for nobody and outlives this object.
  ServiceManager(ManagerAddress address, std::function<Health()> look);
  // No sign of life comes after it.
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // The service has started. From now on it gives signs of life. Call once.
  void ready();

  // The service is about to end. Thread safe. Signs of life go on: the end takes its time, too.
  void stopping() const;

 private:
  void send(const std::string& state) const;
  void watch();

  const ManagerAddress address_;
  const std::function<Health()> look_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace action_scheduler
