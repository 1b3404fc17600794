#include "cli/progress.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "cli/loading_progress.h"

namespace action_scheduler::testing {
namespace {

using std::chrono::milliseconds;

constexpr const char* kWiped = "\r\033[K";

class Progress : public ::testing::Test {
 protected:
  ProgressLine::Now clock() {
    return [this] { return now_; };
  }

  // What was written since the last call.
  std::string written() {
    std::string text = err_.str();
    err_.str("");
    return text;
  }

  std::chrono::steady_clock::time_point now_{std::chrono::hours{1}};
  std::ostringstream err_;
};

TEST_F(Progress, CountsWhereThereIsNoTotal) {
  ProgressLine line(err_, true, clock());
  now_ += milliseconds{300};
  line.count("Reading rows", 340'000);
  EXPECT_EQ(written(), std::string(kWiped) + "Reading rows: 340,000");
}

TEST_F(Progress, IsABarWhereThereIsATotal) {
  ProgressLine line(err_, true, clock());
  now_ += milliseconds{300};
  line.part("Counting fires", 1, 3);
  EXPECT_EQ(written(), std::string(kWiped) + "Counting fires [##########                    ] 33 %");
  now_ += milliseconds{100};
  line.part("Counting fires", 3, 3);
  EXPECT_EQ(written(), std::string(kWiped) + "Counting fires [##############################] 100 %");
}

TEST_F(Progress, IsWipedAtTheEndAndOnlyOnce) {
  {
    ProgressLine line(err_, true, clock());
    now_ += milliseconds{300};
    line.count("Reading rows", 1);
    (void)written();
    line.finish();
    EXPECT_EQ(written(), kWiped);
  }
  EXPECT_EQ(written(), "");
}

TEST_F(Progress, IsWipedWhenItsCommandGivesUp) {
  {
    ProgressLine line(err_, true, clock());
    now_ += milliseconds{300};
    line.count("Reading rows", 1);
    (void)written();
  }
  EXPECT_EQ(written(), kWiped);
}

TEST_F(Progress, IsNotShownWhereTheErrorsAreNoTerminal) {
  {
    ProgressLine line(err_, false, clock());
    now_ += milliseconds{1000};
    line.count("Reading rows", 1);
    line.part("Counting fires", 1, 2);
  }
  EXPECT_EQ(written(), "");
}

TEST_F(Progress, IsNotShownForWhatTakesAMomentOnly) {
  {
    ProgressLine line(err_, true, clock());
    now_ += milliseconds{299};
    line.count("Reading rows", 1);
  }
  EXPECT_EQ(written(), "");
}

TEST_F(Progress, IsDrawnTenTimesASecondAtMost) {
  ProgressLine line(err_, true, clock());
  now_ += milliseconds{300};
  line.count("Reading rows", 1);
  (void)written();
  now_ += milliseconds{99};
  line.count("Reading rows", 2);
  EXPECT_EQ(written(), "");
  now_ += milliseconds{1};
  line.count("Reading rows", 3);
  EXPECT_EQ(written(), std::string(kWiped) + "Reading rows: 3");
}

// A table with 3,000 rows, of which each poll tells all and one that is gone. Each row takes a millisecond.
class SlowTable : public ActionSource {
 public:
  explicit SlowTable(std::chrono::steady_clock::time_point& now) : now_(now) {}

  Result<PollSummary> poll(ChangeVisitor& visitor) override {
    for (ActionId id = 1; id <= 3000; ++id) {
      now_ += milliseconds{1};
      RowView row;
      row.id = id;
      visitor.changed(row);
    }
    visitor.removed(4000);
    if (std::exchange(fails_, false)) return Error{"the connection was lost"};
    return PollSummary{};
  }
  int hint_descriptor() const override { return 7; }
  void interrupt() override { ++interrupted; }

  void fail_once() { fails_ = true; }
  int interrupted = 0;

 private:
  std::chrono::steady_clock::time_point& now_;
  bool fails_ = false;
};

class RowCounter : public ChangeVisitor {
 public:
  void changed(const RowView&) override { ++rows; }
  void removed(ActionId) override { ++removals; }
  int rows = 0;
  int removals = 0;
};

class Loading : public Progress {
 protected:
  // `shown`: whether the errors go to a terminal.
  LoadingProgress loading(bool shown) {
    auto table = std::make_unique<SlowTable>(now_);
    table_ = table.get();
    return {std::move(table), err_, shown, clock()};
  }

  SlowTable* table_ = nullptr;
  RowCounter rows_;
};

TEST_F(Loading, CountsTheRowsOfTheFirstPollAndWipesTheLine) {
  LoadingProgress source = loading(true);
  ASSERT_TRUE(source.poll(rows_).ok());
  EXPECT_EQ(written(), std::string(kWiped) + "Reading rows: 1,024" + kWiped + "Reading rows: 2,048" + kWiped);
  EXPECT_EQ(rows_.rows, 3000);
  EXPECT_EQ(rows_.removals, 1);
}

TEST_F(Loading, LeavesLaterPollsAlone) {
  LoadingProgress source = loading(true);
  ASSERT_TRUE(source.poll(rows_).ok());
  (void)written();
  ASSERT_TRUE(source.poll(rows_).ok());
  EXPECT_EQ(written(), "");
  EXPECT_EQ(rows_.rows, 6000);
}

TEST_F(Loading, BeginsAnewAfterAPollThatFailed) {
  LoadingProgress source = loading(true);
  table_->fail_once();
  ASSERT_FALSE(source.poll(rows_).ok());
  const std::string first = written();
  EXPECT_TRUE(first.ends_with(kWiped));
  ASSERT_TRUE(source.poll(rows_).ok());
  EXPECT_EQ(written(), first);
}

TEST_F(Loading, WritesNothingWhereTheErrorsAreNoTerminal) {
  LoadingProgress source = loading(false);
  ASSERT_TRUE(source.poll(rows_).ok());
  EXPECT_EQ(written(), "");
  EXPECT_EQ(rows_.rows, 3000);
}

TEST_F(Loading, PassesOnWhatElseASourceIsAsked) {
  LoadingProgress source = loading(true);
  EXPECT_EQ(source.hint_descriptor(), 7);
  source.interrupt();
  EXPECT_EQ(table_->interrupted, 1);
}

}  // namespace
}  // namespace action_scheduler::testing
