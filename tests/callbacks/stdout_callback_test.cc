#include "callbacks/stdout_callback.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>

#include "action_scheduler/clock.h"
#include "tests/callbacks/batches.h"

namespace action_scheduler {
namespace {

using testing::FireList;

class SetClock : public Clock {
 public:
  ClockReading read() override { return {wall, {}}; }
  WallTime wall{};
};

class StdoutCallbackTest : public ::testing::Test {
 protected:
  StdoutCallbackTest() {
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe2(pipe_.data(), O_CLOEXEC), 0);
    const char* zone = std::getenv("TZ");
    old_zone_ = zone == nullptr ? "" : zone;
    set_zone("MSK-3");
    clock_.wall = WallTime(std::chrono::milliseconds(1'687'033'120'011));
  }
  ~StdoutCallbackTest() override {
    for (const int fd : pipe_) {
      if (fd >= 0) ::close(fd);
    }
    set_zone(old_zone_);
  }

  static void set_zone(const std::string& zone) {
    zone.empty() ? ::unsetenv("TZ") : ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }

  std::unique_ptr<Callback> make(int fd = -1) {
    CallbackOptions options;
    options.clock = &clock_;
    options.stdout_fd = fd < 0 ? pipe_[1] : fd;
    return make_stdout_callback(options).value();
  }

  std::string read_all() {
    ::close(pipe_[1]);
    pipe_[1] = -1;
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = ::read(pipe_[0], buffer.data(), buffer.size())) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    return text;
  }

  SetClock clock_;
  std::array<int, 2> pipe_{-1, -1};
  std::string old_zone_;
};

TEST_F(StdoutCallbackTest, PrintsLocalTimeMicrosecondsOffsetAndCommand) {
  FireList fires;
  fires.add(1, "command1").add(2, "привет");
  EXPECT_EQ(make()->deliver(fires.batch()).status, DeliveryStatus::settled);
  EXPECT_EQ(read_all(), "2023-06-17T23:18:40.011000+03:00 | command1\n2023-06-17T23:18:40.011000+03:00 | привет\n");
}

TEST_F(StdoutCallbackTest, NoCommandForgesALineOrSteersATerminal) {
  using namespace std::string_literals;
  const std::string time = "2023-06-17T23:18:40.011000+03:00 | ";
  FireList fires;
  fires.add(1, "x\n" + time + "forged");
  fires.add(2, "\r\x1b[2J\x1b]0;t\x07\v\f\x7f\xc2\x85\xc2\x9b\xe2\x80\xa8\xe2\x80\xa9");
  fires.add(3, "a\0b"s);
  fires.add(4, "");
  fires.add(5, "%s %n {} {0} \\n \"quoted\" $(id)");
  fires.add(6, "tab\there й😀");
  EXPECT_EQ(make()->deliver(fires.batch()).status, DeliveryStatus::settled);
  EXPECT_EQ(read_all(), time + "x\\n" + time + "forged\n" +                                                             //
                            time + R"(\r\u001b[2J\u001b]0;t\u0007\u000b\u000c\u007f\u0085\u009b\u2028\u2029)" + "\n" +  //
                            time + R"(a\u0000b)" + "\n" +                                                               //
                            time + "\n" +                                                                               //
                            time + "%s %n {} {0} \\n \"quoted\" $(id)\n" +                                              //
                            time + "tab\there й😀\n");
}

TEST_F(StdoutCallbackTest, PrintsOffsetsWestOfGreenwich) {
  set_zone("NST3:30");
  FireList fires;
  fires.add(1, "x");
  make()->deliver(fires.batch());
  EXPECT_EQ(read_all(), "2023-06-17T16:48:40.011000-03:30 | x\n");
}

TEST_F(StdoutCallbackTest, ReportsAReaderThatIsGone) {
  ::close(pipe_[0]);
  pipe_[0] = -1;
  FireList fires;
  fires.add(1, "x").add(2, "y");
  const DeliveryReport report = make()->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::failed);
  EXPECT_EQ(report.unsent.size(), 2U);
  EXPECT_THAT(report.error.message, ::testing::HasSubstr("stdout"));
}

TEST_F(StdoutCallbackTest, ReportsAFullDiskAsUnavailable) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  FireList fires;
  fires.add(1, "x");
  const DeliveryReport report = make(full)->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  EXPECT_EQ(report.unsent, std::vector<std::size_t>{0});
  EXPECT_FALSE(report.in_doubt);
  ::close(full);
}

TEST_F(StdoutCallbackTest, GivesUpOnAStalledReaderWhenInterrupted) {
  FireList fires;
  const std::string line(1000, 'x');
  for (int id = 1; id <= 200; ++id) fires.add(id, line);  // more than a pipe holds
  auto callback = make();
  DeliveryReport report;
  std::thread delivering([&] { report = callback->deliver(fires.batch()); });
  callback->interrupt(std::chrono::milliseconds{0});
  delivering.join();
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  ASSERT_FALSE(report.unsent.empty());
  // What is not reported as unsent is there, in whole lines.
  const std::string text = read_all();
  EXPECT_GE(static_cast<std::size_t>(std::ranges::count(text, '\n')), 200 - report.unsent.size());
}

TEST_F(StdoutCallbackTest, DeliversMoreThanAPipeHoldsToAReaderThatReads) {
  FireList fires;
  const std::string line(1000, 'x');
  for (int id = 1; id <= 200; ++id) fires.add(id, line);
  std::string text;
  std::thread reading([&] {
    std::array<char, 4096> buffer;
    while (std::ranges::count(text, '\n') < 200) {
      const ssize_t n = ::read(pipe_[0], buffer.data(), buffer.size());
      if (n <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
  });
  EXPECT_EQ(make()->deliver(fires.batch()).status, DeliveryStatus::settled);
  reading.join();
  EXPECT_EQ(std::ranges::count(text, '\n'), 200);
}

}  // namespace
}  // namespace action_scheduler
