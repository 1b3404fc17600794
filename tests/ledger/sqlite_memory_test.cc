// What SQLite holds in memory for the ledger.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "ledger/sqlite_ledger.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;

// The file grows by what is noted, and so do the pages that are kept in memory: up to SQLite's own bound.
TEST(SqliteMemory, IsBoundedHoweverMuchIsNoted) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("ledger-memory-" + std::to_string(::getpid()));
  fs::create_directory(folder);
  SqliteLedgerOptions options;
  options.path = (folder / "ledger.db").string();
  {
    auto opened = open_sqlite_ledger(options);
    ASSERT_TRUE(std::holds_alternative<OpenedLedger>(opened));
    Ledger& ledger = *std::get<OpenedLedger>(opened).ledger;
    std::int64_t noted = 0;
    const auto note = [&](std::int64_t until) {
      while (noted < until) {
        LedgerChange change{.watermark = Position{instant_from_unix(noted)}};
        for (int i = 0; i < 500; ++i, ++noted) {
          const Instant at = instant_from_unix(noted);
          change.outcomes.push_back({noted % 1000, Outcome::expired, at, at, 1, "older than its actuality time of 5 s", at});
        }
        ASSERT_TRUE(ledger.write(change, Durability::process_crash).ok());
      }
    };
    note(50'000);
    const std::int64_t early = sqlite3_memory_used();
    note(250'000);
    const std::int64_t late = sqlite3_memory_used();
    RecordProperty("bytes_early", std::to_string(early));
    RecordProperty("bytes_late", std::to_string(late));
    EXPECT_LT(late, 3'500'000);
    EXPECT_LT(late - early, 100'000);
    EXPECT_GT(fs::file_size(options.path), 4'000'000U);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace action_scheduler::testing
