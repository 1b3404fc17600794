// Sets of numbers as the text of a cron field; one text for one set.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/calendar_fields.h"

namespace action_scheduler {

// The ascending numbers as few arithmetic progressions: 1,2,3,4 and 10,20,30 become {1,4,1} and {10,30,10}.
std::vector<YearRange> progressions(std::span<const int> numbers);

// "1-4,10-30/10".
std::string list_text(const std::vector<YearRange>& progressions);

// The bits least..greatest as a list without a star; empty if there are none.
std::string list_text(std::uint64_t bits, int least, int greatest);

// The same as a text that begins with a star ("*", "*/5", "*/20,7"); empty if there is none.
std::string star_text(std::uint64_t bits, int least, int greatest);

// star_text() if wanted and possible, else list_text().
std::string calendar_text(std::uint64_t bits, int least, int greatest, bool star);

}  // namespace action_scheduler
