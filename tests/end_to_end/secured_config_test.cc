// What is said where one side of TLS, a password or a right is missing, and that all else fires.
#include "tests/end_to_end/secured.h"
#include "tests/servers/kafka_reader.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using SecuredConfig = SecuredTest;

TEST_F(SecuredConfig, NamesAWrongPassword) {
  folder_.write("kafka-password", "guess\n");
  expect_said("uthentication failed", "sasl.password");
}

TEST_F(SecuredConfig, NamesAnAuthorityThatDidNotSign) {
  set("kafka.properties.ssl.ca.location", "postgres-ca.pem");
  expect_said("certificate verify failed", "ssl.ca.location");
}

TEST_F(SecuredConfig, NamesAHostThatTheCertificateDoesNot) {
  set("kafka.server", "localhost" + secured_kafka().secured_address().substr(secured_kafka().secured_address().find(':')));
  expect_said("certificate verify failed", "must name the host as kafka.server does");
}

TEST_F(SecuredConfig, NamesADatabaseWhoseCertificateIsNotTrusted) {
  set("actions_db.properties.sslrootcert", secured_kafka().ca_file().string());
  const Finished checked = check();
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("certificate verify failed"));
}

TEST_F(SecuredConfig, StepsDownToAtLeastOnceWhereAutoIsRefusedAndNamesCauseAndCure) {
  secured_kafka().create_topic("stepping");
  secured_kafka().allow("All", "topic", "stepping");
  set("instance", "stepping");
  set("kafka.topic", "stepping");
  set("kafka.delivery", "auto");
  SchedulerProcess process = start();
  EXPECT_EQ(KafkaReader(secured_kafka().address()).read("stepping", 3).size(), 3U) << process.err();
  const auto warnings = lines_with(process.err(), "the cluster refuses exactly_once, delivering at_least_once");
  ASSERT_EQ(warnings.size(), 1U) << process.err();
  EXPECT_THAT(warnings[0], AllOf(HasSubstr("allow Describe and Write on transactional id stepping"),
                                 HasSubstr("remove the reason and restart, or set kafka.delivery: at_least_once")));
  EXPECT_EQ(process.stop(), 0);
}

TEST_F(SecuredConfig, NamesEachRightThatIsMissingAndFiresWithAllOfThem) {
  Finished checked = check();
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("topic actions: no right to it, allow Describe and Write"));
  secured_kafka().allow("All", "topic", "actions");
  checked = check();
  EXPECT_THAT(checked.out, HasSubstr("allow Describe and Read on group action-scheduler-production"));

  SchedulerProcess process = start();
  EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
  EXPECT_THAT(process.err(), HasSubstr("allow Describe and Write on transactional id action-scheduler-production"));
  secured_kafka().allow("All", "group", "action-scheduler-production");
  secured_kafka().allow("All", "transactional-id", "action-scheduler-production");
  checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;

  std::vector<ReadMessage> ours;
  EXPECT_TRUE(eventually([&] {
    ours = KafkaReader(secured_kafka().address()).read_all("actions");
    std::erase_if(ours, [](const auto& message) { return message.header("ce_source") != "action-scheduler-production"; });
    return ours.size() >= 2;
  })) << process.err();
  EXPECT_EQ(ours.at(0).value, R"({"command": "a"})");
  // Every session of the scheduler is encrypted, with the sample's own check of the server.
  EXPECT_EQ(postgres().exec("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = "
                            "'action_scheduler' HAVING count(*) > 0"),
            (std::vector<std::vector<std::string>>{{"t"}}));
  EXPECT_EQ(process.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
