// Rows are inserted, edited, disabled and deleted while the scheduler runs; bad ones stand among good ones.
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// track_changes_period is 1 s in these tests, and a scan of a small table takes no time. The rest is for a busy machine.
constexpr Seconds kTakesEffectWithin{3};

class LiveTable : public ::testing::Test {
 protected:
  void start() {
    folder_.write("config.yaml", stage_.config());
    process_.emplace(folder_, std::vector<std::string>{});
  }

  // Waits for fires of `marker` late enough to show that a change made at `changed` had its time.
  bool well_after(Instant changed, int marker) {
    return stage_.fires_until(
        [&](const FiredList& fired) { return fired.latest(marker) > changed + kTakesEffectWithin + Seconds{1}; });
  }

  Stage stage_;
  WorkFolder folder_;
  std::optional<SchedulerProcess> process_;
};

TEST_F(LiveTable, EachChangeTakesEffectWithinThePollPeriod) {
  constexpr int kEdited = 1;
  constexpr int kDisabled = 2;
  constexpr int kRescheduled = 3;
  constexpr int kDeleted = 4;
  constexpr int kMarker = 5;
  start();
  ASSERT_TRUE(eventually([&] { return stage_.sql("SELECT to_regclass('$T') IS NOT NULL")[0][0] == "t"; })) << process_->err();

  const Instant inserted = now();
  for (int id = kEdited; id <= kMarker; ++id) stage_.sql(insert_row("$T", id, "first", every(1)));
  ASSERT_TRUE(well_after(inserted, kMarker)) << process_->err();
  for (int id = kEdited; id <= kMarker; ++id) {
    const auto times = stage_.fired().times(id);
    ASSERT_FALSE(times.empty()) << id;
    EXPECT_LE(*times.begin(), inserted + kTakesEffectWithin) << id;
  }

  const Instant changed = now();
  stage_.sql(
      "UPDATE $T SET command = 'second' WHERE id = 1; UPDATE $T SET enabled = false WHERE id = 2;"
      "UPDATE $T SET cron = '" +
      every(86'400) + "' WHERE id = 3; DELETE FROM $T WHERE id = 4");
  ASSERT_TRUE(well_after(changed, kMarker));
  const FiredList fired = stage_.fired();
  for (const ReadMessage& message : fired.of(kEdited)) {
    const auto time = parse_utc(message.header("ce_time"));
    if (time <= changed + kTakesEffectWithin && time >= changed) continue;
    EXPECT_EQ(message.value, time < changed ? R"({"command": "first"})" : R"({"command": "second"})") << message.header("ce_id");
  }
  EXPECT_THAT(fired.gaps(kEdited), IsEmpty()) << "a new command does not reset the schedule";
  EXPECT_LE(fired.latest(kDisabled), changed + kTakesEffectWithin);
  EXPECT_LE(fired.latest(kRescheduled), changed + kTakesEffectWithin);
  EXPECT_LE(fired.latest(kDeleted), changed + kTakesEffectWithin);

  const Instant enabled = now();
  stage_.sql("UPDATE $T SET enabled = true WHERE id = 2;" + insert_row("$T", kDeleted, "again", every(1)));
  ASSERT_TRUE(well_after(enabled, kMarker));
  for (const int id : {kDisabled, kDeleted}) {
    const auto times = stage_.fired().times(id);
    const auto next = times.upper_bound(*fired.latest(id));
    ASSERT_NE(next, times.end()) << id;
    EXPECT_GE(*next, enabled) << id << ": the time between is not caught up";
    EXPECT_LE(*next, enabled + kTakesEffectWithin) << id;
  }
  EXPECT_THAT(stage_.fired().gaps(kMarker), IsEmpty());
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
  EXPECT_EQ(process_->stop(), 0);
}

TEST_F(LiveTable, MessagesCarryValueKeyAndHeaders) {
  const std::string other_topic = unique_name("other");
  kafka().create_topic(other_topic);
  stage_.create_table();
  stage_.sql(insert_row("$T", 1, "plain", every(1)) +
             "INSERT INTO $T (id, name, command, cron, actuality_time, topic, key, headers) VALUES (2, 'Имя', E'run \"x\" "
             "\\u0439\\n', '" +
             every(1) + "', 600, '" + other_topic + R"(', 'my key', '{"team": "billing", "trace": "\u044f"}'))");
  start();
  ASSERT_TRUE(stage_.fires_until([](const FiredList& fired) { return fired.count(1) >= 2; })) << process_->err();
  ASSERT_TRUE(eventually([&] { return stage_.fired_in(other_topic).count(2) >= 1; })) << process_->err();

  const ReadMessage plain = stage_.fired().messages().at(0);
  const std::string time = plain.header("ce_time");
  EXPECT_EQ(plain.value, R"({"command": "plain"})");
  EXPECT_EQ(plain.key, "1");
  EXPECT_THAT(plain.headers,
              ElementsAre(Pair("ce_specversion", "1.0"), Pair("ce_id", "1@" + time),
                          Pair("ce_source", "action-scheduler-" + stage_.topic), Pair("ce_type", "action.fired"),
                          Pair("ce_time", time), Pair("ce_subject", "plain"), Pair("content-type", "application/json"),
                          Pair("ce_actionid", "1"), Pair("ce_attempt", "1"), Pair("ce_reason", "on_time")));
  EXPECT_EQ(stage_.fired().count(2), 0U) << "its topic is another";

  const ReadMessage rich = stage_.fired_in(other_topic).messages().at(0);
  EXPECT_EQ(rich.value, R"({"command": "run \"x\" \u0439\n"})");
  EXPECT_EQ(rich.key, "my key");
  EXPECT_EQ(rich.header("ce_subject"), "Имя");
  EXPECT_EQ(rich.header("team"), "billing");
  EXPECT_EQ(rich.header("trace"), "я");
  EXPECT_EQ(parse_utc(rich.header("ce_expirytime")), *parse_utc(rich.header("ce_time")) + Seconds{600});
  EXPECT_EQ(process_->stop(), 0);
}

TEST_F(LiveTable, ATopicThatIsMissingHoldsUpNoOtherAndGetsItsFiresLater) {
  const std::string missing = unique_name("missing");
  stage_.create_table();
  stage_.sql(insert_row("$T", 1, "one", every(1)) + insert_row("$T", 2, "two", every(1)) + "UPDATE $T SET topic = '" + missing +
             "' WHERE id = 2");
  start();
  ASSERT_TRUE(stage_.fires_until([](const FiredList& fired) { return fired.count(1) >= 3; })) << process_->err();
  EXPECT_THAT(lines_with(process_->err(), "fire is parked"), ::testing::Not(IsEmpty()));
  kafka().create_topic(missing);
  ASSERT_TRUE(eventually([&] { return stage_.fired_in(missing).latest(2) > now() - Seconds{3}; })) << process_->err();
  const Instant parked_since = *stage_.fired().times(1).begin();
  ASSERT_TRUE(eventually([&] { return *stage_.fired_in(missing).times(2).begin() <= parked_since; })) << process_->err();
  ASSERT_TRUE(eventually([&] { return stage_.fired_in(missing).gaps(2).empty(); })) << process_->err();
  EXPECT_EQ(process_->stop(), 0);
  EXPECT_THAT(stage_.fired().gaps(1), IsEmpty());
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
  EXPECT_THAT(stage_.fired_in(missing).repeated(), IsEmpty());
}

// Kinds of bad rows, ten of each.
struct BadRow {
  std::string cells;  // for (merge_missed, actuality_time, enabled, timezone, topic, key, headers, cron)
  std::string column;
  std::string text;  // what the fault quotes or says
};

TEST_F(LiveTable, BadRowsAreReportedOnceEachAndDisturbNoOther) {
  const std::vector<BadRow> kinds{
      {R"('{"format": "unix", "params": {"value": "61 * * * *"}}', NULL, NULL)", "cron", "61"},
      {R"('{"format": "weekly", "params": {}}', NULL, NULL)", "cron", "weekly"},
      {R"('{"format": "interval", "params": {"seconds": "5"}}', NULL, NULL)", "cron", "seconds"},
      {R"('{"format": "unix", "params": {"value": "* * * * *"}}', 'Mars/Base', NULL)", "timezone", "Mars/Base"},
      {R"('{"format": "unix", "params": {"value": "* * * * *"}}', NULL, '{"n": 7}')", "headers", "n"},
  };
  stage_.create_table();
  stage_.sql("INSERT INTO $T (id, name, command, cron) SELECT n, 'good' || n, 'c' || n, '" + every(1) +
             "' FROM generate_series(1, 1000) n");
  int id = 2000;
  for (const BadRow& bad : kinds) {
    for (int i = 0; i < 10; ++i) {
      ++id;
      const std::string name = std::to_string(id);
      stage_.sql("INSERT INTO $T (id, name, command, cron, timezone, headers) VALUES (" + name + ", 'bad" + name + "', 'x', " +
                 bad.cells + ")");
    }
  }
  start();
  ASSERT_TRUE(stage_.fires_until([](const FiredList& fired) {
    std::set<std::string> seen;
    for (const ReadMessage& message : fired.messages()) seen.insert(message.header("ce_actionid"));
    return seen.size() == 1000;
  })) << process_->err();
  // Two more rows, one after the other: each shows that another poll went by.
  for (const int more : {1001, 1002}) {
    stage_.sql(insert_row("$T", more, "more", every(1)));
    ASSERT_TRUE(stage_.fires_until([&](const FiredList& fired) { return fired.count(more) > 0; }));
  }
  EXPECT_EQ(process_->stop(), 0);

  const std::string log = process_->err();
  EXPECT_THAT(lines_with(log, "action cannot be scheduled"), SizeIs(50));
  id = 2000;
  for (const BadRow& bad : kinds) {
    for (int i = 0; i < 10; ++i) {
      const std::string action = "action=" + std::to_string(++id) + " ";
      EXPECT_THAT(lines_with(log, action),
                  ElementsAre(AllOf(HasSubstr("level=error"), HasSubstr("action cannot be scheduled"),
                                    HasSubstr("name=bad" + std::to_string(id)), HasSubstr("column=" + bad.column),
                                    HasSubstr("reason="), HasSubstr(bad.text))));
    }
  }
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
}

}  // namespace
}  // namespace action_scheduler::testing
