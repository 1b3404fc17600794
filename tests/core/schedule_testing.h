// Short forms for tests of schedules.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/cron.h"
#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "tests/core/fake_zones.h"

namespace action_scheduler::testing {

using Texts = std::vector<std::string>;

// Shared by all tests of a program: its zones outlive every trigger.
inline FakeZones& fake_zones() {
  static FakeZones zones;
  return zones;
}

inline Instant at(std::string_view utc) {
  const std::optional<Instant> t = parse_utc(utc);
  if (!t) throw std::invalid_argument("not an instant: " + std::string(utc));
  return *t;
}

// `{"format":"unix","params":{"value":"<fields>"<more>}}`
inline std::string unix_cron(std::string_view fields, std::string_view zone = "UTC", std::string_view more = "") {
  return R"({"format":"unix","params":{"value":")" + std::string(fields) + R"(","timezone":")" + std::string(zone) + '"' +
         std::string(more) + "}}";
}

// `{"format":"apscheduler","params":{<members>}}`, and likewise.
inline std::string cron_of(std::string_view format, std::string_view members) {
  return R"({"format":")" + std::string(format) + R"(","params":{)" + std::string(members) + "}}";
}

inline Trigger trigger_of(std::string_view cron, const CronZones& defaults = {}, ZoneSource& zones = fake_zones()) {
  Result<Trigger> trigger = parse_cron(cron, defaults, zones);
  if (!trigger) throw std::invalid_argument(std::string(cron) + ": " + trigger.error().message);
  return *std::move(trigger);
}

// The error's message, empty if there is none.
inline std::string fault_of(std::string_view cron, const CronZones& defaults = {}, ZoneSource& zones = fake_zones()) {
  const Result<Trigger> trigger = parse_cron(cron, defaults, zones);
  return trigger ? std::string() : trigger.error().message;
}

// Up to `count` fire times strictly after `after`.
inline Texts fires(const Trigger& trigger, std::string_view after, int count) {
  Texts found;
  Instant t = at(after);
  while (count-- > 0) {
    const std::optional<Instant> next = trigger.next(t);
    if (!next) break;
    found.push_back(format_utc(*next));
    t = *next;
  }
  return found;
}
inline Texts fires(std::string_view cron, std::string_view after, int count) { return fires(trigger_of(cron), after, count); }

// The fire times in (after, until].
inline Texts fires_between(const Trigger& trigger, std::string_view after, std::string_view until) {
  Texts found;
  for (std::optional<Instant> t = trigger.next(at(after)); t && *t <= at(until); t = trigger.next(*t)) {
    found.push_back(format_utc(*t));
  }
  return found;
}

}  // namespace action_scheduler::testing
