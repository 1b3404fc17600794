// The days of a calendar schedule in English.
#pragma once

#include <string>

#include "core/schedule_parts.h"

namespace action_scheduler {

// "on weekdays", "on the 1st and 15th of every month and on Fridays", "every day in January, only in ISO week 1"; empty if every
// day matches. Years are not in it.
std::string day_words(const CalendarParts& parts);

// The pieces of it.
std::string weekday_noun(std::uint64_t weekdays);             // "weekdays", "Mondays and Fridays", "days from Monday to Thursday"
std::string days_of_month_words(const CalendarParts& parts);  // "the 1st and 15th", "the 1st day and the last Friday"
std::string months_words(std::uint64_t months);               // "January and March to May"
std::string weeks_words(std::uint64_t weeks);                 // "ISO week 53"
std::string years_words(const std::vector<NumberRange>& years);  // "in 2030 and 2035", "from 2030 on"

}  // namespace action_scheduler
