#include "http/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "http/probes.h"

namespace action_scheduler::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Instant kNow = *parse_utc("2026-11-21T10:00:00Z");

// All is well.
ServiceStatus good_status() {
  ServiceStatus status;
  status.started_at = kNow - Seconds{60};
  status.turned = milliseconds{60'000};
  status.engine.watermark = kNow;
  status.engine.table_in_effect = true;
  status.engine.next_due = kNow + Seconds{5};
  status.engine.receiver_answers = true;
  status.engine.counters.delivered = 7;
  status.polls.good = 2;
  status.polls.last_good = kNow - Seconds{10};
  status.polls.rows = 3;
  return status;
}

std::map<std::string, double> values(const std::string& text) {
  std::map<std::string, double> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const auto blank = line.rfind(' ');
    all[line.substr(0, blank)] = std::stod(line.substr(blank + 1));
  }
  return all;
}

TEST(Metrics, AreWhatPrometheusReads) {
  const std::string text = metrics_text(good_status(), {{"kafka_queue_messages", "Waiting.", false, 3}}, kNow);
  const std::regex line(
      R"re(# (HELP|TYPE) action_scheduler_[a-z_0-9]+ .+|action_scheduler_[a-z_0-9]+(\{[a-z]+="[^"]*"\})? [0-9.e+-]+(Inf)?)re");
  std::istringstream lines(text);
  for (std::string one; std::getline(lines, one);) EXPECT_TRUE(std::regex_match(one, line)) << one;
  const auto all = values(text);
  EXPECT_EQ(all.at(R"(action_scheduler_fires_total{outcome="delivered"})"), 7);
  EXPECT_EQ(all.at(R"(action_scheduler_polls_total{result="good"})"), 2);
  EXPECT_EQ(all.at("action_scheduler_kafka_queue_messages"), 3);
  EXPECT_EQ(all.at("action_scheduler_lag_seconds"), 0);
  EXPECT_EQ(all.at("action_scheduler_receiver_up"), 1);
}

TEST(Metrics, TheHistogramOfLatenessAddsUp) {
  ServiceStatus status = good_status();
  for (const int ms : {1, 10, 11, 700, 100'000}) status.engine.counters.lateness.add(milliseconds{ms});
  const auto all = values(metrics_text(status, {}, kNow));
  EXPECT_EQ(all.at(R"(action_scheduler_lateness_seconds_bucket{le="0.01"})"), 2);
  EXPECT_EQ(all.at(R"(action_scheduler_lateness_seconds_bucket{le="1"})"), 4);
  EXPECT_EQ(all.at(R"(action_scheduler_lateness_seconds_bucket{le="60"})"), 4);
  EXPECT_EQ(all.at(R"(action_scheduler_lateness_seconds_bucket{le="+Inf"})"), 5);
  EXPECT_EQ(all.at("action_scheduler_lateness_seconds_count"), 5);
  EXPECT_DOUBLE_EQ(all.at("action_scheduler_lateness_seconds_sum"), 100.722);
}

TEST(Metrics, TheLagIsTheAgeOfTheEarliestFireThatIsDue) {
  ServiceStatus status = good_status();
  status.engine.next_due = kNow - Seconds{90};
  EXPECT_EQ(values(metrics_text(status, {}, kNow)).at("action_scheduler_lag_seconds"), 90);
  status.engine.pending = 17;
  EXPECT_EQ(values(metrics_text(status, {}, kNow)).at("action_scheduler_pending"), 17);
}

TEST(Probes, AGoodServiceIsAliveAndReady) {
  const ClockReading now{WallTime{kNow}, milliseconds{60'500}};
  EXPECT_EQ(why_not_alive(good_status(), now, {}), "");
  EXPECT_THAT(why_not_ready(good_status(), now, {}), IsEmpty());
}

TEST(Probes, ALoopThatDoesNotTurnIsNotAlive) {
  EXPECT_THAT(why_not_alive(good_status(), {WallTime{kNow}, milliseconds{121'000}}, {}), HasSubstr("not turned for 61 seconds"));
}

TEST(Probes, SayAllThatIsMissing) {
  ServiceStatus status = good_status();
  status.engine.receiver_answers = false;
  status.engine.receiver_error = "nobody listens";
  status.engine.ledger_writes = false;
  status.engine.ledger_error = "disk full";
  status.polls.last_good.reset();
  EXPECT_THAT(why_not_ready(status, {WallTime{kNow}, milliseconds{60'000}}, {}),
              ElementsAre(HasSubstr("table was not read yet"), HasSubstr("nobody listens"), HasSubstr("disk full")));
  EXPECT_EQ(why_not_alive(status, {WallTime{kNow}, milliseconds{60'000}}, {}), "");
}

TEST(Probes, ATableThatWasReadMustBeInEffectToo) {
  ServiceStatus status = good_status();
  status.engine.table_in_effect = false;
  EXPECT_THAT(why_not_ready(status, {WallTime{kNow}, milliseconds{60'000}}, {}), ElementsAre(HasSubstr("not in effect yet")));
}

TEST(Probes, OneFailedLookAtTheTableIsForgiven) {
  ServiceStatus status = good_status();
  status.polls.failed_in_a_row = 2;
  EXPECT_THAT(why_not_ready(status, {WallTime{kNow}, milliseconds{60'000}}, {}), IsEmpty());
  status.polls.failed_in_a_row = 3;
  EXPECT_THAT(why_not_ready(status, {WallTime{kNow}, milliseconds{60'000}}, {}), ElementsAre(HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace action_scheduler::testing
