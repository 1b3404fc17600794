#include "tests/end_to_end/world.h"

#include <unistd.h>

#include <memory>
#include <thread>

#include "tests/servers/kafka_reader.h"

namespace action_scheduler::testing {
namespace {

std::unique_ptr<PostgresServer> the_postgres;
std::unique_ptr<KafkaServer> the_kafka;

// Stops the servers when the program ends, before static objects go.
class StopServers : public ::testing::Environment {
 public:
  void TearDown() override {
    the_postgres.reset();
    the_kafka.reset();
  }
};
const auto* const stop_servers = ::testing::AddGlobalTestEnvironment(new StopServers);

}  // namespace

PostgresServer& postgres() {
  if (!the_postgres) the_postgres = std::make_unique<PostgresServer>();
  return *the_postgres;
}

KafkaServer& kafka() {
  if (!the_kafka) the_kafka = std::make_unique<KafkaServer>();
  return *the_kafka;
}

std::string crash_program() { return ACTION_SCHEDULER_CRASH_PROGRAM; }

std::string unique_name(const std::string& stem) {
  static int count = 0;
  return stem + "_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

std::string every(int seconds) { return R"({"format": "interval", "params": {"seconds": )" + std::to_string(seconds) + "}}"; }

std::string insert_row(const std::string& table, int id, const std::string& name, const std::string& cron) {
  return "INSERT INTO " + table + " (id, name, command, cron) VALUES (" + std::to_string(id) + ", '" + name + "', '" + name +
         "', '" + cron + "');";
}

bool eventually(const std::function<bool()>& done, std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

Instant now() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

Stage::Stage() : table(unique_name("action")), topic(unique_name("fires")) { kafka().create_topic(topic); }

std::string Stage::config(const std::string& delivery, const std::string& more) const {
  return "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres().port()) +
         ", database: postgres, table: " + table +
         "}\n"
         "internal_db: {dialect: sqlite, database: ledger.db}\n"
         "track_changes_period: 1\n"
         "action: {defaults: {merge_missed: false, actuality_time: -1}}\n"
         "kafka: {server: \"" +
         kafka().address() + "\", topic: " + topic + ", delivery: " + delivery + "}\n" + more;
}

void Stage::create_table() const {
  sql("CREATE TABLE $T (id SERIAL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, "
      "merge_missed BOOLEAN, actuality_time INTEGER, enabled BOOLEAN, timezone TEXT, topic TEXT, key TEXT, headers JSON)");
}

std::vector<std::vector<std::string>> Stage::sql(std::string statement) const {
  for (std::size_t at; (at = statement.find("$T")) != std::string::npos;) statement.replace(at, 2, table);
  return postgres().exec(statement);
}

FiredList Stage::fired() const { return fired_in(topic); }

FiredList Stage::fired_in(const std::string& other_topic) const {
  return FiredList(KafkaReader(kafka().address()).read_all(other_topic, std::chrono::seconds(60)));
}

bool Stage::fires_until(const std::function<bool(const FiredList&)>& done, std::chrono::seconds timeout) const {
  KafkaReader reader(kafka().address());
  return eventually([&] { return done(FiredList(reader.read_all(topic, std::chrono::seconds(60)))); }, timeout);
}

}  // namespace action_scheduler::testing
