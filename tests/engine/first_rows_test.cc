#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Rows = std::map<ActionId, std::pair<Row, Instant>>;

Rows rows_of(Ledger& ledger) {
  Rows rows;
  EXPECT_TRUE(
      ledger.load_rows([&](const KnownRow& known) { rows.emplace(known.row.id, std::pair(Row(known.row), known.counts_from)); })
          .ok());
  return rows;
}

TEST(FirstRows, AreSavedAndScheduledInWhateverOrderTheyCome) {
  constexpr ActionId kRows = 3000;  // in several packs
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  SystemZones zones;
  RowParser parser({}, zones);
  std::vector<ActionId> ids(kRows);
  std::iota(ids.begin(), ids.end(), -kRows / 2);
  for (const int swaps : {0, 3, 3000}) {
    for (int i = 0; i < swaps; ++i) std::swap(ids[random() % ids.size()], ids[random() % ids.size()]);
    FirstRows first;
    Rows expected;
    for (const ActionId id : ids) {
      const Row row = ScriptedSource::row(id, every(60 + id % 7), "command " + std::to_string(id));
      expected[id] = {row, at(20)};
      first.add(row.view(), std::get<Action>(parser.parse(row.view())));
    }
    first.finish();
    EXPECT_EQ(first.size(), ids.size());
    MemoryLedger ledger;
    for (const Instant instant : {at(10), at(20)}) {
      first.count_from(instant);
      ASSERT_TRUE(first.save(ledger).ok());
    }
    EXPECT_TRUE(rows_of(ledger) == expected) << swaps << " swaps";
    const ActionSet actions = first.take_actions();
    for (const ActionId id : ids) {
      ASSERT_NE(actions.find(id), nullptr);
      EXPECT_EQ(actions.find(id)->counts_from(), at(20));
      EXPECT_EQ(actions.find(id)->text().command(), "command " + std::to_string(id));
    }
  }
}

TEST(FirstRows, AreThoseThatCanBeScheduled) {
  World world;
  world.put(1, every(60));
  world.put(2, "no schedule");
  world.put(3, every(60));
  world.table[3][Column::enabled] = "f";
  world.start();
  world.run_until(at(60));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60"));
  EXPECT_EQ(world.log.count("cannot be scheduled"), 1u);
  EXPECT_EQ(world.engine->schedule().faults().size(), 1u);
  Rows known = rows_of(world.ledger);
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known.begin()->first, 1);

  world.put(2, every(60));
  world.table[3][Column::enabled] = "t";
  world.poll();
  world.run_until(at(120));
  EXPECT_TRUE(world.engine->schedule().faults().empty());
  EXPECT_EQ(rows_of(world.ledger).size(), 3u);
}

TEST(FirstRows, AreTakenUpWhenTheLedgerWorksAgainAndCountFromWhenTheyWereSeen) {
  World world;
  for (ActionId id = 1; id <= 3; ++id) world.put(id, every(60), false, -1);
  world.start();
  world.durable.fail_next_writes(70);
  world.run_until(at(65));
  EXPECT_THAT(world.arrived(), IsEmpty());
  EXPECT_THAT(rows_of(world.ledger), IsEmpty());
  EXPECT_EQ(world.engine->schedule().actions().size(), 0u);
  world.run_until(at(90));
  EXPECT_THAT(world.arrived(), ElementsAre("1@60 late", "2@60 late", "3@60 late"));
  for (const auto& [id, known] : rows_of(world.ledger)) EXPECT_EQ(known.second, at(0)) << id;
  EXPECT_EQ(rows_of(world.ledger).size(), 3u);
}

TEST(FirstRows, AreOnlyThoseOfTheFirstGoodPollWhereNothingIsKnown) {
  World world;
  world.put(1, every(60));
  world.start(false);
  EXPECT_TRUE(world.engine->knows_nothing());
  world.source->fail_next_polls(1);
  world.poll();
  EXPECT_TRUE(world.engine->knows_nothing());
  world.poll();
  EXPECT_FALSE(world.engine->knows_nothing()) << "before it is taken up";
  world.run_until(at(60));
  EXPECT_FALSE(world.engine->knows_nothing());
  world.kill();
  world.start(false);
  EXPECT_FALSE(world.engine->knows_nothing()) << "the ledger knows a row";
}

}  // namespace
}  // namespace action_scheduler::testing
