// What holds for every trigger and every message, whatever the schedule says.
#pragma once

#include <string_view>
#include <vector>

#include "action_scheduler/cron.h"

namespace action_scheduler::testing {

// Ends the process with a line on standard error that says which law is broken, by what and where: a fuzzer's fault.
[[noreturn]] void broken(std::string_view law, std::string_view text);

// A message is one line of printable UTF-8, not empty, of a length that people read.
void check_message(std::string_view cron, std::string_view message);

// next(), previous() and count() agree with each other at and between `instants`; printed and parsed again the trigger is the
// same.
void check_laws(const Trigger& trigger, std::vector<Instant> instants, ZoneSource& zones);

}  // namespace action_scheduler::testing
