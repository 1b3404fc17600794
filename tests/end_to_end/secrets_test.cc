// Nothing that anybody gets to see of a scheduler holds a secret, however much is logged and whatever is wrong.
#include "tests/end_to_end/secured.h"
#include "tests/http/http_connection.h"

namespace action_scheduler::testing {
namespace {

constexpr const char* kKeyPassword = "Key-Secret-3b60";
constexpr const char* kWrongPassword = "Wrong-Secret-77aa";
constexpr const char* kFaultsTopic = "secret_faults";

class Secrets : public SecuredTest {
 protected:
  Secrets() {
    static bool prepared = false;
    if (!prepared) {
      for (const char* topic : {kFaultsTopic, "secrets"}) {
        secured_kafka().create_topic(topic);
        secured_kafka().allow("All", "topic", topic);
      }
      for (const char* kind : {"group", "transactional-id"}) secured_kafka().allow("All", kind, "secrets");
      prepared = true;
    }
    set("instance", "secrets");
    set("kafka.topic", "secrets");
    set("kafka.faults_topic", kFaultsTopic);
    set("log.level", "debug");
    set("kafka.properties.debug", "all");
    set("test.echo_actions_db_engine", "true");
    set("actions_db.properties.application_name", "secrets");
  }

  // Runs the service until its log says `until`, looks at all that it and the commands show, and finds no secret.
  void look_everywhere(const std::string& until) {
    SchedulerProcess process = start();
    EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), until).empty(); })) << process.err().substr(0, 4000);
    for (const char* target : {"/", "/metrics", "/healthz", "/readyz", "/api/v1/config", "/api/v1/status", "/api/v1/check",
                               "/api/v1/actions", "/api/v1/fires", "/api/v1/openapi.json"}) {
      for (const std::string& token : {std::string(kHttpToken), std::string(kWrongPassword), std::string()}) {
        RequestHeaders headers;
        if (!token.empty()) headers["Authorization"] = "Bearer " + token;
        const Reply reply = ask(http_port_, "GET", target, headers);
        EXPECT_NE(reply.status, 0) << target;
        see(target, reply.body);
        for (const auto& [name, value] : reply.headers) see(target, value);
      }
    }
    EXPECT_THAT(ask(http_port_, "GET", "/api/v1/config").body, ::testing::HasSubstr("***"));
    EXPECT_EQ(process.stop(), 0);
    see("standard output", process.out());
    see("the log", process.err());
    EXPECT_FALSE(lines_with(process.err(), "librdkafka").empty()) << "its own words are looked at";
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"check"}, {"check", "--json"}, {"config"}, {"config", "--json"}, {"list"}, {"parked"}}) {
      const Finished finished = call(command);
      see(command.front() + " to standard output", finished.out);
      see(command.front() + " to standard error", finished.err);
    }
    for (const ReadMessage& message : KafkaReader(secured_kafka().address()).read_all(kFaultsTopic)) {
      see("the topic of faults", message.value.value_or(""));
    }
  }

 private:
  static void see(const std::string& where, const std::string& text) {
    for (const char* secret : {kDatabasePassword, kKafkaPassword, kHttpToken, kKeyPassword, kWrongPassword}) {
      EXPECT_TRUE(lines_with(text, secret).empty()) << where << " shows a secret: " << lines_with(text, secret).front();
    }
  }
};

TEST_F(Secrets, StayUnseenWhereAllIsWell) { look_everywhere("ENDED"); }

TEST_F(Secrets, StayUnseenWhereTheDatabaseRefusesThem) {
  folder_.write("database-password", std::string(kWrongPassword) + "\n");
  look_everywhere("password authentication failed");
}

TEST_F(Secrets, StayUnseenWhereKafkaRefusesThem) {
  folder_.write("kafka-password", std::string(kWrongPassword) + "\n");
  look_everywhere("the receiver does not take fires");
}

TEST_F(Secrets, StayUnseenWhereTheKeyOfACertificateHasOne) {
  log_in_with(secured_kafka().client_certificate("app", "ca", kKeyPassword));
  set("kafka.properties.ssl.key.password", kKeyPassword);
  look_everywhere("ENDED");
}

TEST_F(Secrets, StayUnseenInTheFaultsOfAConfiguration) {
  for (const std::string key :
       {"actions_db.password.x", "http.token.x", "http.tokn", "kafka.properties.sasl.passwrd", "actions_db.properties.passwrd"}) {
    set(key, kWrongPassword);
    const Finished finished = check();
    EXPECT_NE(finished.code, 0) << key;
    EXPECT_TRUE(lines_with(finished.out + finished.err, kWrongPassword).empty()) << finished.out << finished.err;
    unset(key);
  }
}

// A key that its password does not open is a fault of the configuration: the service does not start.
TEST_F(Secrets, StayUnseenWhereTheyDoNotOpenTheKey) {
  log_in_with(secured_kafka().client_certificate("app", "ca", kKeyPassword));
  set("kafka.properties.ssl.key.password", kWrongPassword);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"check"}, {"check", "--json"}, {"run"}}) {
    const Finished finished = call(command);
    EXPECT_NE(finished.code, 0);
    EXPECT_THAT(finished.out + finished.err, ::testing::HasSubstr("ssl.key.location"));
    for (const char* secret : {kKeyPassword, kWrongPassword}) {
      EXPECT_TRUE(lines_with(finished.out + finished.err, secret).empty()) << finished.out << finished.err;
    }
  }
}

}  // namespace
}  // namespace action_scheduler::testing
