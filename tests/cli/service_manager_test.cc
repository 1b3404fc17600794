#include "cli/service_manager.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace action_scheduler {
namespace {

constexpr int kPatience_ms = 10'000;
constexpr std::chrono::microseconds kWatchdog{20'000};

// Listens as systemd does.
class Manager {
 public:
  // `name`: of the abstract namespace if it begins with `@`, else a path.
  explicit Manager(const std::string& name) : name_(name), descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    name_.copy(at.sun_path, sizeof(at.sun_path) - 1);
    if (name_[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&at), size), 0);
  }
  ~Manager() {
    ::close(descriptor_);
    if (name_[0] != '@') std::filesystem::remove(name_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  ManagerAddress address(std::chrono::microseconds watchdog = kWatchdog) const { return {name_, watchdog}; }

  // The next datagram; empty if none comes.
  std::string next() const {
    pollfd wait{descriptor_, POLLIN, 0};
    if (::poll(&wait, 1, kPatience_ms) != 1) return "";
    std::string text(4096, '\0');
    const auto size = ::recv(descriptor_, text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  const std::string name_;
  const int descriptor_;
};

std::string path() { return ::testing::TempDir() + "notify-" + std::to_string(::getpid()); }

TEST(ServiceManager, SaysThatItIsReadyAndThenThatItLives) {
  const Manager systemd(path());
  ServiceManager manager(systemd.address(), [] { return ServiceManager::Health{true, "42 actions"}; });
  manager.ready();
  EXPECT_EQ(systemd.next(), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.next(), "STATUS=42 actions\nWATCHDOG=1");
}

TEST(ServiceManager, GivesNoSignOfLifeWhenItIsStuckAndDoesAgainWhenItIsNot) {
  const Manager systemd("@action-scheduler-test-" + std::to_string(::getpid()));
  std::atomic<bool> alive{false};
  ServiceManager manager(systemd.address(), [&] { return ServiceManager::Health{alive, alive ? "well" : "stuck"}; });
  manager.ready();
  EXPECT_EQ(systemd.next(), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(systemd.next(), "STATUS=stuck");
  alive = true;
  std::string last;
  for (int i = 0; i < 10 && last != "STATUS=well\nWATCHDOG=1"; ++i) last = systemd.next();
  EXPECT_EQ(last, "STATUS=well\nWATCHDOG=1");
}

TEST(ServiceManager, SaysThatItStops) {
  const Manager systemd(path());
  const ServiceManager manager(systemd.address(), [] { return ServiceManager::Health{}; });
  manager.stopping();
  EXPECT_EQ(systemd.next(), "STOPPING=1");
}

TEST(ServiceManager, TellsItsStatusWhereNoSignOfLifeIsWanted) {
  const Manager systemd(path());
  ServiceManager manager(systemd.address(std::chrono::microseconds(0)), [] { return ServiceManager::Health{true, "well"}; });
  manager.ready();
  EXPECT_EQ(systemd.next(), "READY=1");
  EXPECT_EQ(systemd.next(), "STATUS=well");
}

TEST(ServiceManager, KeepsQuietWithoutAManager) {
  ServiceManager manager({}, []() -> ServiceManager::Health { throw std::logic_error("nobody asked"); });
  manager.ready();
  manager.stopping();
}

TEST(ServiceManager, BearsAManagerThatDoesNotListen) {
  ServiceManager manager({path() + "-gone", kWatchdog}, [] { return ServiceManager::Health{}; });
  manager.ready();
  manager.stopping();
}

class ManagerFromEnvironment : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
};

TEST_F(ManagerFromEnvironment, IsNoneUnlessASocketIsNamed) {
  EXPECT_EQ(manager_from_environment().socket, "");
  ::setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
  EXPECT_EQ(manager_from_environment().socket, "");
}

TEST_F(ManagerFromEnvironment, HasAWatchdogIfItIsMeantForThisProcess) {
  ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
  EXPECT_EQ(manager_from_environment().socket, "/run/systemd/notify");
  EXPECT_EQ(manager_from_environment().watchdog.count(), 0);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(manager_from_environment().watchdog, std::chrono::seconds(30));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(manager_from_environment().watchdog, std::chrono::seconds(30));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(manager_from_environment().watchdog.count(), 0);
  ::unsetenv("WATCHDOG_PID");
  ::setenv("WATCHDOG_USEC", "30s", 1);
  EXPECT_EQ(manager_from_environment().watchdog.count(), 0);
}

}  // namespace
}  // namespace action_scheduler
