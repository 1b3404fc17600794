// What handing a fire over to librdkafka costs, counted. What librdkafka itself allocates is not: it has malloc for that, and the
// operator new that is counted is ours. Time is measured in bench/.
#include <gtest/gtest.h>

#include "callbacks/interruption.h"
#include "callbacks/kafka/producer.h"
#include "tests/callbacks/batches.h"
#include "tests/callbacks/mute_server.h"
#include "tests/callbacks/zero_clock.h"
#include "tests/core/allocations.h"

namespace action_scheduler::testing {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kFires = 1000;

// A list grows by doubling, so twice as many fires allocate once more for each of a few lists.
constexpr std::size_t kDoublings = 2;

class KafkaCost : public ::testing::Test {
 protected:
  void SetUp() override {
    interruption_.set(Interruption::Time{});  // nothing is waited for
    ASSERT_TRUE(producer_.connect(""));
    kafka::Topic& topic = producer_.topics().default_topic();
    topic.checked = true;
    topic.message_bytes_max = 1'000'000;
    (void)allocations_of(1);  // what is made once, and buffers that grow to their size
  }

  // Fires with every CloudEvents header that there is. Their rows have `headers` of their own.
  std::size_t allocations_of(std::size_t count, const Headers& headers = {}) {
    FireList list;
    for (std::size_t i = 1; i <= count; ++i) {
      list.add(static_cast<ActionId>(1'000'000 + i), "build-report --format \"pdf\" --customer \u00e4 beyond any small string",
               "", headers);
      Fire& fire = list.fires.back();
      fire.reason = FireReason::merged;
      fire.merged_count = 12;
      fire.first_missed = fire.time - std::chrono::minutes{12};
      fire.expires = fire.time + std::chrono::hours{1};
    }
    const Batch batch = list.batch();
    const std::size_t before = allocations().count;
    std::vector<kafka::Slot> slots;
    std::vector<Refusal> refused;
    EXPECT_TRUE(producer_.prepare(batch, 0, count, slots, refused));
    (void)producer_.hand_over(batch, slots, true);
    const std::size_t allocated = allocations().count - before;
    EXPECT_TRUE(refused.empty());
    handed_over_ += count;
    EXPECT_EQ(producer_.client().outstanding(), handed_over_);
    return allocated;
  }

 private:
  static CallbackOptions options_with(Clock& clock, const std::string& server) {
    CallbackOptions options;
    options.instance = "cost";
    options.clock = &clock;
    options.kafka.servers = {server};
    options.kafka.topic = "silent";
    return options;
  }

  ZeroClock clock_;
  const MuteServer server_;
  const CallbackOptions options_ = options_with(clock_, server_.address());
  Interruption interruption_;
  kafka::Producer producer_{options_, interruption_};
  std::size_t handed_over_ = 0;
};

TEST_F(KafkaCost, OfAFireIsNoAllocation) {
  const std::size_t of_some = allocations_of(kFires);
  EXPECT_LE(of_some, 30U);
  EXPECT_LE(allocations_of(2 * kFires), of_some + kDoublings);
}

// The list of them is made to bound the message's size, and to send it.
TEST_F(KafkaCost, OfAFireWhoseRowHasHeadersIsTwoAllocations) {
  const Headers headers{{"tenant", "a name that is beyond any small string"}, {"content-type", "text/plain"}, {"priority", "7"}};
  const std::size_t of_some = allocations_of(kFires, headers);
  EXPECT_LE(allocations_of(2 * kFires, headers), of_some + 2 * kFires + kDoublings);
}

}  // namespace
}  // namespace action_scheduler::testing
