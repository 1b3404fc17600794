#include "sources/postgres_source.h"

#include <future>

#include "tests/sources/action_source_conformance.h"
#include "tests/sources/postgres_schema.h"

namespace action_scheduler::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresTable : public EditableTable {
 public:
  PostgresTable() { EXPECT_EQ(*make_postgres_action_table(schema_.options())->create_if_missing(), TableCreation::created); }

  void upsert(const std::vector<Row>& rows) override {
    std::string sql = "ALTER TABLE " + schema_.table() + " ALTER id TYPE bigint; BEGIN;";
    for (const Row& row : rows) {
      const RowView view = row.view();
      sql += "DELETE FROM " + schema_.table() + " WHERE id = " + std::to_string(row.id) + ";";
      sql += "INSERT INTO " + schema_.table() + " VALUES (" + std::to_string(row.id);
      for (const Column column : {Column::name, Column::command, Column::cron, Column::merge_missed, Column::actuality_time}) {
        sql += "," + text(view[column]);
      }
      sql += view[Column::enabled] == "f" ? ",false" : ",true";
      for (const Column column : {Column::timezone, Column::topic, Column::key, Column::headers}) sql += "," + text(view[column]);
      sql += ");";
    }
    server().exec(sql + "COMMIT");
  }
  void erase_between(ActionId first, ActionId last) override {
    server().exec("DELETE FROM " + schema_.table() + " WHERE id BETWEEN " + std::to_string(first) + " AND " +
                  std::to_string(last));
  }
  void damage() override { server().exec("ALTER TABLE " + schema_.table() + " RENAME TO away"); }
  void mend() override { server().exec("ALTER TABLE " + schema_.table("away") + " RENAME TO action"); }

  std::unique_ptr<ActionSource> follow() override { return std::make_unique<PostgresSource>(schema_.options()); }

 private:
  Schema schema_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, ActionSourceConformance,
                         ::testing::Values(EditableTableMaker{"Postgres", [] { return std::make_unique<PostgresTable>(); }}),
                         [](const auto& tested) { return tested.param.name; });

using PostgresSourceTest = PostgresTest;

TEST_F(PostgresSourceTest, WorksWithTheSixColumnsAlone) {
  create();
  server().exec("INSERT INTO " + table() + " VALUES (5, 'n', 'c', '{\"a\":  1}', true, 60)");
  PostgresSource source(options_);
  Row row;
  row.id = 5;
  row[Column::name] = "n";
  row[Column::command] = "c";
  row[Column::cron] = R"({"a": 1})";
  row[Column::merge_missed] = "t";
  row[Column::actuality_time] = "60";
  EXPECT_EQ(GoodPoll(source).changes.rows.at(5), row);
}

TEST_F(PostgresSourceTest, TakesOtherTypesAsTextAndIgnoresOtherColumns) {
  std::string more;
  for (int i = 0; i < 20; ++i) more += ", \"Extra " + std::to_string(i) + "\" bytea DEFAULT '\\x00'";
  server().exec("CREATE DOMAIN " + schema_.table("flag") + " AS boolean");
  server().exec(
      "CREATE TABLE " + table() +
      "(id smallint, name char(8), command varchar, cron text, merge_missed text, actuality_time numeric(6,1), enabled " +
      schema_.table("flag") + ", headers jsonb" + more + ")");
  server().exec("INSERT INTO " + table() + " VALUES (5, 'n', 'c', 'no json', 'maybe', 1.5, false, '{\"b\": \"c\"}')");
  PostgresSource source(options_);
  Row row = GoodPoll(source).changes.rows.at(5);
  EXPECT_EQ(row[Column::name], "n");
  EXPECT_EQ(row[Column::cron], "no json");
  EXPECT_EQ(row[Column::merge_missed], "maybe");
  EXPECT_EQ(row[Column::actuality_time], "1.5");
  EXPECT_EQ(row[Column::enabled], "f");
  EXPECT_EQ(row[Column::headers], R"({"b": "c"})");
  EXPECT_EQ(row[Column::topic], std::nullopt);
}

TEST_F(PostgresSourceTest, SeesAnOptionalColumnComeAndGo) {
  create();
  insert(1);
  PostgresSource source(options_);
  GoodPoll{source};
  server().exec("ALTER TABLE " + table() + " ADD topic text DEFAULT 'orders'");
  EXPECT_EQ(GoodPoll(source).changes.rows.at(1)[Column::topic], "orders");
  server().exec("ALTER TABLE " + table() + " DROP topic");
  EXPECT_EQ(GoodPoll(source).changes.rows.at(1)[Column::topic], std::nullopt);
}

TEST_F(PostgresSourceTest, NamesTheColumnThatIsMissing) {
  create();
  server().exec("ALTER TABLE " + table() + " DROP actuality_time");
  PostgresSource source(options_);
  EXPECT_THAT(failed_poll(source),
              AllOf(HasSubstr("no column actuality_time"), HasSubstr("127.0.0.1:" + std::to_string(server().port()))));
}

TEST_F(PostgresSourceTest, RefusesAnIdThatIsNoNumber) {
  server().exec("CREATE TABLE " + table() +
                "(id text, name text, command text, cron json, merge_missed boolean, actuality_time int)");
  PostgresSource source(options_);
  EXPECT_THAT(failed_poll(source), HasSubstr("column id is text"));
}

TEST_F(PostgresSourceTest, NeverTakesADroppedTableForAnEmptyOne) {
  create();
  insert(1);
  PostgresSource source(options_);
  GoodPoll{source};
  server().exec("DROP TABLE " + table());
  EXPECT_THAT(failed_poll(source), HasSubstr("no such table"));
  create();
  insert(1);
  EXPECT_THAT(GoodPoll(source).changes.gone, IsEmpty());
}

TEST_F(PostgresSourceTest, ReadsWithTheRightToSelectAlone) {
  create();
  insert(1);
  options_.user = reader();
  PostgresSource source(options_);
  EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("no right to read"), HasSubstr("grant SELECT")));
  server().exec("GRANT SELECT ON " + table() + " TO " + options_.user);
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(1));
}

TEST_F(PostgresSourceTest, ReadsWithTheRightToItsColumnsAlone) {
  create();
  server().exec("ALTER TABLE " + table() + " ADD secret text");
  insert(1);
  options_.user = reader();
  server().exec("GRANT SELECT (id, name, command, cron, merge_missed, actuality_time) ON " + table() + " TO " + options_.user);
  PostgresSource source(options_);
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(1));
  server().exec("ALTER TABLE " + table() + " ADD enabled boolean");
  EXPECT_THAT(failed_poll(source), HasSubstr("no right to read column enabled"));
}

TEST_F(PostgresSourceTest, ReadsAViewAndCountsRowsWithoutAnId) {
  create();
  insert(1);
  insert(2);
  server().exec("CREATE VIEW " + schema_.table("\"a \"\"view\"") +
                " AS SELECT nullif(id, 2) AS id, name, command, cron, merge_missed, actuality_time FROM " + table());
  options_.table = "a \"view";
  PostgresSource source(options_);
  const GoodPoll poll(source);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(1));
  EXPECT_EQ(poll.summary.rows_without_id, 1u);
}

TEST_F(PostgresSourceTest, ReadsAPartitionedTable) {
  server().exec("CREATE TABLE " + table() +
                "(id bigint, name text, command text, cron json, merge_missed boolean, actuality_time int)"
                " PARTITION BY RANGE (id);"
                "CREATE TABLE " +
                schema_.table("p1") + " PARTITION OF " + table() + " FOR VALUES FROM (0) TO (10)");
  insert(1);
  PostgresSource source(options_);
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(1));
}

TEST_F(PostgresSourceTest, ReadsManyAndLargeRowsInPieces) {
  create();
  server().exec("INSERT INTO " + table() +
                " SELECT i, 'n', repeat('x', CASE WHEN i % 1000 = 0 THEN 300000 ELSE 10 END), '{}'"
                " FROM generate_series(1, 20000) i");
  PostgresSource source(options_);
  const GoodPoll poll(source);
  EXPECT_EQ(poll.summary.rows, 20'000u);
  EXPECT_EQ(poll.changes.rows.size(), 20'000u);
}

TEST_F(PostgresSourceTest, DoesNotStayInATransactionBetweenPolls) {
  create();
  PostgresSource source(options_);
  GoodPoll{source};
  const std::string mine = "application_name = 'action-scheduler' AND datname = current_database()";
  server().wait_until("SELECT string_agg(state, ',') FROM pg_stat_activity WHERE " + mine, "idle");
}

TEST_F(PostgresSourceTest, GivesUpAtItsDeadlineWhenTheTableIsLocked) {
  create();
  insert(1);
  options_.deadline = milliseconds(2000);
  PostgresSource source(options_);
  GoodPoll{source};
  commit_elsewhere();
  {
    PostgresSession other(server());
    other.exec("BEGIN; LOCK TABLE " + table() + " IN ACCESS EXCLUSIVE MODE");
    EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("2000 ms"), HasSubstr(schema_.name())));
  }
  EXPECT_THAT(GoodPoll(source).changes.rows, IsEmpty());
}

TEST_F(PostgresSourceTest, GivesUpAtItsDeadlineWhenTheServerStandsStill) {
  create();
  options_.deadline = milliseconds(2000);
  PostgresSource source(options_);
  GoodPoll{source};
  server().pause();
  const std::string message = failed_poll(source);
  server().resume();
  EXPECT_THAT(message, HasSubstr("no answer within 2000 ms"));
  GoodPoll{source};
}

TEST_F(PostgresSourceTest, EndsAPollThatIsInterrupted) {
  create();
  PostgresSource source(options_);
  PostgresSession other(server());
  other.exec("BEGIN; LOCK TABLE " + table() + " IN ACCESS EXCLUSIVE MODE");
  auto polled = std::async(std::launch::async, [&] { return failed_poll(source); });
  server().wait_until(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'action-scheduler' AND wait_event_type = 'Lock'", "1");
  source.interrupt();
  EXPECT_THAT(polled.get(), HasSubstr("interrupted"));
  other.exec("COMMIT");
  GoodPoll{source};
}

// An old snapshot sees nothing in a table that was truncated after it was taken.
TEST_F(PostgresSourceTest, DoesNotTakeATableThatIsBeingReplacedForAnEmptyOne) {
  create();
  for (ActionId id = 1; id <= 3; ++id) insert(id);
  PostgresSource source(options_);
  GoodPoll{source};
  commit_elsewhere();
  PostgresSession other(server());
  other.exec("BEGIN; TRUNCATE " + table() + "; INSERT INTO " + table() +
             " SELECT i, 'n', 'c', '{\"a\": 1}' FROM generate_series(2, 4) i");
  auto polled = std::async(std::launch::async, [&] { return GoodPoll(source); });
  server().wait_until(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'action-scheduler' AND wait_event_type = 'Lock'", "1");
  other.exec("COMMIT");
  const GoodPoll poll = polled.get();
  EXPECT_EQ(poll.summary.rows, 3u);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(4));
  EXPECT_THAT(poll.changes.gone, ElementsAre(1));
}

TEST_F(PostgresSourceTest, SeesRowsThatALongTransactionCommitsLate) {
  create();
  PostgresSession late(server());
  late.exec("BEGIN; INSERT INTO " + table() + " (id, name) VALUES (1, 'early')");
  insert(2);
  PostgresSource source(options_);
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(2));
  late.exec("COMMIT");
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(1));
}

TEST_F(PostgresSourceTest, GoesOnAfterARestartOfTheServerWithoutLosingAPoll) {
  create();
  insert(1);
  PostgresSource source(options_);
  GoodPoll{source};
  server().restart();
  insert(2);
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(2));
}

TEST_F(PostgresSourceTest, FailsWhileTheServerIsGoneAndGoesOnWhenItIsBack) {
  create();
  insert(1);
  PostgresSource source(options_);
  GoodPoll{source};
  server().kill();
  for (int poll = 0; poll < 3; ++poll) {
    EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("127.0.0.1:" + std::to_string(server().port())), HasSubstr("refused")));
  }
  server().start();
  EXPECT_THAT(GoodPoll(source).changes.rows, IsEmpty());
}

TEST_F(PostgresSourceTest, ShowsNoPasswordAndOneLineWhenItCannotConnect) {
  options_.database = "no such database";
  options_.properties["application_name"] = "it's \\ quoted";
  PostgresSource source(options_);
  EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("does not exist"), Not(HasSubstr("s3cret")), Not(HasSubstr("\n"))));
}

TEST_F(PostgresSourceTest, ConnectsThroughAUnixSocketWithProperties) {
  create();
  options_.host = server().socket_folder();
  options_.properties["sslmode"] = "disable";
  PostgresSource source(options_);
  GoodPoll{source};
}

class PostgresActionTableTest : public PostgresSourceTest {};

TEST_F(PostgresActionTableTest, IsCreatedOnceAndFilledOnce) {
  const auto table = make_postgres_action_table(options_);
  EXPECT_EQ(*table->try_creation(), TableCreation::created);
  EXPECT_EQ(*table->create_if_missing(), TableCreation::created) << "trying left nothing behind";
  EXPECT_EQ(*table->create_if_missing(), TableCreation::existed);
  EXPECT_EQ(*table->try_creation(), TableCreation::existed);
  Row row = plain_row(77, "it's \\ so");
  row[Column::merge_missed] = "t";
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{row, plain_row(78)}), 2u);
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{row}), 0u);
  PostgresSource source(options_);
  RecordedChanges seen = GoodPoll(source).changes;
  EXPECT_THAT(seen.changed_ids(), ElementsAre(1, 2));
  EXPECT_EQ(seen.rows.at(1)[Column::command], "it's \\ so");
  EXPECT_EQ(seen.rows.at(1)[Column::merge_missed], "t");
  EXPECT_EQ(seen.rows.at(1)[Column::enabled], "t");
  EXPECT_EQ(seen.rows.at(2)[Column::merge_missed], std::nullopt);
}

TEST_F(PostgresActionTableTest, LeavesATableThatIsThereAsItIs) {
  server().exec("CREATE TABLE " + table() +
                "(id serial PRIMARY KEY, name text, command text, cron jsonb, merge_missed boolean, actuality_time int)");
  const auto table = make_postgres_action_table(options_);
  EXPECT_EQ(*table->create_if_missing(), TableCreation::existed);
  EXPECT_EQ(*table->write_if_empty(std::vector<Row>{plain_row(1)}), 1u);
}

TEST_F(PostgresActionTableTest, SaysWhenItMayNotBeCreated) {
  options_.user = reader();
  const auto created = make_postgres_action_table(options_)->create_if_missing();
  ASSERT_TRUE(created.ok()) << created.error().message;
  EXPECT_EQ(*created, TableCreation::not_permitted);
}

TEST_F(PostgresActionTableTest, NamesTheDatabaseThatIsMissing) {
  options_.database = "nowhere";
  const auto created = make_postgres_action_table(options_)->create_if_missing();
  ASSERT_FALSE(created.ok());
  EXPECT_THAT(created.error().message,
              HasSubstr("\"nowhere\" does not exist; create it, or name another in actions_db.database"));
}

TEST_F(PostgresActionTableTest, NamesTheSchemaThatIsMissing) {
  options_.schema = "nowhere";
  const auto created = make_postgres_action_table(options_)->create_if_missing();
  ASSERT_FALSE(created.ok());
  EXPECT_THAT(created.error().message, HasSubstr("\"nowhere\" does not exist"));
}

TEST_F(PostgresActionTableTest, IsNotFilledTwiceByTwoAtOnce) {
  ASSERT_TRUE(make_postgres_action_table(options_)->create_if_missing().ok());
  const auto fill = [this] { return *make_postgres_action_table(options_)->write_if_empty(std::vector<Row>{plain_row(1)}); };
  auto other = std::async(std::launch::async, fill);
  const std::size_t mine = fill();
  EXPECT_EQ(mine + other.get(), 1u);
}

}  // namespace
}  // namespace action_scheduler::testing
