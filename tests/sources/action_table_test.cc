#include <stdlib.h>

#include <filesystem>
#include <limits>

#include "sources/sqlite_source.h"
#include "sqlite/database.h"
#include "tests/sources/action_table_conformance.h"
#include "tests/sources/postgres_schema.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;

std::string with_table(std::string statement, const std::string& table) {
  for (auto at = statement.find("$T"); at != std::string::npos; at = statement.find("$T", at)) statement.replace(at, 2, table);
  return statement;
}

class PostgresHome : public TableHome {
 public:
  std::unique_ptr<ActionTable> table() override { return make_postgres_action_table(schema_.options()); }
  void sql(const std::string& statement) override { server().exec(with_table(statement, schema_.table())); }

 private:
  Schema schema_;
};

class SqliteHome : public TableHome {
 public:
  SqliteHome() {
    std::string pattern = (fs::path(::testing::TempDir()) / "table-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_.path = (folder_ / "actions.db").string();
    options_.create_file = true;
    sqlite::Database::open(options_.path, sqlite::Database::Access::create).exec("PRAGMA journal_mode = WAL");
  }
  ~SqliteHome() override { fs::remove_all(folder_); }
  std::unique_ptr<ActionTable> table() override { return make_sqlite_action_table(options_); }
  void sql(const std::string& statement) override {
    sqlite::Database::open(options_.path, sqlite::Database::Access::read_write).exec(with_table(statement, "action"));
  }

 private:
  fs::path folder_;
  SqliteTableOptions options_;
};

INSTANTIATE_TEST_SUITE_P(All, ActionTableConformance,
                         ::testing::Values(TableHomeMaker{"Postgres", [] { return std::make_unique<PostgresHome>(); }},
                                           TableHomeMaker{"Sqlite", [] { return std::make_unique<SqliteHome>(); }}),
                         [](const auto& tested) { return tested.param.name; });

using PostgresRights = PostgresTest;

TEST_F(PostgresRights, AReaderIsToldWhatWritingTakes) {
  create();
  insert(1);
  options_.user = reader();
  server().exec("GRANT SELECT ON " + table() + " TO " + options_.user);
  const auto table = make_postgres_action_table(options_);
  EXPECT_TRUE(table->find(1)->has_value());
  const auto refused = table->update(1, {{Column::name, "x"}}, Writing::tried);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("permission denied"), HasSubstr("grant INSERT, UPDATE and DELETE")));
}

TEST(SqliteFile, IsNotMadeByAMistypedName) {
  SqliteTableOptions options;
  options.path = (fs::path(::testing::TempDir()) / "there-is-no-such-file.db").string();
  options.create_file = true;
  const auto table = make_sqlite_action_table(options);
  EXPECT_FALSE(table->find(1).ok());
  EXPECT_FALSE(table->erase(1, Writing::kept).ok());
  EXPECT_FALSE(fs::exists(options.path));
}

}  // namespace
}  // namespace action_scheduler::testing
