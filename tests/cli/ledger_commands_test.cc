// `fires`, `settle`, `parked`.
#include <nlohmann/json.hpp>

#include "tests/cli/operator_fixture.h"

namespace action_scheduler::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class LedgerCommand : public OperatorTest {
 protected:
  // An hourly and a daily action, settled until 05:30 of a day whose 10:30 it is.
  void prepare() {
    add("hourly", kHourly);
    add("daily", R"({"format":"unix","params":{"value":"0 3 * * *"}})");
    live("2026-11-20T00:00:00Z", "2026-11-21T05:30:00Z");
  }

  LedgerState state() { return *ledger()->load(); }
  std::vector<NotedOutcome> outcomes() { return *ledger()->outcomes({}, 100); }
};

using Fires = LedgerCommand;
using Settle = LedgerCommand;
using Parked = LedgerCommand;

TEST_F(Fires, ListsOutcomesAndParkedFiresNewestFirst) {
  prepare();
  LedgerChange change;
  change.outcomes = {outcome(1, Outcome::expired, "2026-11-21T01:00:00Z", "too late"),
                     outcome(2, Outcome::merged, "2026-11-21T03:00:00Z", "merged")};
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic")};
  note(change);
  ASSERT_EQ(run(FiresOptions{}), kExitDone) << err_;
  EXPECT_THAT(out_, MatchesRegex("NOTED[^\n]*\n[^\n]*merged [^\n]*\n[^\n]*parked [^\n]*t: no such topic\n[^\n]*expired [^\n]*too "
                                 "late\n"));
  FiresOptions options;
  options.limit = 2;
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  json told = json::parse(out_);
  EXPECT_EQ(told["outcomes"].size(), 1U);
  EXPECT_EQ(told["parked"][0]["id"], "1@2026-11-21T02:00:00Z");
  options.limit = 50;
  options.action = 1;
  options.outcome = "expired";
  ASSERT_EQ(run(options), kExitDone);
  told = json::parse(out_);
  EXPECT_EQ(told["outcomes"].size(), 1U);
  EXPECT_EQ(told["outcomes"][0]["reason"], "too late");
  EXPECT_EQ(told["parked"], json::array());
}

TEST_F(Fires, GoesOnWhereThePageBeforeEnded) {
  prepare();
  LedgerChange change;
  for (int i = 0; i < 4; ++i) {
    change.outcomes.push_back(outcome(1, Outcome::expired, "2026-11-21T0" + std::to_string(i) + ":00:00Z", std::to_string(i)));
  }
  change.park = {parked(2, "2026-11-21T02:30:00Z", "no such topic")};
  note(change);
  FiresOptions options;
  options.limit = 2;
  std::string seen;
  for (; options.skip < 6; options.skip += 2) {
    ASSERT_EQ(run(options), kExitDone);
    EXPECT_EQ(err_, options.skip < 4 ? "there are more: --skip " + std::to_string(options.skip + 2) + '\n' : "");
    seen += out_.substr(out_.find('\n') + 1);
  }
  EXPECT_THAT(seen, MatchesRegex("[^\n]*expired [^\n]*  3\n[^\n]*parked [^\n]*\n[^\n]*  2\n[^\n]*  1\n[^\n]*  0\n"));
  options.json = true;
  options.skip = 2;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(json::parse(out_)["next_skip"], 4);
  options.skip = 4;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_EQ(json::parse(out_)["next_skip"], nullptr);
}

TEST_F(Fires, FindsTheLatestDeliveriesByTheSchedules) {
  prepare();
  add("jitter", R"({"format":"unix","params":{"value":"0 5 * * *","jitter":3600}})");
  live("2026-11-20T00:00:00Z", "2026-11-21T05:00:00Z");
  LedgerChange change;
  change.outcomes = {outcome(1, Outcome::expired, "2026-11-21T04:00:00Z", "too late"),
                     outcome(1, Outcome::delivered, "2026-11-21T01:30:00Z", "ada: once more")};
  change.outcomes[1].requested = at("2026-11-21T01:30:00Z");
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic")};
  note(change);
  FiresOptions options;
  options.outcome = "delivered";
  options.limit = 4;
  options.json = true;
  ASSERT_EQ(run(options), kExitDone) << err_;
  json told = json::parse(out_);
  // What is due by jitter lies ahead; 04:00 has expired, 02:00 is parked, 01:30 was asked for.
  std::vector<std::string> ids;
  for (const json& one : told["deliveries"]) ids.push_back(one["id"]);
  EXPECT_THAT(ids, ::testing::ElementsAre("1@2026-11-21T05:00:00Z", "2@2026-11-21T03:00:00Z", "1@2026-11-21T03:00:00Z"));
  EXPECT_EQ(told["outcomes"].size(), 1U);
  EXPECT_EQ(told["next_skip"], 4);
  options.json = false;
  options.action = 2;
  ASSERT_EQ(run(options), kExitDone) << err_;
  EXPECT_THAT(out_, MatchesRegex("NOTED[^\n]*\n2026-11-21 03:00:00 +delivered +2 +1 +2026-11-21 03:00:00 +by its schedule\n"
                                 "2026-11-20 03:00:00 [^\n]*\n"));
}

TEST_F(Fires, SaysWhatItCannotTell) {
  FiresOptions options;
  options.outcome = "expird";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("did you mean \"expired\""));
  EXPECT_EQ(run(FiresOptions{}), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("there is none yet"));
  settings_.internal_db.reset();
  EXPECT_EQ(run(FiresOptions{}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("internal_db is not configured"));
}

TEST_F(Settle, MovesTheWatermarkAndNotesWhatIsSkipped) {
  prepare();
  ASSERT_EQ(run(SettleOptions{"2026-11-21T10:00:00Z"}), kExitDone) << err_;
  EXPECT_EQ(out_, "settled: 2026-11-21T05:30:00Z to 2026-11-21T10:00:00Z; 5 fires of 1 action skipped\n");
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(state().watermark, Position{at("2026-11-21T10:00:00Z")});
  const auto noted = outcomes();
  ASSERT_EQ(noted.size(), 1U);
  EXPECT_EQ(noted[0], (NotedOutcome{1, Outcome::expired, at("2026-11-21T06:00:00Z"), at("2026-11-21T10:00:00Z"), 5,
                                    "settled by hand by ada", now_}));
}

TEST_F(Settle, TakesADate) {
  prepare();
  now_ = at("2026-11-22T10:30:00Z");
  ASSERT_EQ(run(SettleOptions{"2026-11-22"}), kExitDone) << err_;
  EXPECT_EQ(state().watermark, Position{at("2026-11-22T00:00:00Z")});
}

TEST_F(LedgerCommand, HealthIsToldToMachinesToo) {
  settings_.http.listen = ListenAddress{"127.0.0.1", 1};
  EXPECT_EQ(run(HealthOptions{false, true}), kExitFailed);
  const json told = json::parse(out_);
  EXPECT_EQ(told["ok"], false);
  EXPECT_THAT(told["reasons"][0], HasSubstr("no scheduler answers"));
}

TEST_F(LedgerCommand, BackfillTakesDatesAndSaysWhatItCannotRead) {
  FireOptions options;
  options.backfill = true;
  options.from = "2026-11-20";
  options.to = "now";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("http.listen"));  // no more is in its way
  options.to = "tomorrow";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--to: expected a date or time such as"));
}

TEST_F(Settle, TakesNowAndLeavesParkedFires) {
  prepare();
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic"), parked(1, "2026-11-21T07:00:00Z", "no such topic")};
  note(change);
  ASSERT_EQ(run(SettleOptions{"now"}), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("to 2026-11-21T10:30:00Z; 4 fires"), HasSubstr("2 parked fires stay")));
  EXPECT_EQ(state().parked.size(), 2U);
}

TEST_F(Settle, CountsNothingThatWasMergedIntoAParkedFire) {
  add("hourly", kHourly, {{Column::merge_missed, "true"}});
  live("2026-11-20T00:00:00Z", "2026-11-21T05:30:00Z");
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T07:00:00Z", "no such topic")};
  change.park[0].fire.stands_for_earlier = true;
  note(change);
  ASSERT_EQ(run(SettleOptions{"now"}), kExitDone) << err_;
  EXPECT_THAT(out_, HasSubstr("to 2026-11-21T10:30:00Z; 3 fires"));
}

TEST_F(Settle, ADryRunCountsOnly) {
  prepare();
  SettleOptions options{"now", true, true};
  ASSERT_EQ(run(options), kExitDone);
  const json told = json::parse(out_);
  EXPECT_EQ(told["written"], false);
  EXPECT_EQ(told["fires"], 5);
  EXPECT_EQ(state().watermark, Position{at("2026-11-21T05:30:00Z")});
  EXPECT_THAT(outcomes(), IsEmpty());
}

TEST_F(Settle, CountsByDueTimeWhereJitterDelays) {
  add("jitter", R"({"format":"interval","params":{"seconds":1,"jitter":3600}})");
  live("2026-11-20T00:00:00Z", "2026-11-21T09:00:00Z");
  ASSERT_EQ(run(SettleOptions{"2026-11-21T10:00:00Z"}), kExitDone) << err_;
  const NotedOutcome noted = outcomes().at(0);
  std::uint64_t due = 0;
  for (Instant t = at("2026-11-21T08:00:00Z"); t <= at("2026-11-21T10:00:00Z"); t += Seconds{1}) {
    const Instant when = due_instant(1, t, Seconds{3600});
    due += when > at("2026-11-21T09:00:00Z") && when <= at("2026-11-21T10:00:00Z") ? 1 : 0;
  }
  EXPECT_EQ(noted.count, due);
  EXPECT_LE(due_instant(1, noted.last, Seconds{3600}), at("2026-11-21T10:00:00Z"));
}

TEST_F(Settle, RefusesTimesThatCannotBeRight) {
  prepare();
  EXPECT_EQ(run(SettleOptions{"2026-11-21T05:00:00Z"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("lies before the watermark, 2026-11-21T05:30:00Z"));
  EXPECT_EQ(run(SettleOptions{"2026-11-21T11:00:00Z"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("lies ahead of now"));
  EXPECT_EQ(run(SettleOptions{"tomorrow"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--until: expected a date or time such as"));
  EXPECT_EQ(state().watermark, Position{at("2026-11-21T05:30:00Z")});
}

TEST_F(Settle, ClosesWhatACrashLeftOpenIfItReachesBeyond) {
  prepare();
  LedgerChange change;
  change.open_intent = Intent{
      {{at("2026-11-21T05:30:00Z")}, at("2026-11-21T08:00:00Z"), at("2026-11-21T08:00:00Z"), at("2026-11-21T08:00:00Z"), {}}, 1};
  note(change);
  EXPECT_EQ(run(SettleOptions{"2026-11-21T07:00:00Z"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("a crash left the fires up to 2026-11-21T08:00:00Z in doubt"));
  ASSERT_EQ(run(SettleOptions{"2026-11-21T09:00:00Z"}), kExitDone) << err_;
  EXPECT_FALSE(state().intent);
  EXPECT_THAT(outcomes().at(0).reason, HasSubstr("some may have been delivered before a crash"));
}

TEST_F(Settle, SaysWhatKafkaKeeps) {
  prepare();
  LedgerChange change;
  change.mark_exactly_once_used = true;
  note(change);
  ASSERT_EQ(run(SettleOptions{"now"}), kExitDone);
  EXPECT_THAT(err_, HasSubstr("Kafka keeps a position too"));
}

TEST_F(Settle, RefusesWhileTheSchedulerRunsOrBeforeItEverRan) {
  EXPECT_EQ(run(SettleOptions{"now"}), kExitFailed);
  EXPECT_FALSE(std::filesystem::exists(settings_.internal_db->database));
  prepare();
  const auto running = ledger();
  EXPECT_EQ(run(SettleOptions{"now"}), kExitAlreadyRunning);
  EXPECT_THAT(err_, HasSubstr("another scheduler"));
  EXPECT_EQ(run(ParkedOptions{ParkedOptions::Kind::drop}), kExitAlreadyRunning);
  EXPECT_EQ(run(ParkedOptions{ParkedOptions::Kind::retry}), kExitAlreadyRunning);
  EXPECT_THAT(err_, HasSubstr("tries parked fires again by itself"));
  EXPECT_EQ(run(ParkedOptions{}), kExitDone) << "looking is free";
}

TEST_F(Parked, AreListedByActionAndByFire) {
  prepare();
  EXPECT_EQ(run(ParkedOptions{}), kExitDone);
  EXPECT_EQ(err_, "nothing is parked\n");
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic"), parked(1, "2026-11-21T03:00:00Z", "no such topic"),
                 parked(2, "2026-11-21T03:00:00Z", "too large")};
  note(change);
  ParkedOptions options{ParkedOptions::Kind::list, {"1@2026-11-21T02:00:00Z", "2"}};
  options.json = true;
  ASSERT_EQ(run(options), kExitDone);
  const json told = json::parse(out_)["parked"];
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1]["reason"], "too large");
  options.ids = {"3"};
  EXPECT_EQ(run(options), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("no fire of \"3\" is parked"));
}

TEST_F(Parked, AreDroppedWithAReason) {
  prepare();
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic"), parked(2, "2026-11-21T03:00:00Z", "too large")};
  change.park[1].batch = 4;
  change.exception_batch = 4;
  note(change);
  ASSERT_EQ(run(ParkedOptions{ParkedOptions::Kind::drop, {"1"}}), kExitDone) << err_;
  EXPECT_THAT(out_, HasSubstr("dropped: 1 fire;"));
  EXPECT_EQ(outcomes().at(0), (NotedOutcome{1, Outcome::failed, at("2026-11-21T02:00:00Z"), at("2026-11-21T02:00:00Z"), 1,
                                            "dropped by hand by ada: no such topic", now_}));
  ParkedOptions rest{ParkedOptions::Kind::drop, {}, true};
  rest.dry_run = true;
  ASSERT_EQ(run(rest), kExitDone);
  EXPECT_EQ(state().parked.size(), 1U);
  rest.dry_run = false;
  ASSERT_EQ(run(rest), kExitDone);
  EXPECT_THAT(state().parked, IsEmpty());
  EXPECT_THAT(outcomes().at(0).reason, HasSubstr("it may have been sent all the same"));
}

// It would be planned again with what a crash left open.
TEST_F(Parked, AreNotDroppedOutOfAWindowThatACrashLeftOpen) {
  prepare();
  LedgerChange change;
  const Instant until = at("2026-11-21T08:00:00Z");
  change.open_intent = Intent{{{at("2026-11-21T05:30:00Z")}, until, until, until, {}}, 1};
  change.watermark = Position{at("2026-11-21T07:00:00Z")};
  change.park = {parked(1, "2026-11-21T06:00:00Z", "no such topic")};
  note(change);
  ParkedOptions options;
  options.kind = ParkedOptions::Kind::drop;
  options.ids = {"1"};
  EXPECT_EQ(run(options), kExitFailed);
  EXPECT_THAT(err_, HasSubstr("cannot be dropped yet"));
  EXPECT_EQ(state().parked.size(), 1U);
}

TEST_F(Parked, AreSentBeyondTheirActualityTimeIfAskedTo) {
  prepare();
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic"), parked(2, "2026-11-21T03:00:00Z", "too large")};
  change.park[0].fire.expires = at("2026-11-21T02:01:00Z");
  note(change);
  ParkedOptions options{ParkedOptions::Kind::retry};
  ASSERT_EQ(run(options), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("1 fire is tried as soon as the scheduler starts"), HasSubstr("1 fire is older")));
  EXPECT_TRUE(state().parked.at(0).fire.expires);
  options.late = true;
  ASSERT_EQ(run(options), kExitDone);
  EXPECT_THAT(out_, HasSubstr("2 fires are tried"));
  EXPECT_FALSE(state().parked.at(0).fire.expires);
}

}  // namespace
}  // namespace action_scheduler::testing
