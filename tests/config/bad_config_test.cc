// A catalogue of bad configurations and what is said of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/loading.h"

namespace action_scheduler {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

struct BadYaml {
  const char* name;
  const char* yaml;  // behind kSmallYaml, whose last line is 3
  const char* fault;
};

class BadYamlTest : public testing::TestWithParam<BadYaml> {};

TEST_P(BadYamlTest, IsOneFaultWithItsPlace) {
  const auto loaded = load_settings(inputs(std::string(kSmallYaml) + GetParam().yaml));
  EXPECT_THAT(described(loaded.faults), ElementsAre(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, BadYamlTest,
    testing::Values(
        BadYaml{"UnknownKey", "debg: true\n", "config.yaml:4:1: debg: unknown key (did you mean \"debug\"?)"},
        BadYaml{"UnknownNestedKey", "log:\n  levl: info\n",
                "config.yaml:5:3: log.levl: unknown key (did you mean \"log.level\"?)"},
        BadYaml{"WrongLevel", "topic: a\n", "config.yaml:4:1: topic: unknown key (did you mean \"kafka.topic\"?)"},
        BadYaml{"WrongCase", "Debug: true\n", "config.yaml:4:1: Debug: unknown key (did you mean \"debug\"?)"},
        BadYaml{"Stranger", "zzzzzzzzzzzz: true\n", "config.yaml:4:1: zzzzzzzzzzzz: unknown key"},
        BadYaml{"KeyInOnePiece", "log.level: info\n",
                "config.yaml:4:1: log.level: unknown key; each level has a line of its own in YAML"},
        BadYaml{"Boolean", "debug: maybe\n", "config.yaml:4:1: debug: expected true or false, got \"maybe\""},
        BadYaml{"BooleanNumber", "debug: 2\n", "config.yaml:4:1: debug: expected true or false, got \"2\""},
        BadYaml{"Integer", "track_changes_period: soon\n",
                "config.yaml:4:1: track_changes_period: expected an integer of seconds from 1 to 86400, got \"soon\""},
        BadYaml{"IntegerRange", "track_changes_period: 0\n",
                "config.yaml:4:1: track_changes_period: expected an integer of seconds from 1 to 86400, got \"0\""},
        BadYaml{"IntegerFraction", "track_changes_period: 1.5\n",
                "config.yaml:4:1: track_changes_period: expected an integer of seconds from 1 to 86400, got \"1.5\""},
        BadYaml{"IntegerHuge", "shutdown_timeout: 99999999999999999999\n",
                "config.yaml:4:1: shutdown_timeout: expected an integer of seconds from 0 to 3600, got \"99999999999999999999\""},
        BadYaml{"IntegerTwoSigns", "shutdown_timeout: +-1\n",
                "config.yaml:4:1: shutdown_timeout: expected an integer of seconds from 0 to 3600, got \"+-1\""},
        BadYaml{"Choice", "log:\n  format: xml\n", "config.yaml:5:3: log.format: expected one of text, json, got \"xml\""},
        BadYaml{"ListForText", "timezone: [UTC]\n", "config.yaml:4:1: timezone: expected the name of a time zone, got a list"},
        BadYaml{"MapForInteger", "shutdown_timeout:\n  a: 1\n",
                "config.yaml:4:1: shutdown_timeout: expected an integer of seconds from 0 to 3600, got keys below it"},
        BadYaml{"TextForLevel", "log: debug\n", "config.yaml:4:1: log: expected keys below it: level, format"},
        BadYaml{"Ledger", "internal_db:\n  dialect: sqlite\n",
                "config.yaml:4:1: internal_db.database: missing; expected the file of the ledger (in the environment "
                "INTERNAL_DB__DATABASE)"},
        BadYaml{"LedgerDialect", "internal_db:\n  dialect: postgresql\n  database: a\n",
                "config.yaml:5:3: internal_db.dialect: expected sqlite, got \"postgresql\""},
        BadYaml{"KafkaWithoutTopic", "kafka:\n  server: a\n",
                "config.yaml:4:1: kafka.topic: missing; expected the name of a topic (in the environment KAFKA__TOPIC)"},
        BadYaml{
            "KafkaWithoutServer", "kafka:\n  topic: a\n",
            "config.yaml:4:1: kafka.server: missing; expected host:port or a list of them (in the environment KAFKA__SERVER)"},
        BadYaml{"Topic", "kafka: {server: a, topic: a b}\n",
                "config.yaml:4:20: kafka.topic: expected 1 to 249 of the characters a-z A-Z 0-9 . _ -, got \"a b\""},
        BadYaml{
            "Server", "kafka: {server: 'http://a:1', topic: t}\n",
            "config.yaml:4:9: kafka.server: expected host:port, kafka://host:port or a list of them, ports from 1 to 65535, got "
            "\"http://a:1\""},
        BadYaml{
            "ServerPort", "kafka: {server: 'a:70000', topic: t}\n",
            "config.yaml:4:9: kafka.server: expected host:port, kafka://host:port or a list of them, ports from 1 to 65535, got "
            "\"a:70000\""},
        BadYaml{"ServerHole", "kafka: {server: 'a,,b', topic: t}\n",
                "config.yaml:4:9: kafka.server: expected host:port, kafka://host:port or a list of them, ports from 1 to 65535, "
                "got \"\""},
        BadYaml{"ServerEmptyList", "kafka: {server: [], topic: t}\n",
                "config.yaml:4:9: kafka.server: expected at least one host:port"},
        BadYaml{"FaultsTopicOfTheFires", "kafka: {server: a, topic: t, faults_topic: t}\n",
                "config.yaml:4:30: kafka.faults_topic: expected another topic than kafka.topic, whose consumers take fires"},
        BadYaml{"Acks", "kafka: {server: a, topic: t, properties: {acks: 0}}\n",
                "config.yaml:4:43: kafka.properties.acks: expected all, or leave it out: with less a broker's crash loses fires"},
        BadYaml{"Idempotence", "kafka: {server: a, topic: t, properties: {enable.idempotence: no}}\n",
                "config.yaml:4:43: kafka.properties.enable.idempotence: expected true, or leave it out: without it a retry "
                "repeats fires"},
        BadYaml{
            "TransactionalId", "kafka: {server: a, topic: t, properties: {transactional.id: x}}\n",
            "config.yaml:4:43: kafka.properties.transactional.id: expected to be left out: it is the instance (key instance)"},
        BadYaml{"Brokers", "kafka: {server: a, topic: t, properties: {bootstrap.servers: x}}\n",
                "config.yaml:4:43: kafka.properties.bootstrap.servers: expected to be left out: the brokers are given by "
                "kafka.server"},
        BadYaml{"NestedProperty", "kafka: {server: a, topic: t, properties: {sasl: {password: x}}}\n",
                "config.yaml:4:30: kafka.properties: expected a text for \"sasl\" at config.yaml:4:43, got keys below it; a name "
                "with dots is written in one piece, such as sasl.username"},
        BadYaml{"CallbackWithoutKafka", "action: {callback: kafka}\n",
                "config.yaml:4:10: action.callback: kafka is not configured: expected kafka.server and kafka.topic, or the "
                "callback stdout"},
        BadYaml{"Callback", "action: {callback: stdot}\n",
                "config.yaml:4:10: action.callback: expected one of kafka, stdout, got \"stdot\" (did you mean \"stdout\"?)"},
        BadYaml{"Listen", "http: {listen: localhost}\n",
                "config.yaml:4:8: http.listen: expected address:port such as 127.0.0.1:8080, [::1]:8080 or :8080 for all "
                "addresses, got "
                "\"localhost\""},
        BadYaml{"TokenStaysUnseen", "http: {token: 'a b'}\n",
                "config.yaml:4:8: http.token: expected printable ASCII characters without blanks"},
        BadYaml{"DuplicateKey", "debug: true\ndebug: true\n",
                "config.yaml:5:1: debug: duplicate key, given first at config.yaml:4:1"},
        BadYaml{"MergeOfAText", "log:\n  <<: text\n", "config.yaml:5:7: <<: expected keys below it, or a list of such levels"},
        BadYaml{"TagOfAnotherProgram", "http: {token: !vault hunter2}\n",
                "config.yaml:4:15: unknown tag \"!vault\"; expected none here"},
        BadYaml{"TagOfPython", "instance: !!python/name:os.system x\n",
                "config.yaml:4:11: unknown tag \"tag:yaml.org,2002:python/name:os.system\"; expected none here"},
        BadYaml{"TagOfBinary", "instance: !!binary aGk=\n",
                "config.yaml:4:11: unknown tag \"tag:yaml.org,2002:binary\"; expected none here"},
        BadYaml{"ServerWithPassword", "kafka: {server: 'kafka://user:hunter2@a:1', topic: t}\n",
                "config.yaml:4:9: kafka.server: expected host:port, kafka://host:port or a list of them, ports from 1 to 65535, "
                "got one with a user (they are given by sasl.username and sasl.password in kafka.properties)"},
        BadYaml{"C1Control", "debug: \"a\\x9b31m\"\n", "config.yaml:4:1: debug: expected true or false, got \"a\\u009b31m\""},
        BadYaml{"LineSeparator", "debug: \"a\\Lb\"\n", "config.yaml:4:1: debug: expected true or false, got \"a\\u2028b\""},
        BadYaml{"EscapeOfLatin1", "instance: \"a\\_b\"\n",
                "config.yaml:4:11: expected UTF-8 text; write the characters of \\N and \\_ themselves"},
        BadYaml{"EmptyKey", "'': 1\n", "config.yaml:4:1: unknown key"},
        BadYaml{"ControlCharacters", "instance: \"a\\nb\"\n",
                "config.yaml:4:1: instance: expected at most 249 bytes without control characters, got \"a\\x0ab\""}),
    [](const testing::TestParamInfo<BadYaml>& test) { return test.param.name; });

struct BadVariable {
  const char* name;
  const char* variable;
  const char* value;
  const char* fault;
};

class BadVariableTest : public testing::TestWithParam<BadVariable> {};

TEST_P(BadVariableTest, IsOneFaultWithItsPlace) {
  const std::string variable = GetParam().variable;
  const auto loaded = load_settings(inputs(kSmallYaml, {{variable, GetParam().value}}));
  EXPECT_THAT(described(loaded.faults), ElementsAre("env " + variable + ": " + GetParam().fault));
  const auto from_file = load_settings(with_dotenv(inputs(kSmallYaml), "\n" + variable + "='" + GetParam().value + "'\n"));
  ASSERT_THAT(from_file.faults, SizeIs(1));
  EXPECT_THAT(described(from_file.faults), ElementsAre(StartsWith(".env:2: ")));
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, BadVariableTest,
    testing::Values(
        BadVariable{"Unknown", "KAFKA__TOPC", "t", "kafka.topc: unknown key (did you mean \"KAFKA__TOPIC\"?)"},
        BadVariable{"UnknownLowerCase", "kafka__topc", "t", "kafka.topc: unknown key (did you mean \"KAFKA__TOPIC\"?)"},
        BadVariable{"LevelOnly", "LOG__", "t", "log.: unknown key"},
        BadVariable{"TooDeep", "LOG__LEVEL__NAME", "t", "log.level.name: unknown key"},
        BadVariable{"UnknownFile", "HTTP__TOKN_FILE", "/t", "http.tokn_file: unknown key"},
        BadVariable{"Value", "DEBUG", "maybe", "debug: expected true or false, got \"maybe\""},
        BadVariable{"LevelNoJson", "ACTIONS_DB", "{\"password\": \"hunter2\"",
                    "actions_db: expected a JSON object or null: it is no JSON from byte 23 on"},
        BadVariable{"LevelAsText", "LOG", "\"debug\"", "log: expected a JSON object or null"},
        BadVariable{"UnknownInJson", "LOG", "{\"levl\": 1}", "log.levl: unknown key (did you mean \"log.level\"?)"},
        BadVariable{"ValueInJson", "LOG", "{\"level\": 1}", "log.level: expected one of debug, info, warning, error, got \"1\""},
        BadVariable{"TwiceInJson", "LOG", R"({"level": "info", "level": "debug"})",
                    R"(log: expected a JSON object or null: the key "level" stands twice in one object)"},
        BadVariable{"LevelAsList", "LOG", "[]", "log: expected a JSON object or null"},
        BadVariable{"LevelAsNumber", "TEST", "1", "test: expected a JSON object or null"},
        BadVariable{"NestedInJson", "LOG", R"({"level": {"a": 1}})",
                    "log.level: expected one of debug, info, warning, error, got keys below it"},
        BadVariable{"ControlInJsonKey", "LOG", R"({"a\u001b[2J": 1})", R"(log.a\u001b[2J: unknown key)"},
        BadVariable{"BrokenUtf8", "DEBUG", "\xff\xfe", R"(debug: expected true or false, got "\xff\xfe")"},
        BadVariable{"BrokenUtf8InText", "INSTANCE", "a\xff", "instance: expected UTF-8, got something else at byte 2"},
        BadVariable{"PropertyWithoutName", "ACTIONS_DB__PROPERTIES__", "1",
                    "actions_db.properties.: unknown key (did you mean \"ACTIONS_DB__PROPERTIES\"?)"},
        BadVariable{"HostIsAUrl", "ACTIONS_DB__HOST", "postgresql://user:hunter2@db/x",
                    "actions_db.host: expected a host name, an address or the folder of a socket, without user and password"},
        BadVariable{"TableTooLong", "ACTIONS_DB__TABLE", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                    "actions_db.table: expected at most 63 bytes without control characters, got "
                    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""},
        BadVariable{"MissingFile", "HTTP__TOKEN_FILE", "/none", "http.token: cannot read the value: cannot read the file /none"}),
    [](const testing::TestParamInfo<BadVariable>& test) { return test.param.name; });

TEST(BadConfig, AllFaultsAreToldAtOnceEachWithItsSource) {
  ConfigInputs given =
      inputs("debg: 1\nactions_db:\n  dialect: oracle\n  port: 0\n", {{"KAFKA__TOPC", "x"}, {"LOG__LEVEL", "loud"}});
  given = with_sets(with_dotenv(given, "A=1\nHTTP__LISTEN=nowhere\n"), {"test.x=1", "nothing"});
  EXPECT_THAT(described(load_settings(given).faults),
              testing::UnorderedElementsAre(
                  StartsWith("config.yaml:1:1: debg: unknown key"), StartsWith("config.yaml:3:3: actions_db.dialect: expected"),
                  StartsWith("config.yaml:4:3: actions_db.port: expected"), StartsWith("env KAFKA__TOPC: kafka.topc: unknown"),
                  StartsWith("env LOG__LEVEL: log.level: expected"), StartsWith(".env:2: http.listen: expected"),
                  StartsWith("--set: test.x: unknown key"), StartsWith("--set: expected key=value")));
}

TEST(BadConfig, WithoutATableThereIsNothingToDo) {
  ConfigInputs given = inputs("");
  given.yaml.reset();
  EXPECT_THAT(described(load_settings(given).faults), ElementsAre(StartsWith("actions_db: missing; expected at least dialect")));
  EXPECT_THAT(described(load_settings(inputs("actions_db: null\n")).faults), ElementsAre(StartsWith("actions_db: missing")));
  EXPECT_THAT(described(load_settings(inputs("actions_db: {}\n")).faults),
              ElementsAre("config.yaml:1:1: actions_db.dialect: missing; expected one of postgresql, sqlite (in the environment "
                          "ACTIONS_DB__DIALECT)"));
  EXPECT_THAT(described(load_settings(inputs("actions_db:\n  dialect: sqlite\n")).faults),
              ElementsAre("config.yaml:2:3: actions_db.database: missing; expected the file of the SQLite database"));
}

TEST(BadConfig, OfAFileThatCannotBeReadNothingIsSaidToBeMissing) {
  const auto loaded = load_settings(inputs("actions_db: {dialect: sqlite\nkafka: [\n", {{"KAFKA__TOPIC", "a b"}}));
  EXPECT_THAT(described(loaded.faults),
              ElementsAre(StartsWith("config.yaml:"), StartsWith("env KAFKA__TOPIC: kafka.topic: expected")));
}

TEST(BadConfig, AValueAndItsFileInOneLayerContradictEachOther) {
  const auto loaded =
      load_settings(with_files(inputs(kSmallYaml, {{"HTTP__TOKEN", "a"}, {"HTTP__TOKEN_FILE", "/t"}}), {{"/t", "secret"}}));
  EXPECT_THAT(described(loaded.faults),
              ElementsAre("env HTTP__TOKEN_FILE: http.token: expected one value, got a second one at env HTTP__TOKEN"));
}

TEST(BadConfig, SecretsAreNeverTold) {
  const auto loaded =
      load_settings(inputs("actions_db:\n  dialect: postgresql\n  password: [hunter2]\nkafka:\n  server: a\n  topic: t\n"
                           "  properties:\n    sasl.password: [hunter2]\nhttp:\n  token: hunter2 hunter2\n",
                           {{"ACTIONS_DB__PASSWRD", "hunter2"}, {"LOG", "{\"x\": hunter2}"}}));
  EXPECT_THAT(loaded.faults, SizeIs(5));
  EXPECT_THAT(described(loaded.faults), Each(Not(HasSubstr("hunter2"))));
}

TEST(BadConfig, AFaultIsShortWhateverTheVariableIsNamed) {
  const ConfigFault fault{"env KAFKA__" + std::string(3000, '\xff'), "kafka." + std::string(3000, '\xff'), "unknown key"};
  EXPECT_LT(fault.describe().size(), 700U);
  EXPECT_TRUE(fault.describe().ends_with("...: unknown key"));
  const ConfigFault place{"/etc/" + std::string(3000, 'x') + "/config.yaml:12:5", "", "expected a map"};
  EXPECT_TRUE(place.describe().ends_with("/config.yaml:12:5: expected a map")) << place.describe();
}

TEST(BadConfig, AFaultIsOneLineWhateverTheFileHolds) {
  const auto loaded = load_settings(inputs(std::string(kSmallYaml) + "\"a\\nb: forged\": 1\ndebug: \"x\\ny\"\n"));
  EXPECT_THAT(loaded.faults, SizeIs(2));
  EXPECT_THAT(described(loaded.faults), Each(AllOf(StartsWith("config.yaml:"), Not(HasSubstr("\n")))));
}

}  // namespace
}  // namespace action_scheduler
