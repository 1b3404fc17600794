// Schedules in plain English, for people who want to know whether they wrote what they meant. All of it follows from the trigger
// alone: pure, thread safe, bounded in time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// When the trigger fires, in one line without a full stop: "every 5 minutes from 09:00 to 17:55 on weekdays, New York time".
// Names every field that is restricted, the zone, the bounds and the jitter. Triggers that fire alike give the same words.
std::string describe(const Trigger& trigger);

// What a reader might not expect of it, a sentence each: how the two day fields go together, months that lack the day, what an
// interval counts from. Often empty.
std::vector<std::string> remarks(const Trigger& trigger);

// Why it does not fire after `after`, as a clause: "February has no 30th", "its end_date has passed". Absent if it does fire.
std::optional<std::string> why_silent(const Trigger& trigger, Instant after);

// What a schedule does where its zone's clock changes.
struct ClockChangeWords {
  enum class Effect {
    none,           // no time of it is skipped or shown twice, or it does not fire by the clock at all
    gap_end,        // times are skipped; they make one fire where the gap ends
    skipped,        // times are skipped and do not fire: the schedule follows elapsed time
    first_showing,  // times are shown twice and fire the first time only
    both_showings,  // times are shown twice and fire both times
    inactive,       // before its start or after its end
  };

  Instant at;
  Seconds offset_before;  // local time minus UTC
  Seconds offset_after;   // greater: a gap; less: an overlap
  Effect effect;
  std::string words;  // a clause: "02:30 is skipped; fires once at 03:00, where the gap ends"
};

// The next changes of the trigger's zone after `after`, at most `count`, in order; fewer where the zone has no more of them.
std::vector<ClockChangeWords> next_clock_changes(const Trigger& trigger, Instant after, std::size_t count);

// "gap_end" and so on: the names of the effects, for machines.
const char* effect_name(ClockChangeWords::Effect effect);

// The time on the zone's clock: "2026-11-21T13:00:00+03:00"; in UTC where that would leave the years 1 to 9999.
std::string format_in_zone(Instant t, const Zone& zone);

// "+03:00"; with seconds where there are some, as zones of the 19th century have them.
std::string format_offset(Seconds offset);

// "America/Argentina/Buenos_Aires" is "Buenos Aires (Argentina) time", "UTC" is "UTC".
std::string zone_words(const Zone& zone);

}  // namespace action_scheduler
