// Kafka asks its clients for a certificate: with it fires go out, without it one line says what is missing.
#include <fstream>

#include "tests/end_to_end/secured.h"
#include "tests/servers/kafka_reader.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;

// With a topic of its own, to which User:app has all rights.
class ClientCertificate : public SecuredTest {
 protected:
  ClientCertificate() : name_(unique_name("certified")) {
    secured_kafka().create_topic(name_);
    for (const char* kind : {"topic", "group", "transactional-id"}) secured_kafka().allow("All", kind, name_);
    set("instance", name_);
    set("kafka.topic", name_);
  }

  bool fires(const SchedulerProcess& process) const {
    const bool fired = KafkaReader(secured_kafka().address()).read(name_, 2).size() == 2;
    EXPECT_TRUE(fired) << process.err();
    return fired;
  }

  const std::string name_;
};

TEST_F(ClientCertificate, IsWhoWeAre) {
  log_in_with(secured_kafka().client_certificate("app"));
  const Finished checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;
  SchedulerProcess process = start();
  EXPECT_TRUE(fires(process));
  EXPECT_EQ(process.stop(), 0);
}

TEST_F(ClientCertificate, IsNamedWhereItIsMissing) {
  log_in_with({});
  unset("kafka.properties.ssl.certificate.location");
  unset("kafka.properties.ssl.key.location");
  expect_said("SSL alert number", "give ssl.certificate.location and ssl.key.location in kafka.properties");
}

TEST_F(ClientCertificate, OfAnAuthorityThatTheBrokersDoNotTrustIsNamed) {
  log_in_with(secured_kafka().client_certificate("app", "another"));
  expect_said("SSL alert number", "the brokers do not take the certificate of ssl.certificate.location in kafka.properties");
}

// As docs/kafka.md promises of certificates that are exchanged.
TEST_F(ClientCertificate, IsReadAgainWhenItWasExchanged) {
  const KafkaServer::Certificate old = secured_kafka().client_certificate("app", "another");
  const KafkaServer::Certificate good = secured_kafka().client_certificate("app");
  const KafkaServer::Certificate given{folder_.path() / "client.crt", folder_.path() / "client.key"};
  const auto exchange = [&](const KafkaServer::Certificate& other) {
    constexpr auto kOver = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(other.key, given.key, kOver);
    std::filesystem::copy_file(other.certificate, given.certificate, kOver);
  };
  exchange(old);
  log_in_with(given);
  SchedulerProcess process = start();
  EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
  exchange(good);
  EXPECT_TRUE(fires(process));
  EXPECT_EQ(process.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
