#include "action_scheduler/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace action_scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The expected texts are what CPython's json.dumps gives.
TEST(JsonString, EscapesWhatPythonEscapes) {
  EXPECT_EQ(json(""), R"("")");
  EXPECT_EQ(json("command1"), R"("command1")");
  EXPECT_EQ(json("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
}

TEST(JsonString, WritesCharactersBeyondAsciiAsUtf16Escapes) {
  EXPECT_EQ(json("й"), R"("\u0439")");
  EXPECT_EQ(json("\xc2\x80\xef\xbf\xbf"), R"("\u0080\uffff")");
  EXPECT_EQ(json("a😀b"), R"("a\ud83d\ude00b")");
  EXPECT_EQ(json("\xf4\x8f\xbf\xbf"), R"("\udbff\udfff")");
}

TEST(JsonString, SurvivesBytesThatAreNoUtf8) {
  EXPECT_EQ(json("a\xff"), R"("a\ufffd")");
  EXPECT_EQ(json("\xe2\x82"), R"("\ufffd\ufffd")");
  EXPECT_EQ(json("\xc3z"), R"("\ufffdz")");
}

// Plain characters are copied in words.
TEST(JsonString, EscapesEachCharacterWhereverItStands) {
  for (int code = 0; code < 0x80; ++code) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text = "abcdefghijklmnopqrst";
      text[at] = static_cast<char>(code);
      const std::string alone = json(std::string(1, static_cast<char>(code)));
      EXPECT_EQ(json(text), '"' + text.substr(0, at) + alone.substr(1, alone.size() - 2) + text.substr(at + 1) + '"') << at;
    }
  }
}

TEST(CommandJson, IsByteForByteWhatThePythonProgramSent) {
  std::string out;
  append_command_json(out, "command1");
  EXPECT_EQ(out, R"({"command": "command1"})");
}

class Collect : public HeaderVisitor {
 public:
  void header(std::string_view name, std::string_view value) override { headers.emplace_back(name, value); }
  std::vector<std::pair<std::string, std::string>> headers;
};

TEST(CloudEventsHeaders, NameTheFireItsTimeAndItsReason) {
  Fire fire;
  fire.action = 42;
  fire.time = *parse_utc("2026-11-21T10:00:00Z");
  fire.due = fire.time + Seconds{7};
  Collect collect;
  visit_cloudevents_headers(fire, "nightly", {"/scheduler", "application/json"}, collect);
  EXPECT_THAT(collect.headers, ElementsAre(Pair("ce_specversion", "1.0"), Pair("ce_id", "42@2026-11-21T10:00:00Z"),
                                           Pair("ce_source", "/scheduler"), Pair("ce_type", "action.fired"),
                                           Pair("ce_time", "2026-11-21T10:00:00Z"), Pair("ce_subject", "nightly"),
                                           Pair("content-type", "application/json"), Pair("ce_actionid", "42"),
                                           Pair("ce_attempt", "1"), Pair("ce_reason", "on_time")));
  EXPECT_EQ(count_cloudevents_headers(fire), collect.headers.size());
}

TEST(CloudEventsHeaders, CarryMergingAndExpiryWhereThereAreAny) {
  Fire fire;
  fire.action = -9223372036854775807 - 1;
  fire.time = *parse_utc("1969-12-31T23:59:59Z");
  fire.expires = *parse_utc("9999-12-31T23:59:59Z");
  fire.merged_count = 18446744073709551615ULL;
  fire.first_missed = *parse_utc("0001-01-01T00:00:00Z");
  fire.reason = FireReason::merged;
  fire.attempt = 2;
  Collect collect;
  visit_cloudevents_headers(fire, "nightly", {"s", "text/plain; charset=utf-8"}, collect);
  ASSERT_EQ(collect.headers.size(), 13U);
  EXPECT_EQ(count_cloudevents_headers(fire), 13U);
  EXPECT_THAT(collect.headers[1], Pair("ce_id", fire_id(fire.action, fire.time)));
  EXPECT_THAT(std::vector(collect.headers.begin() + 8, collect.headers.end()),
              ElementsAre(Pair("ce_attempt", "2"), Pair("ce_reason", "merged"), Pair("ce_mergedcount", "18446744073709551615"),
                          Pair("ce_firstmissed", "0001-01-01T00:00:00Z"), Pair("ce_expirytime", "9999-12-31T23:59:59Z")));
}

}  // namespace
}  // namespace action_scheduler
