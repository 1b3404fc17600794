// What the scheduler lives among: one Postgres and one Kafka for the whole program, and configs that point to them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/end_to_end/fired.h"
#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/scheduler_process.h"

namespace action_scheduler::testing {

// Started at the first call, stopped with the program. Tests may stop them and start them again before they end. Never
// KAFKA_SERVER, which nobody may stop.
PostgresServer& postgres();
KafkaServer& kafka();

// The program that heeds CRASH_AT=point:N (crash_main.cc).
std::string crash_program();

// A name that no other test uses, made of lower case letters, digits and _.
std::string unique_name(const std::string& stem);

// A cron cell that fires every `seconds` seconds.
std::string every(int seconds);

// The statement that inserts a row with the six old columns; `name` is its command too.
std::string insert_row(const std::string& table, int id, const std::string& name, const std::string& cron);

// Looks until `done` is true, for `timeout` at most. Says whether it became true.
bool eventually(const std::function<bool()>& done, std::chrono::seconds timeout = std::chrono::seconds(30));

// The wall clock.
Instant now();

// A table and a topic of its own, for one scheduler or for several.
class Stage {
 public:
  // The topic is there, the table is made by the scheduler, or by create_table().
  Stage();

  std::string table;
  std::string topic;

  // A config.yaml for the table and the topic. `more` are whole lines that join it.
  std::string config(const std::string& delivery = "exactly_once", const std::string& more = "") const;

  // The table as the scheduler makes it.
  void create_table() const;

  // Runs a statement in Postgres; every `$T` is the table's name.
  std::vector<std::vector<std::string>> sql(std::string statement) const;

  // What a committed reader sees in the topic up to its present end.
  FiredList fired() const;
  FiredList fired_in(const std::string& other_topic) const;

  // Waits until `done` is true of what fired; says whether it became true.
  bool fires_until(const std::function<bool(const FiredList&)>& done,
                   std::chrono::seconds timeout = std::chrono::seconds(30)) const;
};

}  // namespace action_scheduler::testing
