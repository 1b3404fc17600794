#include "tests/torture/kills.h"

#include <signal.h>

#include <algorithm>

#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

constexpr int kEachSecond = 20;
constexpr std::int64_t kPatienceMs = 60'000;
// After so many kills it is left alone until it has caught up: it must not fall behind further and further.
constexpr int kKillsInARow = 25;

class Kills {
 public:
  Kills(Promise promise, const testing::PostgresServer& postgres, const std::string& brokers, int replicas,
        const KillsOptions& options)
      : promise_(promise),
        brokers_(brokers),
        options_(options),
        chance_(options.seed * 2 + (promise == Promise::exactly_once ? 0 : 1)),
        name_(std::string("kills_") + name_of(promise)),
        rows_(usual_rows(kEachSecond)),
        subject_(name_, promise,
                 databases_config(postgres.port(), name_) + "kafka: {server: \"" + brokers + "\", topic: " + name_ +
                     ", delivery: " + name_of(promise) + "}\n") {
    testing::create_kafka_topic(brokers, name_, 1, {}, replicas);
    postgres.exec(create_table_statement(name_));
    for (const RowSpec& row : rows_) postgres.exec(insert_statement(name_, row));
    for (const RowSpec& row : rows_) actions_.push_back(row.id);
    part_.name = "kills";
    part_.promise = promise;
  }

  Part run() {
    const std::int64_t begin_ms = now_ms();
    const Watcher watcher(brokers_, name_);
    subject_.start();
    const std::int64_t asked_s = now_s();
    if (!catches_up(watcher, asked_s)) return end(begin_ms, asked_s, asked_s);
    const std::int64_t from_s = now_s();
    // Instants of death are spread from the first instruction to well after the first fire.
    const std::int64_t start_ms = now_ms() - begin_ms;
    const std::int64_t life_max_ms = std::clamp<std::int64_t>(start_ms / 2, 600, 1200);
    subject_.kill();
    const auto over = [&] {
      return (options_.kills > 0 && subject_.kills() + self_killed_ >= options_.kills) ||
             now_ms() - begin_ms > options_.seconds_max * 1000;
    };
    bool fine = true;
    for (int row = 1; fine && !over(); ++row) {
      if (row % kKillsInARow == 0) {
        subject_.start();
        fine = catches_up(watcher, now_s());
        subject_.kill();
      } else if (program_is_our_own() && chance_.one_in(2)) {
        kill_at_a_point();
      } else {
        subject_.start();
        sleep_ms(chance_.between(0, chance_.one_in(4) ? 150 : life_max_ms));
        subject_.kill();
      }
    }
    subject_.start();
    const std::int64_t until_s = now_s();
    if (fine) fine = catches_up(watcher, until_s);
    subject_.terminate();
    const auto code = subject_.wait(20'000);
    if (code != 0) complain("SIGTERM at the end: " + (code ? "exit code " + std::to_string(*code) : std::string("no end")));
    return end(begin_ms, from_s, until_s);
  }

 private:
  void complain(const std::string& text) { part_.complaints.push_back(text + "; its log ends: " + subject_.log_tail()); }

  void kill_at_a_point() {
    const std::vector<std::string>& points = crash_points(promise_);
    const std::string& point = points[static_cast<std::size_t>(chance_.between(0, static_cast<std::int64_t>(points.size()) - 1))];
    // Nothing changes in the table but once: after the start.
    const std::int64_t passes = point == "applied" || !chance_.one_in(4) ? 1 : chance_.between(2, 3);
    subject_.start(point + ":" + std::to_string(passes));
    const auto code = subject_.wait(15'000);
    if (code == 128 + SIGKILL) {
      ++self_killed_;
      ++part_.faults["kill -9 at " + point].times;
    } else {
      complain("never came to " + point);
      subject_.kill();
    }
  }

  // Until every action has fired for an instant that is not before `second`.
  bool catches_up(const Watcher& watcher, std::int64_t second) {
    const std::int64_t begin_ms = now_ms();
    while (watcher.latest_of_all_s(actions_) < second) {
      if (!subject_.running() || now_ms() - begin_ms > kPatienceMs) {
        complain(subject_.running() ? "does not catch up" : "ended by itself");
        return false;
      }
      sleep_ms(10);
    }
    FaultRecord& record = part_.faults["left alone after kills"];
    record.worst_recovery_ms = std::max(record.worst_recovery_ms, now_ms() - begin_ms);
    return true;
  }

  Part end(std::int64_t begin_ms, std::int64_t from_s, std::int64_t until_s) {
    std::vector<Expectation> expectations;
    for (const RowSpec& row : rows_) expectations.push_back({row.id, row.period_s, row.merges, {from_s, until_s}, {}, {}, {}});
    testing::KafkaReader reader(brokers_);
    part_.verdict =
        judge(promise_, expectations, arrivals_of(reader.read_all(name_, std::chrono::seconds(60))), subject_.lives());
    if (const auto report = subject_.sanitizer_report()) part_.complaints.push_back(*report);
    part_.kills = subject_.kills() + self_killed_;
    part_.faults["kill -9 at a random instant"].times = subject_.kills();
    part_.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
    return std::move(part_);
  }

  const Promise promise_;
  const std::string brokers_;
  const KillsOptions options_;
  Chance chance_;
  const std::string name_;  // of table and topic
  const std::vector<RowSpec> rows_;
  std::vector<std::int64_t> actions_;
  Subject subject_;
  std::uint64_t self_killed_ = 0;
  Part part_;
};

}  // namespace

Part torture_by_kills(Promise promise, const testing::PostgresServer& postgres, const std::string& brokers, int replicas,
                      const KillsOptions& options) {
  return Kills(promise, postgres, brokers, replicas, options).run();
}

}  // namespace action_scheduler::torture
