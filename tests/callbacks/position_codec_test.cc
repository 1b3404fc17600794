#include "callbacks/kafka/position_codec.h"

#include <gtest/gtest.h>

#include <random>

namespace action_scheduler::kafka {
namespace {

StoredPosition roundtrip(const StoredPosition& stored) { return decode_position(offset_of(stored), metadata_of(stored)); }

TEST(PositionCodec, KeepsInstantActionBatchAndOwner) {
  std::mt19937_64 random(20261121);
  RecordProperty("seed", "20261121");
  for (int i = 0; i < 1000; ++i) {
    StoredPosition stored;
    stored.position =
        Position{instant_from_unix(static_cast<std::int64_t>(random() % 253402300800ULL)), static_cast<ActionId>(random())};
    stored.exception_batch = i % 3 == 0 ? 0 : random();
    stored.owner = std::to_string(random());
    const StoredPosition read = roundtrip(stored);
    ASSERT_EQ(read.position, stored.position) << metadata_of(stored);
    ASSERT_EQ(read.exception_batch, stored.exception_batch);
    ASSERT_EQ(read.owner, stored.owner);
  }
}

TEST(PositionCodec, WritesTextThatPeopleCanRead) {
  EXPECT_EQ(metadata_of({Position{instant_from_unix(1), 42}, 3, "ab"}), "v1 owner=ab after=42 batch=3");
  EXPECT_EQ(metadata_of({Position{instant_from_unix(1)}, 0, "ab"}), "v1 owner=ab");
  EXPECT_EQ(metadata_of({std::nullopt, 0, "ab"}), "v1 owner=ab unset");
  EXPECT_EQ(offset_of({Position{instant_from_unix(1'700'000'000)}, 0, "ab"}), 1'700'000'000'000);
}

TEST(PositionCodec, TellsAClaimWithoutAPositionFromAPosition) {
  const StoredPosition read = roundtrip({std::nullopt, 0, "ab"});
  EXPECT_FALSE(read.position.has_value());
  EXPECT_EQ(read.owner, "ab");
}

TEST(PositionCodec, TakesAnOffsetThatAPersonHasSetForTheWholeInstant) {
  for (const char* metadata :
       {"", "by hand", "v1", "v1 after=3", "v1 owner=ab after=x", "v2 owner=ab after=3", "v1 owner=ab after=3x"}) {
    const StoredPosition read = decode_position(1'700'000'000'999, metadata);
    ASSERT_TRUE(read.position.has_value()) << metadata;
    EXPECT_EQ(*read.position, (Position{instant_from_unix(1'700'000'000)})) << metadata;
    EXPECT_EQ(read.exception_batch, 0U) << metadata;
    EXPECT_TRUE(read.owner.empty()) << metadata;
  }
}

TEST(PositionCodec, SkipsWordsOfLaterVersions) {
  const StoredPosition read = decode_position(1000, "v1 owner=ab colour=blue after=-7");
  EXPECT_EQ(*read.position, (Position{instant_from_unix(1), -7}));
}

TEST(PositionCodec, AnOffsetThatKafkasToolsClampedToAMessageIsNoPosition) {
  EXPECT_FALSE(decode_position(12'345, "").position);
  EXPECT_TRUE(decode_position(946'684'800'000, "").position);
}

}  // namespace
}  // namespace action_scheduler::kafka
