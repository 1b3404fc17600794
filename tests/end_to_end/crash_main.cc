// The scheduler with a trap: CRASH_AT=point:N makes it kill itself (SIGKILL) when it reaches that named point for the N-th time.
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>

#include "action_scheduler/crash_point.h"
#include "cli/program.h"

namespace {

std::string point_of_death;
std::atomic<int> times_left{0};

void die(std::string_view point) {
  if (point == point_of_death && --times_left == 0) ::raise(SIGKILL);
}

bool set_trap() {
  const char* text = std::getenv("CRASH_AT");
  if (text == nullptr) return true;
  const std::string trap(text);
  const auto colon = trap.find(':');
  if (colon == std::string::npos) return false;
  times_left = std::atoi(trap.c_str() + colon + 1);
  if (times_left < 1) return false;
  point_of_death = trap.substr(0, colon);
  action_scheduler::crash_hook = die;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!set_trap()) {
    std::cerr << "CRASH_AT must be point:N\n";
    return 125;
  }
  return action_scheduler::run_program(argc, argv);
}
