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

TEST_F(Settle, TakesNowAndLeavesParkedFires) {
  prepare();
  LedgerChange change;
  change.park = {parked(1, "2026-11-21T02:00:00Z", "no such topic"), parked(1, "2026-11-21T07:00:00Z", "no such topic")};
  note(change);
  ASSERT_EQ(run(SettleOptions{"now"}), kExitDone) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("to 2026-11-21T10:30:00Z; 4 fires"), HasSubstr("2 parked fires stay")));
  EXPECT_EQ(state().parked.size(), 2U);
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
  EXPECT_THAT(err_, HasSubstr("expected a time such as"));
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
