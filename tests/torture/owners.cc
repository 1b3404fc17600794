#include "tests/torture/owners.h"

#include <signal.h>

#include <algorithm>
#include <memory>

#include "tests/servers/kafka_reader.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

constexpr int kEachSecond = 10;
constexpr int kSchedulers = 3;
constexpr std::int64_t kPatienceMs = 60'000;
constexpr int kFenced = 4;
constexpr int kAlreadyRunning = 3;

class Owners {
 public:
  Owners(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka,
         const OwnersOptions& options)
      : promise_(promise),
        kafka_(kafka),
        options_(options),
        chance_(options.seed * 2 + (promise == Promise::exactly_once ? 0 : 1)),
        name_(std::string("owners_") + name_of(promise)),
        rows_(usual_rows(kEachSecond)) {
    testing::create_kafka_topic(kafka.address(), name_);
    postgres.exec(create_table_statement(name_));
    for (const RowSpec& row : rows_) {
      postgres.exec(insert_statement(name_, row));
      actions_.push_back(row.id);
    }
    for (int i = 0; i < kSchedulers; ++i) {
      // The promise of at_least_once is the ledger's, so there is but one.
      const std::string ledger =
          promise == Promise::exactly_once ? std::string("ledger.db") : (shared_.path() / "ledger.db").string();
      schedulers_.push_back(std::make_unique<Subject>(
          name_, promise,
          "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres.port()) +
              ", database: postgres, table: " + name_ + "}\ninternal_db: {dialect: sqlite, database: " + ledger +
              "}\ntrack_changes_period: 1\nkafka: {server: \"" + kafka.address() + "\", topic: " + name_ +
              ", delivery: " + name_of(promise) + ", properties: {transaction.timeout.ms: 10000, socket.timeout.ms: 5000}}\n"));
    }
    part_.name = "owners";
    part_.promise = promise;
  }

  Part run() {
    const std::int64_t begin_ms = now_ms();
    watcher_ = std::make_unique<Watcher>(kafka_.address(), name_);
    schedulers_[0]->start();
    bool fine = fires("at first");
    const std::int64_t from_s = now_s();
    while (fine && now_ms() - begin_ms < options_.seconds_max * 1000) {
      fine = promise_ == Promise::exactly_once ? fight_over_the_name() : fight_over_the_ledger();
    }
    const std::int64_t until_s = now_s();
    if (fine) fires("at the end");
    owner().terminate();
    if (const auto code = owner().wait(20'000); code != 0) complain(owner(), "SIGTERM at the end", code);
    std::vector<Expectation> expectations;
    for (const RowSpec& row : rows_) expectations.push_back({row.id, row.period_s, row.merges, {from_s, until_s}, {}, {}, {}});
    testing::KafkaReader reader(kafka_.address());
    part_.verdict = judge(promise_, expectations, arrivals_of(reader.read_all(name_, std::chrono::seconds(60))));
    for (const auto& scheduler : schedulers_) {
      part_.kills += scheduler->kills();
      if (const auto report = scheduler->sanitizer_report()) part_.complaints.push_back(*report);
    }
    part_.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
    return std::move(part_);
  }

 private:
  Subject& owner() { return *schedulers_[owner_]; }

  // One that is not the owner.
  std::size_t another() { return (owner_ + static_cast<std::size_t>(chance_.between(1, kSchedulers - 1))) % kSchedulers; }

  void complain(const Subject& scheduler, const std::string& what, std::optional<int> code) {
    part_.complaints.push_back(what + ": " + (code ? "exit code " + std::to_string(*code) : std::string("it goes on")) +
                               "; its log ends: " + scheduler.log_tail());
  }

  // The owner fires for instants from now on.
  bool fires(const std::string& when) {
    const std::int64_t second = now_s();
    for (const std::int64_t begin_ms = now_ms(); watcher_->latest_of_all_s(actions_) < second; sleep_ms(20)) {
      const bool running = owner().running();
      if (running && now_ms() - begin_ms < kPatienceMs) continue;
      complain(owner(), "does not fire, " + when, running ? std::nullopt : owner().wait(0));
      return false;
    }
    return true;
  }

  bool ends_with(Subject& scheduler, int expected, const std::string& when) {
    const auto code = scheduler.wait(kPatienceMs);
    if (code != expected) complain(scheduler, when, code);
    return code == expected;
  }

  bool fight_over_the_name() {
    Subject& older = owner();
    const std::size_t newer = another();
    sleep_ms(chance_.between(0, 2000));
    switch (chance_.between(1, 4)) {
      case 1:
        ++part_.faults["a newer scheduler takes over"].times;
        schedulers_[newer]->start();
        if (!ends_with(older, kFenced, "the older after a newer one took over")) return false;
        break;
      case 2:
        ++part_.faults["the older one is stopped meanwhile"].times;
        older.signal(SIGSTOP);
        schedulers_[newer]->start();
        owner_ = newer;
        if (!fires("beside a stopped one")) return false;
        sleep_ms(chance_.between(0, 12'000));
        older.signal(SIGCONT);
        if (!ends_with(older, kFenced, "the older after it was resumed")) return false;
        break;
      case 3:
        ++part_.faults["the older one is killed"].times;
        older.kill();
        schedulers_[newer]->start();
        break;
      default:
        return two_at_once();
    }
    owner_ = newer;
    return fires("after the fight");
  }

  // All claim at the same time; one is left.
  bool two_at_once() {
    ++part_.faults["three at once"].times;
    for (std::size_t i = 0; i < schedulers_.size(); ++i) {
      if (i != owner_) schedulers_[i]->start();
    }
    const auto running = [&] {
      return std::ranges::count_if(schedulers_, [](const auto& scheduler) { return scheduler->running(); });
    };
    for (const std::int64_t begin_ms = now_ms(); running() > 1; sleep_ms(20)) {
      if (now_ms() - begin_ms < kPatienceMs) continue;
      complain(owner(), "several of one name go on", std::nullopt);
      return false;
    }
    for (std::size_t i = 0; i < schedulers_.size(); ++i) {
      if (schedulers_[i]->running()) {
        owner_ = i;
      } else if (!ends_with(*schedulers_[i], kFenced, "one of three at once")) {
        return false;
      }
    }
    return fires("after three at once");
  }

  bool fight_over_the_ledger() {
    Subject& older = owner();
    const std::size_t newer = another();
    const std::int64_t choice = chance_.between(1, 3);
    sleep_ms(chance_.between(0, 1000));
    if (choice == 2) older.signal(SIGSTOP);
    if (choice != 3) {
      ++part_.faults[choice == 1 ? "a second one on the ledger" : "a second one on the ledger of a stopped one"].times;
      schedulers_[newer]->start();
      const bool refused = ends_with(*schedulers_[newer], kAlreadyRunning, "the second on a ledger");
      if (choice == 2) older.signal(SIGCONT);
      return refused && fires("beside a second one");
    }
    ++part_.faults["the older one is killed"].times;
    older.kill();
    schedulers_[newer]->start();
    owner_ = newer;
    return fires("with the ledger of a dead one");
  }

  const Promise promise_;
  const testing::KafkaServer& kafka_;
  const OwnersOptions options_;
  Chance chance_;
  const std::string name_;  // of table and topic
  const std::vector<RowSpec> rows_;
  std::vector<std::int64_t> actions_;
  testing::WorkFolder shared_;
  std::vector<std::unique_ptr<Subject>> schedulers_;
  std::unique_ptr<Watcher> watcher_;
  std::size_t owner_ = 0;
  Part part_;
};

}  // namespace

Part torture_by_owners(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka,
                       const OwnersOptions& options) {
  return Owners(promise, postgres, kafka, options).run();
}

}  // namespace action_scheduler::torture
