#include "cli/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace action_scheduler {

namespace {

// How often the status is renewed, at least.
constexpr std::chrono::seconds kStatusPeriod{10};

std::optional<long long> number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  long long number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

ManagerAddress manager_from_environment() {
  ManagerAddress address;
  const char* socket = std::getenv("NOTIFY_SOCKET");
  if (socket == nullptr || (socket[0] != '/' && socket[0] != '@')) return address;
  address.socket = socket;
  const auto pid = number_in("WATCHDOG_PID");
  if (pid && *pid != ::getpid()) return address;
  address.watchdog = std::chrono::microseconds(std::max(0LL, number_in("WATCHDOG_USEC").value_or(0)));
  return address;
}

ServiceManager::ServiceManager(ManagerAddress address, std::function<Health()> look)
    : address_(std::move(address)), look_(std::move(look)) {}

ServiceManager::~ServiceManager() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ServiceManager::ready() {
  if (address_.socket.empty()) return;
  send("READY=1");
  thread_ = std::thread([this] { watch(); });
}

void ServiceManager::stopping() const { send("STOPPING=1"); }

// Nobody can be told that the manager does not listen, so what goes wrong is dropped.
void ServiceManager::send(const std::string& state) const {
  sockaddr_un to{};
  if (address_.socket.empty() || address_.socket.size() >= sizeof(to.sun_path)) return;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.socket.data(), address_.socket.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.socket.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  ::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to), size);
  ::close(descriptor);
}

void ServiceManager::watch() {
  // Four times in the time that is allowed: one look at a bad moment is not the end.
  constexpr int kLooks = 4;
  std::chrono::microseconds period = kStatusPeriod;
  if (address_.watchdog.count() > 0) period = std::clamp(address_.watchdog / kLooks, std::chrono::microseconds(1), period);
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    const Health health = look_();
    send("STATUS=" + health.status + (health.alive && address_.watchdog.count() > 0 ? "\nWATCHDOG=1" : ""));
    lock.lock();
  } while (!wake_.wait_for(lock, period, [this] { return ending_; }));
}

}  // namespace action_scheduler
