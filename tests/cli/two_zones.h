// A zone source that knows UTC and a Berlin of the year 2026.
#pragma once

#include <string>
#include <string_view>

#include "action_scheduler/zone.h"

namespace action_scheduler {

class TwoZones : public ZoneSource {
 public:
  Result<const Zone*> find(std::string_view name) override {
    if (name == "UTC") return &utc_;
    if (name == "Europe/Berlin") return &berlin_;
    return Error{"unknown zone \"" + std::string(name) + '"'};
  }

 private:
  Zone utc_{"UTC", Seconds{0}, {}, Instant::max()};
  Zone berlin_{"Europe/Berlin",
               Seconds{3600},
               {{*parse_utc("2026-03-29T01:00:00Z"), Seconds{7200}}, {*parse_utc("2026-10-25T01:00:00Z"), Seconds{3600}}},
               Instant::max()};
};

}  // namespace action_scheduler
