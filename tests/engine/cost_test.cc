// What firing costs, counted: allocations, syncs and memory. Time is measured in bench/.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "engine/engine.h"
#include "ledger/sqlite_ledger.h"
#include "sources/row_diff.h"
#include "tests/core/allocations.h"
#include "tests/ledger/faulty_vfs.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {
namespace {

class SetClock : public Clock {
 public:
  ClockReading read() override { return now_; }
  void advance(std::chrono::seconds by) {
    now_.wall += by;
    now_.monotonic += by;
  }

 private:
  ClockReading now_{WallTime{instant_from_unix(1'800'000'000)}, std::chrono::milliseconds{1}};
};

class SilentLog : public Log {
 public:
  bool enabled(Level) const override { return false; }
  void write(Level, std::string_view, std::span<const Field>) override {}
};

class ReadyCallback : public Callback {
 public:
  std::variant<Claim, ClaimFailure> claim() override { return Claim{}; }
  DeliveryReport deliver(const Batch&) override { return {}; }
  DeliveryReport renew(Position) override { return {}; }
};

// Rows of 40 schedules, each due every minute.
class Table : public ActionSource {
 public:
  explicit Table(std::size_t rows) : rows_(rows) {}
  Result<PollSummary> poll(ChangeVisitor& visitor) override {
    RowDiff::Scan scan(diff_, visitor);
    for (std::size_t i = 1; i <= rows_; ++i) {
      const std::string name = "nightly report " + std::to_string(i);
      const std::string command = "build-report --customer " + std::to_string(i) + " --format pdf";
      const std::string cron =
          R"({"format":"interval","params":{"minutes":1,"start_date":"2026-01-01T00:)" + std::to_string(10 + i % 40) + ":00Z\"}}";
      RowView row;
      row.id = static_cast<ActionId>(i);
      row[Column::name] = name;
      row[Column::command] = command;
      row[Column::cron] = cron;
      text_bytes += name.size() + command.size() + cron.size();
      scan.row(row);
    }
    return scan.finish("table");
  }

  std::size_t text_bytes = 0;

 private:
  std::size_t rows_;
  RowDiff diff_;
};

// An engine over a ledger on disk that has taken the table up.
class Scheduler {
 public:
  explicit Scheduler(std::size_t rows) : table_(rows) {
    auto opened = open_sqlite_ledger({.path = path_});
    ledger_ = std::move(std::get<OpenedLedger>(opened).ledger);
    engine_ = std::make_unique<Engine>(Engine::Options{}, Engine::Ports{clock_, *ledger_, callback_, parser_, log_});
    EXPECT_TRUE(engine_->open().ok());
    const std::size_t before = allocations().live_bytes;
    RowsToRetry retry;
    engine_->offer(*poll_changes(table_, parser_, retry, true));
    run();
    bytes_held_ = allocations().live_bytes - before;
  }
  ~Scheduler() {
    ledger_.reset();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path_ + suffix);
  }

  struct Cost {
    std::uint64_t fires = 0;
    std::uint64_t allocations = 0;
    std::uint64_t syncs = 0;
  };
  Cost live(std::chrono::seconds time) {
    clock_.advance(time);
    const std::uint64_t fires = engine_->counters().delivered;
    const std::size_t allocated = allocations().count;
    disk_.syncs = 0;
    run();
    return {engine_->counters().delivered - fires, allocations().count - allocated, disk_.syncs};
  }

  // Beyond the texts of the rows.
  double bytes_of_an_action() const {
    const auto actions = static_cast<double>(engine_->schedule().actions().size());
    return (static_cast<double>(bytes_held_) - static_cast<double>(table_.text_bytes)) / actions;
  }

 private:
  void run() {
    while (engine_->step().kind != Step::Kind::idle) {
    }
  }

  FaultyDisk& disk_ = install_faulty_vfs();
  static inline int made_ = 0;
  const std::string path_ = ::testing::TempDir() + "/cost-" + std::to_string(::getpid()) + "-" + std::to_string(++made_) + ".db";
  SetClock clock_;
  SilentLog log_;
  ReadyCallback callback_;
  SystemZones zones_;
  RowParser parser_{{}, zones_};
  Table table_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Engine> engine_;
  std::size_t bytes_held_ = 0;
};

TEST(EngineCost, OfATickIsOneSyncAndTheSameAllocationsWhateverFires) {
  Scheduler few(1000);
  Scheduler many(20'000);
  (void)few.live(std::chrono::minutes(1));
  (void)many.live(std::chrono::minutes(1));
  const Scheduler::Cost of_few = few.live(std::chrono::minutes(1));
  const Scheduler::Cost of_many = many.live(std::chrono::minutes(1));
  ASSERT_EQ(of_few.fires, 1000u);
  ASSERT_EQ(of_many.fires, 20'000u);
  EXPECT_EQ(of_few.syncs, 1u);
  EXPECT_EQ(of_many.syncs, 1u);
  // Lists that grow by doubling are all that more fires allocate.
  EXPECT_LE(of_many.allocations, of_few.allocations + 100);
  EXPECT_LE(of_few.allocations, 400u);
}

TEST(EngineCost, OfATurnInWhichNothingFiresIsNeitherSyncNorAllocation) {
  Scheduler scheduler(1000);
  (void)scheduler.live(std::chrono::minutes(1));
  (void)scheduler.live(std::chrono::seconds(10));
  const Scheduler::Cost cost = scheduler.live(std::chrono::seconds(10));
  EXPECT_EQ(cost.fires, 0u);
  EXPECT_EQ(cost.syncs, 0u);
  EXPECT_EQ(cost.allocations, 0u);
}

// What one action costs over its texts: its place in the table of actions, in its schedule's list, and in what the next poll is
// compared with; however far what grows by doubling has come.
TEST(EngineCost, OfAnActionIsAtMost64BytesBeyondTheTextOfItsRow) {
  for (const std::size_t rows : {66'000U, 98'000U, 100'000U, 131'000U}) {
    EXPECT_LE(Scheduler(rows).bytes_of_an_action(), 64.0) << rows << " rows";
  }
}

}  // namespace
}  // namespace action_scheduler::testing
