#include "tests/torture/scene.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace action_scheduler::torture {
namespace {

constexpr int kEachSecond = 10;

std::string config_of(const Cluster& cluster, int postgres_port, const std::string& name, Promise promise,
                      const std::string& ledger) {
  return "actions_db: {dialect: postgresql, username: scheduler, host: 127.0.0.1, port: " + std::to_string(postgres_port) +
         ", database: postgres, table: " + name +
         "}\n"
         "internal_db: {dialect: sqlite, database: " +
         ledger +
         "}\n"
         "track_changes_period: 1\n"
         "shutdown_timeout: 5\n"
         "kafka:\n"
         "  server: \"" +
         cluster.proxied() + "\"\n  topic: " + name + "\n  delivery: " + name_of(promise) +
         "\n"
         "  delivery_timeout: 5\n"
         "  properties: {transaction.timeout.ms: 10000, socket.timeout.ms: 5000}\n";
}

std::string with_table(std::string statement, const std::string& table) {
  for (std::size_t at = 0; (at = statement.find("$T", at)) != std::string::npos;) statement.replace(at, 2, table);
  return statement;
}

}  // namespace

Trial::Trial(const Cluster& cluster, const testing::PostgresServer& postgres, int postgres_port, Promise promise)
    : name(std::string("faults_") + name_of(promise)),
      victim_topic(name + "_victim"),
      subject(name, promise, config_of(cluster, postgres_port, name, promise, "disk/ledger.db")),
      rows(usual_rows(kEachSecond)) {
  part.name = "faults";
  part.promise = promise;
  const std::filesystem::path folder = subject.folder().path() / "disk";
  if (mounts_are_our_own()) {
    disk = std::make_unique<SmallDisk>(folder, 32);
  } else {
    std::filesystem::create_directory(folder);
  }
  for (int id = 501; id <= 503; ++id) victims.push_back({id, 1, false, -1, victim_topic});
  for (const RowSpec& row : rows) actions.push_back(row.id);
  for (const std::string& topic : {name, victim_topic})
    testing::create_kafka_topic(cluster.direct(), topic, 1, {}, Cluster::kNodes);
  postgres.exec(table_statements());
}

Trial::~Trial() { subject.kill(); }

std::string Trial::table_statements() const {
  std::string statements = create_table_statement(name) + "GRANT SELECT ON " + name + " TO scheduler;";
  for (const RowSpec& row : rows) statements += insert_statement(name, row);
  for (const RowSpec& row : victims) statements += insert_statement(name, row);
  return statements;
}

void Trial::watch(const Cluster& cluster) { watcher = std::make_unique<Watcher>(cluster.direct(), name, partitions); }

void Trial::complain(const std::string& what) { part.complaints.push_back(what + "; the log ends: " + subject.log_tail()); }

std::int64_t Trial::victims_complete_until_s() const {
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  for (const testing::ReadMessage& message : buried) {
    const Arrival arrival = arrival_of(message);
    seen.emplace(arrival.action, arrival.time_s);
  }
  for (std::int64_t second = from_s; second < now_s(); ++second) {
    const bool complete = std::ranges::all_of(victims, [&](const RowSpec& row) { return seen.contains({row.id, second}); });
    const bool is_excused =
        std::ranges::any_of(victims_excused, [&](const Span& span) { return second >= span.from_s && second <= span.until_s; });
    if (!complete && !is_excused) return second;
  }
  return now_s();
}

Scene::Scene(const std::vector<Promise>& promises, std::uint64_t seed) : chance(seed) {
  postgres_proxy.forward_to(postgres.port());
  postgres.exec("CREATE ROLE scheduler LOGIN");
  for (const Promise promise : promises) {
    trials.push_back(std::make_unique<Trial>(cluster, postgres, postgres_proxy.port(), promise));
    trials.back()->watch(cluster);
  }
}

void Scene::sql(const std::string& statement) {
  for (const auto& trial : trials) postgres.exec(with_table(statement, trial->name));
}

void Scene::take_clocks() {
  for (const auto& trial : trials) {
    trial->subject.terminate();
    if (trial->subject.wait(30'000) != 0) trial->complain("SIGTERM before the clock is set: no clean end");
    trial->subject.clock_of_its_own(true);
    trial->subject.start();
  }
  sleep_ms(3000);
}

void Scene::expect_guest(int id, Span due, const std::vector<Span>& forbidden) {
  for (const auto& trial : trials) trial->guests.push_back({id, 1, false, due, {}, forbidden, {}});
}

}  // namespace action_scheduler::torture
