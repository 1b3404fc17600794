#include "ledger/memory_ledger.h"

#include "tests/ledger/failing_ledger.h"
#include "tests/ledger/ledger_conformance.h"

namespace action_scheduler::testing {
namespace {

class InMemory : public LedgerUnderTest {
 public:
  explicit InMemory(std::size_t outcomes_max) : ledger_(outcomes_max) {}
  Ledger& ledger() override { return ledger_; }
  void reopen() override {}

 private:
  MemoryLedger ledger_;
};

INSTANTIATE_TEST_SUITE_P(Memory, LedgerConformance,
                         ::testing::Values(LedgerMaker{
                             "Memory", [](std::size_t outcomes_max) { return std::make_unique<InMemory>(outcomes_max); }}),
                         [](const auto& tested) { return tested.param.name; });

TEST(FailingLedger, FailsAsOftenAsOrderedAndChangesNothing) {
  MemoryLedger inner;
  FailingLedger failing(inner);
  failing.fail_next_writes(2);
  const LedgerChange change{.watermark = Position{instant_from_unix(5)}};
  EXPECT_FALSE(failing.write(change, Durability::power_loss).ok());
  EXPECT_FALSE(failing.save_rows({}, {}, {}).ok());
  EXPECT_EQ(failing.load()->watermark, std::nullopt);
  EXPECT_TRUE(failing.write(change, Durability::power_loss).ok());
  EXPECT_EQ(failing.load()->watermark, change.watermark);
  EXPECT_EQ(failing.durable_writes(), 1u);
}

}  // namespace
}  // namespace action_scheduler::testing
