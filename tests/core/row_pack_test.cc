#include "action_scheduler/row_pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace action_scheduler {
namespace {

std::vector<Row> unpacked(std::string_view bytes) {
  std::vector<Row> rows;
  EXPECT_TRUE(unpack_rows(bytes, [&](const KnownRow& known) { rows.emplace_back(known.row); }));
  return rows;
}

TEST(RowPack, GivesEachRowBack) {
  std::vector<Row> rows(4);
  rows[0].id = std::numeric_limits<ActionId>::min();
  rows[1].id = -1;
  rows[2].id = 5;
  rows[3].id = std::numeric_limits<ActionId>::max();
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    rows[1].cells[i] = std::string(i, 'x');
    rows[2].cells[i] = i % 2 == 0 ? "the same text" : std::string("with a \0 in it", 15);
    rows[3].cells[i] = "the same text";
  }
  RowPacker packer;
  std::vector<Instant> counts_from;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts_from.push_back(instant_from_unix(i % 2 == 0 ? 1'800'000'000 : -5));
    packer.add({rows[i].view(), counts_from.back()});
  }
  EXPECT_EQ(packer.first_id(), rows.front().id);
  EXPECT_EQ(packer.last_id(), rows.back().id);
  EXPECT_EQ(packer.rows(), 4);
  EXPECT_EQ(unpacked(packer.bytes()), rows);
  std::vector<Instant> counted;
  EXPECT_TRUE(unpack_rows(packer.bytes(), [&](const KnownRow& known) { counted.push_back(known.counts_from); }));
  EXPECT_EQ(counted, counts_from);
}

TEST(RowPack, BeginsAnewWhenCleared) {
  Row row;
  row.id = 7;
  row[Column::cron] = "a schedule that repeats";
  RowPacker packer;
  for (int pack = 0; pack < 2; ++pack) {
    packer.clear();
    packer.add({row.view(), instant_from_unix(3)});
    EXPECT_EQ(unpacked(packer.bytes()), std::vector{row});
  }
}

TEST(RowPack, CountsFromWhereItIsToldAfterwards) {
  for (const ActionId first : {ActionId{1}, std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max() - 1}) {
    std::vector<Row> rows(2);
    rows[0].id = first;
    rows[1].id = first + 1;
    rows[1][Column::name] = "a name";
    RowPacker packer;
    for (const Row& row : rows) packer.add({row.view(), kLastInstant});
    RowPack pack = packer.take();
    EXPECT_EQ(packer.rows(), 0);
    EXPECT_EQ(pack.first_id(), first);
    EXPECT_EQ(pack.last_id(), first + 1);
    EXPECT_EQ(pack.rows(), 2);
    for (const Instant instant : {kFirstInstant, instant_from_unix(0), instant_from_unix(1'800'000'000), kLastInstant}) {
      pack.count_from(instant);
      EXPECT_EQ(unpacked(pack.bytes()), rows);
      EXPECT_TRUE(unpack_rows(pack.bytes(), [&](const KnownRow& known) { EXPECT_EQ(known.counts_from, instant); }));
    }
  }
}

TEST(RowPack, KeepsARepeatedTextOnce) {
  Row row;
  row[Column::cron] = std::string(500, 'c');
  RowPacker packer;
  for (row.id = 1; row.id <= 100; ++row.id) packer.add({row.view(), instant_from_unix(3)});
  EXPECT_LT(packer.bytes().size(), 500u + 100u * 16u);
}

TEST(RowPack, KeepsOnceHowNamesAndCommandsBegin) {
  std::vector<Row> rows;
  RowPacker packer;
  for (ActionId id = 0; id < 100; ++id) {
    Row& row = rows.emplace_back();
    row.id = id;
    if (id % 7 != 0) row[Column::name] = "the yearly report of customer " + std::to_string(id * id);
    row[Column::command] = std::string(static_cast<std::size_t>(id % 13), 'c');
    packer.add({row.view(), instant_from_unix(3)});
  }
  EXPECT_EQ(unpacked(packer.bytes()), rows);
  EXPECT_LT(packer.bytes().size(), 100u * 30u);
}

TEST(RowPack, UnderstandsTheFormBefore) {
  Row row;
  row.id = 5;
  row[Column::name] = "n";
  row[Column::command] = "co";
  row[Column::cron] = "cron";
  const std::string bytes(
      "\x01\x0a\x06\x03n\x05"
      "co\x09"
      "cron\0\0\0\0\0\0\0",
      20);
  EXPECT_EQ(unpacked(bytes), std::vector{row});
}

TEST(RowPack, RefusesBytesThatAreNoPack) {
  Row row;
  for (auto& cell : row.cells) cell = "a text of some length";
  RowPacker packer;
  for (row.id = 1; row.id <= 3; ++row.id) packer.add({row.view(), instant_from_unix(3)});
  const std::string good(packer.bytes());
  const auto ignore = [](const KnownRow&) {};
  EXPECT_FALSE(unpack_rows("", ignore));
  EXPECT_FALSE(unpack_rows("\x03", ignore));
  EXPECT_FALSE(unpack_rows(good.substr(0, good.size() - 1), ignore));
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(random());
    (void)unpack_rows(bad, ignore);  // whatever it says, it stays within the bytes
  }
}

}  // namespace
}  // namespace action_scheduler
