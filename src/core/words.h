// Numbers, lists, lengths of time and moments in English.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"
#include "core/schedule_parts.h"

namespace action_scheduler {

// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& words, std::string_view last_link = " and ");

// "1st", "22nd", "13th".
std::string ordinal(int number);

// "1 minute", "5 minutes".
std::string counted(std::int64_t number, std::string_view unit);

// "minute", "5 minutes", "90 minutes", "1 day 2 hours": what may follow "every".
std::string period_words(Seconds period);

// "5 minutes", "1 day 2 hours".
std::string length_words(Seconds length);

// "09:05", with seconds where they are not 0 or asked for.
std::string time_of_day(int second_of_day, bool with_seconds = false);

// "23:59 on 31 December 2026" on the zone's clock; with the offset where the clock shows that time for the second time.
std::string moment_words(Instant t, const Zone& zone);

std::string month_name(int month);      // 1 is January
std::string weekday_name(int weekday);  // 0 is Monday

// A set as English: what stands alone and runs first, then what has a step and at least five members ("every 2nd day from the 1st
// to the 31st"), so that nothing can be read two ways.
struct SetWords {
  std::vector<std::string> plain;    // "1", "5 to 9"
  std::vector<std::string> stepped;  // "every 2nd <unit> from 1 to 9"
};
SetWords set_words(const std::vector<NumberRange>& progressions, std::string_view unit,
                   const std::function<std::string(int)>& name);

// "minute 5", "minutes 0 and 20 to 30", "every 7th minute from 0 to 56".
std::string numbered(const std::vector<NumberRange>& progressions, std::string_view unit);

}  // namespace action_scheduler
