// What tables in Postgres may hold and be called that nobody thought of.
#include <gmock/gmock.h>

#include <cstdint>

#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

PostgresServer& server() {
  static PostgresServer server;
  return server;
}

PostgresTableOptions options_for(const std::string& table) {
  PostgresTableOptions options;
  options.host = server().host();
  options.port = server().port();
  options.user = server().user();
  options.database = server().database();
  options.table = table;
  return options;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

TEST(PostgresHostile, ColumnsOfAnyTypeAreReadAsTheirText) {
  server().exec(
      "CREATE TABLE types (id numeric, name char(10), command bytea, cron json, merge_missed varchar, actuality_time float8,"
      " enabled int, timezone name, topic text[], key uuid, headers json);"
      "INSERT INTO types VALUES"
      " (1, 'a', '\\x00ff', '{\"a\":1}', 'yes', 'NaN', 7, 'x', ARRAY['a', NULL], '00000000-0000-0000-0000-000000000001', '[]'),"
      " (2, '', '', '\"\\u0000\"', '', 'Infinity', NULL, NULL, NULL, NULL, '{\"a\": 1e400, \"a\": 99999999999999999999}'),"
      " (-9223372036854775808, 'min', '', 'null', NULL, 1e300, 0, '', '{}', NULL, NULL),"
      " (9223372036854775807, 'max', '', '[]', NULL, 60, 1, NULL, NULL, NULL, NULL);"
      "INSERT INTO types (id) VALUES (9223372036854775808), (1e30), ('NaN'), (2.5), (3.0), (NULL)");
  PostgresSource source(options_for("types"));
  GoodPoll poll(source);
  EXPECT_EQ(poll.summary.rows_without_id, 6U) << "their ids are no 64-bit integers";
  EXPECT_EQ(poll.summary.rows, 4U);
  Row row = poll.changes.rows.at(1);
  EXPECT_EQ(row[Column::name], "a");
  EXPECT_EQ(row[Column::command], "\\x00ff");
  EXPECT_EQ(row[Column::merge_missed], "yes");
  EXPECT_EQ(row[Column::actuality_time], "NaN");
  EXPECT_EQ(row[Column::enabled], "7");
  EXPECT_EQ(row[Column::topic], "{a,NULL}");
  EXPECT_EQ(row[Column::headers], "[]");
  EXPECT_EQ(poll.changes.rows.at(2)[Column::cron], "\"\\u0000\"");
  EXPECT_EQ(poll.changes.rows.at(2)[Column::headers], "{\"a\": 1e400, \"a\": 99999999999999999999}");
  EXPECT_EQ(poll.changes.rows.at(INT64_MIN)[Column::actuality_time], "1e+300");
  EXPECT_EQ(poll.changes.rows.at(INT64_MAX)[Column::actuality_time], "60");
}

TEST(PostgresHostile, JsonAsJsonJsonbTextAndVarcharIsTheSameSchedule) {
  for (const std::string type : {"json", "jsonb", "text", "varchar", "varchar(500)", "char(100)"}) {
    server().exec("DROP TABLE IF EXISTS kinds; CREATE TABLE kinds (id int, name text, command text, cron " + type +
                  ", merge_missed bool, actuality_time bigint, headers " + type + ");" +
                  "INSERT INTO kinds VALUES (1, 'n', 'c', '{\"format\": \"a\"}', true, 9223372036854775807, '{\"h\": \"v\"}')");
    PostgresSource source(options_for("kinds"));
    Row row = GoodPoll(source).changes.rows.at(1);
    EXPECT_EQ(row[Column::cron], "{\"format\": \"a\"}") << type;
    EXPECT_EQ(row[Column::headers], "{\"h\": \"v\"}") << type;
    EXPECT_EQ(row[Column::actuality_time], "9223372036854775807");
    EXPECT_EQ(row[Column::merge_missed], "t");
  }
}

TEST(PostgresHostile, NamesWithQuotesDotsSemicolonsAndFormatsAreNames) {
  for (const std::string name :
       {"a;b.\"c\" '%s", "x\"; DROP TABLE kept; --", "public.action", "$1", "\\", "{}", " ", "й", "SELECT"}) {
    server().exec("DROP TABLE IF EXISTS kept; CREATE TABLE kept (x int); CREATE SCHEMA " + quoted(name + "_"));
    PostgresTableOptions options = options_for(name);
    options.schema = name + "_";
    const auto table = make_postgres_action_table(options);
    PostgresSource source(options);
    EXPECT_THAT(failed_poll(source), AllOf(HasSubstr("no such table"), Not(HasSubstr("\n"))));
    EXPECT_EQ(*table->create_if_missing(), TableCreation::created) << name;
    EXPECT_EQ(*table->create_if_missing(), TableCreation::existed) << name;
    Row row = plain_row(1, "'; DROP TABLE kept; --");
    row[Column::name] = "\\'; DROP TABLE kept; --";
    row[Column::key] = "$1 {} %s \\";
    EXPECT_EQ(*table->write_if_empty(std::vector<Row>{row}), 1U) << name;
    Row read = GoodPoll(source).changes.rows.at(1);
    for (const Column column : {Column::name, Column::command, Column::key}) EXPECT_EQ(read[column], row[column]);
    EXPECT_THAT(server().exec("SELECT count(*) FROM kept"), ElementsAre(ElementsAre("0")));
  }
}

TEST(PostgresHostile, WhatAViewSaysToItsReadersIsNotOurOutput) {
  server().exec(
      "CREATE FUNCTION loud(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING E'\\nlevel=error event=forged'; "
      "RETURN "
      "t; END $$;"
      "CREATE VIEW loud_view AS SELECT 1 AS id, loud('n') AS name, 'c' AS command, '{}' AS cron, true AS merge_missed, 1 AS "
      "actuality_time");
  PostgresSource source(options_for("loud_view"));
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const GoodPoll poll(source);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(poll.summary.rows, 1U);
}

TEST(PostgresHostile, BrokenTextInADatabaseWithoutEncodingHurtsItsRowAlone) {
  server().exec("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  PostgresTableOptions options = options_for("action");
  options.database = "bytes";
  const auto table = make_postgres_action_table(options);
  ASSERT_EQ(*table->create_if_missing(), TableCreation::created);
  ASSERT_EQ(*table->write_if_empty(std::vector<Row>{plain_row(1, "good"), plain_row(2, "хорошо")}), 2U);
  PostgresSource source(options);
  GoodPoll{source};
  PostgresSession(server(), "app", "bytes").exec("INSERT INTO action (name, command, cron) VALUES ('bad', E'\\x81\\xff', '{}')");
  Row bad = GoodPoll(source).changes.rows.at(3);
  EXPECT_EQ(bad[Column::command], "\x81\xff");
  PostgresSource fresh(options);
  EXPECT_THAT(GoodPoll(fresh).changes.changed_ids(), ElementsAre(1, 2, 3));
}

TEST(PostgresHostile, AHugeCellIsRead) {
  server().exec(
      "CREATE TABLE huge (id int, name text, command text, cron text, merge_missed bool, actuality_time int);"
      "INSERT INTO huge VALUES (1, repeat('n', 1000), repeat('x', 50000000), repeat('[', 10000000)), (2, 'n', 'c', '{}')");
  PostgresTableOptions options = options_for("huge");
  options.deadline = std::chrono::seconds(60);
  PostgresSource source(options);
  const GoodPoll poll(source);
  EXPECT_EQ(poll.changes.rows.at(1).view()[Column::command]->size(), 50'000'000U);
  EXPECT_EQ(poll.changes.rows.at(2).view()[Column::command], "c");
}

}  // namespace
}  // namespace action_scheduler::testing
