#include "engine/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "engine/system_clock.h"
#include "tests/engine/world.h"

namespace action_scheduler::testing {
namespace {

// With the real clock and real threads: what the engine's own tests step by hand.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest()
      : callback(receiver),
        parser({}, zones),
        engine({}, {clock, ledger, callback, parser, log}),
        service({std::chrono::seconds{3600}, std::chrono::seconds{2}, std::chrono::seconds{10}},
                {clock, callback, source, parser, log}, engine) {}

  SystemClock clock;
  SystemZones zones;
  MemoryLedger ledger;
  RecordedReceiver receiver;
  RecordingCallback callback;
  ScriptedSource source;
  RowParser parser;
  RecordingLog log;
  Engine engine;
  Service service;
};

TEST_F(ServiceTest, StopsCleanlyAndAtOnceWhenAsked) {
  source.upsert(ScriptedSource::row(1, every(1)));
  ASSERT_TRUE(engine.open());
  auto end = std::async(std::launch::async, [&] { return service.run(); });
  service.stop();
  ASSERT_EQ(end.wait_for(std::chrono::seconds{5}), std::future_status::ready);
  EXPECT_EQ(end.get(), Service::End::stopped);
}

TEST_F(ServiceTest, ABlockedPollDoesNotHoldUpTheEnd) {
  source.block();
  ASSERT_TRUE(engine.open());
  auto end = std::async(std::launch::async, [&] { return service.run(); });
  service.stop();
  ASSERT_EQ(end.wait_for(std::chrono::seconds{5}), std::future_status::ready);
  EXPECT_EQ(end.get(), Service::End::stopped);
}

TEST_F(ServiceTest, EndsWhenItIsFenced) {
  receiver.claim_script = {DeliveryStatus::fenced};
  ASSERT_TRUE(engine.open());
  auto end = std::async(std::launch::async, [&] { return service.run(); });
  ASSERT_EQ(end.wait_for(std::chrono::seconds{5}), std::future_status::ready);
  EXPECT_EQ(end.get(), Service::End::fenced);
}

TEST_F(ServiceTest, FiresOnTheRealClock) {
  source.upsert(ScriptedSource::row(1, every(1)));
  ASSERT_TRUE(engine.open());
  std::promise<void> fired;
  receiver.refuse = [&, once = false](const Fire&, const ActionText&) mutable -> std::optional<Refusal> {
    if (!once) fired.set_value();
    once = true;
    return std::nullopt;
  };
  auto end = std::async(std::launch::async, [&] { return service.run(); });
  EXPECT_EQ(fired.get_future().wait_for(std::chrono::seconds{20}), std::future_status::ready);
  service.stop();
  EXPECT_EQ(end.get(), Service::End::stopped);
  EXPECT_GE(receiver.fires.size(), 1U);
}

TEST_F(ServiceTest, TellsTheReceiverAtOnceHowLongItMayTakeToEnd) {
  service.stop();
  EXPECT_TRUE(callback.interrupted());
  EXPECT_EQ(callback.grace(), std::chrono::milliseconds{1600});  // of 2 s
}

}  // namespace
}  // namespace action_scheduler::testing
