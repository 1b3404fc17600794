// The times of day of a calendar schedule in English.
#pragma once

#include <string>

#include "core/schedule_parts.h"

namespace action_scheduler {

struct TimeWords {
  std::string words;     // "at 09:00", "every 5 minutes from 09:00 to 17:55", "at minutes 0 and 20 of hours 9 to 17"
  bool all_day = false;  // goes on around the clock, so that "every day" need not be said
};

TimeWords time_words(const CalendarParts& parts);

}  // namespace action_scheduler
