// The runs that the Python program is known by, done with the built program against a real Kafka and a real Postgres.
//
//   bench_side_by_side [--json FILE]
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "action_scheduler/time.h"
#include "bench/arguments.h"
#include "bench/progress.h"
#include "bench/report.h"
#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/scheduler_process.h"

namespace action_scheduler::bench {
namespace {

using namespace std::chrono_literals;
using SystemTime = std::chrono::system_clock;

constexpr Seconds kOutage{32};

// What the Python program needed for the same.
constexpr double kPythonLost = 32;
constexpr double kPython1000Fires_s = 9.5;
constexpr double kPython10000Fires_s = 157;
constexpr double kPythonPoll10000_s = 0.5;
constexpr double kPythonPoll100000_s = 6.5;

Instant now() { return std::chrono::floor<Seconds>(SystemTime::now()); }
double seconds_since(Instant t) { return std::chrono::duration<double>(SystemTime::now() - t).count(); }

struct Servers {
  testing::PostgresServer postgres;
  testing::KafkaServer kafka;

  // An empty table.
  void clear_table() const {
    postgres.exec(
        "DROP TABLE IF EXISTS action; CREATE TABLE action (id BIGINT PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT "
        "NULL,"
        " cron JSON NOT NULL, merge_missed BOOLEAN, actuality_time INTEGER)");
  }

  // `count` rows with one schedule.
  void insert(std::size_t count, const std::string& cron) const {
    postgres.exec("INSERT INTO action SELECT n, 'action ' || n, 'command' || n, '" + cron +
                  "', false, -1 FROM generate_series(1, " + std::to_string(count) + ") n; ANALYZE action");
  }

  std::string config(const std::string& topic, int poll_period_s) const {
    return "track_changes_period: " + std::to_string(poll_period_s) +
           "\nactions_db:\n  dialect: postgresql\n  host: " + postgres.host() + "\n  port: " + std::to_string(postgres.port()) +
           "\n  username: " + postgres.user() + "\n  database: " + postgres.database() +
           "\ninternal_db: {dialect: sqlite, database: ledger.db}\nkafka:\n  server: " + kafka.address() + "\n  topic: " + topic +
           "\n";
  }
};

// A scheduler that works with this config. Throws with what it logged once it has ended.
class Scheduler {
 public:
  explicit Scheduler(const std::string& config) : folder_(config), process_(folder_.folder, {"run"}) {}

  void expect_running() {
    if (!process_.running()) throw std::runtime_error("the scheduler ended: " + process_.err());
  }
  double cpu_seconds() const { return process_.cpu_seconds(); }

 private:
  struct ConfiguredFolder {
    explicit ConfiguredFolder(const std::string& config) { folder.write("config.yaml", config); }
    testing::WorkFolder folder;
  };
  ConfiguredFolder folder_;
  testing::SchedulerProcess process_;
};

// How often each fire time arrived.
std::map<std::string, int> arrivals(const Servers& servers, const std::string& topic) {
  std::map<std::string, int> times;
  for (const testing::ReadMessage& message : testing::KafkaReader(servers.kafka.address()).read_all(topic)) {
    ++times[message.header("ce_time")];
  }
  return times;
}

// One action that fires each second, and a broker that is away for a while.
void outage(Servers& servers, Report& report) {
  const std::string topic = "outage";
  servers.kafka.create_topic(topic);
  servers.clear_table();
  servers.insert(1, R"({"format": "interval", "params": {"seconds": 1}})");
  Scheduler scheduler(servers.config(topic, 1));
  while (arrivals(servers, topic).empty()) scheduler.expect_running();
  std::this_thread::sleep_for(5s);

  const Instant first = now() + 1s;
  servers.kafka.stop();
  sleep_showing("Kafka is away", kOutage);
  const Instant last = now();
  servers.kafka.start();
  const auto back = std::chrono::steady_clock::now();
  std::map<std::string, int> arrived;
  for (;;) {
    arrived = arrivals(servers, topic);
    if (arrived.contains(format_utc(last))) break;
    scheduler.expect_running();
    if (std::chrono::steady_clock::now() - back > 60s) throw std::runtime_error("no fire came after the outage");
  }
  const std::chrono::duration<double> caught_up = std::chrono::steady_clock::now() - back;
  std::this_thread::sleep_for(5s);
  arrived = arrivals(servers, topic);

  int lost = 0;
  for (Instant t = first; t <= last; t += 1s) lost += arrived.contains(format_utc(t)) ? 0 : 1;
  const auto repeated = std::ranges::count_if(arrived, [](const auto& fire) { return fire.second > 1; });
  const std::string what = "outage of Kafka for " + std::to_string(kOutage.count()) + " s, an action each second: ";
  report.add({what + "fires lost", static_cast<double>(lost), "fires", kPythonLost, {}, ""});
  report.add({what + "fires repeated", static_cast<double>(repeated), "fires", {}, {}, ""});
  report.add(
      {what + "all delivered after its return", caught_up.count(), "s", {}, {}, "seen by a consumer, from when Kafka answers"});
}

// Many actions that fire once, all in the same second: how long after it a consumer has the last fire.
double burst_once(Servers& servers, std::size_t fires, int round) {
  const std::string topic = "burst-" + std::to_string(fires) + "-" + std::to_string(round);
  servers.kafka.create_topic(topic);
  servers.clear_table();
  Scheduler scheduler(servers.config(topic, 1));
  const Instant due = now() + 6s;
  servers.insert(fires, R"({"format": "date", "params": {"run_date": ")" + format_utc(due) + "\"}}");
  std::this_thread::sleep_until(due - 1s);
  scheduler.expect_running();
  testing::KafkaReader reader(servers.kafka.address());
  const std::size_t arrived = reader.read(topic, fires, 60s).size();
  const double seconds = seconds_since(due);
  if (arrived != fires) throw std::runtime_error(std::to_string(arrived) + " of " + std::to_string(fires) + " fires arrived");
  return seconds;
}

void burst(Servers& servers, std::size_t fires, double python_s, Report& report) {
  std::vector<double> seconds;
  for (int round = 0; round < 3; ++round) seconds.push_back(burst_once(servers, fires, round));
  report.add({std::to_string(fires) + " fires of one second: last one after it was due", median(seconds), "s", python_s,
              python_s / median(seconds), "seen by a consumer, committed"});
}

// Looks at a table in which nothing changes and nothing is due.
void polls(Servers& servers, std::size_t rows, double python_s, Report& report) {
  const std::string topic = "polls-" + std::to_string(rows);
  servers.kafka.create_topic(topic);
  servers.clear_table();
  servers.insert(rows, R"({"format": "unix", "params": {"value": "0 0 1 1 *"}})");
  const auto scans = [&] {
    return std::stod(servers.postgres.exec("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'action'").at(0).at(0));
  };
  Scheduler scheduler(servers.config(topic, 2));
  for (const double before = scans(); scans() < before + 3;) {  // the first poll has been taken in
    scheduler.expect_running();
    std::this_thread::sleep_for(100ms);
  }
  const double scans_before = scans();
  const double cpu_before = scheduler.cpu_seconds();
  sleep_showing("polling", 30s);
  const double cpu = scheduler.cpu_seconds() - cpu_before;
  const double count = scans() - scans_before;
  if (count < 5) throw std::runtime_error("too few polls to tell what one costs");
  scheduler.expect_running();
  std::fprintf(stderr, "%zu rows: %.2f s of CPU in %.0f polls\n", rows, cpu, count);
  report.add({"a poll of " + std::to_string(rows) + " rows, nothing changed: CPU", cpu / count, "s", python_s,
              python_s / (cpu / count), "the whole process, idle time between polls included"});
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"json"});
    Servers servers;
    Report report("side by side", "Python program");
    outage(servers, report);
    burst(servers, 1000, kPython1000Fires_s, report);
    burst(servers, 10'000, kPython10000Fires_s, report);
    polls(servers, 10'000, kPythonPoll10000_s, report);
    polls(servers, 100'000, kPythonPoll100000_s, report);
    report.print();
    if (const std::string path = arguments.text("json", ""); !path.empty()) report.save(path);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_side_by_side: %s\n", error.what());
    return 1;
  }
}
