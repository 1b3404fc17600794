// What is said where one side of TLS, a password or a right is missing, and that all else fires.
#include "tests/end_to_end/secured.h"
#include "tests/servers/kafka_reader.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SecuredConfig = SecuredTest;

TEST_F(SecuredConfig, NamesAWrongPassword) {
  folder_.write("kafka-password", "guess\n");
  expect_said("uthentication failed", "sasl.password");
}

TEST_F(SecuredConfig, NamesAnAuthorityThatDidNotSign) {
  set("kafka.properties.ssl.ca.location", "postgres-ca.pem");
  expect_said("certificate verify failed", "ssl.ca.location");
}

TEST_F(SecuredConfig, TrustsNoAuthorityOfTheTestUnlessItIsNamed) {
  environment_["KAFKA__PROPERTIES"] = R"({"ssl.ca.location": null})";
  unset("kafka.properties.ssl.ca.location");
  expect_said("certificate verify failed", "ssl.ca.location in kafka.properties must have the authority that signed it");
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

// Neither its authority nor its name goes unchecked where `sslmode` is left out.
TEST_F(SecuredConfig, ChecksTheDatabaseWhereOnlyItsAuthorityIsGiven) {
  set("kafka.delivery", "at_least_once");  // `check` has no rights to wait for
  environment_["ACTIONS_DB__PROPERTIES"] = R"({"sslmode": null})";
  EXPECT_THAT(check().out, HasSubstr("1 row: 1 scheduled"));
  set("actions_db.host", "localhost");
  EXPECT_THAT(check().out, HasSubstr("does not match host name \"localhost\""));
  set("actions_db.host", postgres().host());
  set("actions_db.properties.sslrootcert", secured_kafka().ca_file().string());
  EXPECT_THAT(check().out, HasSubstr("certificate verify failed"));
  set("actions_db.properties.sslmode", "require");
  environment_["PGSSLMODE"] = "disable";
  EXPECT_THAT(check().out, HasSubstr("certificate verify failed")) << "ours counts";
}

TEST_F(SecuredConfig, NotesASessionThatLeavesTheMachineWithSomebodyUnknown) {
  set("kafka.delivery", "at_least_once");
  const auto noted = [&](const std::string& sslmode) {
    set("actions_db.properties.sslmode", sslmode);
    const Finished checked = check();
    EXPECT_THAT(checked.out, HasSubstr("1 row: 1 scheduled"));
    return lines_with(checked.out, "whoever is on the way");
  };
  EXPECT_THAT(noted("disable"), IsEmpty()) << "127.0.0.1";
  // This reaches the server and does not look like the loopback.
  set("actions_db.host", "::ffff:127.0.0.1");
  EXPECT_THAT(noted("disable"), ElementsAre(HasSubstr("the session to ::ffff:127.0.0.1 is not encrypted (sslmode disable)")));
  EXPECT_THAT(noted("verify-ca"), IsEmpty());
  EXPECT_THAT(noted("require"), IsEmpty()) << "with a file of authorities it is verify-ca";
  environment_["ACTIONS_DB__PROPERTIES"] = R"({"sslrootcert": null})";
  unset("actions_db.properties.sslrootcert");
  EXPECT_THAT(noted("require"), ElementsAre(HasSubstr("is encrypted, but not with somebody known (sslmode require)")));
  EXPECT_THAT(noted("prefer"), ElementsAre(HasSubstr("set sslmode: verify-full and sslrootcert in actions_db.properties")));
}

TEST_F(SecuredConfig, SaysSoWhereTheBrokersAreNotChecked) {
  environment_["KAFKA__PROPERTIES"] = R"({"ssl.ca.location": null})";
  unset("kafka.properties.ssl.ca.location");
  set("kafka.properties.enable.ssl.certificate.verification", "false");
  set("kafka.properties.ssl.endpoint.identification.algorithm", "none");
  const Finished checked = check();
  EXPECT_THAT(checked.out, AllOf(HasSubstr("enable.ssl.certificate.verification is false"),
                                 HasSubstr("ssl.endpoint.identification.algorithm is none"), HasSubstr("1 broker")));
  SchedulerProcess process = start();
  EXPECT_TRUE(eventually([&] { return lines_with(process.err(), "anybody may pose for a broker").size() == 2; }));
  EXPECT_EQ(process.stop(), 0);
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
