#include "tests/torture/secrets.h"

#include <librdkafka/rdkafka.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

namespace fs = std::filesystem;

constexpr int kEachSecond = 10;
constexpr std::int64_t kRecoveryMaxMs = 90'000;
constexpr std::int64_t kSaidMaxMs = 60'000;
// shutdown_timeout of the schedulers, and a second for a busy machine.
constexpr std::int64_t kShutdownMaxMs = 6000;

constexpr const char* kDistrust = "certificate verify failed";
constexpr const char* kRefusedLogin = "SASL authentication error";

// librdkafka before 2.6.1 does not agree with Kafka 4 on SCRAM; the rest is the same with PLAIN.
const char* sasl_mechanism() { return rd_kafka_version() >= 0x02060100 ? "SCRAM-SHA-512" : "PLAIN"; }

testing::KafkaServerOptions secured() {
  testing::KafkaServerOptions options;
  options.secured = true;
  return options;
}

// One scheduler, with a copy of the authority's certificate that it may be told to trust.
struct Tenant {
  Tenant(Promise promise, const testing::PostgresServer& postgres, testing::KafkaServer& kafka)
      : name(std::string("secrets_") + name_of(promise)),
        subject(name, promise, config_of(postgres, kafka, promise, name)),
        rows(usual_rows(kEachSecond)) {
    part.name = "secrets";
    part.promise = promise;
    testing::create_kafka_topic(kafka.address(), name);
    postgres.exec(create_table_statement(name));
    for (const RowSpec& row : rows) {
      postgres.exec(insert_statement(name, row));
      actions.push_back(row.id);
    }
    trust(kafka, "ca");
    give_password("pw");
    watcher = std::make_unique<Watcher>(kafka.address(), name);
  }

  static std::string config_of(const testing::PostgresServer& postgres, const testing::KafkaServer& kafka, Promise promise,
                               const std::string& name) {
    return "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres.port()) +
           ", database: postgres, table: " + name +
           "}\n"
           "internal_db: {dialect: sqlite, database: ledger.db}\n"
           "track_changes_period: 1\n"
           "shutdown_timeout: 5\n"
           "kafka:\n"
           "  server: \"" +
           kafka.secured_address() + "\"\n  topic: " + name + "\n  delivery: " + name_of(promise) +
           "\n"
           "  delivery_timeout: 5\n"
           "  properties: {security.protocol: SASL_SSL, sasl.mechanism: " +
           sasl_mechanism() + ", sasl.username: app, ssl.ca.location: ca.pem}\n";
  }

  void trust(const testing::KafkaServer& kafka, const std::string& authority) const {
    fs::copy_file(kafka.authority(authority), subject.folder().path() / "ca.pem", fs::copy_options::overwrite_existing);
  }

  // Read at its next start.
  void give_password(const std::string& password) const {
    subject.folder().write(".env", "KAFKA__PROPERTIES__SASL_PASSWORD=" + password + "\n");
  }

  void complain(const std::string& what) { part.complaints.push_back(what + "; the log ends: " + subject.log_tail()); }

  const std::string name;  // of table and topic
  Subject subject;
  const std::vector<RowSpec> rows;
  std::vector<std::int64_t> actions;
  std::unique_ptr<Watcher> watcher;
  Part part;
};

class Secrets {
 public:
  explicit Secrets(const SecretsOptions& options) : options_(options), chance_(options.seed), kafka_(secured()) {
    kafka_.allow("All", "topic", "*");
    kafka_.allow("All", "group", "*");
    kafka_.allow("All", "transactional-id", "*");
    for (const Promise promise : options.promises) tenants_.push_back(std::make_unique<Tenant>(promise, postgres_, kafka_));
  }

  std::vector<Part> run() {
    std::cout << "logging in by " << sasl_mechanism() << std::endl;
    const std::int64_t begin_ms = now_ms();
    for (const auto& tenant : tenants_) tenant->subject.start();
    fires("at first", nullptr);
    const std::int64_t from_s = now_s();
    for (bool first = true; fine_ && (first || now_ms() - begin_ms < options_.seconds_max * 1000); first = false) round();
    const std::int64_t until_s = now_s();
    fires("at the end", nullptr);
    std::vector<Part> parts;
    for (const auto& tenant : tenants_) {
      shut_down(*tenant, nullptr, "at the end");
      if (const auto report = tenant->subject.sanitizer_report()) tenant->part.complaints.push_back(*report);
      std::vector<Expectation> expectations;
      for (const RowSpec& row : tenant->rows)
        expectations.push_back({row.id, row.period_s, row.merges, {from_s, until_s}, {}, {}, {}});
      testing::KafkaReader reader(kafka_.address());
      tenant->part.verdict =
          judge(tenant->subject.promise(), expectations, arrivals_of(reader.read_all(tenant->name, std::chrono::seconds(60))));
      tenant->part.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
      parts.push_back(std::move(tenant->part));
    }
    return parts;
  }

 private:
  // Everything once.
  void round() {
    exchange("certificate renewed by the same authority", "", [&] { kafka_.exchange_certificate("ca"); }, [] {});
    exchange(
        "certificate of an authority that is not trusted", kDistrust, [&] { kafka_.exchange_certificate("other"); },
        [&] { kafka_.exchange_certificate("ca"); });
    exchange(
        "authority exchanged, at the scheduler later", kDistrust, [&] { kafka_.exchange_certificate("other"); },
        [&] {
          for (const auto& tenant : tenants_) tenant->trust(kafka_, "other");
        });
    exchange(
        "authority exchanged back, at the broker later", "",
        [&] {
          for (const auto& tenant : tenants_) tenant->trust(kafka_, "ca");
        },
        [&] { kafka_.exchange_certificate("ca"); });
    exchange(
        "password wrong, then right again", kRefusedLogin, [&] { kafka_.change_password("another"); },
        [&] { kafka_.change_password("pw"); });
    exchange(
        "password exchanged, at the scheduler later", kRefusedLogin, [&] { kafka_.change_password("another"); },
        [&] { restart_with("another"); });
    exchange(
        "password exchanged back, at the broker later", kRefusedLogin, [&] { restart_with("pw"); },
        [&] { kafka_.change_password("pw"); });
  }

  // Between `begin` and `end` both sides do not agree, of which the logs have to say `said`; empty: they may agree.
  void exchange(const std::string& what, const std::string& said, const std::function<void()>& begin,
                const std::function<void()>& end) {
    if (!fine_) return;
    std::cout << "exchange: " << what << std::endl;
    what_ = what;
    const std::int64_t begin_ms = now_ms();
    std::vector<std::size_t> logged;
    for (const auto& tenant : tenants_) logged.push_back(tenant->subject.folder().read("stderr").size());
    begin();
    if (!said.empty()) {
      for (std::size_t i = 0; i < tenants_.size(); ++i) await_said(*tenants_[i], logged[i], said);
    }
    sleep_ms(chance_.between(1000, 8000));
    const bool disturbed = !said.empty() && chance_.one_in(2);
    const bool start_meanwhile = chance_.one_in(2);
    if (disturbed) {
      for (const auto& tenant : tenants_) {
        shut_down(*tenant, &tenant->part.faults[what], what);
        if (start_meanwhile) tenant->subject.start();
      }
      sleep_ms(chance_.between(0, 3000));
    }
    end();
    const std::int64_t ended_ms = now_ms();
    for (const auto& tenant : tenants_) {
      if (disturbed && !start_meanwhile && !tenant->subject.running()) tenant->subject.start();
      FaultRecord& record = tenant->part.faults[what];
      ++record.times;
      record.longest_ms = std::max(record.longest_ms, ended_ms - begin_ms);
    }
    fires(what, &what);
  }

  void await_said(Tenant& tenant, std::size_t from, const std::string& said) {
    const std::int64_t begin_ms = now_ms();
    while (tenant.subject.folder().read("stderr").find(said, from) == std::string::npos) {
      if (now_ms() - begin_ms > kSaidMaxMs) return tenant.complain(what_ + ": the log does not say '" + said + "'");
      sleep_ms(100);
    }
  }

  void restart_with(const std::string& password) {
    for (const auto& tenant : tenants_) {
      if (tenant->subject.running()) shut_down(*tenant, &tenant->part.faults[what_], what_);
      tenant->give_password(password);
      tenant->subject.start();
    }
  }

  static void shut_down(Tenant& tenant, FaultRecord* record, const std::string& when) {
    tenant.subject.terminate();
    const std::int64_t begin_ms = now_ms();
    const auto code = tenant.subject.wait(kShutdownMaxMs * 5);
    const std::int64_t took_ms = now_ms() - begin_ms;
    if (code != 0 || took_ms > kShutdownMaxMs) {
      tenant.complain("SIGTERM, " + when + ": " + (code ? "exit code " + std::to_string(*code) : std::string("no end")) +
                      " after " + std::to_string(took_ms) + " ms");
      tenant.subject.kill();
    }
    if (record == nullptr) return;
    ++record->shutdowns;
    record->longest_shutdown_ms = std::max(record->longest_shutdown_ms, took_ms);
  }

  // Waits until every row of all fires for an instant from now on.
  void fires(const std::string& when, const std::string* fault) {
    const std::int64_t begin_ms = now_ms();
    for (const auto& tenant : tenants_) {
      while (tenant->watcher->latest_of_all_s(tenant->actions) < begin_ms / 1000) {
        if (!tenant->subject.running() || now_ms() - begin_ms > kRecoveryMaxMs) {
          tenant->complain((tenant->subject.running() ? "does not fire again, " : "ended by itself, ") + when);
          fine_ = false;
          break;
        }
        sleep_ms(20);
      }
      if (fault == nullptr) continue;
      FaultRecord& record = tenant->part.faults[*fault];
      record.worst_recovery_ms = std::max(record.worst_recovery_ms, now_ms() - begin_ms);
    }
    std::cout << "  fires after " << now_ms() - begin_ms << " ms" << std::endl;
  }

  const SecretsOptions options_;
  Chance chance_;
  testing::PostgresServer postgres_;
  testing::KafkaServer kafka_;
  std::vector<std::unique_ptr<Tenant>> tenants_;
  std::string what_;  // the present exchange
  bool fine_ = true;  // false: something does not recover, and there is no use in going on
};

}  // namespace

std::vector<Part> torture_by_secrets(const SecretsOptions& options) { return Secrets(options).run(); }

}  // namespace action_scheduler::torture
