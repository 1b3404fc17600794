#include "ledger/ledger_reader.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Reader : public ::testing::Test {
 protected:
  Reader() {
    std::string pattern = (fs::path(::testing::TempDir()) / "reader-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = (folder_ / "ledger.db").string();
  }
  ~Reader() override { fs::remove_all(folder_); }

  std::unique_ptr<Ledger> owner(std::size_t outcomes_max = 100'000) {
    SqliteLedgerOptions options;
    options.path = path_;
    options.outcomes_max = outcomes_max;
    auto opened = open_sqlite_ledger(options);
    return std::move(std::get<OpenedLedger>(opened).ledger);
  }

  std::unique_ptr<LedgerReader> reader() {
    auto opened = LedgerReader::open(path_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return *std::move(opened);
  }

  static NotedOutcome outcome(ActionId id, Outcome kind, std::int64_t second) {
    const Instant t = instant_from_unix(second);
    return {id, kind, t, t, 1, "because", t};
  }

  static LedgerChange change_to(std::int64_t second) {
    LedgerChange change;
    change.watermark = Position{instant_from_unix(second)};
    change.outcomes = {outcome(second, Outcome::expired, second), outcome(second, Outcome::merged, second)};
    return change;
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(Reader, FindsNoLedgerWhereThereIsNoneAndMakesNone) {
  EXPECT_EQ(reader(), nullptr);
  EXPECT_THAT(std::vector<fs::path>(fs::directory_iterator(folder_), {}), IsEmpty());
  sqlite::Database::open(path_, sqlite::Database::Access::create).exec("CREATE TABLE action (id INTEGER)");
  EXPECT_EQ(reader(), nullptr) << "a file of somebody else's";
}

TEST_F(Reader, SeesWhatARunningOwnerCommittedAndDoesNotHinderIt) {
  const auto running = owner();
  ASSERT_TRUE(running->write(change_to(10), Durability::power_loss));
  const auto looking = reader();
  EXPECT_EQ(looking->state()->watermark, Position{instant_from_unix(10)});
  ASSERT_TRUE(running->write(change_to(20), Durability::process_crash));
  EXPECT_EQ(looking->state()->watermark, Position{instant_from_unix(20)});
  const Row row = plain_row(7);
  ASSERT_TRUE(running->save_rows(std::vector<KnownRow>{{row.view(), instant_from_unix(5)}}, {}, {}));
  const auto known = looking->taken_up(7);
  ASSERT_TRUE(known.ok() && known->has_value());
  EXPECT_EQ((*known)->row, row);
  EXPECT_EQ((*known)->counts_from, instant_from_unix(5));
  EXPECT_FALSE(looking->taken_up(8)->has_value());
  const Row other = plain_row(8);
  ASSERT_TRUE(running->save_rows(std::vector<KnownRow>{{other.view(), instant_from_unix(5)}}, {}, {}));
  const auto ids_after = [&](std::optional<ActionId> after, std::size_t limit) {
    std::vector<ActionId> ids;
    EXPECT_TRUE(looking->taken_up_rows(after, [&](const KnownRow& one) {
      ids.push_back(one.row.id);
      return ids.size() < limit;
    }));
    return ids;
  };
  EXPECT_THAT(ids_after({}, 9), ElementsAre(7, 8));
  EXPECT_THAT(ids_after({}, 1), ElementsAre(7));
  EXPECT_THAT(ids_after(7, 9), ElementsAre(8));
  EXPECT_THAT(ids_after(8, 9), IsEmpty());
}

TEST_F(Reader, LeavesNothingBehindWhereTheOwnerHasEnded) {
  path_ = (folder_ / "100% ledger?mode=rw#1.db").string();
  ASSERT_TRUE(owner()->write(change_to(10), Durability::power_loss));
  const auto names = [&] {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.insert(entry.path().filename());
    return found;
  };
  const auto before = names();
  EXPECT_EQ(reader()->state()->watermark, Position{instant_from_unix(10)});
  EXPECT_EQ(names(), before);
}

TEST_F(Reader, FiltersOutcomesNewestFirst) {
  {
    const auto writing = owner();
    for (int second = 1; second <= 3; ++second) ASSERT_TRUE(writing->write(change_to(second), Durability::power_loss));
  }
  const auto looking = reader();
  EXPECT_THAT(*looking->outcomes({}), SizeIs(6));
  const auto newest = *looking->outcomes({{}, {}, 1});
  ASSERT_THAT(newest, SizeIs(1));
  EXPECT_EQ(newest[0], outcome(3, Outcome::merged, 3));
  EXPECT_THAT(*looking->outcomes({2, {}, 50}), SizeIs(2));
  EXPECT_THAT(*looking->outcomes({{}, Outcome::expired, 50}), SizeIs(3));
  EXPECT_THAT(*looking->outcomes({2, Outcome::failed, 50}), IsEmpty());
  EXPECT_EQ(*looking->outcomes_complete_since(), std::nullopt);
}

TEST_F(Reader, SeesWhatAKilledOwnerLeftInTheWal) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto dying = owner();
    const bool written = dying->write(change_to(10), Durability::power_loss).ok();
    if (written) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(reader()->state()->watermark, Position{instant_from_unix(10)});
  EXPECT_EQ(owner()->load()->watermark, Position{instant_from_unix(10)}) << "and leaves it to the next owner";
}

TEST_F(Reader, RefusesTheLedgerOfAnotherVersionAndADamagedFile) {
  owner();
  sqlite::Database::open(path_, sqlite::Database::Access::read_write).exec("UPDATE ledger_meta SET value = 99");
  auto refused = LedgerReader::open(path_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("version is 99"));
  std::ofstream(path_, std::ios::trunc) << std::string(5000, 'x');
  refused = LedgerReader::open(path_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr(path_));
  EXPECT_TRUE(fs::exists(path_)) << "nothing is moved aside";
}

}  // namespace
}  // namespace action_scheduler::testing
