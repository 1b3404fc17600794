// What every ZoneSource promises, for the real one and the fake alike. The source knows UTC, Europe/Berlin and America/New_York.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "action_scheduler/zone.h"

namespace action_scheduler::testing {

struct ZoneSourceMaker {
  std::string name;
  std::function<std::unique_ptr<ZoneSource>()> make;
};

class ZoneSourceConformance : public ::testing::TestWithParam<ZoneSourceMaker> {
 protected:
  const Zone& zone(const std::string& name) {
    const Result<const Zone*> found = source_->find(name);
    if (!found) throw std::runtime_error(found.error().message);
    return **found;
  }

  const std::unique_ptr<ZoneSource> source_ = GetParam().make();
};

TEST_P(ZoneSourceConformance, GivesTheSamePointerForTheSameName) {
  EXPECT_EQ(&zone("Europe/Berlin"), &zone("Europe/Berlin"));
  EXPECT_EQ(zone("Europe/Berlin").name(), "Europe/Berlin");
}

TEST_P(ZoneSourceConformance, NeverTakesAnUnknownNameForUtc) {
  for (const char* name : {"", "Mars/Base", "europe/berlin", "utc", " UTC", "UTC ", "+03:00", "UTC+3", "Europe", "Europe/"}) {
    const Result<const Zone*> found = source_->find(name);
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_NE(found.error().message.find(name), std::string::npos);
  }
}

TEST_P(ZoneSourceConformance, KnowsUtcAsOneSpanWithoutEnd) {
  const Zone::Span span = zone("UTC").span_at(instant_from_unix(0));
  EXPECT_EQ(span.begin, Instant::min());
  EXPECT_EQ(span.end, Instant::max());
  EXPECT_EQ(span.offset, Seconds{0});
}

TEST_P(ZoneSourceConformance, KnowsTheChangesOfTodayAndOfTheFarFuture) {
  const Zone& berlin = zone("Europe/Berlin");
  for (const char* text : {"2026-03-29T01:00:00Z", "2426-03-29T01:00:00Z", "2826-03-29T01:00:00Z", "9626-03-29T01:00:00Z"}) {
    const Instant gap_end = *parse_utc(text);
    const Zone::Span summer = berlin.span_at(gap_end);
    EXPECT_EQ(summer.begin, gap_end);
    EXPECT_EQ(summer.offset, Seconds{7200});
    EXPECT_EQ(summer.passed.time_since_epoch(), gap_end.time_since_epoch() + Seconds{3600});
    EXPECT_EQ(berlin.span_at(gap_end - Seconds{1}).offset, Seconds{3600});
    EXPECT_EQ(berlin.span_at(gap_end - Seconds{1}).end, gap_end);
  }
}

TEST_P(ZoneSourceConformance, CoversTheTimeLineWithSpansThatMeet) {
  const Zone& zone = this->zone("America/New_York");
  Zone::Span span = zone.span_at(kFirstInstant);
  int spans = 0;
  while (span.end <= kLastInstant) {
    const Zone::Span next = zone.span_at(span.end);
    ASSERT_EQ(next.begin, span.end);
    ASSERT_NE(next.offset, span.offset);
    ASSERT_GT(next.end, next.begin);
    ASSERT_EQ(zone.span_at(next.begin + (std::min(next.end, kLastInstant) - next.begin) / 2).begin, next.begin);
    span = next;
    ++spans;
  }
  EXPECT_GT(spans, 2 * 7900);
}

TEST_P(ZoneSourceConformance, FindsTheInstantThatReachesALocalTime) {
  const Zone& zone = this->zone("America/New_York");
  const auto reached = [&zone](const char* local) {
    return format_utc(zone.first_reaching(std::chrono::local_seconds{parse_utc(local)->time_since_epoch()}));
  };
  EXPECT_EQ(reached("2026-01-01T00:00:00Z"), "2026-01-01T05:00:00Z");
  EXPECT_EQ(reached("2026-03-08T02:30:00Z"), "2026-03-08T07:00:00Z");
  EXPECT_EQ(reached("2026-11-01T01:30:00Z"), "2026-11-01T05:30:00Z");
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ZoneSourceConformance);

}  // namespace action_scheduler::testing
