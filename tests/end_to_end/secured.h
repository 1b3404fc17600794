// sample_configs/secured as it stands, against a Kafka and a Postgres with TLS; only addresses, certificates and names are given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {

// What must never be seen. Each is a word that stands nowhere else.
inline constexpr const char* kDatabasePassword = "Database-Secret-5d1f";
inline constexpr const char* kKafkaPassword = "Kafka-Secret-9c27";
inline constexpr const char* kHttpToken = "Http-Secret-e804";

// The Kafka of this program, with TLS and rights; its User:app has kKafkaPassword. Started at the first call, stopped with the
// program.
KafkaServer& secured_kafka();

// Its scheduler is the role `action_scheduler` of postgres(), which may read the table `action` and logs in with
// kDatabasePassword over TLS. There is one row, which fires every second.
class SecuredTest : public ::testing::Test {
 protected:
  SecuredTest();

  void set(const std::string& key, const std::string& value) { given_[key] = value; }

  void unset(const std::string& key) { given_.erase(key); }

  // Kafka knows us by a certificate and no longer by a password.
  void log_in_with(const KafkaServer::Certificate& certificate);

  std::vector<std::string> arguments(const std::vector<std::string>& command) const;
  Finished call(const std::vector<std::string>& command) const { return run_to_end(folder_, arguments(command), environment_); }
  Finished check() const { return call({"check"}); }
  // The service, with the same settings.
  SchedulerProcess start() const { return {folder_, arguments({"run"}), environment_}; }

  // What `check` and the log of `run` say of a Kafka that does not let us in.
  void expect_said(const std::string& what, const std::string& cure) const;

  WorkFolder folder_;
  Environment environment_;
  std::uint16_t http_port_ = 0;

 private:
  std::map<std::string, std::string> given_;
};

}  // namespace action_scheduler::testing
