#include "ledger/sqlite_ledger.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ledger/sqlite_schema.h"
#include "sqlite/database.h"
#include "tests/ledger/faulty_vfs.h"
#include "tests/ledger/ledger_conformance.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::path(::testing::TempDir()) / "ledger-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
    return names;
  }

 private:
  fs::path path_;
};

OpenedLedger open_well(const SqliteLedgerOptions& options) {
  auto opened = open_sqlite_ledger(options);
  if (auto* good = std::get_if<OpenedLedger>(&opened)) return std::move(*good);
  throw std::runtime_error(std::get<LedgerOpenFailure>(opened).error.message);
}

LedgerOpenFailure open_badly(const SqliteLedgerOptions& options) {
  auto opened = open_sqlite_ledger(options);
  if (auto* failure = std::get_if<LedgerOpenFailure>(&opened)) return *failure;
  throw std::runtime_error("the ledger was opened");
}

class InSqlite : public LedgerUnderTest {
 public:
  explicit InSqlite(std::size_t outcomes_max) {
    options_.path = folder_.file("ledger.db");
    options_.outcomes_max = outcomes_max;
    ledger_ = open_well(options_).ledger;
  }
  Ledger& ledger() override { return *ledger_; }
  void reopen() override {
    ledger_.reset();
    ledger_ = open_well(options_).ledger;
  }

 private:
  Folder folder_;
  SqliteLedgerOptions options_;
  std::unique_ptr<Ledger> ledger_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, LedgerConformance,
                         ::testing::Values(LedgerMaker{
                             "Sqlite", [](std::size_t outcomes_max) { return std::make_unique<InSqlite>(outcomes_max); }}),
                         [](const auto& tested) { return tested.param.name; });

class SqliteLedger : public ::testing::Test {
 protected:
  SqliteLedger() { options_.path = folder_.file("ledger.db"); }
  ~SqliteLedger() override { disk_.mend(); }

  static LedgerChange moved_to(std::int64_t seconds) { return {.watermark = Position{instant_from_unix(seconds)}}; }
  static std::optional<Position> watermark_of(Ledger& ledger) { return ledger.load()->watermark; }

  // Runs SQL on the file while no ledger has it open.
  void edit(const std::string& sql) { sqlite::Database::open(options_.path, sqlite::Database::Access::create).exec(sql); }

  void write_text(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

  FaultyDisk& disk_ = install_faulty_vfs();
  Folder folder_;
  SqliteLedgerOptions options_;
};

TEST_F(SqliteLedger, SyncsOnceForPowerLossAndNeverForAProcessCrash) {
  auto ledger = open_well(options_).ledger;
  ASSERT_TRUE(ledger->write(moved_to(1), Durability::power_loss).ok());  // the first one syncs the head of the log too
  for (int tick = 0; tick < 100; ++tick) {
    disk_.syncs = 0;
    ASSERT_TRUE(ledger->write(moved_to(tick), Durability::power_loss).ok());
    EXPECT_EQ(disk_.syncs, 1u);
    ASSERT_TRUE(ledger->write(moved_to(tick), Durability::process_crash).ok());
    EXPECT_EQ(disk_.syncs, 1u);
  }
}

TEST_F(SqliteLedger, DoesNotGrowWithTheNumberOfWrites) {
  auto ledger = open_well(options_).ledger;
  for (int tick = 0; tick < 25'000; ++tick) ASSERT_TRUE(ledger->write(moved_to(tick), Durability::process_crash).ok());
  EXPECT_LT(fs::file_size(options_.path + "-wal"), 50'000'000u);
  EXPECT_LT(fs::file_size(options_.path), 1'000'000u);
}

TEST_F(SqliteLedger, KeepsWhatWasWrittenWhenTheProcessIsKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto ledger = open_well(options_).ledger;
    const bool written = ledger->write(moved_to(77), Durability::process_crash).ok();
    ::raise(written ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(watermark_of(*open_well(options_).ledger), moved_to(77).watermark);
}

TEST_F(SqliteLedger, HasOneOwnerAtATime) {
  auto ledger = open_well(options_).ledger;
  const LedgerOpenFailure second = open_badly(options_);
  EXPECT_EQ(second.kind, LedgerOpenFailure::Kind::locked);
  EXPECT_THAT(second.error.message, HasSubstr("process " + std::to_string(::getpid())));
  ledger.reset();
  EXPECT_NE(open_well(options_).ledger, nullptr);
}

TEST_F(SqliteLedger, KnowsItsFileByEveryName) {
  auto ledger = open_well(options_).ledger;
  fs::create_symlink(options_.path, folder_.file("other.db"));
  SqliteLedgerOptions other = options_;
  other.path = folder_.file("other.db");
  EXPECT_EQ(open_badly(other).kind, LedgerOpenFailure::Kind::locked);
}

TEST_F(SqliteLedger, FailsWholeOnAFullDiskAndGoesOnAfterwards) {
  auto ledger = open_well(options_).ledger;
  ASSERT_TRUE(ledger->write(moved_to(1), Durability::power_loss).ok());
  LedgerChange change = moved_to(2);
  change.outcomes.resize(1);
  change.open_intent = Intent{};
  disk_.full = true;
  for (const Durability durability : {Durability::power_loss, Durability::process_crash}) {
    const Result<void> written = ledger->write(change, durability);
    ASSERT_FALSE(written.ok());
    EXPECT_THAT(written.error().message, HasSubstr("full"));
  }
  disk_.full = false;
  EXPECT_EQ(watermark_of(*ledger), moved_to(1).watermark);
  EXPECT_EQ(ledger->load()->intent, std::nullopt);
  EXPECT_TRUE(ledger->outcomes(std::nullopt, 5)->empty());
  EXPECT_TRUE(ledger->write(change, Durability::power_loss).ok());
  EXPECT_EQ(watermark_of(*ledger), change.watermark);
}

TEST_F(SqliteLedger, FailsWholeWhenTheDiskDoesNotSync) {
  auto ledger = open_well(options_).ledger;
  ASSERT_TRUE(ledger->write(moved_to(1), Durability::power_loss).ok());
  disk_.sync_fails = true;
  EXPECT_FALSE(ledger->write(moved_to(2), Durability::power_loss).ok());
  disk_.sync_fails = false;
  EXPECT_EQ(watermark_of(*ledger), moved_to(1).watermark);
  EXPECT_TRUE(ledger->write(moved_to(3), Durability::power_loss).ok());
  EXPECT_EQ(watermark_of(*ledger), moved_to(3).watermark);
}

// What a failed sync left of the write-ahead log is written anew, however long it is.
TEST_F(SqliteLedger, WorksOnBehindALongLogWhenTheDiskDoesNotSync) {
  auto ledger = open_well(options_).ledger;
  LedgerChange change = moved_to(1);
  change.outcomes.push_back({1, Outcome::failed, {}, {}, 1, std::string(300'000, 'x'), {}});
  ASSERT_TRUE(ledger->write(change, Durability::power_loss).ok());
  ASSERT_GT(std::filesystem::file_size(options_.path + "-wal"), 300'000U);
  disk_.sync_fails = true;
  EXPECT_FALSE(ledger->write(moved_to(2), Durability::power_loss).ok());
  disk_.sync_fails = false;
  EXPECT_TRUE(ledger->write(moved_to(3), Durability::power_loss).ok());
  ledger.reset();
  EXPECT_EQ(watermark_of(*open_well(options_).ledger), moved_to(3).watermark);
}

TEST_F(SqliteLedger, FailsToOpenInAFolderThatIsNotThere) {
  options_.path = folder_.file("none/ledger.db");
  const LedgerOpenFailure failure = open_badly(options_);
  EXPECT_EQ(failure.kind, LedgerOpenFailure::Kind::failed);
  EXPECT_THAT(failure.error.message, HasSubstr("No such file or directory"));
}

TEST_F(SqliteLedger, MovesAFileThatIsNoDatabaseAside) {
  const std::string rubbish(5000, 'x');
  write_text(options_.path, rubbish);
  const OpenedLedger opened = open_well(options_);
  EXPECT_THAT(opened.moved_aside, HasSubstr("ledger.db.corrupt-"));
  EXPECT_EQ(watermark_of(*opened.ledger), std::nullopt);
  bool kept = false;
  for (const std::string& name : folder_.names()) {
    if (name.find("ledger.db.corrupt-") == 0) kept = fs::file_size(folder_.file(name)) == rubbish.size();
  }
  EXPECT_TRUE(kept);
}

TEST_F(SqliteLedger, MovesADamagedDatabaseAsideEachTime) {
  for (int round = 0; round < 2; ++round) {
    {
      auto ledger = open_well(options_).ledger;
      LedgerChange change = moved_to(5);
      change.outcomes.resize(2000);
      for (std::size_t i = 0; i < change.outcomes.size(); ++i) change.outcomes[i].action = static_cast<ActionId>(i);
      ASSERT_TRUE(ledger->write(change, Durability::power_loss).ok());
    }
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string rubbish(4096, '\x5a');
    for (int page = 2; page < 40; page += 3) file.seekp(page * 4096).write(rubbish.data(), 4096);
    file.close();
    const OpenedLedger opened = open_well(options_);
    EXPECT_THAT(opened.moved_aside, HasSubstr("corrupt-"));
    EXPECT_EQ(watermark_of(*opened.ledger), std::nullopt);
  }
}

TEST_F(SqliteLedger, NeverMovesAFileThatIsSharedWithActions) {
  options_.shared_with_actions = true;
  write_text(options_.path, std::string(5000, 'x'));
  const LedgerOpenFailure failure = open_badly(options_);
  EXPECT_EQ(failure.kind, LedgerOpenFailure::Kind::failed);
  EXPECT_THAT(failure.error.message, HasSubstr("table of actions"));
  EXPECT_EQ(fs::file_size(options_.path), 5000u);
}

TEST_F(SqliteLedger, RenamesItsOwnTablesOnlyInASharedFile) {
  edit(
      "CREATE TABLE action (id INTEGER PRIMARY KEY, name); INSERT INTO action VALUES (1, 'mine');"
      "CREATE TABLE apscheduler_jobs (id); PRAGMA user_version = 12;"
      "CREATE TABLE ledger_meta (name, value); INSERT INTO ledger_meta VALUES ('schema_version', 1);"
      "CREATE TABLE ledger_shard (something_else)");
  options_.shared_with_actions = true;
  {
    const OpenedLedger opened = open_well(options_);
    EXPECT_THAT(opened.moved_aside, HasSubstr("ledger_meta_corrupt-"));
    EXPECT_TRUE(opened.ledger->write(moved_to(5), Durability::power_loss).ok());
  }
  const OpenedLedger again = open_well(options_);
  EXPECT_EQ(again.moved_aside, "");
  EXPECT_EQ(watermark_of(*again.ledger), moved_to(5).watermark);
  sqlite::Database database = sqlite::Database::open(options_.path, sqlite::Database::Access::read_write);
  sqlite::Statement row = database.prepare("SELECT name, (SELECT user_version FROM pragma_user_version) FROM action");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "mine");
  EXPECT_EQ(row.integer(1), 12);
}

TEST_F(SqliteLedger, TellsItsVersionInUserVersionOfAFileOfItsOwn) {
  const auto user_version = [this] {
    sqlite::Database database = sqlite::Database::open(options_.path, sqlite::Database::Access::read_write);
    sqlite::Statement read = database.prepare("PRAGMA user_version");
    return read.step() ? read.integer(0) : -1;
  };
  open_well(options_);
  EXPECT_EQ(user_version(), kLedgerSchemaVersion);
  edit("PRAGMA user_version = 0");  // made by a program that did not tell
  EXPECT_EQ(open_well(options_).moved_aside, "");
  EXPECT_EQ(user_version(), kLedgerSchemaVersion);
  edit("PRAGMA user_version = 12");
  options_.shared_with_actions = true;
  EXPECT_EQ(open_well(options_).moved_aside, "");
  EXPECT_EQ(user_version(), 12) << "it may be somebody's";
}

TEST_F(SqliteLedger, BringsALedgerOfTheFirstVersionUpToDate) {
  edit(R"sql(
  CREATE TABLE ledger_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE ledger_shard (
    shard INTEGER NOT NULL PRIMARY KEY,
    watermark_s INTEGER,
    watermark_action INTEGER,
    exception_batch INTEGER NOT NULL DEFAULT 0,
    exactly_once_used INTEGER NOT NULL DEFAULT 0,
    intent_attempt INTEGER,
    intent_from_s INTEGER,
    intent_from_action INTEGER,
    intent_until_s INTEGER,
    intent_missed_until_s INTEGER,
    intent_planned_at_s INTEGER,
    intent_interruptions TEXT
  );

  CREATE TABLE ledger_row (
    id INTEGER NOT NULL PRIMARY KEY,
    shard INTEGER NOT NULL,
    counts_from_s INTEGER NOT NULL,
    name TEXT, command TEXT, cron TEXT, merge_missed TEXT, actuality_time TEXT,
    enabled TEXT, timezone TEXT, topic TEXT, key TEXT, headers TEXT
  );

  CREATE TABLE ledger_parked (
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    fire_time_s INTEGER NOT NULL,
    due_s INTEGER NOT NULL,
    expires_s INTEGER,
    merged_count INTEGER NOT NULL,
    first_missed_s INTEGER NOT NULL,
    fire_reason INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    parked_at_s INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    PRIMARY KEY (shard, action, fire_time_s)
  ) WITHOUT ROWID;

  CREATE TABLE ledger_outcome (
    place INTEGER NOT NULL PRIMARY KEY,
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    last_s INTEGER NOT NULL,
    count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    noted_at_s INTEGER NOT NULL,
    UNIQUE (shard, action, outcome, first_s)
  );
  INSERT INTO ledger_meta VALUES ('schema_version', 1);
  INSERT INTO ledger_shard (shard, watermark_s, watermark_action) VALUES (0, 1800000000, 7);
  INSERT INTO ledger_parked VALUES (0, 42, 1800000060, 1800000061, NULL, 0, 0, 1, 2, 'orders', 'unknown topic', 1800000062, 3),
    (0, 43, 1800000060, 1800000060, NULL, 2, 1800000040, 2, 1, 'orders', 'unknown topic', 1800000062, 3);
  INSERT INTO ledger_outcome VALUES (9, 0, 42, 1, 1800000000, 1800000030, 2, 'down', 1800000040);
  PRAGMA user_version = 1;
)sql");
  const OpenedLedger opened = open_well(options_);
  EXPECT_EQ(opened.moved_aside, "");
  const LedgerState state = *opened.ledger->load();
  EXPECT_EQ(state.watermark->last_action, 7);
  ASSERT_EQ(state.parked.size(), 2U);
  EXPECT_FALSE(state.parked.front().fire.stands_for_earlier);
  EXPECT_TRUE(state.parked.back().fire.stands_for_earlier) << "others were merged into it";
  EXPECT_EQ(state.parked.front().reason, "unknown topic");
  EXPECT_EQ(state.parked.front().batch, 3U);
  EXPECT_EQ(state.parked.front().asked, "");
  EXPECT_TRUE(state.requests.empty());
  const auto outcomes = *opened.ledger->outcomes({}, 10);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes.front().reason, "down");
  EXPECT_EQ(outcomes.front().requested, Instant{});
}

TEST_F(SqliteLedger, RefusesTheLedgerOfANewerProgramAndLeavesItAlone) {
  {
    open_well(options_).ledger->write(moved_to(5), Durability::power_loss).ok();
  }
  edit("UPDATE ledger_meta SET value = 99");
  const LedgerOpenFailure failure = open_badly(options_);
  EXPECT_EQ(failure.kind, LedgerOpenFailure::Kind::failed);
  EXPECT_THAT(failure.error.message, HasSubstr("schema version 99 is newer"));
  edit("UPDATE ledger_meta SET value = " + std::to_string(kLedgerSchemaVersion));
  EXPECT_EQ(watermark_of(*open_well(options_).ledger), moved_to(5).watermark);
}

TEST_F(SqliteLedger, BeginsAfreshWhenAnIntentMakesNoSense) {
  {
    open_well(options_).ledger->write({.open_intent = Intent{}}, Durability::power_loss).ok();
  }
  edit("UPDATE ledger_shard SET intent_interruptions = '1,2'");
  EXPECT_THAT(open_well(options_).moved_aside, HasSubstr("an intent that cannot be read"));
}

TEST_F(SqliteLedger, KeepsShardsApart) {
  const std::vector<KnownRow> one = {{RowView{.id = 1, .cells = {}}, instant_from_unix(1)}};
  {
    auto ledger = open_well(options_).ledger;
    ASSERT_TRUE(ledger->write(moved_to(5), Durability::power_loss).ok());
    ASSERT_TRUE(ledger->save_rows(one, {}, {}).ok());
  }
  options_.shard = 1;
  auto other = open_well(options_).ledger;
  EXPECT_EQ(watermark_of(*other), std::nullopt);
  int rows = 0;
  ASSERT_TRUE(other->load_rows([&](const KnownRow&) { ++rows; }).ok());
  EXPECT_EQ(rows, 0);
}

// Rows with these ids, all alike.
class Rows {
 public:
  Rows(ActionId first, std::size_t count) : rows_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      rows_[i].id = first + static_cast<ActionId>(i);
      rows_[i][Column::name] = "a name";
      rows_[i][Column::command] = "a command of some length";
      rows_[i][Column::cron] = R"({"format":"unix","params":{"value":"0 5 * * *"}})";
      known_.push_back({rows_[i].view(), instant_from_unix(5)});
      ids_.push_back(rows_[i].id);
    }
  }
  const std::vector<KnownRow>& known() const { return known_; }
  const std::vector<ActionId>& ids() const { return ids_; }

 private:
  std::vector<Row> rows_;
  std::vector<KnownRow> known_;
  std::vector<ActionId> ids_;
};

TEST_F(SqliteLedger, SavesALargeTableInFewPagesWithOneSync) {
  const Rows rows(1, 20'000);
  auto ledger = open_well(options_).ledger;
  ASSERT_TRUE(ledger->write(moved_to(1), Durability::power_loss).ok());
  disk_.syncs = 0;
  ASSERT_TRUE(ledger->save_rows(rows.known(), {}, {}).ok());
  EXPECT_EQ(disk_.syncs, 1u);
  EXPECT_LT(fs::file_size(options_.path + "-wal"), 20'000u * 60);
}

TEST_F(SqliteLedger, MovesALargeWalIntoTheDatabaseBesideItsWrites) {
  auto ledger = open_well(options_).ledger;
  const std::string command(1 << 20, 'c');
  std::vector<KnownRow> rows(48);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].row.id = static_cast<ActionId>(i);
    rows[i].row[Column::command] = command;
  }
  const auto database_bytes = [&] { return fs::file_size(options_.path); };
  ASSERT_TRUE(ledger->save_rows(rows, {}, {}).ok());
  EXPECT_LT(database_bytes(), command.size()) << "of its first rows the schedule need not wait for that";
  for (int second = 0; database_bytes() < rows.size() * command.size(); ++second) {
    ASSERT_LT(second, 20'000) << "the database never got the rows";
    ASSERT_TRUE(ledger->write(moved_to(second), Durability::power_loss).ok());
  }
}

TEST_F(SqliteLedger, DoesNotGrowWhenATableIsReplacedAgainAndAgain) {
  constexpr std::size_t kRows = 5000;
  auto ledger = open_well(options_).ledger;
  ActionId next = 1;
  for (int round = 1; round <= 25; ++round) {
    const Rows rows(next, kRows);
    const std::vector<ActionId> removed = round == 1 ? std::vector<ActionId>() : Rows(next - ActionId{kRows}, kRows).ids();
    ASSERT_TRUE(ledger->save_rows(rows.known(), removed, {}).ok());
    ASSERT_TRUE(ledger->write(moved_to(round), Durability::power_loss).ok());
    next += ActionId{kRows};
  }
  EXPECT_LE(fs::file_size(options_.path), 5 * kRows * 50);
}

TEST_F(SqliteLedger, TakesUpTheRowsOfVersionOne) {
  const Rows rows(1, 3);
  {
    auto ledger = open_well(options_).ledger;
    ASSERT_TRUE(ledger->save_rows(rows.known(), {}, {}).ok());
  }
  edit(
      "DROP TABLE ledger_pack; DROP TABLE ledger_gone; DROP TABLE ledger_request; UPDATE ledger_meta SET value = 1; PRAGMA "
      "user_version = 1");
  const OpenedLedger opened = open_well(options_);
  EXPECT_EQ(opened.moved_aside, "");
  std::vector<ActionId> ids;
  ASSERT_TRUE(opened.ledger->load_rows([&](const KnownRow& known) { ids.push_back(known.row.id); }).ok());
  EXPECT_EQ(ids, rows.ids());
}

TEST_F(SqliteLedger, SaysSoWhenItsRowsCannotBeRead) {
  {
    auto ledger = open_well(options_).ledger;
    ASSERT_TRUE(ledger->save_rows(Rows(1, 2000).known(), {}, {}).ok());
  }
  edit("UPDATE ledger_pack SET rows = substr(rows, 1, 300)");
  const Result<void> loaded = open_well(options_).ledger->load_rows([](const KnownRow&) {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("rows that cannot be read"));
}

TEST_F(SqliteLedger, SaysWhoIsInTheWayWhenTheFileIsLocked) {
  options_.busy_timeout = std::chrono::milliseconds(20);
  auto ledger = open_well(options_).ledger;
  sqlite::Database other = sqlite::Database::open(options_.path, sqlite::Database::Access::read_write);
  {
    sqlite::Transaction writing(other, sqlite::Transaction::Kind::write);
    const Result<void> written = ledger->write(moved_to(5), Durability::power_loss);
    ASSERT_FALSE(written.ok());
    EXPECT_THAT(written.error().message, HasSubstr("another program is writing"));
  }
  EXPECT_TRUE(ledger->write(moved_to(5), Durability::power_loss).ok());
}

}  // namespace
}  // namespace action_scheduler::testing
