// What every callback does, whatever it sends to: one suite for the real ones and the fake.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "action_scheduler/callback.h"
#include "tests/callbacks/batches.h"

namespace action_scheduler::testing {

// A receiver of one kind, and callbacks that send to it.
class CallbackHarness {
 public:
  virtual ~CallbackHarness() = default;

  // A new callback, as a newly started scheduler makes it. All of one harness share instance and receiver.
  virtual std::unique_ptr<Callback> make() = 0;
  virtual Delivery delivery() const = 0;
  // The commands that a receiver sees, in order of arrival (committed ones).
  virtual std::vector<std::string> received() = 0;
  // Whether the receiver knows topics: fires of a topic that does not exist are then refused.
  virtual bool has_topics() const { return true; }
};

struct CallbackKind {
  std::string name;
  std::unique_ptr<CallbackHarness> (*make)();
};

inline void PrintTo(const CallbackKind& kind, std::ostream* out) { *out << kind.name; }

class CallbackConformance : public ::testing::TestWithParam<CallbackKind> {
 protected:
  // A callback that has claimed its instance.
  std::unique_ptr<Callback> claimed() {
    auto callback = harness_->make();
    claim_ = claim(*callback);
    return callback;
  }

  Claim claim(Callback& callback) {
    std::string reason;
    for (int attempt = 0; attempt < 20; ++attempt) {
      auto result = callback.claim();
      if (auto* claim = std::get_if<Claim>(&result)) return *claim;
      reason = std::get<Callback::ClaimFailure>(result).error.message;
    }
    ADD_FAILURE() << "cannot claim: " << reason;
    return {};
  }

  bool keeps_position() const { return harness_->delivery() == Delivery::exactly_once; }

  std::unique_ptr<CallbackHarness> harness_ = GetParam().make();
  Claim claim_;
};

TEST_P(CallbackConformance, TellsItsGuaranteeWhenItClaims) {
  claimed();
  EXPECT_EQ(claim_.delivery, harness_->delivery());
  EXPECT_FALSE(claim_.position.has_value());
  EXPECT_EQ(claim_.exception_batch, 0U);
}

TEST_P(CallbackConformance, DeliversEachFireOnceInOrder) {
  auto callback = claimed();
  FireList fires;
  for (int id = 1; id <= 50; ++id) fires.add(id, "command " + std::to_string(id));
  const DeliveryReport report = callback->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
  EXPECT_TRUE(report.unsent.empty());
  EXPECT_TRUE(report.refused.empty());
  EXPECT_EQ(harness_->received(), fires.commands());
}

// Of a burst the last fires are planned while the first ones are on their way, by each callback at its own time.
TEST_P(CallbackConformance, DeliversWhatIsPlannedAfterItsBeginning) {
  auto callback = claimed();
  FireList fires;
  for (int id = 1; id <= 50; ++id) fires.add(id, "command " + std::to_string(id));
  std::vector<Fire> planned(fires.fires.begin(), fires.fires.begin() + 20);
  int asked = 0;
  const auto plan_rest = [&] {
    ++asked;
    planned.insert(planned.end(), fires.fires.begin() + 20, fires.fires.end());
  };
  const DeliveryReport report =
      callback->deliver({BatchFires(planned, plan_rest), fires.actions, position_after(fires.fires.back())});
  EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
  EXPECT_TRUE(report.unsent.empty());
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(harness_->received(), fires.commands());
  claimed();
  EXPECT_EQ(claim_.position, keeps_position() ? std::optional(position_after(fires.fires.back())) : std::nullopt);
}

TEST_P(CallbackConformance, TakesAnEmptyBatch) {
  auto callback = claimed();
  const FireList none;
  EXPECT_EQ(callback->deliver(none.batch()).status, DeliveryStatus::settled);
  EXPECT_TRUE(harness_->received().empty());
}

TEST_P(CallbackConformance, KeepsThePositionForTheNextOwnerIfItKeepsOne) {
  FireList fires;
  fires.add(1, "a").add(7, "b");
  {
    auto callback = claimed();
    ASSERT_EQ(callback->deliver(fires.batch()).status, DeliveryStatus::settled);
  }
  claimed();
  if (!keeps_position()) {
    EXPECT_FALSE(claim_.position.has_value());
    return;
  }
  ASSERT_TRUE(claim_.position.has_value());
  EXPECT_EQ(*claim_.position, fires.batch().position);
}

TEST_P(CallbackConformance, RenewsThePositionWithoutAFire) {
  const Position position{instant_from_unix(1'800'000'000)};
  {
    auto callback = claimed();
    const DeliveryReport report = callback->renew(position);
    EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
  }
  claimed();
  EXPECT_EQ(claim_.position, keeps_position() ? std::optional(position) : std::nullopt);
  EXPECT_TRUE(harness_->received().empty());
}

TEST_P(CallbackConformance, RecordsABatchOfExceptionsWithoutMovingThePosition) {
  FireList fires;
  fires.add(9, "again").add(3, "and again");
  Batch batch = fires.batch();
  batch.exception_batch = 17;
  batch.position = {instant_from_unix(1'800'000'000), 5};
  {
    auto callback = claimed();
    ASSERT_EQ(callback->deliver(batch).status, DeliveryStatus::settled);
    FireList more;
    more.add(10, "more");
    ASSERT_EQ(callback->deliver(more.batch()).status, DeliveryStatus::settled);
  }
  EXPECT_EQ(harness_->received(), (std::vector<std::string>{"again", "and again", "more"}));
  claimed();
  EXPECT_EQ(claim_.exception_batch, keeps_position() ? 17U : 0U);
}

TEST_P(CallbackConformance, StopsAnOlderOwnerIfItKeepsThePosition) {
  auto older = claimed();
  auto newer = claimed();
  FireList fires;
  fires.add(1, "a");
  const DeliveryReport report = older->deliver(fires.batch());
  if (!keeps_position()) {
    EXPECT_EQ(report.status, DeliveryStatus::settled);
    return;
  }
  EXPECT_EQ(report.status, DeliveryStatus::fenced) << report.error.message;
  EXPECT_EQ(report.unsent.size(), 1U);
  EXPECT_FALSE(report.error.message.empty());
  const auto again = older->claim();
  ASSERT_TRUE(std::holds_alternative<Callback::ClaimFailure>(again));
  EXPECT_EQ(std::get<Callback::ClaimFailure>(again).status, DeliveryStatus::fenced);
  // The newer one is not disturbed.
  const DeliveryReport good = newer->deliver(fires.batch());
  EXPECT_EQ(good.status, DeliveryStatus::settled) << good.error.message;
  EXPECT_EQ(harness_->received(), std::vector<std::string>{"a"});
}

TEST_P(CallbackConformance, RefusesWhatItCannotSendAndDeliversTheRest) {
  if (!harness_->has_topics()) return;  // such a receiver refuses nothing
  auto callback = claimed();
  FireList fires;
  fires.add(1, "good").add(2, "bad", "no-such-topic").add(3, "good too").add(4, "bad too", "no-such-topic");
  DeliveryReport report = callback->deliver(fires.batch());
  ASSERT_EQ(report.refused.size(), 2U) << report.error.message;
  EXPECT_EQ(report.refused[0].index, 1U);
  EXPECT_EQ(report.refused[1].index, 3U);
  EXPECT_TRUE(report.refused[0].whole_topic);
  EXPECT_NE(report.refused[0].reason.find("no-such-topic"), std::string::npos) << report.refused[0].reason;
  if (keeps_position()) {
    EXPECT_EQ(report.status, DeliveryStatus::refused);
    EXPECT_EQ(report.unsent, (std::vector<std::size_t>{0, 2}));
    EXPECT_TRUE(harness_->received().empty());
    FireList rest;
    rest.add(1, "good").add(3, "good too");
    report = callback->deliver(rest.batch());
  }
  EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
  EXPECT_EQ(harness_->received(), (std::vector<std::string>{"good", "good too"}));
}

TEST_P(CallbackConformance, ReturnsSoonOnceInterrupted) {
  auto callback = claimed();
  callback->interrupt(std::chrono::milliseconds{0});
  FireList fires;
  fires.add(1, "a");
  const DeliveryReport report = callback->deliver(fires.batch());
  EXPECT_EQ(report.status, DeliveryStatus::unavailable);
  EXPECT_EQ(report.unsent, std::vector<std::size_t>{0});
  EXPECT_TRUE(std::holds_alternative<Callback::ClaimFailure>(callback->claim()));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CallbackConformance);

inline std::string kind_name(const ::testing::TestParamInfo<CallbackKind>& info) { return info.param.name; }

}  // namespace action_scheduler::testing
