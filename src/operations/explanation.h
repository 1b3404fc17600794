// What a schedule means, for people who are told it in a terminal or on a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/describe.h"
#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// All that there is to say of it.
struct Explanation {
  std::string words;
  const Zone* zone;
  Instant after;
  std::vector<std::string> remarks;
  std::vector<Instant> fires;
  std::optional<std::string> silence;
  std::vector<ClockChangeWords> clock_changes;
};

// `cron` is the text that the trigger was read from: what became of its dates is told too. Fire times and clock changes are those
// after `after`, a few.
Explanation explain(const Trigger& trigger, std::string_view cron, Instant after);

// As `explain --json` prints it, without the newline.
std::string explanation_json(const Explanation& all);

}  // namespace action_scheduler
