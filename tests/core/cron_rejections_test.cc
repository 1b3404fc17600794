// What is refused, and what the message says.
#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Rejection {
  std::string text;                // a field, `params` or the whole
  std::vector<std::string> parts;  // that the message has
};
void PrintTo(const Rejection& rejection, std::ostream* out) { *out << rejection.text; }

void expect_fault(const std::string& cron, const Rejection& rejection) {
  const std::string fault = fault_of(cron);
  ASSERT_FALSE(fault.empty()) << cron << " is taken";
  for (const std::string& part : rejection.parts) EXPECT_THAT(fault, HasSubstr(part)) << cron;
  EXPECT_THAT(fault, Not(HasSubstr("\n")));
}

class UnixRejections : public ::testing::TestWithParam<Rejection> {};
TEST_P(UnixRejections, NameFieldTextAndReason) { expect_fault(unix_cron(GetParam().text), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Texts, UnixRejections,
    ::testing::Values(
        Rejection{"*/75 * * * *", {"minute", "\"*/75\"", "character 1", "step is larger than the range 0-59"}},
        Rejection{"*/60 * * * *", {"larger than the range"}},
        Rejection{"0 10-12/3 * * *", {"hour", "larger than the range 10-12", "1-2"}}, Rejection{"*/0 * * * *", {"step is 0"}},
        Rejection{"60 * * * *", {"60 is out of range", "0-59"}}, Rejection{"0 24 * * *", {"hour", "0-23"}},
        Rejection{"0 0 0 * *", {"day of month", "1-31"}}, Rejection{"0 0 * 13 *", {"month", "1-12 and jan-dec"}},
        Rejection{"0 0 * * 8", {"day of week", "0-7 and sun-sat"}}, Rejection{"30-10 * * * *", {"30-10", "reversed"}},
        Rejection{"0 0 * * fri-mon", {"reversed"}}, Rejection{"0 0 * * 7-1", {"reversed"}},
        Rejection{"1,,2 * * * *", {"\"1,,2\"", "empty"}}, Rejection{"1, 2 * * *", {"empty"}},
        Rejection{"5/15 * * * *", {"\"5/15\"", "5-59/15"}}, Rejection{"0 0 1 jan/2 *", {"single value takes no step"}},
        Rejection{"~ * * * *", {"jitter"}}, Rejection{"0 0 ? * *", {"Quartz"}}, Rejection{"0 0 L * *", {"apscheduler", "last"}},
        Rejection{"0 0 15W * *", {"working day"}}, Rejection{"0 0 * * 5#2", {"2nd fri"}}, Rejection{"0 0 * * 5L", {"last fri"}},
        Rejection{"H * * * *", {"jitter"}}, Rejection{"0 0 * * mond", {"mond", "did you mean \"mon\""}},
        Rejection{"0 0 * january *", {"january"}}, Rejection{"0 jan * * *", {"hour"}}, Rejection{"0 0 * mon *", {"month", "mon"}},
        Rejection{"* * * *", {"4 fields", "5"}}, Rejection{"0 0 0 * * *", {"6 fields", "second"}}, Rejection{"", {"empty"}},
        Rejection{" \\t ", {"empty"}}, Rejection{"@dialy", {"did you mean \"@daily\""}}, Rejection{"@reboot", {"@reboot"}},
        Rejection{"@daily *", {"@daily *"}}, Rejection{"- * * * *", {"minute"}}, Rejection{"-5 * * * *", {"\"-5\""}},
        Rejection{"5- * * * *", {"\"5-\""}}, Rejection{"1-2-3 * * * *", {"left over"}}, Rejection{"1/ * * * *", {"step"}},
        Rejection{"*/ * * * *", {"step"}}, Rejection{"*/5/5 * * * *", {"left over"}}, Rejection{"*5 * * * *", {"left over"}},
        Rejection{"5.0 * * * *", {"5.0"}}, Rejection{"99999999999999999999 * * * *", {"out of range"}},
        Rejection{"\u0665 * * * *", {"minute"}}, Rejection{"\uff15 * * * *", {"minute"}},
        Rejection{"0\\u0000 * * * *", {"minute"}}, Rejection{"0 0 *\\n* *", {"4 fields"}},
        Rejection{"0\u00a00 * * *", {"fields"}}, Rejection{"0 0 * * 0-8", {"0-7"}}, Rejection{"+5 * * * *", {"+5"}},
        Rejection{"0x5 * * * *", {"0x5"}}));

class ApschedulerRejections : public ::testing::TestWithParam<Rejection> {};
TEST_P(ApschedulerRejections, NameFieldTextAndReason) { expect_fault(cron_of("apscheduler", GetParam().text), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Texts, ApschedulerRejections,
    ::testing::Values(
        Rejection{R"("day":"lastfoo")", {"params.day", "lastfoo"}}, Rejection{R"("day":"2nd fri foo")", {"foo", "left over"}},
        Rejection{R"("day_of_week":"mon-fri/2")", {"params.day_of_week", "\"/2\" is left over"}},
        Rejection{R"("month":"jan-5")", {"left over", "two numbers or of two names"}},
        Rejection{R"("month":"1-may")", {"two names"}}, Rejection{R"("day_of_week":"fri-mon")", {"reversed"}},
        Rejection{R"("day_of_week":7)", {"Sunday is 6"}}, Rejection{R"("day_of_week":"0-7")", {"Sunday is 6"}},
        Rejection{R"("day":"6th fri")", {"6th"}}, Rejection{R"("day":"2nd")", {"weekday"}},
        Rejection{R"("day":"2nd 5")", {"left over"}}, Rejection{R"("day":"2nd friday")", {"friday"}},
        Rejection{R"("day":"mon")", {"params.day"}}, Rejection{R"("day":"L")", {"last"}}, Rejection{R"("day":"?")", {"`*`"}},
        Rejection{R"("day_of_week":"last")", {"last"}}, Rejection{R"("month":"2nd fri")", {"left over"}},
        Rejection{R"("minute":"*/60")", {"larger than the range 0-59"}},
        Rejection{R"("minute":"50/10")", {"larger than the range 50-59"}}, Rejection{R"("minute":"*/0")", {"step is 0"}},
        Rejection{R"("hour":24)", {"0-23"}}, Rejection{R"("hour":-1)", {"negative"}},
        Rejection{R"("hour":5.0)", {"5.0", "expected is an integer or a string"}}, Rejection{R"("hour":1e1)", {"1e1"}},
        Rejection{R"("hour":true)", {"boolean"}}, Rejection{R"("hour":[1])", {"array"}}, Rejection{R"("hour":{})", {"object"}},
        Rejection{R"("hour":"")", {"empty"}}, Rejection{R"("hour":"1,,2")", {"empty"}}, Rejection{R"("hour":"1,")", {"empty"}},
        Rejection{R"("hour":"1 - 2")", {"left over"}}, Rejection{R"("hour":"5-3")", {"reversed"}},
        Rejection{R"("hour":"1\t,2")", {"left over"}}, Rejection{R"("year":1969)", {"1970-9999"}},
        Rejection{R"("year":10000)", {"1970-9999"}}, Rejection{R"("week":54)", {"1-53"}}, Rejection{R"("week":0)", {"1-53"}},
        Rejection{R"("day":0)", {"1-31"}}, Rejection{R"("month":"sep-feb")", {"reversed"}},
        Rejection{R"("month":"sept")", {"did you mean \"sep\""}}, Rejection{R"("secnd":5)", {"did you mean \"second\""}},
        Rejection{R"("value":"* * * * *")", {"unknown key \"value\""}}, Rejection{"\"hour\":\"\u0661\"", {"params.hour"}},
        Rejection{R"("hour":"1\u0000")", {"left over"}}, Rejection{"", {"at least one field"}},
        Rejection{R"("hour":null)", {"at least one field"}}, Rejection{R"("timezone":"UTC")", {"at least one field"}},
        Rejection{R"("hour":1,"hour":2)", {"twice"}}));

class OtherRejections : public ::testing::TestWithParam<Rejection> {};
TEST_P(OtherRejections, NameFieldTextAndReason) { expect_fault(GetParam().text, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Interval, OtherRejections,
                         ::testing::Values(Rejection{cron_of("interval", ""), {"at least one"}},
                                           Rejection{cron_of("interval", R"("seconds":0)"), {"0 seconds"}},
                                           Rejection{cron_of("interval", R"("seconds":"5")"), {"params.seconds", "a string"}},
                                           Rejection{cron_of("interval", R"("seconds":5.0)"), {"5.0"}},
                                           Rejection{cron_of("interval", R"("days":-1)"), {"negative"}},
                                           Rejection{cron_of("interval", R"("days":true)"), {"boolean"}},
                                           Rejection{cron_of("interval", R"("days":[1])"), {"an array"}},
                                           Rejection{cron_of("interval", R"("weeks":99999999999999999999)"), {"longer"}},
                                           Rejection{cron_of("interval", R"("weeks":9223372036854775807)"), {"longer"}},
                                           Rejection{cron_of("interval", R"("months":1)"), {"unknown key \"months\""}}));

INSTANTIATE_TEST_SUITE_P(
    Dates, OtherRejections,
    ::testing::Values(Rejection{cron_of("date", ""), {"run_date", "missing"}},
                      Rejection{cron_of("date", R"("run_date":null)"), {"missing"}},
                      Rejection{cron_of("date", R"("run_date":20261231)"), {"an integer"}},
                      Rejection{cron_of("date", R"("run_date":"2026-02-29")"), {"2026-02-29"}},
                      Rejection{cron_of("date", R"("run_date":"2026-13-01")"), {"2026-13-01"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31T24:00:00")"), {"24:00:00"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31T10:00")"), {"10:00"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31T10:00:00+0300")"), {"+0300"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31T10:00:00.5")"), {"fraction"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31Z")"), {"Z"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31x")"), {"x"}},
                      Rejection{cron_of("date", R"("run_date":"0000-12-31")"), {"0000"}},
                      Rejection{cron_of("date", R"("run_date":"2026-12-31","start_date":"2026-01-01")"),
                                {"unknown key \"start_date\""}},
                      Rejection{unix_cron("0 0 * * *", "UTC", R"(,"end_date":"tomorrow")"), {"params.end_date", "tomorrow"}},
                      Rejection{unix_cron("0 0 * * *", "UTC", R"(,"start_date":5)"), {"params.start_date", "5"}}));

INSTANTIATE_TEST_SUITE_P(
    Whole, OtherRejections,
    ::testing::Values(Rejection{"", {"not valid JSON"}}, Rejection{"5", {"object"}}, Rejection{"null", {"object"}},
                      Rejection{"[]", {"array"}}, Rejection{R"("5")", {"object"}}, Rejection{"{}", {"format"}},
                      Rejection{R"({"format":"unix"})", {"params"}},
                      Rejection{R"({"format":"Unix","params":{}})", {"\"Unix\"", "did you mean \"unix\""}},
                      Rejection{R"({"format":5,"params":{}})", {"format", "5"}},
                      Rejection{R"({"format":"unix","params":[]})", {"params"}},
                      Rejection{R"({"format":"unix","params":{"value":5}})", {"params.value", "5"}},
                      Rejection{R"({"format":"unix","params":{"value":null}})", {"missing"}},
                      Rejection{R"({"format":"unix","params":{"value":"* * * * *"},"zone":"UTC"})", {"unknown key \"zone\""}},
                      Rejection{R"({"format":"unix","params":{"value":"* * * * *","hour":1}})", {"unknown key \"hour\""}},
                      Rejection{R"({"format":"unix","params":{"value":"* * * * *"}} x)", {"not valid JSON"}},
                      Rejection{R"({"format":"unix","format":"unix","params":{"value":"* * * * *"}})", {"twice"}},
                      Rejection{unix_cron("* * * * *", "UTC", R"(,"jitter":86401)"), {"params.jitter", "0-86400"}},
                      Rejection{unix_cron("* * * * *", "UTC", R"(,"jitter":-1)"), {"jitter"}},
                      Rejection{unix_cron("* * * * *", "UTC", R"(,"jitter":"5")"), {"jitter"}},
                      Rejection{unix_cron("* * * * *", "UTC", R"(,"jitter":true)"), {"jitter"}},
                      Rejection{unix_cron("* * * * *", "UTC", R"(,"jitter":1.0)"), {"jitter"}},
                      Rejection{cron_of("unix", R"("value":"* * * * *","timezone":3)"), {"params.timezone"}}));

TEST(Json, IsReadStrictly) {
  for (const std::string& text :
       {std::string("{\"a\":1}\0x", 9), std::string(200, '['), std::string("{\"a\":\"\xff\"}"), std::string("// x\n1"),
        std::string("{'a':1}"), std::string("[1,]"), std::string("01"), std::string(2'000'000, ' ')}) {
    EXPECT_NE(fault_of(text), "") << text.substr(0, 20);
  }
}

}  // namespace
}  // namespace action_scheduler::testing
