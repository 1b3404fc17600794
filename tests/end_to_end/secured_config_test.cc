// sample_configs/secured as it stands, against a Kafka and a Postgres with TLS; only addresses, certificates and names are given.
#include <librdkafka/rdkafka.h>

#include <memory>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// librdkafka before 2.6.1 does not agree with Kafka 4 on SCRAM; the rest is the same with PLAIN.
const char* sasl_mechanism() { return rd_kafka_version() >= 0x02060100 ? "SCRAM-SHA-512" : "PLAIN"; }

class SecuredConfig : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    KafkaServerOptions options;
    options.secured = true;
    kafka_ = std::make_unique<KafkaServer>(options);
    kafka_->create_topic("actions");
    // The server makes its certificate itself, in its data folder.
    postgres().exec(
        "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=s -addext "
        "subjectAltName=IP:127.0.0.1 -keyout server.key -out server.crt 2>/dev/null'");
    postgres().exec("ALTER SYSTEM SET ssl = on");
    postgres().exec("SELECT pg_reload_conf()");
    postgres().wait_until("SHOW ssl", "on");
    postgres().exec(
        "CREATE TABLE action (id SERIAL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, "
        "merge_missed BOOLEAN, actuality_time INTEGER)");
    postgres().exec("CREATE ROLE action_scheduler LOGIN; GRANT SELECT ON action TO action_scheduler");
    postgres().exec(insert_row("action", 1, "a", every(1)));
  }
  static void TearDownTestSuite() { kafka_.reset(); }

  void SetUp() override {
    folder_.write("postgres-ca.pem", postgres().exec("SELECT pg_read_file('server.crt')").at(0).at(0));
    folder_.write("kafka-password", "pw\n");
    folder_.write("secret", "secret\n");
    set("actions_db.host", postgres().host());
    set("actions_db.port", std::to_string(postgres().port()));
    set("actions_db.database", postgres().database());
    set("actions_db.properties.sslrootcert", "postgres-ca.pem");
    set("internal_db.database", "ledger.db");
    set("track_changes_period", "1");
    set("http.listen", "127.0.0.1:" + std::to_string(free_ports(1).front()));
    set("kafka.server", kafka_->secured_address());
    set("kafka.properties.ssl.ca.location", kafka_->ca_file().string());
    set("kafka.properties.sasl.mechanism", sasl_mechanism());
    set("kafka.properties.sasl.username", "app");
  }

  void set(const std::string& key, const std::string& value) { given_[key] = value; }

  std::vector<std::string> arguments(const std::string& command) const {
    std::vector<std::string> result{"--config",
                                    (std::filesystem::current_path() / "sample_configs/secured/config.yaml").string()};
    for (const auto& [key, value] : given_) result.insert(result.end(), {"--set", key + "=" + value});
    result.push_back(command);
    return result;
  }

  Finished check() const { return run_to_end(folder_, arguments("check"), environment()); }

  static Environment environment() {
    return {{"ACTIONS_DB__PASSWORD_FILE", "secret"},
            {"KAFKA__PROPERTIES__SASL_PASSWORD_FILE", "kafka-password"},
            {"HTTP__TOKEN_FILE", "secret"}};
  }

  // What `check` and the log of `run` say of a Kafka that does not let us in.
  void expect_said(const std::string& what, const std::string& cure) {
    const Finished checked = check();
    EXPECT_EQ(checked.code, 1) << checked.out;
    EXPECT_THAT(checked.out, AllOf(HasSubstr("no broker answers"), HasSubstr(what), HasSubstr(cure)));
    SchedulerProcess process(folder_, arguments("run"), environment());
    EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
    EXPECT_THAT(process.err(), AllOf(HasSubstr(what), HasSubstr(cure)));
    EXPECT_EQ(process.stop(), 0);
  }

  static std::unique_ptr<KafkaServer> kafka_;
  WorkFolder folder_;
  std::map<std::string, std::string> given_;
};

std::unique_ptr<KafkaServer> SecuredConfig::kafka_;

TEST_F(SecuredConfig, NamesAWrongPassword) {
  folder_.write("kafka-password", "guess\n");
  expect_said("uthentication failed", "sasl.password");
}

TEST_F(SecuredConfig, NamesAnAuthorityThatDidNotSign) {
  set("kafka.properties.ssl.ca.location", "postgres-ca.pem");
  expect_said("certificate verify failed", "ssl.ca.location");
}

TEST_F(SecuredConfig, NamesAHostThatTheCertificateDoesNot) {
  set("kafka.server", "localhost" + kafka_->secured_address().substr(kafka_->secured_address().find(':')));
  expect_said("certificate verify failed", "must name the host as kafka.server does");
}

TEST_F(SecuredConfig, NamesADatabaseWhoseCertificateIsNotTrusted) {
  set("actions_db.properties.sslrootcert", kafka_->ca_file().string());
  const Finished checked = check();
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(checked.out, HasSubstr("certificate verify failed"));
}

TEST_F(SecuredConfig, StepsDownToAtLeastOnceWhereAutoIsRefusedAndNamesCauseAndCure) {
  kafka_->create_topic("stepping");
  kafka_->allow("All", "topic", "stepping");
  set("instance", "stepping");
  set("kafka.topic", "stepping");
  set("kafka.delivery", "auto");
  SchedulerProcess process(folder_, arguments("run"), environment());
  EXPECT_EQ(KafkaReader(kafka_->address()).read("stepping", 3).size(), 3U) << process.err();
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
  kafka_->allow("All", "topic", "actions");
  checked = check();
  EXPECT_THAT(checked.out, HasSubstr("allow Describe and Read on group action-scheduler-production"));

  SchedulerProcess process(folder_, arguments("run"), environment());
  EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
  EXPECT_THAT(process.err(), HasSubstr("allow Describe and Write on transactional id action-scheduler-production"));
  kafka_->allow("All", "group", "action-scheduler-production");
  kafka_->allow("All", "transactional-id", "action-scheduler-production");
  checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;

  const auto messages = KafkaReader(kafka_->address()).read("actions", 2);
  ASSERT_EQ(messages.size(), 2U) << process.err();
  EXPECT_EQ(messages[0].value, R"({"command": "a"})");
  EXPECT_EQ(messages[0].header("ce_source"), "action-scheduler-production");
  // Every session of the scheduler is encrypted, with the sample's own check of the server.
  EXPECT_EQ(postgres().exec("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = "
                            "'action_scheduler' HAVING count(*) > 0"),
            (std::vector<std::vector<std::string>>{{"t"}}));
  EXPECT_EQ(process.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
