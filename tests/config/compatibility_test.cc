// The files of the Python program, byte for byte as it had them, are read unchanged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/sample_actions.h"
#include "config/settings_files.h"
#include "tests/config/loading.h"

namespace action_scheduler {
namespace {

std::string file_text(const std::string& path) {
  auto text = read_text_file(path, 1 << 20);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : std::string();
}

Settings settings_of(const std::string& path) {
  const LoadedSettings loaded = load_settings(inputs(file_text(path)));
  EXPECT_THAT(described(loaded.faults), testing::IsEmpty()) << path;
  return loaded.settings;
}

TEST(Compatibility, ThePracticalConfigMeansWhatItMeant) {
  const Settings settings = settings_of("tests/config/data/practical/config.yaml");
  EXPECT_TRUE(settings.debug);
  EXPECT_EQ(settings.actions_db.dialect, Dialect::postgresql);
  EXPECT_EQ(settings.actions_db.username, "postgres");
  EXPECT_EQ(settings.actions_db.password, "postgres");
  EXPECT_EQ(settings.actions_db.host, "localhost");
  EXPECT_EQ(settings.actions_db.port, 5432);
  EXPECT_EQ(settings.actions_db.database, "postgres");
  EXPECT_EQ(settings.track_changes_period, Seconds{15});
  EXPECT_EQ(settings.internal_db->database, "database.db");
  EXPECT_EQ(settings.action.callback, "kafka");
  EXPECT_TRUE(settings.action.merge_missed);
  EXPECT_EQ(settings.action.actuality_time, Seconds{600});
  EXPECT_EQ(settings.kafka->servers, "localhost:1234");
  EXPECT_EQ(settings.kafka->topic, "some_topic");
  EXPECT_FALSE(settings.test.write_sample_actions_to_db);
}

TEST(Compatibility, TheTrivialConfigMeansWhatItMeant) {
  const Settings settings = settings_of("tests/config/data/trivial/config.yaml");
  EXPECT_TRUE(settings.debug);
  EXPECT_EQ(settings.actions_db.dialect, Dialect::sqlite);
  EXPECT_EQ(settings.actions_db.database, "database.db");
  EXPECT_EQ(settings.internal_db->database, "database.db");
  EXPECT_EQ(settings.action.callback, "stdout");
  EXPECT_FALSE(settings.action.merge_missed);
  EXPECT_FALSE(settings.action.actuality_time);
  EXPECT_TRUE(settings.test.write_sample_actions_to_db);
  EXPECT_FALSE(settings.kafka);
}

TEST(Compatibility, TheSampleActionsBecomeTheRowsThatPythonWrote) {
  const auto rows = read_sample_actions(file_text("tests/config/data/sample_actions.yaml"), "sample_actions.yaml");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), 2U);
  Row first;
  first[Column::name] = "Action1";
  first[Column::command] = "command1";
  first[Column::cron] = R"({"format": "unix", "params": {"value": "* * * * *"}})";
  EXPECT_EQ((*rows)[0], first);
  Row second;
  second[Column::name] = "Action2";
  second[Column::command] = "command2";
  second[Column::cron] = R"({"format": "apscheduler", "params": {"second": "*/20", "end_date": "2050-05-05"}})";
  EXPECT_EQ((*rows)[1], second);
}

TEST(Compatibility, TheShippedConfigsAreGood) {
  for (const std::string name : {"trivial", "practical", "secured"}) settings_of("sample_configs/" + name + "/config.yaml");
  EXPECT_EQ(settings_of("sample_configs/trivial/config.yaml").actions_db.dialect, Dialect::sqlite);
  EXPECT_EQ(settings_of("sample_configs/practical/config.yaml").action.callback, "kafka");
  EXPECT_EQ(settings_of("sample_configs/secured/config.yaml").kafka->properties.at("security.protocol"), "SASL_SSL");
}

TEST(Compatibility, TheShippedSampleActionsAreRows) {
  const auto rows = read_sample_actions(file_text("sample_actions.yaml"), "sample_actions.yaml");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_GE(rows->size(), 4U);
}

}  // namespace
}  // namespace action_scheduler
