#include "cli/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "config/json_reader.h"

namespace action_scheduler {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string logged(LogFormat format, std::initializer_list<Field> fields, std::string_view event = "row read") {
  std::ostringstream stream;
  make_stream_log({.level = Level::debug, .format = format}, stream)->event(Level::warning, event, fields);
  return stream.str();
}

TEST(Logging, TextIsOneLineOfPairs) {
  EXPECT_THAT(
      logged(LogFormat::text,
             {{"action", 42}, {"topic", "some_topic"}, {"reason", "not \"good\""}, {"late", true}, {"empty", ""}}),
      MatchesRegex("time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z level=warning event=\"row read\" "
                   "action=42 topic=some_topic reason=\"not \\\\\"good\\\\\"\" late=true empty=\"\"\n"));
}

TEST(Logging, JsonIsOneObjectALine) {
  const std::string line = logged(LogFormat::json, {{"action", 42}, {"late", true}, {"id", "42"}, {"reason", "a\tb"}});
  EXPECT_THAT(line,
              HasSubstr(R"(Z","level":"warning","event":"row read","action":42,"late":true,"id":"42","reason":"a\u0009b"})"));
  EXPECT_TRUE(read_json(line, "line").ok());
}

TEST(Logging, NoValueForgesALineOrReachesTheTerminal) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    for (const std::string forged :
         {"x\nlevel=error event=forged", "\r\x1b[2J", "\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xae", "\xff\xfe", "\x7f"}) {
      const std::string line = logged(format, {{"name", forged}}, forged);
      EXPECT_EQ(line.find('\n'), line.size() - 1);
      EXPECT_EQ(line.find(forged), std::string::npos);
      for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
    }
  }
}

TEST(Logging, LettersOfOtherScriptsStayReadable) {
  EXPECT_THAT(logged(LogFormat::text, {{"name", "\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0"}}),
              HasSubstr("name=\"\xd0\x81\xd0\xbb\xd0\xba\xd0\xb0\""));
}

TEST(Logging, PercentSignsAndBracesAreNoFormats) {
  EXPECT_THAT(logged(LogFormat::text, {{"name", "%v {} {0} %Y"}}), HasSubstr("name=\"%v {} {0} %Y\""));
}

TEST(Logging, AHugeValueIsCutOff) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = logged(format, {{"name", std::string(1'000'000, 'x')}, {"action", 42}});
    EXPECT_LT(line.size(), 4200U);
    EXPECT_THAT(line, HasSubstr("xxx...\""));
    EXPECT_THAT(line, HasSubstr("42"));
    EXPECT_THAT(logged(format, {{"name", std::string(1'000'000, '\n')}}),
                testing::EndsWith(format == LogFormat::text ? "\\n...\"\n" : "\\n...\"}\n"));
  }
}

TEST(Logging, WhatIsBelowTheLevelIsLeftOut) {
  std::ostringstream stream;
  const auto log = make_stream_log({.level = Level::warning, .format = LogFormat::text}, stream);
  EXPECT_FALSE(log->enabled(Level::info));
  EXPECT_TRUE(log->enabled(Level::error));
  log->info("quiet");
  log->error("loud");
  EXPECT_THAT(stream.str(), testing::AllOf(Not(HasSubstr("quiet")), HasSubstr("level=error event=\"loud\"\n")));
}

}  // namespace
}  // namespace action_scheduler
