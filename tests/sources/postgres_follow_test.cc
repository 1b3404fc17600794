// What can go wrong when only the rows written since the last poll are read.
#include <gmock/gmock.h>
#include <poll.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "sources/postgres_source.h"
#include "tests/sources/postgres_schema.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A table of 100 rows that has been read whole.
class PostgresFollowTest : public PostgresTest {
 protected:
  PostgresFollowTest() {
    create();
    fill(1, 100);
    EXPECT_EQ(GoodPoll(source_).summary.rows_read, 100u);
  }

  void fill(int first, int last) {
    server().exec("INSERT INTO " + table() + " SELECT i, 'n', 'c', '{}' FROM generate_series(" + std::to_string(first) + ", " +
                  std::to_string(last) + ") i");
  }
  std::string update(const std::string& where) const {
    return "UPDATE " + table() + " SET command = command || 'x' WHERE " + where;
  }
  std::string remove(const std::string& where) const { return "DELETE FROM " + table() + " WHERE " + where; }

  PostgresSource source_{options_};
};

// The statements that one session has sent, in the server's log.
class StatementCount {
 public:
  explicit StatementCount(const std::string& folder) : path_(folder + "/log"), before_(count()) {}
  std::size_t since() const { return count() - before_; }

 private:
  std::size_t count() const {
    std::ifstream log(path_);
    std::size_t statements = 0;
    for (std::string line; std::getline(log, line);) statements += line.find(" LOG:  statement: ") != line.npos ? 1 : 0;
    return statements;
  }
  std::string path_;
  std::size_t before_;
};

TEST_F(PostgresFollowTest, SendsAsManyStatementsWhateverChanged) {
  options_.properties["options"] = "-c log_statement=all";
  PostgresSource source(options_);
  const auto poll = [&] {
    const StatementCount statements(server().socket_folder());
    GoodPoll{source};
    return statements.since();
  };
  EXPECT_LE(poll(), 13u) << "the first, which reads all";
  EXPECT_LE(poll(), 6u) << "no transaction has ended";
  commit_elsewhere();
  EXPECT_LE(poll(), 12u) << "nothing was written";
  server().exec(update("id = 7"));
  const std::size_t of_one = poll();
  EXPECT_LE(of_one, 13u);
  server().exec(update("id > 50"));
  EXPECT_EQ(poll(), of_one);
}

TEST_F(PostgresFollowTest, ReadsOnlyWhatWasWritten) {
  server().exec(update("id = 7"));
  fill(101, 102);
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(7, 101, 102));
  EXPECT_EQ(poll.summary.rows, 102u);
  EXPECT_EQ(poll.summary.rows_read, 3u);
  EXPECT_THAT(poll.summary.reads_all_because, IsEmpty());
  commit_elsewhere();
  EXPECT_EQ(GoodPoll(source_).summary.rows_read, 0u);
}

// The rows are counted by an aggregate then.
TEST_F(PostgresFollowTest, NeedsNoStatisticsOfTheServer) {
  options_.properties["options"] = "-c track_counts=off";
  PostgresSource source(options_);
  GoodPoll{source};
  server().exec(update("id = 7"));
  server().exec(remove("id = 9"));
  const GoodPoll poll(source);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(7));
  EXPECT_THAT(poll.changes.gone, ElementsAre(9));
  EXPECT_EQ(poll.summary.rows_read, 1u);
  commit_elsewhere();
  EXPECT_EQ(GoodPoll(source).summary.rows, 99u);
}

TEST_F(PostgresFollowTest, ReadsNothingWhenNoTransactionEndedOnTheServer) {
  server().exec("ALTER TABLE " + table() + " RENAME TO away; ALTER TABLE " + schema_.table("away") + " RENAME TO action");
  GoodPoll{source_};
  // Nobody who holds the table fast is waited for.
  PostgresSession other(server());
  other.exec("BEGIN; LOCK TABLE " + table() + " IN ACCESS EXCLUSIVE MODE");
  const GoodPoll poll(source_);
  EXPECT_EQ(poll.summary.rows, 100u);
  EXPECT_EQ(poll.summary.rows_read, 0u);
}

TEST_F(PostgresFollowTest, SeesWhatATransactionOlderThanTwoPollsCommits) {
  PostgresSession late(server());
  late.exec("BEGIN; INSERT INTO " + table() + " VALUES (1000, 'n', 'c', '{}'); " + update("id = 1") + "; " + remove("id = 2"));
  for (int poll = 0; poll < 3; ++poll) {
    server().exec(update("id = 50"));
    EXPECT_THAT(GoodPoll(source_).changes.changed_ids(), ElementsAre(50));
  }
  late.exec("COMMIT");
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(1, 1000));
  EXPECT_THAT(poll.changes.gone, ElementsAre(2));
}

TEST_F(PostgresFollowTest, SeesWhatSubtransactionsKeptAndNotWhatTheyTookBack) {
  PostgresSession late(server());
  late.exec("BEGIN; SELECT txid_current(); SAVEPOINT a; " + update("id = 1") + "; RELEASE a");
  server().exec(update("id = 50"));
  GoodPoll{source_};
  late.exec("SAVEPOINT b; " + update("id = 2") + "; ROLLBACK TO b; SAVEPOINT c; " + update("id = 3"));
  server().exec(update("id = 50"));
  GoodPoll{source_};
  late.exec("COMMIT");
  EXPECT_THAT(GoodPoll(source_).changes.changed_ids(), ElementsAre(1, 3));
}

TEST_F(PostgresFollowTest, TellsNothingOfWhatWasRolledBackOrOnlyLocked) {
  PostgresSession other(server());
  other.exec("BEGIN; " + remove("id > 3") + "; " + update("id < 3") + "; INSERT INTO " + table() +
             " VALUES (1000, 'n', 'c', '{}'); ROLLBACK");
  other.exec("BEGIN; SELECT id FROM " + table() + " WHERE id < 50 FOR UPDATE");
  commit_elsewhere();
  EXPECT_THAT(GoodPoll(source_).changes.rows, IsEmpty());
  other.exec("COMMIT");
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.rows, IsEmpty());
  EXPECT_THAT(poll.changes.gone, IsEmpty());
  EXPECT_EQ(poll.summary.rows_read, 0u);
}

TEST_F(PostgresFollowTest, FindsTheRemovedWhenAsManyWereAdded) {
  server().exec(remove("id <= 3"));
  fill(201, 203);
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(201, 202, 203));
  EXPECT_THAT(poll.changes.gone, ElementsAre(1, 2, 3));
  EXPECT_EQ(poll.summary.rows_read, 3u);
}

TEST_F(PostgresFollowTest, FollowsIdsThatMove) {
  server().exec("UPDATE " + table() + " SET id = -id WHERE id <= 2");
  GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(-2, -1));
  EXPECT_THAT(poll.changes.gone, ElementsAre(1, 2));
  // To an id that another row gave up, and back within a transaction.
  server().exec("BEGIN; " + remove("id = 10") + "; UPDATE " + table() + " SET id = 10, name = 'm' WHERE id = 11; UPDATE " +
                table() + " SET id = -id WHERE id = 12; UPDATE " + table() + " SET id = -id WHERE id = -12; COMMIT");
  GoodPoll again(source_);
  EXPECT_THAT(again.changes.changed_ids(), ElementsAre(10));
  EXPECT_THAT(again.changes.gone, ElementsAre(11));
}

TEST_F(PostgresFollowTest, TakesARowThatCameAndWentBetweenPollsForNothing) {
  fill(500, 500);
  server().exec(remove("id = 500"));
  server().exec(remove("id = 5"));
  server().exec("INSERT INTO " + table() + " VALUES (5, 'n', 'c', '{}')");
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.rows, IsEmpty());
  EXPECT_THAT(poll.changes.gone, IsEmpty());
}

TEST_F(PostgresFollowTest, BelievesATruncatedTable) {
  server().exec("TRUNCATE " + table());
  EXPECT_THAT(GoodPoll(source_).changes.gone, SizeIs(100));
}

TEST_F(PostgresFollowTest, WantsTheLossOfMostOfALargeTableConfirmed) {
  fill(101, 2000);
  GoodPoll{source_};
  PostgresSession late(server());
  late.exec("BEGIN; " + update("id = 1"));
  server().exec(remove("id > 10"));
  EXPECT_THAT(GoodPoll(source_).changes.gone, IsEmpty());
  // Half of what vanished comes back.
  fill(11, 1000);
  late.exec("COMMIT");
  const GoodPoll second(source_);
  EXPECT_THAT(second.changes.changed_ids(), ElementsAre(1));
  EXPECT_THAT(second.changes.gone, SizeIs(1000));
  server().exec(remove("id = 3"));
  EXPECT_THAT(GoodPoll(source_).changes.gone, ElementsAre(3));
}

TEST_F(PostgresFollowTest, IsNotConfusedByVacuum) {
  server().exec("VACUUM (FREEZE) " + table());
  GoodPoll{source_};
  server().exec(update("id = 1"));
  server().exec("VACUUM (FREEZE) " + table());
  EXPECT_THAT(GoodPoll(source_).changes.changed_ids(), ElementsAre(1));
  server().exec("VACUUM FULL " + table());
  const GoodPoll rewritten(source_);
  EXPECT_THAT(rewritten.changes.rows, IsEmpty());
  EXPECT_EQ(rewritten.summary.rows_read, 100u);
  server().exec(update("id = 2"));
  server().exec("CLUSTER " + table() + " USING action_pkey");
  EXPECT_THAT(GoodPoll(source_).changes.changed_ids(), ElementsAre(2));
}

TEST_F(PostgresFollowTest, FollowsATableThatReplacedTheOneItKnew) {
  server().exec("DROP TABLE " + table());
  create();
  fill(2, 5);
  server().exec(update("id = 3"));
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(3));
  EXPECT_THAT(poll.changes.gone, SizeIs(96));
  // A copy that was loaded before the last poll.
  server().exec("CREATE TABLE " + schema_.table("other") + " (LIKE " + table() + " INCLUDING ALL)");
  server().exec("INSERT INTO " + schema_.table("other") + " VALUES (2, 'n', 'copy', '{}')");
  GoodPoll{source_};
  server().exec("ALTER TABLE " + table() + " RENAME TO old; ALTER TABLE " + schema_.table("other") + " RENAME TO action");
  const GoodPoll copied(source_);
  EXPECT_THAT(copied.changes.changed_ids(), ElementsAre(2));
  EXPECT_THAT(copied.changes.gone, ElementsAre(3, 4, 5));
}

TEST_F(PostgresFollowTest, SeesAColumnThatAppearsWithoutARowBeingWritten) {
  server().exec("ALTER TABLE " + table() + " ADD topic text DEFAULT 'orders'");
  EXPECT_THAT(GoodPoll(source_).changes.rows, SizeIs(100));
  server().exec("ALTER TABLE " + table() + " DROP topic; ALTER TABLE " + table() + " ADD topic text DEFAULT 'others'");
  EXPECT_EQ(GoodPoll(source_).changes.rows.at(1)[Column::topic], "others");
}

TEST_F(PostgresFollowTest, ReadsAllRowsThatOneStatementWrote) {
  fill(101, 12'000);
  GoodPoll{source_};
  server().exec(update("id <= 10000"));
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.rows, SizeIs(10'000));
  EXPECT_EQ(poll.summary.rows_read, 10'000u);
}

// Ends the session that polls as soon as it hears of a row.
class Saboteur : public RecordedChanges {
 public:
  void changed(const RowView& row) override {
    if (rows.empty()) {
      server().exec(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'action-scheduler' AND state <> "
          "'idle'");
    }
    RecordedChanges::changed(row);
  }
};

TEST_F(PostgresFollowTest, TellsAgainWhatAPollToldThatFailedHalfWay) {
  fill(101, 1000);
  GoodPoll{source_};
  server().exec(update("id <= 600"));
  server().exec(remove("id > 900"));
  Saboteur saboteur;
  EXPECT_FALSE(source_.poll(saboteur).ok());
  EXPECT_FALSE(saboteur.rows.empty());
  EXPECT_LT(saboteur.rows.size(), 600u);
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.rows, SizeIs(600));
  EXPECT_THAT(poll.changes.gone, SizeIs(100));
}

TEST_F(PostgresFollowTest, ReadsAllAfterEveryReconnect) {
  server().exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'action-scheduler'");
  EXPECT_EQ(GoodPoll(source_).summary.rows_read, 100u);
  commit_elsewhere();
  EXPECT_EQ(GoodPoll(source_).summary.rows_read, 0u);
  server().restart();
  EXPECT_EQ(GoodPoll(source_).summary.rows_read, 100u);
}

TEST_F(PostgresFollowTest, ReadsAllFromTimeToTime) {
  options_.read_all_every = std::chrono::seconds(0);
  PostgresSource source(options_);
  for (int poll = 0; poll < 3; ++poll) EXPECT_EQ(GoodPoll(source).summary.rows_read, 100u);
}

// What is done to the table, why it must then be read whole.
struct WholeCase {
  const char* name;
  std::function<void(const std::string& table, const std::string& role)> change;
  const char* because;
};

class PostgresWholeTest : public PostgresFollowTest, public ::testing::WithParamInterface<WholeCase> {};

TEST_P(PostgresWholeTest, IsReadWholeAndSaysWhy) {
  options_.user = reader();
  server().exec("GRANT SELECT ON " + table() + " TO " + options_.user);
  PostgresSource source(options_);
  EXPECT_THAT(GoodPoll(source).summary.reads_all_because, IsEmpty());
  GetParam().change(table(), options_.user);
  for (int id = 1; id <= 3; ++id) {
    server().exec(update("id = " + std::to_string(id)));
    const GoodPoll poll(source);
    EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(id));
    EXPECT_EQ(poll.summary.rows_read, 100u);
    EXPECT_THAT(poll.summary.reads_all_because, HasSubstr(GetParam().because));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, PostgresWholeTest,
    ::testing::Values(WholeCase{"View",
                                [](const std::string& table, const std::string& role) {
                                  server().exec("ALTER TABLE " + table +
                                                " RENAME TO t; SET search_path = " + table.substr(0, table.rfind('.')) +
                                                "; CREATE VIEW action AS SELECT * FROM t; GRANT SELECT ON action TO " + role);
                                },
                                "no plain table"},
                      WholeCase{"Inherited",
                                [](const std::string& table, const std::string& role) {
                                  const std::string child = table.substr(0, table.rfind('.')) + ".child";
                                  server().exec("CREATE TABLE " + child + "() INHERITS (" + table + "); GRANT SELECT ON " +
                                                child + " TO " + role);
                                },
                                "inherit"},
                      WholeCase{"RowSecurity",
                                [](const std::string& table, const std::string&) {
                                  server().exec("ALTER TABLE " + table +
                                                " ENABLE ROW LEVEL SECURITY; CREATE POLICY all_rows ON " + table +
                                                " USING (true)");
                                },
                                "row security"},
                      WholeCase{"ColumnRights",
                                [](const std::string& table, const std::string& role) {
                                  server().exec("REVOKE SELECT ON " + table + " FROM " + role +
                                                "; GRANT SELECT (id, name, command, cron, merge_missed, actuality_time) ON " +
                                                table + " TO " + role);
                                },
                                "on columns"},
                      WholeCase{"NoUniqueId",
                                [](const std::string& table, const std::string&) {
                                  server().exec("ALTER TABLE " + table + " DROP CONSTRAINT action_pkey");
                                },
                                "no unique index"},
                      WholeCase{"FractionalId",
                                [](const std::string& table, const std::string&) {
                                  server().exec("ALTER TABLE " + table + " ALTER id TYPE numeric");
                                },
                                "integer"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(PostgresFollowTest, FollowsAgainWhenTheReasonIsGone) {
  const std::string child = schema_.table("child");
  server().exec("CREATE TABLE " + child + "() INHERITS (" + table() + "); INSERT INTO " + child +
                " VALUES (500, 'n', 'c', '{}')");
  EXPECT_THAT(GoodPoll(source_).changes.changed_ids(), ElementsAre(500));
  server().exec("DROP TABLE " + child);
  const GoodPoll poll(source_);
  EXPECT_THAT(poll.changes.gone, ElementsAre(500));
  EXPECT_THAT(poll.summary.reads_all_because, IsEmpty());
  commit_elsewhere();
  EXPECT_EQ(GoodPoll(source_).summary.rows_read, 0u);
}

bool becomes_readable(int descriptor, int within_ms) {
  pollfd watched{descriptor, POLLIN, 0};
  return ::poll(&watched, 1, within_ms) == 1;
}

TEST_F(PostgresFollowTest, IsHintedAtChangesByTheTriggerInTheDocuments) {
  EXPECT_FALSE(becomes_readable(source_.hint_descriptor(), 0));
  std::stringstream sql;
  sql << std::ifstream(ACTION_SCHEDULER_SOURCE_DIR "/docs/sql/action_changed.sql").rdbuf();
  server().exec("SET search_path = " + schema_.quoted() + "; " + sql.str());
  for (const std::string& change : {update("id = 1"), remove("id = 2"), "TRUNCATE " + table()}) {
    GoodPoll{source_};
    EXPECT_FALSE(becomes_readable(source_.hint_descriptor(), 0));
    server().exec(change);
    EXPECT_TRUE(becomes_readable(source_.hint_descriptor(), 30'000)) << change;
  }
  EXPECT_EQ(GoodPoll(source_).summary.rows, 0u);
}

}  // namespace
}  // namespace action_scheduler::testing
