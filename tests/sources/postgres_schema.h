// A PostgreSQL server for the tests of a program, and a schema in it for each test.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"

namespace action_scheduler::testing {

// Started with the first test, stopped when the program ends.
inline PostgresServer& server() {
  static PostgresServer server;
  return server;
}

// A schema of its own, with blanks and quotes in its name.
class Schema {
 public:
  Schema() {
    static std::atomic<int> number = 0;
    name_ = "my \"schema" + std::to_string(++number);
    server().exec("CREATE SCHEMA " + quoted());
  }
  ~Schema() { server().exec("DROP SCHEMA " + quoted() + " CASCADE"); }

  const std::string& name() const { return name_; }
  std::string quoted() const { return "\"my \"\"" + name_.substr(4) + "\""; }
  std::string table(const std::string& table = "action") const { return quoted() + "." + table; }

  PostgresTableOptions options() const {
    PostgresTableOptions options;
    options.host = server().host();
    options.port = server().port();
    options.user = server().user();
    options.password = "s3cret'\\";
    options.database = server().database();
    options.schema = name_;
    return options;
  }

 private:
  std::string name_;
};

inline std::string text(const std::optional<std::string_view>& cell) {
  if (!cell) return "NULL";
  std::string literal = "'";
  for (const char c : *cell) literal += c == '\'' ? "''" : std::string(1, c);
  return literal + "'";
}

// With a schema of its own and the options to follow a table `action` in it.
class PostgresTest : public ::testing::Test {
 protected:
  static constexpr const char* kSixColumns =
      "(id bigint PRIMARY KEY, name text, command text, cron jsonb, merge_missed boolean, actuality_time integer)";

  void create() { server().exec("CREATE TABLE " + table() + kSixColumns); }
  void insert(ActionId id) {
    server().exec("INSERT INTO " + table() + " (id, name, command, cron) VALUES (" + std::to_string(id) +
                  ", 'n', 'c', '{\"a\":  1}')");
  }
  // A transaction that has nothing to do with the table.
  static void commit_elsewhere() { server().exec("SELECT txid_current()"); }
  std::string table() const { return schema_.table(); }

  // A role of the test's own that may log in and look into the schema.
  std::string reader() {
    const std::string role = "reader_" + std::to_string(server().port()) + "_" + std::to_string(++readers_);
    server().exec("CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA " + schema_.quoted() + " TO " + role);
    return role;
  }

  Schema schema_;
  PostgresTableOptions options_ = schema_.options();

 private:
  static inline int readers_ = 0;
};

}  // namespace action_scheduler::testing
