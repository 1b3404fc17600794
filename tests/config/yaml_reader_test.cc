#include "config/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/json_reader.h"
#include "tests/config/loading.h"

namespace action_scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string as_json(std::string_view yaml) {
  const YamlReading reading = read_yaml(yaml, "a.yaml");
  return reading.faults.empty() ? write_json(reading.root) : reading.faults.front().describe();
}

TEST(YamlReader, ReadsMapsListsAndTexts) {
  EXPECT_EQ(as_json("a: 1\nb: [x, {c: \"2\"}]\nd:\ne: ~\n"), R"({"a": 1, "b": ["x", {"c": "2"}], "d": null, "e": null})");
}

TEST(YamlReader, KeepsPlainTextsAsTheyAreWritten) {
  EXPECT_EQ(as_json("[yes, Off, -5, 1.5, 1e3, 010, 0x1f, 2050-05-05, 12:30, .5, +1, nan]"),
            R"([true, false, -5, 1.5, 1e3, "010", "0x1f", "2050-05-05", "12:30", ".5", "+1", "nan"])");
}

TEST(YamlReader, WritesWhatIsBeyondAsciiAsPythonDoes) {
  EXPECT_EQ(as_json("[\"\xd0\xb9\", \xf0\x9f\x98\x80]"), R"(["\u0439", "\ud83d\ude00"])");
}

TEST(YamlReader, ResolvesAliases) { EXPECT_EQ(as_json("a: &x {b: 1}\nc: *x\n"), R"({"a": {"b": 1}, "c": {"b": 1}})"); }

TEST(YamlReader, MergesMaps) {
  EXPECT_EQ(as_json("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n"), R"({"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}})");
  EXPECT_EQ(as_json("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n"), R"({"a": {"b": 1, "c": 3}})");
  EXPECT_EQ(as_json("{<<: {<<: {b: 1}}}\n"), R"({"b": 1})");
  EXPECT_EQ(as_json("'<<': 1\n"), R"({"<<": 1})");
  EXPECT_EQ(as_json("a: {<<: [1]}\n"), "a.yaml:1:10: <<: expected keys below it, or a list of such levels");
  EXPECT_THAT(as_json("a: &x {<<: *x}\n"), HasSubstr("an alias stands inside"));
}

TEST(YamlReader, TakesTheTagsOfYamlItself) {
  EXPECT_EQ(as_json("[!!str 5, !!int 5, !!float 1.5, !!bool yes, !!seq [], !!map {}, ! 5]\n"),
            R"(["5", 5, 1.5, true, [], {}, "5"])");
  EXPECT_EQ(as_json("!!set {a}\n"), R"(a.yaml:1:1: unknown tag "tag:yaml.org,2002:set"; expected none here)");
  EXPECT_EQ(as_json("a: [!env X]\n"), R"(a.yaml:1:5: unknown tag "!env"; expected none here)");
}

TEST(YamlReader, ReadsBothKindsOfLineEndsAndADirective) {
  EXPECT_EQ(as_json("%YAML 1.2\r\n---\r\na:\r\n  b: 1\r\n"), R"({"a": {"b": 1}})");
  EXPECT_THAT(as_json("%YAML 9.9\n---\na: 1\n"), HasSubstr("a.yaml:1:1: cannot read it as YAML: YAML major version too large"));
}

TEST(YamlReader, AnEmptyTextIsNothing) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "\xef\xbb\xbf"}) EXPECT_EQ(as_json(text), "null") << text;
}

TEST(YamlReader, TellsWhereTheSyntaxBreaks) {
  EXPECT_THAT(as_json("a: 1\nb: [1\n"), HasSubstr("a.yaml:3:1: cannot read it as YAML"));
  EXPECT_THAT(as_json("a: 1\n\tb: 2\n"), HasSubstr("a.yaml:2:"));
  EXPECT_THAT(as_json("a: *nobody\n"), HasSubstr("a.yaml:1:4: cannot read it as YAML"));
}

TEST(YamlReader, TellsEveryDuplicateKey) {
  EXPECT_THAT(described(read_yaml("a: 1\nb: {c: 1, c: 2}\na: 2\n", "a.yaml").faults),
              ElementsAre("a.yaml:2:11: c: duplicate key, given first at a.yaml:2:5",
                          "a.yaml:3:1: a: duplicate key, given first at a.yaml:1:1"));
}

TEST(YamlReader, RefusesKeysThatAreNoTexts) {
  EXPECT_EQ(as_json("? [a]\n: 1\n"), "a.yaml:1:3: expected a text as the key");
  EXPECT_EQ(as_json("~: 1\n"), "a.yaml:1:1: expected a text as the key");
}

TEST(YamlReader, RefusesASecondDocument) {
  EXPECT_EQ(as_json("a: 1\n---\nb: 1\n"), "a.yaml: expected one document, without a second `---`");
}

TEST(YamlReader, RefusesAnAliasInsideOfWhatItNames) {
  EXPECT_THAT(as_json("a: &x\n  b: *x\n"), HasSubstr("an alias stands inside"));
}

TEST(YamlReader, RefusesAliasesThatMultiply) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int j = 0; j < 8; ++j) yaml += ", " + below;
    yaml += "]\n";
  }
  EXPECT_THAT(as_json(yaml), HasSubstr("expected at most 50000 values"));
}

TEST(YamlReader, RefusesDepth) {
  EXPECT_THAT(as_json(std::string(60, '[') + std::string(60, ']')), HasSubstr("expected at most 50 levels"));
  EXPECT_THAT(as_json(std::string(100'000, '[')), HasSubstr("expected at most 50 levels"));
}

TEST(YamlReader, RefusesBytesThatAreNoText) {
  using namespace std::string_view_literals;
  EXPECT_EQ(as_json("a: 1\nb: \0\n"sv), "a.yaml:2:4: expected UTF-8 text without control characters");
  EXPECT_EQ(as_json("a: 1\n\x04"
                    "b: 2\n"),
            "a.yaml:2:1: expected UTF-8 text without control characters");
  EXPECT_EQ(as_json("a: \xff\n"), "a.yaml:1:4: expected UTF-8 text without control characters");
  EXPECT_EQ(as_json("a: \xc0\xaf\n"), "a.yaml:1:4: expected UTF-8 text without control characters");
  EXPECT_EQ(as_json("\xff\xfe"
                    "a\0"sv),
            "a.yaml:1:1: expected UTF-8 text without control characters");
}

TEST(YamlReader, ARootThatIsNoMapIsNoConfiguration) {
  EXPECT_THAT(described(load_settings(inputs("- a\n")).faults),
              ElementsAre("config.yaml:1:1: expected keys such as `debug: true`"));
  EXPECT_THAT(described(load_settings(inputs("just text\n")).faults), SizeIs(1));
}

TEST(JsonReader, TellsWhereAndNeverWhat) {
  const auto bad = read_json(R"({"password": "hunter2)", "env X");
  ASSERT_FALSE(bad.ok());
  EXPECT_THAT(bad.error().message, testing::AllOf(HasSubstr("byte"), testing::Not(HasSubstr("hunter2"))));
  EXPECT_FALSE(read_json("\"\xff\"", "env X").ok());
  EXPECT_FALSE(read_json(std::string(100'000, '['), "env X").ok());
  EXPECT_FALSE(read_json(std::string(100, '[') + std::string(100, ']'), "env X").ok());
}

}  // namespace
}  // namespace action_scheduler
