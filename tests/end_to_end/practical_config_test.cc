// The Python program's practical config, unchanged, with hosts and ports from the environment.
#include <fstream>
#include <iterator>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

TEST(PracticalConfig, SendsWhatThePythonProgramSent) {
  std::ifstream file("tests/config/data/practical/config.yaml", std::ios::binary);
  const std::string config{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(config.empty());
  kafka().create_topic("some_topic");
  // The old program's own table, and its user, whose rights to other things do not matter.
  postgres().exec(
      "CREATE ROLE postgres LOGIN;"
      "CREATE TABLE action (id SERIAL NOT NULL, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, "
      "merge_missed BOOLEAN, actuality_time INTEGER, PRIMARY KEY (id));"
      "GRANT SELECT ON action TO postgres;"
      "INSERT INTO action (name, command, cron) VALUES "
      R"(('Action1', 'command1', '{"format": "interval", "params": {"seconds": 1}}'),)"
      R"(('Action2', 'команда "2"', '{"format": "apscheduler", "params": {"second": "*", "end_date": "2050-05-05"}}'))");
  const WorkFolder folder;
  folder.write("config.yaml", config);
  SchedulerProcess process(folder, {},
                           {{"ACTIONS_DB__HOST", postgres().host()},
                            {"ACTIONS_DB__PORT", std::to_string(postgres().port())},
                            {"KAFKA__SERVER", kafka().address()}});
  KafkaReader reader(kafka().address());
  const auto messages = reader.read("some_topic", 4);
  ASSERT_EQ(messages.size(), 4U) << process.err();
  for (const ReadMessage& message : messages) {
    const bool first = message.header("ce_subject") == "Action1";
    EXPECT_EQ(message.value,
              first ? R"({"command": "command1"})" : R"({"command": "\u043a\u043e\u043c\u0430\u043d\u0434\u0430 \"2\""})");
  }
  EXPECT_EQ(process.stop(), 0);
  EXPECT_THAT(process.err(), ::testing::HasSubstr("STARTED")) << "debug: true";
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "database.db"));
}

}  // namespace
}  // namespace action_scheduler::testing
