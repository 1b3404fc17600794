#include "tests/callbacks/kafka/dying_child.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "action_scheduler/crash_point.h"
#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

std::string point_of_death;

void die(std::string_view point) {
  if (point == point_of_death) ::raise(SIGKILL);
}

}  // namespace

bool deliver_in_a_child_that_dies(const std::string& address, const std::string& topic, const std::string& instance,
                                  const std::string& mode, const std::string& point, int count) {
  const std::string number = std::to_string(count);
  std::array<std::string, 8> arguments{"/proc/self/exe", "--deliver-and-die", address, topic, instance, mode, point, number};
  std::array<char*, 9> argv{};
  for (std::size_t i = 0; i < arguments.size(); ++i) argv[i] = arguments[i].data();
  pid_t pid = 0;
  if (::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0) return false;
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

int deliver_and_die(char** arguments) {
  using Mode = KafkaOptions::DeliveryMode;
  CallbackOptions options =
      kafka_options(arguments[0], std::string_view(arguments[3]) == "exactly_once" ? Mode::exactly_once : Mode::at_least_once);
  options.kafka.topic = arguments[1];
  options.instance = arguments[2];
  const auto callback = make_kafka(options);
  claim_kafka(*callback);
  FireList fires;
  const int count = std::atoi(arguments[5]);
  for (int id = 1; id <= count; ++id) fires.add(id, std::to_string(id));
  point_of_death = arguments[4];
  crash_hook = die;
  callback->deliver(fires.batch());
  return 0;
}

}  // namespace action_scheduler::testing
