// A wall clock that somebody sets while the scheduler runs. The rows fire by that clock, so no fire time may come again when it
// is set back, and none be left out when it is set ahead.
#include <algorithm>

#include "tests/torture/scene.h"

namespace action_scheduler::torture {
namespace {

void step_all(Scene& scene, std::int64_t ahead_ms) {
  for (const auto& trial : scene.trials) trial->subject.step_clock(ahead_ms);
}

// Sets all clocks right. What has fired ahead of time is not due again: the fires go on when the time has come to it.
void set_right(Scene& scene) {
  step_all(scene, 0);
  for (const auto& trial : scene.trials) {
    std::int64_t latest_s = 0;
    for (const std::int64_t action : trial->actions) latest_s = std::max(latest_s, trial->watcher->latest_s(action));
    while (now_s() <= latest_s) sleep_ms(200);
    trial->subject.clock_of_its_own(false);
  }
}

Fault clock_fault(const std::string& name, Scene& scene, const std::function<void()>& step) {
  Fault fault;
  fault.name = "clock: " + name;
  fault.shortest_ms = 3000;
  fault.longest_ms = 10'000;
  fault.begin = [&scene, step] {
    scene.take_clocks();
    step();
  };
  fault.end = [&scene] { set_right(scene); };
  return fault;
}

}  // namespace

std::vector<Fault> clock_faults(Scene& scene) {
  std::vector<Fault> faults;
  faults.push_back(clock_fault("set ahead, then right", scene, [&] { step_all(scene, scene.chance.between(5000, 60'000)); }));
  faults.push_back(clock_fault("set back, then right", scene, [&] { step_all(scene, -scene.chance.between(2000, 60'000)); }));
  faults.push_back(clock_fault("set again and again", scene, [&] {
    for (std::int64_t end_ms = now_ms() + scene.chance.between(4000, 8000); now_ms() < end_ms;) {
      step_all(scene, scene.chance.between(-30'000, 30'000));
      sleep_ms(scene.chance.between(10, 1500));
    }
  }));
  return faults;
}

}  // namespace action_scheduler::torture
