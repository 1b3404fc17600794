#include "tests/end_to_end/secured.h"

#include <librdkafka/rdkafka.h>

#include <memory>

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::unique_ptr<KafkaServer> server;

// Stops it when the program ends, before static objects go.
class StopServer : public ::testing::Environment {
 public:
  void TearDown() override { server.reset(); }
};
const auto* const stop_server = ::testing::AddGlobalTestEnvironment(new StopServer);

// librdkafka before 2.6.1 does not agree with Kafka 4 on SCRAM; the rest is the same with PLAIN.
const char* sasl_mechanism() { return rd_kafka_version() >= 0x02060100 ? "SCRAM-SHA-512" : "PLAIN"; }

void secure_postgres() {
  static bool done = false;
  if (done) return;
  done = true;
  // The server makes its certificate itself, in its data folder.
  postgres().exec(
      "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=s -addext "
      "subjectAltName=IP:127.0.0.1 -keyout server.key -out server.crt 2>/dev/null'");
  postgres().exec(
      "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; sed -i \"1i hostssl all action_scheduler all scram-sha-256\" pg_hba.conf'");
  postgres().exec("ALTER SYSTEM SET ssl = on");
  postgres().exec("SELECT pg_reload_conf()");
  postgres().wait_until("SHOW ssl", "on");
  postgres().exec(
      "CREATE TABLE action (id SERIAL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, "
      "merge_missed BOOLEAN, actuality_time INTEGER)");
  postgres().exec("CREATE ROLE action_scheduler LOGIN PASSWORD '" + std::string(kDatabasePassword) +
                  "'; GRANT SELECT ON action TO action_scheduler");
  postgres().exec(insert_row("action", 1, "a", every(1)));
}

}  // namespace

KafkaServer& secured_kafka() {
  if (!server) {
    KafkaServerOptions options;
    options.secured = true;
    options.password = kKafkaPassword;
    server = std::make_unique<KafkaServer>(options);
    server->create_topic("actions");
  }
  return *server;
}

SecuredTest::SecuredTest() {
  secure_postgres();
  http_port_ = static_cast<std::uint16_t>(free_ports(1).front());
  folder_.write("postgres-ca.pem", postgres().exec("SELECT pg_read_file('server.crt')").at(0).at(0));
  folder_.write("database-password", std::string(kDatabasePassword) + "\n");
  folder_.write("kafka-password", std::string(kKafkaPassword) + "\n");
  folder_.write("token", std::string(kHttpToken) + "\n");
  environment_ = {{"ACTIONS_DB__PASSWORD_FILE", "database-password"},
                  {"KAFKA__PROPERTIES__SASL_PASSWORD_FILE", "kafka-password"},
                  {"HTTP__TOKEN_FILE", "token"}};
  set("actions_db.host", postgres().host());
  set("actions_db.port", std::to_string(postgres().port()));
  set("actions_db.database", postgres().database());
  set("actions_db.properties.sslrootcert", "postgres-ca.pem");
  set("internal_db.database", "ledger.db");
  set("track_changes_period", "1");
  set("http.listen", "127.0.0.1:" + std::to_string(http_port_));
  set("kafka.server", secured_kafka().secured_address());
  set("kafka.properties.ssl.ca.location", secured_kafka().ca_file().string());
  set("kafka.properties.sasl.mechanism", sasl_mechanism());
  set("kafka.properties.sasl.username", "app");
}

void SecuredTest::log_in_with(const KafkaServer::Certificate& certificate) {
  set("kafka.server", secured_kafka().certificate_address());
  set("kafka.properties.security.protocol", "SSL");
  set("kafka.properties.ssl.certificate.location", certificate.certificate.string());
  set("kafka.properties.ssl.key.location", certificate.key.string());
}

std::vector<std::string> SecuredTest::arguments(const std::vector<std::string>& command) const {
  std::vector<std::string> result{"--config", (std::filesystem::current_path() / "sample_configs/secured/config.yaml").string()};
  for (const auto& [key, value] : given_) result.insert(result.end(), {"--set", key + "=" + value});
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

void SecuredTest::expect_said(const std::string& what, const std::string& cure) const {
  const Finished checked = check();
  EXPECT_EQ(checked.code, 1) << checked.out;
  EXPECT_THAT(checked.out, AllOf(HasSubstr("no broker answers"), HasSubstr(what), HasSubstr(cure)));
  SchedulerProcess process = start();
  EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
  EXPECT_THAT(process.err(), AllOf(HasSubstr(what), HasSubstr(cure)));
  EXPECT_EQ(process.stop(), 0);
}

}  // namespace action_scheduler::testing
