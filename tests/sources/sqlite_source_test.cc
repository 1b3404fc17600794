#include "sources/sqlite_source.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "sqlite/database.h"
#include "tests/sources/action_source_conformance.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::path(::testing::TempDir()) / "source-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string text(const std::optional<std::string_view>& cell) {
  if (!cell) return "NULL";
  std::string literal = "'";
  for (const char c : *cell) literal += c == '\'' ? "''" : std::string(1, c);
  return literal + "'";
}

class SqliteTable : public EditableTable {
 public:
  SqliteTable() {
    options_.path = folder_.file("actions.db");
    options_.create_file = true;
    EXPECT_EQ(*make_sqlite_action_table(options_)->create_if_missing(), TableCreation::created);
  }

  void upsert(const std::vector<Row>& rows) override {
    std::string sql = "BEGIN;";
    for (const Row& row : rows) {
      const RowView view = row.view();
      sql += "INSERT OR REPLACE INTO action VALUES (" + std::to_string(row.id);
      for (const Column column : {Column::name, Column::command, Column::cron, Column::merge_missed, Column::actuality_time}) {
        sql += "," + (view[column] == "t" ? "1" : text(view[column]));
      }
      sql += view[Column::enabled] == "f" ? ",0" : ",1";
      for (const Column column : {Column::timezone, Column::topic, Column::key, Column::headers}) sql += "," + text(view[column]);
      sql += ");";
    }
    edit(sql + "COMMIT");
  }
  void erase_between(ActionId first, ActionId last) override {
    edit("DELETE FROM action WHERE id BETWEEN " + std::to_string(first) + " AND " + std::to_string(last));
  }
  void damage() override { edit("ALTER TABLE action RENAME COLUMN cron TO away"); }
  void mend() override { edit("ALTER TABLE action RENAME COLUMN away TO cron"); }
  std::unique_ptr<ActionSource> follow() override { return std::make_unique<SqliteSource>(options_); }

 private:
  void edit(const std::string& sql) { sqlite::Database::open(options_.path, sqlite::Database::Access::create).exec(sql); }

  Folder folder_;
  SqliteTableOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, ActionSourceConformance,
                         ::testing::Values(EditableTableMaker{"Sqlite", [] { return std::make_unique<SqliteTable>(); }}),
                         [](const auto& tested) { return tested.param.name; });

class SqliteSourceTest : public ::testing::Test {
 protected:
  SqliteSourceTest() { options_.path = folder_.file("actions.db"); }

  void edit(const std::string& sql) { sqlite::Database::open(options_.path, sqlite::Database::Access::create).exec(sql); }

  Folder folder_;
  SqliteTableOptions options_;
};

TEST_F(SqliteSourceTest, WorksWithTheSixColumnsAloneAndIgnoresOthers) {
  edit(
      "CREATE TABLE action (extra, ID INTEGER PRIMARY KEY, Name, command, cron, merge_missed, actuality_time) WITHOUT ROWID;"
      "INSERT INTO action VALUES ('e', 5, 'n', 'c', '{}', 0, 60)");
  SqliteSource source(options_);
  const GoodPoll poll(source);
  Row row;
  row.id = 5;
  row[Column::name] = "n";
  row[Column::command] = "c";
  row[Column::cron] = "{}";
  row[Column::merge_missed] = "0";
  row[Column::actuality_time] = "60";
  EXPECT_EQ(poll.changes.rows.at(5), row);
}

TEST_F(SqliteSourceTest, TakesValuesOfAnyStorageClassAsText) {
  edit(
      "CREATE TABLE action (id INTEGER PRIMARY KEY, name, command, cron, merge_missed, actuality_time);"
      "INSERT INTO action VALUES (1, 12, x'6162', 1.5, 'yes', NULL)");
  SqliteSource source(options_);
  Row row = GoodPoll(source).changes.rows.at(1);
  EXPECT_EQ(row[Column::name], "12");
  EXPECT_EQ(row[Column::command], "ab");
  EXPECT_EQ(row[Column::cron], "1.5");
  EXPECT_EQ(row[Column::merge_missed], "yes");
  EXPECT_EQ(row[Column::actuality_time], std::nullopt);
}

// SQLite holds any type in any column.
TEST_F(SqliteSourceTest, ReadsEveryStorageClassInEveryColumn) {
  edit("CREATE TABLE action (id, name, command, cron, merge_missed, actuality_time, enabled, timezone, topic, key, headers)");
  const std::vector<std::pair<std::string, std::string>> values = {
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1e300", "1.0e+300"},
      {"60.0", "60.0"},
      {"x''", ""},
      {"x'00ff'", std::string("\0\xff", 2)},
      {"''", ""},
      {"'a' || char(0) || 'b'", std::string("a\0b", 3)},
      {"'a' || char(27) || '[2J'", "a\x1b[2J"},
      {"hex(zeroblob(1000000))", std::string(2'000'000, '0')},
  };
  std::string sql = "BEGIN;";
  for (std::size_t i = 0; i < values.size(); ++i) {
    sql += "INSERT INTO action VALUES (" + std::to_string(i);
    for (std::size_t column = 0; column < kColumnCount; ++column) sql += "," + values[i].first;
    sql += ");";
  }
  edit(sql + "INSERT INTO action (id) VALUES (1.5), ('2x'), (x'31'), (NULL), (9223372036854775808), ('');COMMIT");
  SqliteSource source(options_);
  GoodPoll poll(source);
  EXPECT_EQ(poll.summary.rows, values.size());
  EXPECT_EQ(poll.summary.rows_without_id, 6U);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const auto& cell : poll.changes.rows.at(static_cast<ActionId>(i)).cells) EXPECT_EQ(cell, values[i].second) << i;
  }
}

TEST_F(SqliteSourceTest, NamesWithQuotesDotsAndSemicolonsAreNames) {
  for (const std::string name :
       {"a;b.\"c\" '%s", "x\"; DROP TABLE kept; --", "main.action", "?1", "[x]", "`x`", " ", "\xd0\xb9", "SELECT"}) {
    edit("CREATE TABLE IF NOT EXISTS kept (x)");
    options_.table = name;
    const auto table = make_sqlite_action_table(options_);
    SqliteSource source(options_);
    EXPECT_THAT(failed_poll(source), HasSubstr("no such table"));
    EXPECT_EQ(*table->create_if_missing(), TableCreation::created) << name;
    EXPECT_EQ(*table->create_if_missing(), TableCreation::existed) << name;
    EXPECT_EQ(*table->write_if_empty(std::vector<Row>{plain_row(1, "'; DROP TABLE kept; --")}), 1U) << name;
    EXPECT_EQ(GoodPoll(source).changes.rows.at(1)[Column::command], "'; DROP TABLE kept; --");
    edit("SELECT * FROM kept");
  }
}

TEST_F(SqliteSourceTest, ReadsAViewAndCountsRowsWithoutAnInteger) {
  edit(
      "CREATE TABLE t (id, n); INSERT INTO t VALUES (1, 'a'), (NULL, 'b'), ('x', 'c');"
      "CREATE VIEW \"my \"\"view\" AS SELECT id, n AS name, n AS command, n AS cron, NULL AS merge_missed, NULL AS "
      "actuality_time FROM t");
  options_.table = "my \"view";
  SqliteSource source(options_);
  const GoodPoll poll(source);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(1));
  EXPECT_EQ(poll.summary.rows_without_id, 2u);
}

TEST_F(SqliteSourceTest, NamesTheColumnThatIsMissing) {
  edit("CREATE TABLE action (id INTEGER PRIMARY KEY, name, command, merge_missed, actuality_time)");
  SqliteSource source(options_);
  EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("no column cron"), HasSubstr(options_.path)));
}

TEST_F(SqliteSourceTest, NamesTheFileThatIsMissingAndDoesNotMakeIt) {
  SqliteSource source(options_);
  EXPECT_THAT(failed_poll(source), AllOf(HasSubstr(options_.path), HasSubstr("must exist")));
  EXPECT_FALSE(fs::exists(options_.path));
}

TEST_F(SqliteSourceTest, SaysThatAFileIsNoDatabase) {
  std::ofstream(options_.path) << std::string(5000, 'x');
  SqliteSource source(options_);
  EXPECT_THAT(failed_poll(source), HasSubstr("no database"));
}

TEST_F(SqliteSourceTest, FollowsTheFileThatReplacedTheOneItHadOpen) {
  const std::string table = "CREATE TABLE action (id INTEGER PRIMARY KEY, name, command, cron, merge_missed, actuality_time);";
  edit(table + "INSERT INTO action (id) VALUES (1), (2)");
  SqliteSource source(options_);
  GoodPoll{source};
  fs::remove(options_.path);
  EXPECT_THAT(failed_poll(source), HasSubstr("must exist"));
  edit(table + "INSERT INTO action (id) VALUES (2), (3)");
  const GoodPoll poll(source);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(3));
  EXPECT_THAT(poll.changes.gone, ElementsAre(1));
}

TEST_F(SqliteSourceTest, GivesUpAtItsDeadlineWhenTheFileIsLocked) {
  edit("CREATE TABLE action (id INTEGER PRIMARY KEY, name, command, cron, merge_missed, actuality_time)");
  options_.deadline = std::chrono::milliseconds(50);
  SqliteSource source(options_);
  {
    sqlite::Database other = sqlite::Database::open(options_.path, sqlite::Database::Access::read_write);
    other.exec("BEGIN EXCLUSIVE");
    EXPECT_THAT(failed_poll(source), HasSubstr("locked"));
  }
  GoodPoll{source};
}

class SqliteActionTableTest : public SqliteSourceTest {};

TEST_F(SqliteActionTableTest, IsCreatedOnceAndFilledOnce) {
  options_.create_file = true;
  const auto table = make_sqlite_action_table(options_);
  EXPECT_EQ(*table->try_creation(), TableCreation::created);
  EXPECT_EQ(*table->create_if_missing(), TableCreation::created) << "trying left nothing behind";
  EXPECT_EQ(*table->create_if_missing(), TableCreation::existed);
  EXPECT_EQ(*table->try_creation(), TableCreation::existed);
  Row row = plain_row(77, "it's");
  row[Column::merge_missed] = "t";
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{row, plain_row(78)}), 2u);
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{row}), 0u);
  SqliteSource source(options_);
  RecordedChanges seen = GoodPoll(source).changes;
  EXPECT_THAT(seen.changed_ids(), ElementsAre(1, 2));
  EXPECT_EQ(seen.rows.at(1)[Column::command], "it's");
  EXPECT_EQ(seen.rows.at(1)[Column::merge_missed], "1");
  EXPECT_EQ(seen.rows.at(1)[Column::enabled], "1");
  EXPECT_EQ(seen.rows.at(2)[Column::merge_missed], std::nullopt);
}

TEST_F(SqliteActionTableTest, LeavesATableThatIsThereAsItIs) {
  edit("CREATE TABLE Action (id INTEGER PRIMARY KEY, name, command, cron, merge_missed, actuality_time)");
  const auto table = make_sqlite_action_table(options_);
  EXPECT_EQ(*table->create_if_missing(), TableCreation::existed);
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{plain_row(1)}), 1u);
}

TEST_F(SqliteActionTableTest, WritesNothingWhenOneRowIsRefused) {
  options_.create_file = true;
  const auto table = make_sqlite_action_table(options_);
  ASSERT_TRUE(table->create_if_missing().ok());
  Row nameless = plain_row(2);
  nameless[Column::name].reset();
  EXPECT_FALSE(table->write_if_empty(std::vector<Row>{plain_row(1), nameless}).ok());
  SqliteSource source(options_);
  EXPECT_EQ(GoodPoll(source).summary.rows, 0u);
}

}  // namespace
}  // namespace action_scheduler::testing
