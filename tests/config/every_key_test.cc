// Every key of the key table, wrong in every way, through every layer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action_scheduler/utf8.h"
#include "config/json_reader.h"
#include "config/keys.h"
#include "tests/config/one_key.h"

namespace action_scheduler {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kSecret = "hunter2";

// What no key takes, whatever its type, but for the lists of kafka.server and the levels of properties.
struct Misfit {
  const char* json;
  bool is_list = false;
  bool is_level = false;
};
constexpr Misfit kMisfits[] = {{.json = R"(["hunter2 hunter2"])", .is_list = true},
                               {.json = R"([["hunter2"]])"},
                               {.json = R"([{"a": "hunter2"}])"},
                               {.json = R"({"a": {"b": "hunter2"}})"},
                               {.json = R"({"a": ["hunter2"]})"},
                               {.json = R"({"hunter2 ": 1})", .is_level = true}};

void expect_one_line_each(const ConfigFaults& faults) {
  for (const ConfigFault& fault : faults) {
    std::string printable;
    append_printable(printable, fault.describe());
    EXPECT_EQ(printable, fault.describe());
    EXPECT_LT(fault.describe().size(), 600U);
  }
}

class EveryKey : public testing::TestWithParam<std::size_t> {
 protected:
  const KeySpec& key() const { return config_keys()[GetParam()]; }
};

TEST_P(EveryKey, TakesNoValueOfAnotherKind) {
  for (const Misfit& misfit : kMisfits) {
    if (misfit.is_list && key().type == KeyType::servers) continue;
    if (misfit.is_level && key().type == KeyType::properties) continue;
    const auto loaded = load_settings(with_key(key().name, misfit.json));
    ASSERT_THAT(loaded.faults, SizeIs(1)) << misfit.json;
    EXPECT_EQ(loaded.faults[0].key, key().name);
    EXPECT_THAT(loaded.faults[0].describe(), StartsWith("config.yaml:1:"));
    EXPECT_THAT(loaded.faults[0].message, HasSubstr("expected "));
    if (key().secret || key().type == KeyType::properties) {
      EXPECT_THAT(loaded.faults[0].describe(), Not(HasSubstr(kSecret)));
    }
    expect_one_line_each(loaded.faults);
  }
}

TEST_P(EveryKey, TakesHostileTextsOrTellsWhyInOneLine) {
  using namespace std::string_literals;
  const std::vector<std::string> texts = {"\n",
                                          "x\nforged: 1",
                                          "\x1b[2J",
                                          "\xc2\x9b",
                                          "\xe2\x80\xae",
                                          "\0"s,
                                          "\xff",
                                          "'; DROP TABLE x; --",
                                          "%s{}",
                                          "{",
                                          "[",
                                          "\"",
                                          "99999999999999999999999",
                                          "-1",
                                          "1.5",
                                          "1e3",
                                          "NaN",
                                          "null ",
                                          std::string(100'000, 'x')};
  for (const std::string& text : texts) {
    for (const std::string layer : {"yaml", "environment", ".env", "--set"}) {
      if (layer == "yaml" && invalid_utf8_at(text)) continue;                 // the whole file is refused
      if (layer == ".env" && text.find('\'') != std::string::npos) continue;  // ends the quotes
      ConfigInputs given = with_key(key().name, "null");
      if (layer == "yaml") given.yaml->text = in_levels(key().name, json_string(text));
      if (layer == "environment") given.environment.emplace_back(environment_name(key().name), text);
      if (layer == ".env") given = with_dotenv(given, environment_name(key().name) + "='" + text + "'\n");
      if (layer == "--set") given = with_sets(given, {std::string(key().name) + "=" + text});
      const auto loaded = load_settings(given);
      expect_one_line_each(loaded.faults);
      for (const ConfigFault& fault : loaded.faults) EXPECT_THAT(fault.key, StartsWith(std::string(key().name))) << layer;
      const bool allowed = (key().type == KeyType::integer && text == "-1" && key().min <= -1) ||
                           (key().type == KeyType::properties && text == "null ");
      if (key().type == KeyType::text || key().type == KeyType::servers || allowed) continue;
      EXPECT_THAT(loaded.faults, Not(IsEmpty())) << layer << " takes " << text.substr(0, 50);
    }
  }
}

TEST_P(EveryKey, IsRefusedTwiceInOneLayer) {
  const std::string level = in_levels(key().name, "null");
  const std::string name(key().name.substr(key().name.rfind('.') + 1));
  std::string twice = level;
  const std::string entry = json_string(name) + ": null";
  twice.replace(twice.find(entry), entry.size(), entry + ", " + entry);
  ConfigInputs given = with_key(key().name, "null");
  given.yaml->text = twice;
  EXPECT_THAT(described(load_settings(given).faults),
              ElementsAre(HasSubstr(": " + name + ": duplicate key, given first at config.yaml:1:")));
}

TEST_P(EveryKey, IsSuggestedForASlip) {
  std::string slip(key().name);
  std::swap(slip[slip.size() - 2], slip[slip.size() - 3]);
  if (slip == key().name) return;
  const auto loaded = load_settings(with_sets(with_key("debug", "null"), {slip + "=hunter2"}));
  ASSERT_THAT(loaded.faults, SizeIs(1));
  EXPECT_EQ(loaded.faults[0].message, "unknown key (did you mean \"" + std::string(key().name) + "\"?)");
}

TEST_P(EveryKey, NamesTheFileThatCannotBeRead) {
  ConfigInputs given = with_key(key().name, "null");
  given.environment.emplace_back(environment_name(key().name) + "_FILE", "/none");
  EXPECT_THAT(described(load_settings(given).faults),
              Contains("env " + environment_name(key().name) + "_FILE: " + std::string(key().name) +
                       ": cannot read the value: cannot read the file /none"));
}

INSTANTIATE_TEST_SUITE_P(OfTheTable, EveryKey, testing::Range(std::size_t{0}, config_keys().size()),
                         [](const testing::TestParamInfo<std::size_t>& test) {
                           std::string name(config_keys()[test.param].name);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace action_scheduler
