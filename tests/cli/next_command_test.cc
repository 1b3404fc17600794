#include "cli/next_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <streambuf>

#include "tests/cli/two_zones.h"

namespace action_scheduler {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHourly = R"({"format": "unix", "params": {"value": "0 * * * *"}})";

class NextCommand : public testing::Test {
 protected:
  std::string ask(std::string_view line) { return answer_question(line, now_, zones_); }

  int print(const NextOptions& options) {
    out_.str("");
    err_.str("");
    return print_next_fires(options, now_, zones_, out_, err_);
  }

  TwoZones zones_;
  Instant now_ = *parse_utc("2026-01-01T00:30:00Z");
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(NextCommand, PrintsOneFireTimeALineStrictlyAfter) {
  EXPECT_EQ(print({.cron = kHourly, .timezone = "", .after = "2026-01-01T01:00:00Z", .count = 2}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T02:00:00Z\n2026-01-01T03:00:00Z\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(NextCommand, CountsFromNowWhereNothingElseIsSaid) {
  EXPECT_EQ(print({.cron = kHourly, .timezone = "", .after = {}}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T01:00:00Z\n");
}

TEST_F(NextCommand, TheZoneIsTheOneOfSchedulesThatNameNone) {
  const std::string nine = R"({"format": "unix", "params": {"value": "0 9 1 7 *"}})";
  EXPECT_EQ(print({.cron = nine, .timezone = "Europe/Berlin", .after = {}}), 0);
  EXPECT_EQ(out_.str(), "2026-07-01T07:00:00Z\n");
  const std::string own = R"({"format": "unix", "params": {"value": "0 9 1 7 *", "timezone": "UTC"}})";
  EXPECT_EQ(print({.cron = own, .timezone = "Europe/Berlin", .after = {}}), 0);
  EXPECT_EQ(out_.str(), "2026-07-01T09:00:00Z\n");
}

TEST_F(NextCommand, LocalTimeIsTheOneOfTheSchedulesZone) {
  const std::string own = R"({"format": "unix", "params": {"value": "0 9 1 1,7 *", "timezone": "Europe/Berlin"}})";
  EXPECT_EQ(print({.cron = own, .timezone = "", .after = {}, .count = 2, .local = true}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T08:00:00Z 2026-01-01T09:00:00+01:00\n2026-07-01T07:00:00Z 2026-07-01T09:00:00+02:00\n");
  EXPECT_EQ(print({.cron = kHourly, .timezone = "", .after = {}, .local = true}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T01:00:00Z 2026-01-01T01:00:00+00:00\n");
}

TEST_F(NextCommand, TextThatHoldsTheScheduleIsOneToo) {
  const std::string text = R"("{\"format\": \"unix\", \"params\": {\"value\": \"0 9 * * *\", \"timezone\": \"Europe/Berlin\"}}")";
  EXPECT_EQ(print({.cron = text, .timezone = "", .after = {}, .local = true}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T08:00:00Z 2026-01-01T09:00:00+01:00\n");
}

TEST_F(NextCommand, JsonHasTheFormOfTheAnswers) {
  EXPECT_EQ(print({.cron = kHourly, .timezone = "", .after = {}, .count = 2, .local = true, .json = true}), 0);
  EXPECT_EQ(out_.str(),
            "{\"fires\":[\"2026-01-01T01:00:00Z\",\"2026-01-01T02:00:00Z\"],"
            "\"local\":[\"2026-01-01T01:00:00+00:00\",\"2026-01-01T02:00:00+00:00\"]}\n");
}

TEST_F(NextCommand, AScheduleThatEndsGivesFewer) {
  const std::string once = R"({"format": "date", "params": {"run_date": "2026-05-01"}})";
  EXPECT_EQ(print({.cron = once, .timezone = "", .after = {}, .count = 3}), 0);
  EXPECT_EQ(out_.str(), "2026-05-01T00:00:00Z\n");
  EXPECT_THAT(err_.str(), HasSubstr("no further fire time after 2026-05-01T00:00:00Z"));
  EXPECT_EQ(print({.cron = once, .timezone = "", .after = "2026-05-01T00:00:00Z"}), 0);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(NextCommand, FaultsGoToStandardErrorWithExitCodeTwo) {
  for (const NextOptions& bad : std::vector<NextOptions>{{.cron = "{", .timezone = "", .after = {}},
                                                         {.cron = R"({"format": "solar"})", .timezone = "", .after = {}},
                                                         {.cron = kHourly, .timezone = "Mars/Base", .after = {}},
                                                         {.cron = kHourly, .timezone = "", .after = "yesterday"}}) {
    EXPECT_EQ(print(bad), 2) << bad.cron;
    EXPECT_EQ(out_.str(), "");
    EXPECT_THAT(err_.str(), StartsWith("action-scheduler: "));
  }
}

TEST_F(NextCommand, AnswersAQuestion) {
  EXPECT_EQ(
      ask(R"({"cron":{"format":"unix","params":{"value":"0 9 * * *"}},"timezone":"Europe/Berlin","after":"2026-07-01T00:00:00Z","count":2})"),
      R"({"fires":["2026-07-01T07:00:00Z","2026-07-02T07:00:00Z"]})");
  EXPECT_EQ(ask(R"({"cron":"{\"format\":\"unix\",\"params\":{\"value\":\"0 9 * * *\"}}","after":"2026-07-01 02:00:00+02:00"})"),
            R"({"fires":["2026-07-01T09:00:00Z"]})");
  EXPECT_EQ(ask(R"( { "cron" : {"format":"interval","params":{"hours":1}}, "timezone":null, "after":null, "count":null } )"
                "\r"),
            R"({"fires":["2026-01-01T01:00:00Z"]})");
}

TEST_F(NextCommand, AnswersWithNoFiresWhereThereAreNone) {
  EXPECT_EQ(ask(R"({"cron":{"format":"unix","params":{"value":"0 0 30 2 *"}},"count":5})"), R"({"fires":[]})");
  EXPECT_EQ(ask(R"({"cron":{"format":"unix","params":{"value":"0 0 * * *"}},"count":0})"), R"({"fires":[]})");
}

TEST_F(NextCommand, AnswersBadQuestionsWithAnError) {
  using namespace std::string_view_literals;
  const std::string cron = R"("cron":{"format":"unix","params":{"value":"0 0 * * *"}})";
  for (const std::string_view bad : {""sv, "   "sv, "{"sv, "[]"sv, "null"sv, "5"sv, "\"text\""sv, "{}"sv, "{\"cron\":null}"sv,
                                     "{\"cron\":5}"sv, "\0"sv, "\xff"sv, "{\"cron\":{}} x"sv, "{\"cron\":\"\\u0000\"}"sv}) {
    EXPECT_THAT(ask(bad), StartsWith("{\"error\":\"")) << bad;
  }
  for (const char* bad :
       {R"("count":-1)", R"("count":1000000000)", R"("count":99999999999999999999)", R"("count":1.0)", R"("count":"1")",
        R"("count":true)", R"("after":5)", R"("after":"2026-01-01")", R"("after":"2026-13-01T00:00:00Z")", R"("timezone":5)",
        R"("timezone":"Mars/Base")", R"("timezone":"")", R"("cuont":1)", R"("count":1,"count":2)"}) {
    EXPECT_THAT(ask('{' + cron + ',' + bad + '}'), StartsWith("{\"error\":\"")) << bad;
  }
}

TEST_F(NextCommand, NumbersReachTheScheduleAsTheyAreWritten) {
  EXPECT_THAT(ask(R"({"cron":{"format":"interval","params":{"hours":5.0}}})"), HasSubstr("5.0"));
  EXPECT_THAT(ask(R"({"cron":{"format":"interval","params":{"hours":1e2}}})"), HasSubstr("1e2"));
}

TEST_F(NextCommand, AnErrorIsJsonWhateverItQuotes) {
  EXPECT_THAT(ask("{\"cron\":{\"format\":\"a\\\"b\\n\\u001b\"}}"), testing::Not(testing::ContainsRegex("[\n\x1b]")));
}

// Remembers what it held at each flush.
class FlushedStream : public std::stringbuf {
 public:
  std::vector<std::string> flushed;

 protected:
  int sync() override {
    flushed.push_back(str());
    return 0;
  }
};

TEST_F(NextCommand, AnswersEachLineInOrderAndAtOnce) {
  std::istringstream in(std::string(R"({"cron":{"format":"interval","params":{"hours":1}}})") + "\nnonsense\n\n" +
                        R"({"cron":{"format":"interval","params":{"hours":2}}})");
  FlushedStream buffer;
  std::ostream out(&buffer);
  EXPECT_EQ(answer_questions(in, out, [&] { return now_; }, zones_), 0);
  ASSERT_EQ(buffer.flushed.size(), 4U);
  EXPECT_EQ(buffer.flushed[0], "{\"fires\":[\"2026-01-01T01:00:00Z\"]}\n");
  EXPECT_THAT(buffer.flushed[3], testing::EndsWith("\n{\"fires\":[\"2026-01-01T02:00:00Z\"]}\n"));
}

TEST_F(NextCommand, AHugeLineIsOneErrorAndTheNextLineIsAnswered) {
  std::istringstream in(std::string(3 << 20, 'x') + "\n" + R"({"cron":{"format":"interval","params":{"hours":1}}})" + "\n");
  std::ostringstream out;
  EXPECT_EQ(answer_questions(in, out, [&] { return now_; }, zones_), 0);
  EXPECT_EQ(out.str(), "{\"error\":\"expected a line of at most 1048576 bytes\"}\n{\"fires\":[\"2026-01-01T01:00:00Z\"]}\n");
}

TEST_F(NextCommand, EndsWhenNobodyListens) {
  std::istringstream in("{}\n{}\n");
  std::ostream out(nullptr);
  EXPECT_EQ(answer_questions(in, out, [&] { return now_; }, zones_), 1);
}

}  // namespace
}  // namespace action_scheduler
