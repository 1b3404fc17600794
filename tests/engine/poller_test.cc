#include "engine/poller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <future>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

// Answers each poll with the next number of rows without an id, an Error for -1, and goes on with the last one.
class RowsWithoutId : public ActionSource {
 public:
  explicit RowsWithoutId(std::vector<int> script) : script_(std::move(script)) {}

  Result<PollSummary> poll(ChangeVisitor&) override {
    const int rows = script_[std::min(polls_++, script_.size() - 1)];
    if (rows < 0) return Error{"connection lost"};
    PollSummary summary;
    summary.rows_without_id = static_cast<std::uint64_t>(rows);
    return summary;
  }

 private:
  const std::vector<int> script_;
  std::size_t polls_ = 0;
};

TEST(Poller, TellsOfRowsWithoutAnIdOncePerChange) {
  RowsWithoutId source({0, 2, 2, -1, 2, 3, 3, 0, 0});
  SystemZones zones;
  RowParser parser({}, zones);
  RecordingLog log;
  std::promise<void> enough;
  std::vector<std::uint64_t> seen;
  Poller poller(source, parser, std::chrono::seconds{0}, log, [&](const Result<ChangeSet>& changes) {
    if (seen.size() > 10) return;
    seen.push_back(changes ? changes->rows_without_id : 99);
    if (seen.size() == 10) enough.set_value();
  });
  poller.start();
  ASSERT_EQ(enough.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  poller.stop();
  seen.resize(9);
  EXPECT_THAT(seen, ElementsAre(0, 2, 2, 99, 2, 3, 3, 0, 0));
  std::erase_if(log.lines, [](const std::string& line) { return line.find(" id") == std::string::npos; });
  EXPECT_THAT(log.lines, ElementsAre("warning: rows without an integer id cannot be scheduled: give each an id rows=2",
                                     "warning: rows without an integer id cannot be scheduled: give each an id rows=3",
                                     "info: every row has an id again"));
}

// Answers each poll with the next reason for reading everything, and goes on with the last one.
class ReadsAll : public ActionSource {
 public:
  explicit ReadsAll(std::vector<std::string> script) : script_(std::move(script)) {}

  Result<PollSummary> poll(ChangeVisitor&) override {
    PollSummary summary;
    summary.reads_all_because = script_[std::min(polls_++, script_.size() - 1)];
    return summary;
  }

 private:
  const std::vector<std::string> script_;
  std::size_t polls_ = 0;
};

TEST(Poller, SaysOncePerChangeWhyTheWholeTableIsRead) {
  ReadsAll source({"", "it is a view", "it is a view", "row security", "", ""});
  SystemZones zones;
  RowParser parser({}, zones);
  RecordingLog log;
  std::promise<void> enough;
  int polls = 0;
  Poller poller(source, parser, std::chrono::seconds{0}, log, [&](const Result<ChangeSet>&) {
    if (++polls == 6) enough.set_value();
  });
  poller.start();
  ASSERT_EQ(enough.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  poller.stop();
  EXPECT_THAT(log.lines, ElementsAre("info: each poll reads the whole table reason=it is a view",
                                     "info: each poll reads the whole table reason=row security",
                                     "info: polls read only what changed again"));
}

// Its hint is a byte in a pipe, which the next poll takes out.
class Hinting : public ActionSource {
 public:
  Hinting() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Hinting() override {
    for (const int end : ends_) ::close(end);
  }

  void hint() { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }

  Result<PollSummary> poll(ChangeVisitor&) override {
    char byte = 0;
    if (polls_++ > 0) {
      EXPECT_EQ(::read(ends_[0], &byte, 1), 1);
    }
    return PollSummary();
  }
  int hint_descriptor() const override { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
  int polls_ = 0;
};

TEST(Poller, PollsBeforeItsTimeWhenTheSourceHasAHint) {
  Hinting source;
  SystemZones zones;
  RowParser parser({}, zones);
  RecordingLog log;
  std::promise<void> first;
  std::promise<void> second;
  int polls = 0;
  Poller poller(source, parser, std::chrono::hours{1}, log,
                [&](const Result<ChangeSet>&) { (++polls == 1 ? first : second).set_value(); });
  poller.start();
  ASSERT_EQ(first.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  source.hint();
  ASSERT_EQ(second.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  // It is waiting for the third, and ends all the same.
  poller.stop();
  EXPECT_EQ(polls, 2);
}

}  // namespace
}  // namespace action_scheduler::testing
