#include "cli/explain_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/cli/two_zones.h"

namespace action_scheduler {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExplainCommand : public testing::Test {
 protected:
  int explain(const std::string& cron, const std::string& timezone = "", bool json = false,
              std::optional<std::string> after = std::nullopt) {
    out_.str("");
    err_.str("");
    return explain_schedule({cron, timezone, std::move(after), json}, *parse_utc("2026-01-01T00:00:00Z"), zones_, out_, err_);
  }
  std::string out() const { return out_.str(); }

  TwoZones zones_;
  std::ostringstream out_;
  std::ostringstream err_;
};

std::string unix_cron(const std::string& fields) { return R"({"format": "unix", "params": {"value": ")" + fields + R"("}})"; }

TEST_F(ExplainCommand, TellsWordsFiresAndClockChanges) {
  EXPECT_EQ(explain(unix_cron("30 2 1,29 * sun"), "Europe/Berlin", false, "2026-03-20T00:00:00Z"), 0);
  EXPECT_EQ(out(),
            "at 02:30 on the 1st and 29th of every month and on Sundays, Berlin time\n"
            "\n"
            "- Both day fields are given and neither begins with `*`, so a day matches when\n"
            "  either field does.\n"
            "\n"
            "Next fires (Europe/Berlin, UTC)\n"
            "  Sun 2026-03-22 02:30:00 +01:00   2026-03-22T01:30:00Z\n"
            "  Sun 2026-03-29 03:00:00 +02:00   2026-03-29T01:00:00Z\n"
            "  Wed 2026-04-01 02:30:00 +02:00   2026-04-01T00:30:00Z\n"
            "  Sun 2026-04-05 02:30:00 +02:00   2026-04-05T00:30:00Z\n"
            "  Sun 2026-04-12 02:30:00 +02:00   2026-04-12T00:30:00Z\n"
            "\n"
            "Clock changes of Europe/Berlin\n"
            "  2026-03-29 02:00 becomes 03:00, +01:00 to +02:00: a gap of 1 hour\n"
            "    02:30 is skipped; fires once at 03:00, where the gap ends\n"
            "  2026-10-25 03:00 becomes 02:00, +02:00 to +01:00: an overlap of 1 hour\n"
            "    02:30 is shown twice; fires the first time only\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ExplainCommand, SaysThatUtcNeverChanges) {
  EXPECT_EQ(explain(unix_cron("0 9 * * *")), 0);
  EXPECT_THAT(out(),
              StartsWith("at 09:00 every day, UTC\n\nNext fires (UTC)\n  Thu 2026-01-01 09:00:00   2026-01-01T09:00:00Z\n"));
  EXPECT_THAT(out(), HasSubstr("\nClock changes\n  none: UTC never changes its clock\n"));
}

TEST_F(ExplainCommand, SaysThatNoFurtherChangeIsKnown) {
  EXPECT_EQ(explain(unix_cron("0 9 * * *"), "Europe/Berlin", false, "2026-10-25T01:00:00Z"), 0);
  EXPECT_THAT(out(), HasSubstr("\nClock changes\n  none ahead that is known of Europe/Berlin\n"));
  EXPECT_EQ(explain(unix_cron("0 9 * * *"), "Europe/Berlin", false, "2026-10-25T00:59:59Z"), 0);
  EXPECT_THAT(out(), HasSubstr("2026-10-25 03:00 becomes 02:00"));
}

TEST_F(ExplainCommand, SaysWhyThereIsNothingToCome) {
  EXPECT_EQ(explain(unix_cron("0 0 30 2 *"), "Europe/Berlin"), 0);
  EXPECT_EQ(out(),
            "at 00:00 on the 30th of February, Berlin time\n\n"
            "Does not fire after 2026-01-01T00:00:00Z: February has no 30th.\n");
  EXPECT_EQ(explain(R"({"format": "date", "params": {"run_date": "2025-12-31"}})"), 0);
  EXPECT_THAT(out(), HasSubstr("its date has passed."));
}

TEST_F(ExplainCommand, SaysWhatAnIntervalCountsFrom) {
  EXPECT_EQ(explain(R"({"format": "interval", "params": {"days": 1}})", "Europe/Berlin"), 0);
  EXPECT_THAT(out(), StartsWith("every day at 00:00 UTC\n\n- It counts elapsed time from the Unix epoch, 1970-01-01T00:00:00Z,"));
  EXPECT_THAT(out(), HasSubstr("counts elapsed time: from then on it fires 1 hour later by the clock"));
}

TEST_F(ExplainCommand, SaysWhereADateFallsIntoAClockChange) {
  const std::string date = R"({"format": "date", "params": {"run_date": ")";
  EXPECT_EQ(explain(date + "2026-03-29T02:30:00\"}}", "Europe/Berlin"), 0);
  EXPECT_THAT(out(), HasSubstr("- The run_date 2026-03-29T02:30:00 is skipped by the clock: it is taken for\n"
                               "  2026-03-29T03:00:00+02:00, where the gap ends.\n"));
  EXPECT_THAT(out(), HasSubstr("\nThe only fire ahead (Europe/Berlin, UTC)\n"));
  EXPECT_THAT(out(), HasSubstr("a gap of 1 hour\n    its run_date is skipped; fires once, where the gap ends\n"));
  EXPECT_EQ(explain(date + "2026-10-25T02:30:00\"}}", "Europe/Berlin"), 0);
  EXPECT_THAT(out(), HasSubstr("is shown twice by the clock: the first time"));
  EXPECT_THAT(out(), HasSubstr("an overlap of 1 hour\n    its run_date is shown twice; fires the first time only\n"));
  EXPECT_EQ(explain(date + "2026-10-25T02:30:00+01:00\"}}", "Europe/Berlin"), 0);
  EXPECT_THAT(out(), StartsWith("once, at 02:30 (UTC+01:00) on 25 October 2026, Berlin time\n\nThe only fire"));
  EXPECT_EQ(explain(date + "2026-03-29T04:30:00\"}}", "Europe/Berlin"), 0);
  EXPECT_THAT(out(), Not(HasSubstr("by the clock")));
  EXPECT_THAT(out(), Not(HasSubstr("its run_date")));
}

TEST_F(ExplainCommand, FitsATerminal) {
  EXPECT_EQ(explain(R"({"format": "apscheduler", "params": {"minute": "1,2,3,5,8,13,21,34,55", "hour": "1,3,4,7,11,18,22",)"
                    R"("day": "1,3,4,7,11,18,29", "month": "jan,mar,apr,jul,nov", "day_of_week": "mon,wed,fri",)"
                    R"("week": "1-20,30-40", "year": "2026-2090/3", "jitter": 86400,)"
                    R"("start_date": "2026-03-29T02:30:00", "end_date": "2080-01-01"}})",
                    "Europe/Berlin"),
            0);
  std::istringstream lines(out());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(ExplainCommand, AnswersMachinesInJson) {
  EXPECT_EQ(explain(unix_cron("30 2 29 3 *"), "Europe/Berlin", true), 0);
  EXPECT_THAT(out(),
              StartsWith(R"({"schedule":"at 02:30 on the 29th of March, Berlin time","timezone":"Europe/Berlin","remarks":[],)"
                         R"("fires":[{"utc":"2026-03-29T01:00:00Z","local":"2026-03-29T03:00:00+02:00"},)"));
  EXPECT_THAT(out(), testing::EndsWith(R"("silence":null,"clock_changes":[{"at":"2026-03-29T01:00:00Z","offset_before":"+01:00",)"
                                       R"("offset_after":"+02:00","kind":"gap","effect":"gap_end",)"
                                       R"("words":"02:30 is skipped; fires once at 03:00, where the gap ends"},)"
                                       R"({"at":"2026-10-25T01:00:00Z","offset_before":"+02:00","offset_after":"+01:00",)"
                                       R"("kind":"overlap","effect":"none","words":"not affected"}]})"
                                       "\n"));
  EXPECT_EQ(explain(unix_cron("0 0 31 4 *"), "", true), 0);
  EXPECT_EQ(out(),
            R"({"schedule":"at 00:00 on the 31st of April, UTC","timezone":"UTC",)"
            R"("remarks":["Months without a 31st are passed over."],"fires":[],"silence":"April has no 31st","clock_changes":[]})"
            "\n");
}

TEST_F(ExplainCommand, FaultsAreOneLineOnStandardErrorWithExitCodeTwo) {
  for (const std::string bad : {"{", R"({"format": "solar"})", R"({"format": "unix", "params": {"value": "*/75 * * * *"}})"}) {
    EXPECT_EQ(explain(bad), 2);
    EXPECT_EQ(out(), "");
    EXPECT_THAT(err_.str(), testing::MatchesRegex("action-scheduler: [^\n]+\n"));
  }
  EXPECT_EQ(explain(unix_cron("* * * * *"), "Mars/Base"), 2);
  EXPECT_EQ(explain(unix_cron("* * * * *"), "", false, "yesterday"), 2);
}

}  // namespace
}  // namespace action_scheduler
