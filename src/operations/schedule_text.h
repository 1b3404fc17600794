// Schedules on a terminal: what `explain` and the commands that show actions print alike.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

inline constexpr std::size_t kShownFires = 5;

// The next fire times strictly after `after`, kShownFires at most.
std::vector<Instant> next_fires(const Trigger& trigger, Instant after);

// "Mon 2026-11-23 09:00:00 -05:00"
std::string for_people(Instant t, const Zone& zone);

// A heading and a line for each fire, in the zone and in UTC. `fires` is not empty.
void print_fires(const std::vector<Instant>& fires, const Zone& zone, std::ostream& out);

// `[{"utc":"...","local":"..."}]`
std::string fires_json(const std::vector<Instant>& fires, const Zone& zone);

// Breaks at blanks so that lines fit the narrowest terminal, 80 columns; the lines after the first are indented by `indent`, to
// which the first one is meant to be printed already.
std::string wrapped(const std::string& text, std::size_t indent);

}  // namespace action_scheduler
