// The fake does what its script says.
#include "tests/callbacks/recording_callback.h"

#include <gtest/gtest.h>

#include "tests/callbacks/batches.h"

namespace action_scheduler::testing {
namespace {

using Step = RecordedReceiver::Step;

TEST(RecordingCallback, ArrivesInDoubtAndTellsThePositionAtTheNextClaim) {
  RecordedReceiver receiver;
  RecordingCallback callback(receiver, Delivery::exactly_once);
  callback.claim();
  FireList fires;
  fires.add(1, "a");
  receiver.script = {Step::arrives_in_doubt};
  const DeliveryReport report = callback.deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  EXPECT_TRUE(report.reclaim);
  EXPECT_EQ(callback.deliver(fires.batch()).status, DeliveryStatus::unavailable) << "must be claimed first";
  EXPECT_EQ(std::get<Claim>(callback.claim()).position, fires.batch().position);
  EXPECT_EQ(receiver.ids().size(), 1U);
}

TEST(RecordingCallback, DiesBetweenTheTransactionsOfABatch) {
  RecordedReceiver receiver;
  RecordingCallback callback(receiver, Delivery::exactly_once, 2);
  callback.claim();
  FireList fires;
  for (int id = 1; id <= 5; ++id) fires.add(id, "c");
  receiver.script = {Step::die_halfway};
  EXPECT_THROW(callback.deliver(fires.batch()), SimulatedDeath);
  EXPECT_EQ(receiver.fires.size(), 4U);
  EXPECT_EQ(receiver.position, position_after(fires.fires[3]));
}

TEST(RecordingCallback, IsDownUntilItIsNot) {
  RecordedReceiver receiver;
  RecordingCallback callback(receiver);
  receiver.down = true;
  EXPECT_TRUE(std::holds_alternative<Callback::ClaimFailure>(callback.claim()));
  receiver.down = false;
  EXPECT_TRUE(std::holds_alternative<Claim>(callback.claim()));
}

}  // namespace
}  // namespace action_scheduler::testing
