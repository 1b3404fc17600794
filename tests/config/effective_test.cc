#include "config/effective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/loading.h"

namespace action_scheduler {
namespace {

using testing::HasSubstr;
using testing::Not;

LoadedSettings example() {
  return load_settings(
      with_sets(inputs("actions_db:\n  dialect: postgresql\n  password: hunter2\nkafka:\n  server: a\n  topic: t\n  properties:\n"
                       "    sasl.password: hunter2\n    ssl.key.password: hunter2\n    sasl.oauthbearer.client.secret: hunter2\n"
                       "    linger.ms: 5\nhttp:\n  token: hunter2\n",
                       {{"KAFKA__TOPIC", "u"}, {"LOG", R"({"level": "error"})"}}),
                {"debug=on"}));
}

TEST(EffectiveConfig, EveryValueHasItsOrigin) {
  const LoadedSettings loaded = example();
  EXPECT_EQ(loaded.origin_of("actions_db.dialect"), "config.yaml:2:3");
  EXPECT_EQ(loaded.origin_of("kafka.topic"), "env KAFKA__TOPIC");
  EXPECT_EQ(loaded.origin_of("log.level"), "env LOG");
  EXPECT_EQ(loaded.origin_of("debug"), "--set");
  EXPECT_EQ(loaded.origin_of("instance"), "default");
  EXPECT_EQ(loaded.origin_of("kafka.properties.linger.ms"), "config.yaml:11:5");
  EXPECT_EQ(loaded.origin_of("nobody"), "");
}

TEST(EffectiveConfig, TheTableHasColumns) {
  const std::string table = effective_table(example().values);
  EXPECT_THAT(table, testing::ContainsRegex("\nkafka\\.topic +u +env KAFKA__TOPIC\n"));
  EXPECT_THAT(table, testing::ContainsRegex("\ninstance|^instance +action-scheduler-u +default\n"));
  EXPECT_THAT(table, testing::ContainsRegex("\nhttp\\.listen +- +default\n"));
}

TEST(EffectiveConfig, SecretsAreMasked) {
  const LoadedSettings loaded = example();
  EXPECT_THAT(effective_table(loaded.values), Not(HasSubstr("hunter2")));
  EXPECT_THAT(effective_json(loaded.values), Not(HasSubstr("hunter2")));
  EXPECT_THAT(effective_table(loaded.values), testing::ContainsRegex("actions_db\\.password +\\*\\*\\* "));
}

TEST(EffectiveConfig, JsonKeepsTypes) {
  const std::string json = effective_json(example().values);
  EXPECT_THAT(json, HasSubstr(R"("debug": {"value": true, "origin": "--set"},)"));
  EXPECT_THAT(json, HasSubstr(R"("track_changes_period": {"value": 30, "origin": "default"},)"));
  EXPECT_THAT(json, HasSubstr(R"("kafka.topic": {"value": "u", "origin": "env KAFKA__TOPIC"},)"));
  EXPECT_THAT(json, HasSubstr(R"("http.listen": {"value": null, "origin": "default"},)"));
}

TEST(EffectiveConfig, AValueCannotForgeALine) {
  const auto loaded = load_settings(inputs(std::string(kSmallYaml) + "timezone: \"UTC\\nforged\\e[2J\"\n"));
  EXPECT_THAT(effective_table(loaded.values), testing::AllOf(Not(HasSubstr("\nforged")), Not(HasSubstr("\x1b"))));
  const auto named = load_settings(
      inputs(kSmallYaml, {{"ACTIONS_DB__PROPERTIES", R"({"a\u001b[2J\n": "\u2028"})"}, {"ACTIONS_DB__PROPERTIES__\x1b", "x"}}));
  EXPECT_THAT(effective_table(named.values),
              testing::AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xe2\x80\xa8")), HasSubstr("a\\u001b[2J\\n ")));
}

TEST(EffectiveConfig, FaultsAreJsonToo) {
  EXPECT_EQ(faults_json(std::vector<ConfigFault>{{"env A", "a", "say \"b\""}}),
            "{\"faults\": [{\"source\": \"env A\", \"key\": \"a\", \"message\": \"say \\\"b\\\"\"}]}\n");
}

}  // namespace
}  // namespace action_scheduler
