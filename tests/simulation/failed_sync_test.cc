// After a sync that failed the system takes for written what never was. What is written durably later must be there all the same
// when the power goes, although it stands behind that in the WAL.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "ledger/sqlite_ledger.h"
#include "tests/simulation/memory_vfs.h"

namespace action_scheduler::simulation {
namespace {

class FailedSync : public ::testing::Test {
 protected:
  ~FailedSync() override { std::filesystem::remove(path_.string() + ".lock"); }

  void open() {
    auto opened = open_sqlite_ledger({.path = path_.string(), .checkpoint_beside = false});
    ASSERT_TRUE(std::holds_alternative<OpenedLedger>(opened)) << std::get<LedgerOpenFailure>(opened).error.message;
    EXPECT_EQ(std::get<OpenedLedger>(opened).moved_aside, "");
    ledger_ = std::get<OpenedLedger>(std::move(opened)).ledger;
  }
  // The process dies; with its power if `seed` says how.
  void die(std::optional<std::uint64_t> seed) {
    files_.frozen = true;
    ledger_.reset();
    files_.frozen = false;
    if (seed) files_.lose_power(*seed);
  }
  bool move_to(std::int64_t minute, Durability durability) {
    LedgerChange change;
    change.watermark = at(minute);
    return ledger_->write(change, durability).ok();
  }
  // At minute 2; the write of minute 3 failed.
  void begin_anew_with_a_failed_sync() {
    files_.wipe();
    open();
    ASSERT_TRUE(move_to(1, Durability::power_loss));
    ASSERT_TRUE(move_to(2, Durability::process_crash));
    files_.sync_fails = true;
    ASSERT_FALSE(move_to(3, Durability::power_loss));
  }
  std::optional<Position> watermark() { return ledger_->load()->watermark; }
  static Position at(std::int64_t minute) { return {instant_from_unix(1'795'255'200 + 60 * minute)}; }

  MemoryVfs& files_ = install_memory_vfs();
  // Only the lock file is a real one.
  const std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("failed-sync-" + std::to_string(::getpid()));
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(FailedSync, TakesNothingWithItThatIsWrittenLater) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ASSERT_NO_FATAL_FAILURE(begin_anew_with_a_failed_sync());
    ASSERT_TRUE(move_to(4, Durability::power_loss));
    die(seed);
    open();
    ASSERT_EQ(watermark(), at(4)) << "seed " << seed;
    die(std::nullopt);
  }
}

TEST_F(FailedSync, OfAProcessThatDiedOfItNeither) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ASSERT_NO_FATAL_FAILURE(begin_anew_with_a_failed_sync());
    die(std::nullopt);
    open();
    const std::optional<Position> found = watermark();
    ASSERT_TRUE(found == at(2) || found == at(3));
    die(seed);
    open();
    ASSERT_EQ(watermark(), found) << "seed " << seed;
    die(std::nullopt);
  }
}

}  // namespace
}  // namespace action_scheduler::simulation
