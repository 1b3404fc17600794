#include "tests/torture/rights.h"

#include <algorithm>

#include "tests/servers/kafka_reader.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

constexpr int kEachSecond = 10;
// A topic that refuses everything is asked again after 30 s, and what was parked meanwhile within a minute.
constexpr std::int64_t kPatienceMs = 150'000;
// shutdown_timeout of the scheduler, and a second for a busy machine.
constexpr std::int64_t kShutdownMaxMs = 6000;

struct Right {
  std::string operation;
  std::string kind;
  std::string name;

  std::string text() const { return operation + " on " + kind; }
};

class Rights {
 public:
  Rights(Promise promise, const testing::PostgresServer& postgres, testing::KafkaServer& kafka, const RightsOptions& options)
      : promise_(promise),
        kafka_(kafka),
        options_(options),
        chance_(options.seed * 2 + (promise == Promise::exactly_once ? 0 : 1)),
        name_(std::string("rights_") + name_of(promise)),
        rows_(usual_rows(kEachSecond)),
        subject_(name_, promise,
                 databases_config(postgres.port(), name_) +
                     "shutdown_timeout: 5\n"
                     "kafka:\n"
                     "  server: \"" +
                     kafka.secured_address() + "\"\n  topic: " + name_ + "\n  delivery: " + name_of(promise) +
                     "\n"
                     "  properties: {security.protocol: SASL_SSL, sasl.mechanism: PLAIN, sasl.username: app, sasl.password: pw, "
                     "ssl.ca.location: " +
                     kafka.ca_file().string() + "}\n") {
    testing::create_kafka_topic(kafka.address(), name_);
    postgres.exec(create_table_statement(name_));
    for (const RowSpec& row : rows_) {
      postgres.exec(insert_statement(name_, row));
      actions_.push_back(row.id);
    }
    const std::string instance = "action-scheduler-" + name_;
    rights_ = {{"Write", "topic", name_}, {"Describe", "topic", name_}};
    if (promise == Promise::exactly_once) {
      for (const char* operation : {"Write", "Describe"}) {
        rights_.push_back({operation, "transactional-id", instance});
        rights_.push_back({operation, "transactional-id", instance + ".spare"});
      }
      rights_.push_back({"Read", "group", instance});
      rights_.push_back({"Read", "topic", name_});
    }
    for (const Right& right : rights_) kafka.allow(right.operation, right.kind, right.name);
    part_.name = "rights";
    part_.promise = promise;
  }

  Part run() {
    const std::int64_t begin_ms = now_ms();
    const Watcher watcher(kafka_.address(), name_);
    subject_.start();
    bool fine = fires(watcher, "at first") >= 0;
    const std::int64_t from_s = now_s();
    while (fine && now_ms() - begin_ms < options_.seconds_max * 1000) {
      const Right& right = rights_[static_cast<std::size_t>(chance_.between(0, static_cast<std::int64_t>(rights_.size()) - 1))];
      FaultRecord& record = part_.faults["no more " + right.text()];
      ++record.times;
      const std::int64_t taken_ms = now_ms();
      kafka_.revoke(right.operation, right.kind, right.name);
      sleep_ms(chance_.between(1000, 8000));
      // A client that knows its topic asks for nothing; one that begins does.
      if (chance_.one_in(3)) {
        ++record.shutdowns;
        record.longest_shutdown_ms = std::max(record.longest_shutdown_ms, shut_down("without " + right.text()));
        subject_.start();
        sleep_ms(chance_.between(1000, 4000));
      }
      kafka_.allow(right.operation, right.kind, right.name);
      record.longest_ms = std::max(record.longest_ms, now_ms() - taken_ms);
      const std::int64_t recovery_ms = fires(watcher, "with " + right.text() + " again");
      record.worst_recovery_ms = std::max(record.worst_recovery_ms, recovery_ms);
      fine = recovery_ms >= 0;
    }
    const std::int64_t until_s = now_s();
    if (fine) fires(watcher, "at the end");
    std::vector<Expectation> expectations;
    for (const RowSpec& row : rows_) expectations.push_back({row.id, row.period_s, row.merges, {from_s, until_s}, {}, {}, {}});
    const std::int64_t waited_ms = now_ms();
    do {
      testing::KafkaReader reader(kafka_.address());
      part_.verdict = judge(promise_, expectations, arrivals_of(reader.read_all(name_, std::chrono::seconds(60))));
      if (fine && part_.verdict.lost > 0) sleep_ms(2000);
    } while (fine && part_.verdict.lost > 0 && now_ms() - waited_ms < kPatienceMs);
    shut_down("at the end");
    if (const auto report = subject_.sanitizer_report()) part_.complaints.push_back(*report);
    part_.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
    return std::move(part_);
  }

 private:
  void complain(const std::string& what) { part_.complaints.push_back(what + "; the log ends: " + subject_.log_tail()); }

  // In how many milliseconds it ended.
  std::int64_t shut_down(const std::string& when) {
    subject_.terminate();
    const std::int64_t begin_ms = now_ms();
    const auto code = subject_.wait(kShutdownMaxMs * 5);
    const std::int64_t took_ms = now_ms() - begin_ms;
    if (code != 0 || took_ms > kShutdownMaxMs) {
      complain("SIGTERM " + when + ": " + (code ? "exit code " + std::to_string(*code) : std::string("no end")) + " after " +
               std::to_string(took_ms) + " ms");
      subject_.kill();
    }
    return took_ms;
  }

  // In how many milliseconds every row fires for an instant from now on; -1 if it does not come to that.
  std::int64_t fires(const Watcher& watcher, const std::string& when) {
    const std::int64_t begin_ms = now_ms();
    while (watcher.latest_of_all_s(actions_) < begin_ms / 1000) {
      if (!subject_.running() || now_ms() - begin_ms > kPatienceMs) {
        complain((subject_.running() ? "does not fire " : "ended by itself ") + when);
        return -1;
      }
      sleep_ms(20);
    }
    return now_ms() - begin_ms;
  }

  const Promise promise_;
  testing::KafkaServer& kafka_;
  const RightsOptions options_;
  Chance chance_;
  const std::string name_;  // of table and topic
  const std::vector<RowSpec> rows_;
  std::vector<Right> rights_;
  std::vector<std::int64_t> actions_;
  Subject subject_;
  Part part_;
};

}  // namespace

Part torture_by_rights(Promise promise, const testing::PostgresServer& postgres, testing::KafkaServer& kafka,
                       const RightsOptions& options) {
  return Rights(promise, postgres, kafka, options).run();
}

}  // namespace action_scheduler::torture
