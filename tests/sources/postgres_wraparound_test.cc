// The numbers of transactions have 32 bits in a row, and begin anew after 4 billion.
#include <gmock/gmock.h>

#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

TEST(PostgresWraparoundTest, FollowsTheTableWhenTheNumbersOfTransactionsBeginAnew) {
  PostgresServer server;
  server.skip_to_transaction(4'294'967'200);  // 96 before the end
  server.exec(
      "CREATE TABLE action (id bigint PRIMARY KEY, name text, command text, cron json, merge_missed boolean, actuality_time "
      "integer);"
      "INSERT INTO action SELECT i, 'n', 'c', '{}' FROM generate_series(1, 100) i");
  PostgresTableOptions options;
  options.host = server.host();
  options.port = server.port();
  options.user = server.user();
  options.database = server.database();
  PostgresSource source(options);
  GoodPoll{source};
  PostgresSession late(server);
  late.exec("BEGIN; UPDATE action SET command = 'late' WHERE id = 100");
  const auto number = [&] { return std::stoll(server.exec("SELECT txid_current()")[0][0]); };
  ASSERT_LT(number(), std::int64_t{1} << 32);
  for (int id = 1; id <= 90; ++id) {
    number();
    server.exec("UPDATE action SET command = 'd' WHERE id = " + std::to_string(id));
    EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(id));
  }
  ASSERT_GT(number(), std::int64_t{1} << 32);
  late.exec("COMMIT");
  EXPECT_THAT(GoodPoll(source).changes.changed_ids(), ElementsAre(100));
  server.exec("UPDATE action SET command = 'e' WHERE id = 95");
  server.exec("DELETE FROM action WHERE id = 94");
  const GoodPoll poll(source);
  EXPECT_THAT(poll.changes.changed_ids(), ElementsAre(95));
  EXPECT_THAT(poll.changes.gone, ElementsAre(94));
  EXPECT_EQ(poll.summary.rows_read, 1u);
}

}  // namespace
}  // namespace action_scheduler::testing
