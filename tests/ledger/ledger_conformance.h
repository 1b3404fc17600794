// What every Ledger promises. Include it in a test and instantiate it with a way to open one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "action_scheduler/ledger.h"

namespace action_scheduler {

// So that gmock prints and compares what has no operator== of its own in the ports.
inline bool same(const Fire& a, const Fire& b) {
  return a.action == b.action && a.time == b.time && a.due == b.due && a.expires == b.expires &&
         a.merged_count == b.merged_count && a.first_missed == b.first_missed && a.reason == b.reason &&
         a.stands_for_earlier == b.stands_for_earlier && a.attempt == b.attempt &&
         (!is_requested(a) || a.requested == b.requested);
}
inline bool same(const ParkedFire& a, const ParkedFire& b) {
  return same(a.fire, b.fire) && a.topic == b.topic && a.reason == b.reason && a.parked_at == b.parked_at && a.batch == b.batch &&
         a.asked == b.asked;
}

}  // namespace action_scheduler

namespace action_scheduler::testing {

// A ledger that is closed and opened again by reopen(), where it persists.
class LedgerUnderTest {
 public:
  virtual ~LedgerUnderTest() = default;
  virtual Ledger& ledger() = 0;
  virtual void reopen() = 0;  // does nothing where nothing persists
};

struct LedgerMaker {
  std::string name;
  // Keeps `outcomes_max` outcomes.
  std::function<std::unique_ptr<LedgerUnderTest>(std::size_t outcomes_max)> make;
};

class LedgerConformance : public ::testing::TestWithParam<LedgerMaker> {
 protected:
  static constexpr std::size_t kOutcomesMax = 500;

  static Instant at(std::int64_t seconds) { return instant_from_unix(1'800'000'000 + seconds); }

  static Fire fire(ActionId action, std::int64_t seconds) {
    Fire fire;
    fire.action = action;
    fire.time = at(seconds);
    fire.due = at(seconds + 3);
    return fire;
  }

  static ParkedFire parked(ActionId action, std::int64_t seconds) {
    ParkedFire parked;
    parked.fire = fire(action, seconds);
    parked.topic = "orders";
    parked.reason = "unknown topic";
    parked.parked_at = at(seconds + 10);
    return parked;
  }

  static NotedOutcome outcome(ActionId action, std::int64_t seconds, Outcome kind = Outcome::merged) {
    NotedOutcome noted;
    noted.action = action;
    noted.outcome = kind;
    noted.first = at(seconds);
    noted.last = at(seconds + 60);
    noted.count = 2;
    noted.reason = "the scheduler was down";
    noted.noted_at = at(seconds + 100);
    return noted;
  }

  static Intent intent() {
    Intent intent;
    intent.window.from = {at(0), -7};
    intent.window.until = at(60);
    intent.window.missed_until = at(30);
    intent.window.planned_at = at(61);
    intent.window.interruptions = {{at(10), {at(5), 42}}, {at(20), {at(12), Position::kWholeInstant}}};
    intent.attempt = 2;
    return intent;
  }

  Ledger& ledger() { return tested_->ledger(); }

  void write(const LedgerChange& change, Durability durability = Durability::power_loss) {
    const Result<void> written = ledger().write(change, durability);
    EXPECT_TRUE(written.ok()) << written.error().message;
  }

  LedgerState state() {
    tested_->reopen();
    const Result<LedgerState> loaded = ledger().load();
    if (loaded) return *loaded;
    ADD_FAILURE() << loaded.error().message;
    return {};
  }

  std::map<ActionId, std::pair<Row, Instant>> rows() {
    tested_->reopen();
    return rows_now();
  }

  std::map<ActionId, std::pair<Row, Instant>> rows_now() {
    std::map<ActionId, std::pair<Row, Instant>> rows;
    ActionId last = std::numeric_limits<ActionId>::min();
    const Result<void> loaded = ledger().load_rows([&](const KnownRow& known) {
      EXPECT_LE(last, known.row.id) << "not ascending";
      last = known.row.id;
      EXPECT_TRUE(rows.emplace(known.row.id, std::pair(Row(known.row), known.counts_from)).second);
    });
    EXPECT_TRUE(loaded.ok());
    return rows;
  }

  std::vector<NotedOutcome> outcomes(std::optional<ActionId> action, std::size_t limit) {
    tested_->reopen();
    const auto newest = ledger().outcomes(action, limit);
    if (newest) return *newest;
    ADD_FAILURE() << newest.error().message;
    return {};
  }

  std::unique_ptr<LedgerUnderTest> tested_ = GetParam().make(kOutcomesMax);
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(LedgerConformance, KeepsFiresThatWereAskedForBesideThoseOfTheSchedule) {
  ParkedFire by_hand = parked(1, 60);
  by_hand.fire.reason = FireReason::backfill;
  by_hand.fire.requested = at(100);
  by_hand.asked = "ada: a test";
  ParkedFire again = by_hand;
  again.fire.requested = at(101);
  write({.park = {parked(1, 60), by_hand, again}});
  ASSERT_EQ(state().parked.size(), 3U);
  write({.unpark = {by_hand.fire}});
  const LedgerState left = state();
  ASSERT_EQ(left.parked.size(), 2U);
  EXPECT_TRUE(same(left.parked[0], parked(1, 60)));
  EXPECT_TRUE(same(left.parked[1], again));

  NotedOutcome delivered = outcome(1, 60, Outcome::delivered);
  delivered.requested = at(100);
  NotedOutcome other = delivered;
  other.requested = at(101);
  write({.outcomes = {delivered, other}});
  EXPECT_THAT(*ledger().outcomes(1, 10), ::testing::ElementsAre(other, delivered));
}

TEST_P(LedgerConformance, KeepsTheNewestRequests) {
  for (std::size_t i = 0; i < kRequestsMax + 2; ++i) {
    NotedRequest request{at(static_cast<std::int64_t>(i)), 1, FireReason::manual, at(0), at(1), i, "key", "ada"};
    write({.request = request}, Durability::process_crash);
  }
  const std::vector<NotedRequest> kept = state().requests;
  ASSERT_EQ(kept.size(), kRequestsMax);
  EXPECT_EQ(kept.front().fires, 2U);
  EXPECT_EQ(kept.back(),
            (NotedRequest{at(kRequestsMax + 1), 1, FireReason::manual, at(0), at(1), kRequestsMax + 1, "key", "ada"}));
}

TEST_P(LedgerConformance, BeginsEmpty) {
  const LedgerState fresh = state();
  EXPECT_EQ(fresh.watermark, std::nullopt);
  EXPECT_EQ(fresh.intent, std::nullopt);
  EXPECT_THAT(fresh.parked, IsEmpty());
  EXPECT_EQ(fresh.exception_batch, 0u);
  EXPECT_FALSE(fresh.exactly_once_used);
  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_THAT(outcomes(std::nullopt, 10), IsEmpty());
}

TEST_P(LedgerConformance, KeepsTheWatermarkOfBothKindsOfWrite) {
  write({.watermark = Position{at(5), 17}});
  EXPECT_EQ(state().watermark, (Position{at(5), 17}));
  write({.watermark = Position{at(6)}}, Durability::process_crash);
  EXPECT_EQ(state().watermark, (Position{at(6), Position::kWholeInstant}));
}

TEST_P(LedgerConformance, KeepsAnIntentUntilItIsClosed) {
  write({.open_intent = intent()});
  EXPECT_EQ(state().intent, intent());
  write({.watermark = Position{at(60)}, .close_intent = true}, Durability::process_crash);
  EXPECT_EQ(state().intent, std::nullopt);
  EXPECT_EQ(state().watermark, Position{at(60)});
}

TEST_P(LedgerConformance, ReplacesAnOpenIntent) {
  Intent plain;
  plain.window.until = at(90);
  write({.open_intent = intent()});
  write({.open_intent = plain, .close_intent = true});
  EXPECT_EQ(state().intent, plain);
}

TEST_P(LedgerConformance, LeavesAloneWhatAChangeDoesNotName) {
  write({.watermark = Position{at(1)},
         .open_intent = intent(),
         .park = {parked(1, 1)},
         .exception_batch = 4,
         .mark_exactly_once_used = true});
  write({.outcomes = {outcome(1, 1)}});
  const LedgerState kept = state();
  EXPECT_EQ(kept.watermark, Position{at(1)});
  EXPECT_EQ(kept.intent, intent());
  EXPECT_THAT(kept.parked, SizeIs(1));
  EXPECT_EQ(kept.exception_batch, 4u);
  EXPECT_TRUE(kept.exactly_once_used);
}

TEST_P(LedgerConformance, ParksAndUnparksFires) {
  ParkedFire late = parked(2, 10);
  late.fire.expires = at(600);
  late.fire.merged_count = 3;
  late.fire.first_missed = at(-20);
  late.fire.reason = FireReason::merged;
  late.fire.stands_for_earlier = true;
  late.fire.attempt = 2;
  late.batch = 9;
  write({.park = {late, parked(1, 20), parked(1, 10)}});
  const LedgerState all = state();
  ASSERT_THAT(all.parked, SizeIs(3));
  EXPECT_TRUE(same(all.parked[0], parked(1, 10)));
  EXPECT_TRUE(same(all.parked[1], parked(1, 20)));
  EXPECT_TRUE(same(all.parked[2], late));

  write({.unpark = {fire(1, 10), fire(5, 5)}});
  EXPECT_THAT(state().parked, SizeIs(2));
}

TEST_P(LedgerConformance, ReplacesAFireThatIsParkedAgain) {
  write({.park = {parked(1, 10)}});
  ParkedFire again = parked(1, 10);
  again.batch = 2;
  again.reason = "too large";
  write({.park = {again}, .unpark = {fire(1, 10)}});
  ASSERT_THAT(state().parked, SizeIs(1));
  EXPECT_TRUE(same(state().parked[0], again));
}

TEST_P(LedgerConformance, GivesOutcomesNewestFirst) {
  write({.outcomes = {outcome(1, 0), outcome(2, 0)}});
  write({.outcomes = {outcome(1, 60, Outcome::expired)}}, Durability::process_crash);
  EXPECT_THAT(outcomes(std::nullopt, 10), ElementsAre(outcome(1, 60, Outcome::expired), outcome(2, 0), outcome(1, 0)));
  EXPECT_THAT(outcomes(std::nullopt, 2), ElementsAre(outcome(1, 60, Outcome::expired), outcome(2, 0)));
  EXPECT_THAT(outcomes(1, 10), ElementsAre(outcome(1, 60, Outcome::expired), outcome(1, 0)));
  EXPECT_THAT(outcomes(3, 10), IsEmpty());
  EXPECT_THAT(outcomes(std::nullopt, 0), IsEmpty());
}

TEST_P(LedgerConformance, ReplacesAnOutcomeThatIsNotedAgain) {
  NotedOutcome again = outcome(1, 0);
  again.count = std::numeric_limits<std::uint64_t>::max();
  again.last = at(500);
  write({.outcomes = {outcome(1, 0), outcome(1, 0, Outcome::failed)}});
  write({.outcomes = {again}});
  EXPECT_THAT(outcomes(1, 10), ElementsAre(again, outcome(1, 0, Outcome::failed)));
}

TEST_P(LedgerConformance, KeepsNoMoreThanTheNewestOutcomes) {
  for (int write_number = 0; write_number < 40; ++write_number) {
    LedgerChange change;
    for (int i = 0; i < 25; ++i) change.outcomes.push_back(outcome(write_number * 25 + i, 0));
    write(change, Durability::process_crash);
  }
  const std::vector<NotedOutcome> kept = outcomes(std::nullopt, 10'000);
  ASSERT_THAT(kept, SizeIs(kOutcomesMax));
  EXPECT_EQ(kept.front().action, 999);
  EXPECT_EQ(kept.back().action, 500);
}

TEST_P(LedgerConformance, KeepsKnownRows) {
  Row full;
  full.id = -3;
  for (std::size_t i = 0; i < kColumnCount; ++i) full.cells[i] = "cell " + std::to_string(i) + std::string(1, '\0') + "й";
  full[Column::name] = "";
  Row bare;
  bare.id = std::numeric_limits<ActionId>::max();
  const std::vector<KnownRow> both = {{bare.view(), at(1)}, {full.view(), at(2)}};
  ASSERT_TRUE(ledger().save_rows(both, {}, {}).ok());
  EXPECT_THAT(rows(), ElementsAre(std::pair(full.id, std::pair(full, at(2))), std::pair(bare.id, std::pair(bare, at(1)))));

  full[Column::command] = "another";
  const std::vector<KnownRow> replaced = {{full.view(), at(5)}};
  const std::vector<ActionId> removed = {bare.id, 99};
  const std::vector<NotedOutcome> ended = {outcome(bare.id, 60, Outcome::disabled)};
  ASSERT_TRUE(ledger().save_rows(replaced, removed, ended).ok());
  EXPECT_THAT(rows(), ElementsAre(std::pair(full.id, std::pair(full, at(5)))));
  EXPECT_EQ(outcomes(std::nullopt, 10), ended);
}

// In packs, and beside them few rows or many, after all kinds of rows; and saves go on with them.
TEST_P(LedgerConformance, ReplacesAllKnownRows) {
  constexpr ActionId kRows = 5000;
  std::vector<Row> table;
  for (ActionId id = 1; id <= kRows; ++id) {
    Row& row = table.emplace_back();
    row.id = id;
    row[Column::name] = "action " + std::to_string(id);
    row[Column::cron] = "schedule " + std::to_string(id % 50);
  }
  for (const ActionId every : {0, 1, 3, 100}) {  // the rows of which stand beside the packs
    std::map<ActionId, std::pair<Row, Instant>> expected;
    std::vector<RowPack> packs;
    std::vector<KnownRow> others;
    RowPacker packer;
    for (const Row& row : table) {
      expected[row.id] = {row, at(every)};
      if (every > 0 && row.id % every == 0) {
        others.push_back({row.view(), at(every)});
        continue;
      }
      packer.add({row.view(), at(every)});
      if (packer.full()) packs.push_back(packer.take());
    }
    if (packer.rows() > 0) packs.push_back(packer.take());
    std::ranges::reverse(others);
    ASSERT_TRUE(ledger().replace_rows(packs, others).ok());
    ASSERT_TRUE(rows() == expected) << every;

    Row last;
    last.id = kRows + 7;
    std::vector<KnownRow> more = {{last.view(), at(1)}};
    std::vector<ActionId> removals;
    for (const Row& row : table) {
      if (row.id % 7 == 0) more.push_back({row.view(), at(2)});
      if (row.id % 7 == 1 || every == 3) removals.push_back(row.id);
    }
    if (every == 3) more.clear();  // then no row is left, whatever remains of the packs
    ASSERT_TRUE(ledger().save_rows(more, removals, {}).ok());
    for (const ActionId id : removals) expected.erase(id);
    for (const KnownRow& known : more) expected[known.row.id] = {Row(known.row), known.counts_from};
    ASSERT_TRUE(rows_now() == expected) << every;
  }
  ASSERT_TRUE(ledger().replace_rows({}, {}).ok());
  EXPECT_THAT(rows(), IsEmpty());
}

// Saves of one row and of thousands, in any order, new ids behind all others and between them: what counts is the last word on
// each.
TEST_P(LedgerConformance, KeepsWhateverRowsComeAndGo) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](std::int64_t limit) { return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random); };
  std::map<ActionId, std::pair<Row, Instant>> expected;
  ActionId greatest = 0;
  for (int step = 0; step < 25; ++step) {
    const bool behind = below(3) == 0;
    const std::int64_t count = below(2) == 0 ? below(20) : below(4000);
    std::map<ActionId, Row> fresh;
    for (std::int64_t i = 0; i < count; ++i) {
      Row row;
      row.id = behind ? greatest + 1 + i : below(2 * greatest + 10) - greatest / 2;
      row[Column::name] = "action " + std::to_string(row.id);
      row[Column::command] = std::string(static_cast<std::size_t>(below(40)), 'x');
      row[Column::cron] = "schedule " + std::to_string(below(50));
      if (below(2) == 0) row[Column::timezone] = "Europe/Berlin";
      fresh[row.id] = row;
    }
    std::vector<std::pair<Row, Instant>> saved;
    for (const auto& [id, row] : fresh) saved.emplace_back(row, at(below(1000) - 500));
    std::ranges::shuffle(saved, random);
    std::vector<KnownRow> upserts;
    for (const auto& [row, counts_from] : saved) upserts.push_back({row.view(), counts_from});
    std::vector<ActionId> removals;
    const std::int64_t removed_of_100 = below(4) == 0 ? 100 : below(3) == 0 ? 30 : 0;
    for (const auto& [id, known] : expected) {
      if (below(100) < removed_of_100 && !fresh.contains(id)) removals.push_back(id);
    }
    ASSERT_TRUE(ledger().save_rows(upserts, removals, {}).ok());
    for (const ActionId id : removals) expected.erase(id);
    for (const auto& [row, counts_from] : saved) {
      expected[row.id] = {row, counts_from};
      greatest = std::max(greatest, row.id);
    }
    ASSERT_TRUE((step % 8 == 0 ? rows() : rows_now()) == expected) << "after step " << step;
  }
}

}  // namespace action_scheduler::testing
