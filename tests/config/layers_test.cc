#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/loading.h"

namespace action_scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::string kKafkaYaml = std::string(kSmallYaml) + "kafka:\n  server: localhost:9092\n  topic: from_yaml\n";

Settings good(const ConfigInputs& given) {
  const LoadedSettings loaded = load_settings(given);
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  return loaded.settings;
}

TEST(Layers, DefaultsHoldWhereNothingIsGiven) {
  const Settings settings = good(inputs(kSmallYaml));
  EXPECT_EQ(settings.instance, "action-scheduler");
  EXPECT_FALSE(settings.debug);
  EXPECT_EQ(settings.timezone, "UTC");
  EXPECT_EQ(settings.track_changes_period, Seconds{30});
  EXPECT_EQ(settings.shutdown_timeout, Seconds{10});
  EXPECT_EQ(settings.actions_db.table, "action");
  EXPECT_EQ(settings.actions_db.port, 5432);
  EXPECT_FALSE(settings.internal_db);
  EXPECT_EQ(settings.action.callback, "stdout");
  EXPECT_FALSE(settings.action.merge_missed);
  EXPECT_FALSE(settings.action.actuality_time);
  EXPECT_FALSE(settings.kafka);
  EXPECT_FALSE(settings.http.listen);
  EXPECT_EQ(settings.log.level, Level::info);
  EXPECT_EQ(settings.log.format, LogFormat::text);
  EXPECT_FALSE(settings.test.write_sample_actions_to_db);
}

TEST(Layers, KafkaHasItsOwnDefaults) {
  const Settings settings = good(inputs(kKafkaYaml));
  EXPECT_EQ(settings.instance, "action-scheduler-from_yaml");
  EXPECT_EQ(settings.action.callback, "kafka");
  EXPECT_EQ(settings.kafka->source, settings.instance);
  EXPECT_EQ(settings.kafka->delivery, DeliveryMode::automatic);
  EXPECT_EQ(settings.kafka->delivery_timeout, Seconds{10});
  EXPECT_EQ(settings.kafka->key, MessageKey::id);
  EXPECT_EQ(settings.kafka->value, MessageValue::json);
  EXPECT_EQ(settings.kafka->headers, MessageHeaders::cloudevents);
}

TEST(Layers, EachLayerWinsOverTheOneBelow) {
  ConfigInputs given = inputs(kKafkaYaml);
  EXPECT_EQ(good(given).kafka->topic, "from_yaml");
  given = with_dotenv(given, "KAFKA__TOPIC=from_dotenv\n");
  EXPECT_EQ(good(given).kafka->topic, "from_dotenv");
  given.environment = {{"KAFKA__TOPIC", "from_environment"}};
  EXPECT_EQ(good(given).kafka->topic, "from_environment");
  given = with_sets(given, {"kafka.topic=from_command_line"});
  EXPECT_EQ(good(given).kafka->topic, "from_command_line");
  EXPECT_EQ(good(given).kafka->servers, "localhost:9092");
}

TEST(Layers, OfTwoSetsForOneKeyTheLaterCounts) {
  EXPECT_TRUE(good(with_sets(inputs(kSmallYaml), {"debug=false", "debug=true"})).debug);
  EXPECT_EQ(good(with_sets(inputs(kSmallYaml), {"log.level=error", R"(log={"level": "debug"})"})).log.level, Level::debug);
}

TEST(Layers, NamesOfTheEnvironmentMayHaveAnyCase) {
  const Settings settings = good(inputs(kSmallYaml, {{"Actions_Db__Table", "jobs"}, {"debug", "yes"}}));
  EXPECT_EQ(settings.actions_db.table, "jobs");
  EXPECT_TRUE(settings.debug);
}

TEST(Layers, OfNamesThatDifferInCaseTheOneInCapitalsCounts) {
  EXPECT_EQ(good(inputs(kSmallYaml, {{"timezone", "UTC"}, {"TIMEZONE", "Asia/Tokyo"}})).timezone, "Asia/Tokyo");
  EXPECT_EQ(good(inputs(kSmallYaml, {{"TIMEZONE", "Asia/Tokyo"}, {"timezone", "UTC"}})).timezone, "Asia/Tokyo");
}

TEST(Layers, NamesOfOthersAreIgnored) {
  good(with_dotenv(
      inputs(kSmallYaml, {{"PATH", "/bin"}, {"LOG_FILE", "/x"}, {"KAFKA_HOME", "/opt"}, {"HTTPS_PROXY", "p"}, {"", "x"}}),
      "OTHER=1\nACTION_SCHEDULER=2\nBROKEN=\"\n"));
}

TEST(Layers, ALevelGivenAsJsonMerges) {
  const Settings settings = good(inputs("actions_db:\n  dialect: postgresql\n  host: yaml\n  port: 1\n  database: d\n",
                                        {{"ACTIONS_DB", R"({"host": "json", "port": 5433})"}}));
  EXPECT_EQ(settings.actions_db.host, "json");
  EXPECT_EQ(settings.actions_db.port, 5433);
  EXPECT_EQ(settings.actions_db.database, "d");
}

TEST(Layers, ANestedNameWinsOverItsLevelsJson) {
  const Settings settings = good(inputs(kSmallYaml, {{"ACTION__DEFAULTS__MERGE_MISSED", "on"},
                                                     {"ACTION", R"({"defaults": {"merge_missed": false, "actuality_time": 5}})"},
                                                     {"ACTION__DEFAULTS", R"({"actuality_time": 6})"}}));
  EXPECT_TRUE(settings.action.merge_missed);
  EXPECT_EQ(settings.action.actuality_time, Seconds{6});
}

TEST(Layers, NullTakesALevelAway) {
  const std::string yaml = std::string(kSmallYaml) + "internal_db:\n  database: ledger.db\n";
  EXPECT_EQ(good(inputs(yaml)).internal_db->database, "ledger.db");
  EXPECT_FALSE(good(inputs(yaml, {{"INTERNAL_DB", "null"}})).internal_db);
  EXPECT_FALSE(good(with_dotenv(inputs(yaml), "internal_db=null")).internal_db);
  EXPECT_FALSE(good(with_sets(inputs(yaml), {"internal_db=null"})).internal_db);
  EXPECT_EQ(good(inputs(yaml, {{"INTERNAL_DB", "null"}, {"INTERNAL_DB__DATABASE", "b.db"}})).internal_db->database, "b.db");
  EXPECT_FALSE(good(inputs(std::string(kSmallYaml) + "internal_db:\nkafka: ~\n")).internal_db);
}

TEST(Layers, AnEmptyValueBringsTheDefaultBack) {
  const std::string yaml = std::string(kSmallYaml) + "http:\n  listen: :8080\ndebug: true\n";
  const Settings settings = good(inputs(yaml, {{"HTTP__LISTEN", ""}, {"DEBUG", ""}}));
  EXPECT_FALSE(settings.http.listen);
  EXPECT_FALSE(settings.debug);
}

TEST(Layers, BooleansAreWrittenInManyWays) {
  for (const std::string word : {"true", "on", "yes", "t", "1", "TRUE", "Yes", "T", "oN"}) {
    EXPECT_TRUE(good(inputs(kSmallYaml, {{"DEBUG", word}})).debug) << word;
    EXPECT_TRUE(good(inputs(kSmallYaml + ("debug: " + word) + "\n")).debug) << word;
  }
  for (const std::string word : {"false", "off", "no", "f", "0", "FALSE", "Off", "F"}) {
    EXPECT_FALSE(good(inputs(std::string(kSmallYaml) + "debug: true\n", {{"DEBUG", word}})).debug) << word;
  }
}

TEST(Layers, AFileGivesAValue) {
  const ConfigInputs given = with_files(inputs(kKafkaYaml, {{"ACTIONS_DB__PASSWORD_FILE", "/run/secrets/db"},
                                                            {"kafka__properties__sasl_password_file", "/run/secrets/kafka"}}),
                                        {{"/run/secrets/db", "p w\n"}, {"/run/secrets/kafka", "k\r\n"}, {"/t", "token"}});
  const Settings settings = good(with_dotenv(given, "HTTP__TOKEN_FILE=/t"));
  EXPECT_EQ(settings.actions_db.password, "p w");
  EXPECT_EQ(settings.http.token, "token");
  EXPECT_THAT(settings.kafka->properties, ElementsAre(Pair("sasl.password", "k")));
}

TEST(Layers, AFileOfAHigherLayerWinsOverAValueBelow) {
  const ConfigInputs given = with_files(inputs(kSmallYaml, {{"HTTP__TOKEN_FILE", "/t"}}), {{"/t", "upper"}});
  EXPECT_EQ(good(with_dotenv(given, "HTTP__TOKEN=lower")).http.token, "upper");
}

TEST(Layers, PropertiesKeepTheNamesOfTheirClient) {
  const std::string yaml =
      kKafkaYaml + "  properties:\n    compression.type: lz4\n    enable.idempotence: true\n    linger.ms: 20\n";
  const Settings settings =
      good(with_sets(inputs(yaml, {{"KAFKA__PROPERTIES__SASL_USERNAME", "u"},
                                   {"KAFKA__PROPERTIES", R"({"linger.ms": 30, "acks": "all", "socket.keepalive.enable": true})"},
                                   {"ACTIONS_DB__PROPERTIES__APPLICATION_NAME", "a"}}),
                     {"kafka.properties.ssl.ca.location=/ca"}));
  EXPECT_THAT(settings.kafka->properties,
              ElementsAre(Pair("acks", "all"), Pair("compression.type", "lz4"), Pair("enable.idempotence", "true"),
                          Pair("linger.ms", "30"), Pair("sasl.username", "u"), Pair("socket.keepalive.enable", "true"),
                          Pair("ssl.ca.location", "/ca")));
  EXPECT_THAT(settings.actions_db.properties, ElementsAre(Pair("application_name", "a")));
}

TEST(Layers, ServersComeInManyForms) {
  const auto servers = [](const std::string& text) { return good(inputs(kKafkaYaml, {{"KAFKA__SERVER", text}})).kafka->servers; };
  EXPECT_EQ(servers("localhost:1234"), "localhost:1234");
  EXPECT_EQ(servers("kafka://broker:1"), "broker:1");
  EXPECT_EQ(servers("kafka://broker"), "broker:9092");
  EXPECT_EQ(servers("broker"), "broker:9092");
  EXPECT_EQ(servers("a:1, kafka://b:2 ,c"), "a:1,b:2,c:9092");
  EXPECT_EQ(servers("[::1]:9094"), "[::1]:9094");
  EXPECT_EQ(servers("[::1]"), "[::1]:9092");
  EXPECT_EQ(servers(R"(["a:1", "kafka://b"])"), "a:1,b:9092");
  EXPECT_EQ(good(inputs(std::string(kSmallYaml) + "kafka:\n  topic: t\n  server: [a, \"b:2\"]\n")).kafka->servers, "a:9092,b:2");
}

TEST(Layers, ListenAddressesComeInManyForms) {
  const auto listen = [](const std::string& text) { return *good(inputs(kSmallYaml, {{"HTTP__LISTEN", text}})).http.listen; };
  EXPECT_EQ(listen("127.0.0.1:80"), (ListenAddress{"127.0.0.1", 80}));
  EXPECT_EQ(listen("[::1]:8080"), (ListenAddress{"::1", 8080}));
  EXPECT_EQ(listen(":8080"), (ListenAddress{"0.0.0.0", 8080}));
  EXPECT_EQ(listen("8080"), (ListenAddress{"0.0.0.0", 8080}));
}

TEST(Layers, CallbacksMayHaveTheNamesOfTheOldProgram) {
  EXPECT_EQ(good(inputs(kKafkaYaml, {{"ACTION__CALLBACK", "action_scheduler.callbacks:kafka_send"}})).action.callback, "kafka");
  EXPECT_EQ(good(inputs(kKafkaYaml, {{"ACTION__CALLBACK", "action_scheduler.callbacks:print_command"}})).action.callback,
            "stdout");
}

TEST(Layers, ARegisteredCallbackNeedsNoLineInTheConfiguration) {
  ConfigInputs given = inputs(kSmallYaml, {{"ACTION__CALLBACK", "webhook"}});
  given.callbacks.push_back("webhook");
  EXPECT_EQ(good(given).action.callback, "webhook");
}

TEST(Layers, DebugLowersTheDefaultOfTheLogLevelOnly) {
  EXPECT_EQ(good(inputs(kSmallYaml, {{"DEBUG", "1"}})).log.level, Level::debug);
  EXPECT_EQ(good(inputs(kSmallYaml, {{"DEBUG", "1"}, {"LOG__LEVEL", "warning"}})).log.level, Level::warning);
}

TEST(Layers, NumbersAndWordsOfYamlAreTextsWhereATextIsWanted) {
  const Settings settings =
      good(inputs("actions_db:\n  dialect: postgresql\n  username: 007\n  password: yes\n  database: 1.50\n  port: \"5433\"\n"));
  EXPECT_EQ(settings.actions_db.username, "007");
  EXPECT_EQ(settings.actions_db.password, "yes");
  EXPECT_EQ(settings.actions_db.database, "1.50");
  EXPECT_EQ(settings.actions_db.port, 5433);
}

TEST(Layers, TheEnvironmentAloneSuffices) {
  ConfigInputs given = inputs("", {{"ACTIONS_DB__DIALECT", "sqlite"}, {"ACTIONS_DB__DATABASE", "a.db"}});
  given.yaml.reset();
  EXPECT_EQ(good(given).actions_db.dialect, Dialect::sqlite);
}

}  // namespace
}  // namespace action_scheduler
