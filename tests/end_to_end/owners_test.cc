// Two schedulers where there may be one.
#include <signal.h>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Owners : public ::testing::Test {
 protected:
  void SetUp() override {
    stage_.create_table();
    stage_.sql(insert_row("$T", 1, "one", every(1)));
    for (const WorkFolder* folder : {&first_folder_, &second_folder_}) folder->write("config.yaml", stage_.config());
  }

  bool fires_beyond(Instant t) const {
    return stage_.fires_until([&](const FiredList& fired) { return fired.latest(1) > t; }, std::chrono::seconds(60));
  }

  Stage stage_;
  WorkFolder first_folder_;
  WorkFolder second_folder_;
};

TEST_F(Owners, TheOlderSchedulerOfAnInstanceIsFencedAndExitsWith4) {
  SchedulerProcess older(first_folder_, {});
  ASSERT_TRUE(fires_beyond(now())) << older.err();
  SchedulerProcess newer(second_folder_, {});
  EXPECT_EQ(older.wait(), 4) << older.err();
  EXPECT_THAT(lines_with(older.err(), "fenced"), SizeIs(1)) << older.err();
  EXPECT_THAT(lines_with(older.err(), "fenced"), Contains(HasSubstr("level=error")));
  ASSERT_TRUE(fires_beyond(now() + Seconds{2})) << newer.err();
  EXPECT_EQ(newer.stop(), 0);
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
  EXPECT_THAT(stage_.fired().gaps(1), IsEmpty());
}

TEST_F(Owners, ASchedulerThatWasStoppedInItsTracksIsFencedWhenItGoesOn) {
  SchedulerProcess older(first_folder_, {});
  ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << older.err();
  older.signal(SIGSTOP);
  SchedulerProcess newer(second_folder_, {});
  ASSERT_TRUE(fires_beyond(now() + Seconds{2})) << newer.err();
  older.signal(SIGCONT);
  EXPECT_EQ(older.wait(), 4) << older.err();
  ASSERT_TRUE(fires_beyond(now() + Seconds{1})) << newer.err();
  EXPECT_EQ(newer.stop(), 0);
  EXPECT_THAT(stage_.fired().repeated(), IsEmpty());
  EXPECT_THAT(stage_.fired().gaps(1), IsEmpty());
}

TEST_F(Owners, TheSecondSchedulerOnALedgerExitsWith3) {
  SchedulerProcess first(first_folder_, {});
  ASSERT_TRUE(fires_beyond(now())) << first.err();
  second_folder_.write("config.yaml", stage_.config() + "instance: another\n");
  SchedulerProcess second(second_folder_, {"--set", "internal_db.database=" + (first_folder_.path() / "ledger.db").string()});
  EXPECT_EQ(second.wait(), 3) << second.err();
  EXPECT_THAT(lines_with(second.err(), "another scheduler is running on this ledger"),
              Contains(AllOf(HasSubstr("level=error"), HasSubstr("ledger.db"))));
  EXPECT_TRUE(fires_beyond(now() + Seconds{1})) << "the first goes on";
  EXPECT_EQ(first.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
