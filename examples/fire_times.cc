// The fire times of a schedule around the end of summer time in New York, from the core library alone.
#include <iostream>

#include "action_scheduler/cron.h"
#include "action_scheduler/describe.h"

using namespace action_scheduler;

// The core takes zones as data. This source knows one, in the year 2026.
struct NewYork final : ZoneSource {
  Zone zone{"America/New_York",
            std::chrono::hours{-5},
            {{*parse_utc("2026-03-08T07:00:00Z"), std::chrono::hours{-4}},
             {*parse_utc("2026-11-01T06:00:00Z"), std::chrono::hours{-5}}},
            Instant::max()};
  Result<const Zone*> find(std::string_view) override { return &zone; }
};

int main() {
  NewYork zones;
  const auto trigger = parse_cron(R"({"format": "unix", "params": {"value": "30 1 * * fri-sun"}})", {}, zones);
  if (!trigger) return std::cerr << trigger.error().message << '\n', 1;
  std::cout << describe(*trigger) << '\n';
  auto fire = trigger->next(*parse_utc("2026-10-30T12:00:00Z"));
  for (int i = 0; i < 4 && fire; ++i, fire = trigger->next(*fire)) {
    std::cout << format_utc(*fire) << ' ' << format_in_zone(*fire, trigger->zone()) << '\n';
  }
}
