// A large first load goes into the ledger's file past the WAL: it must be there as a whole or not at all, wherever the power
// goes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ledger/sqlite_ledger.h"
#include "tests/simulation/memory_vfs.h"

namespace action_scheduler::simulation {
namespace {

constexpr std::int64_t kRows = 40'000;

std::unique_ptr<Ledger> open_ledger() {
  // Only the lock file is a real one.
  const auto path = std::filesystem::temp_directory_path() / ("first-load-" + std::to_string(::getpid()));
  auto opened = open_sqlite_ledger({.path = path.string(), .checkpoint_beside = false});
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opened)) {
    ADD_FAILURE() << failure->error.message;
    return nullptr;
  }
  EXPECT_EQ(std::get<OpenedLedger>(opened).moved_aside, "");
  return std::get<OpenedLedger>(std::move(opened)).ledger;
}

std::vector<RowPack> packs_of_rows() {
  std::vector<RowPack> packs;
  RowPacker packer;
  for (ActionId id = 1; id <= kRows; ++id) {
    const std::string name = "report " + std::to_string(id * 7'919);
    const std::string command = std::to_string(id * 104'729) + " of " + std::to_string(id * 1'299'709);
    RowView row;
    row.id = id;
    row[Column::name] = name;
    row[Column::command] = command;
    row[Column::cron] = R"({"format":"unix","params":{"value":"0 6 * * *"}})";
    packer.add({row, instant_from_unix(1'795'255'200)});
    if (packer.full()) packs.push_back(packer.take());
  }
  packs.push_back(packer.take());
  return packs;
}

std::int64_t rows_in(Ledger& ledger) {
  std::int64_t rows = 0;
  EXPECT_TRUE(ledger.load_rows([&](const KnownRow&) { ++rows; }).ok());
  return rows;
}

TEST(FirstLoad, IsWholeOrNotThereAfterALossOfPower) {
  MemoryVfs& files = install_memory_vfs();
  const std::vector<RowPack> packs = packs_of_rows();
  bool whole = false;
  std::int64_t writes = 0;
  std::uint64_t seed = 1;
  for (std::int64_t left = 1; !whole; left += 1 + left / 5, ++seed) {
    files.wipe();
    auto ledger = open_ledger();
    files.writes_until_frozen = left;
    const bool saved = ledger->replace_rows(packs, {}).ok();
    whole = !files.frozen;
    files.frozen = true;  // what its destructor writes is lost, too
    ledger.reset();
    files.frozen = false;
    files.writes_until_frozen.reset();
    files.lose_power(seed);
    ledger = open_ledger();
    ASSERT_NE(ledger, nullptr) << "power lost after " << left << " writes";
    const std::int64_t rows = rows_in(*ledger);
    if (whole) {
      EXPECT_TRUE(saved);
      EXPECT_EQ(rows, kRows);
    } else {
      EXPECT_TRUE(rows == 0 || rows == kRows) << rows << " rows, power lost after " << left << " writes";
    }
    LedgerChange change;
    change.watermark = Position{instant_from_unix(1'795'255'300)};
    EXPECT_TRUE(ledger->write(change, Durability::power_loss).ok());
    ++writes;
  }
  EXPECT_GT(writes, 20);  // the power was lost at so many places
}

}  // namespace
}  // namespace action_scheduler::simulation
