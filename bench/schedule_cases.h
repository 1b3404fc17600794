// The schedules that are measured, in the words of each library.
#pragma once

#include <array>
#include <string>

namespace action_scheduler::bench {

// A null text: that library cannot say it.
struct ScheduleCase {
  const char* name;
  const char* format;
  const char* params;       // members of `params` without the zone
  const char* robfig;       // with seconds if there are six fields
  const char* apscheduler;  // a JSON object of CronTrigger's arguments
  const char* croniter;     // seconds are the sixth field
  bool either_day = true;   // croniter's day_or
};

// robfig/cron lets a day match when either day field does, so it has no 29 February on a Monday, and it knows no last day. An
// interval counts from the instant that it is asked at, so it is none of ours. A year without a match ends its search after five.
inline constexpr std::array<ScheduleCase, 11> kScheduleCases{{
    {"every second", "apscheduler", R"("second":"*")", "* * * * * *", R"({"second":"*"})", "* * * * * *"},
    {"every minute", "unix", R"("value":"* * * * *")", "* * * * *", R"({"minute":"*"})", "* * * * *"},
    {"every 5 minutes of business hours", "unix", R"("value":"*/5 9-17 * * mon-fri")", "*/5 9-17 * * 1-5",
     R"({"day_of_week":"mon-fri","hour":"9-17","minute":"*/5"})", "*/5 9-17 * * 1-5"},
    {"daily", "unix", R"("value":"30 12 * * *")", "30 12 * * *", R"({"hour":12,"minute":30})", "30 12 * * *"},
    {"monthly", "unix", R"("value":"0 6 1 * *")", "0 6 1 * *", R"({"day":1,"hour":6})", "0 6 1 * *"},
    {"last day of the month", "apscheduler", R"("day":"last","hour":"23","minute":"59")", nullptr,
     R"({"day":"last","hour":23,"minute":59})", "59 23 l * *"},
    {"yearly", "unix", R"("value":"0 0 1 1 *")", "0 0 1 1 *", R"({"month":1,"day":1})", "0 0 1 1 *"},
    {"29 February", "unix", R"("value":"0 0 29 2 *")", "0 0 29 2 *", R"({"month":2,"day":29})", "0 0 29 2 *"},
    {"29 February on a Monday", "apscheduler", R"("month":"2","day":"29","day_of_week":"mon")", nullptr,
     R"({"month":2,"day":29,"day_of_week":"mon"})", "0 0 29 2 1", false},
    {"never (30 February)", "unix", R"("value":"0 0 30 2 *")", "0 0 30 2 *", nullptr, nullptr},
    {"interval of 90 s", "interval", R"("seconds":90)", nullptr, nullptr, nullptr},
}};

inline constexpr std::array<const char*, 2> kZones{"UTC", "America/New_York"};

inline std::string case_name(const ScheduleCase& of, const std::string& zone) { return std::string(of.name) + ", " + zone; }

inline std::string cron_json(const ScheduleCase& of, const std::string& zone) {
  return std::string(R"({"format":")") + of.format + R"(","params":{)" + of.params + R"(,"timezone":")" + zone + "\"}}";
}

}  // namespace action_scheduler::bench
