// Many hands edit the table at once, and whatever they do, a source that follows it knows what one that reads it afresh finds.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

#include "sources/postgres_source.h"
#include "tests/sources/postgres_schema.h"
#include "tests/sources/recorded_changes.h"

namespace action_scheduler::testing {
namespace {

constexpr int kEditors = 4;

// A session that edits rows of its own, so that it never waits for another: ids that leave `number` when divided by kEditors.
class Editor {
 public:
  Editor(std::string table, int number) : table_(std::move(table)), number_(number), session_(server()) {}

  void act(std::mt19937& random) {
    if (!open_) {
      session_.exec("BEGIN");
      open_ = true;
      savepoints_ = 0;
    }
    const std::string id = std::to_string(static_cast<int>(random() % 25) * kEditors + number_);
    const std::string other = std::to_string(static_cast<int>(random() % 25) * kEditors + number_);
    switch (random() % 12) {
      case 0:
      case 1:
      case 2:
        session_.exec("INSERT INTO " + table_ + " VALUES (" + id + ", 'n', 'c" + std::to_string(random() % 3) +
                      "', '{}') ON CONFLICT (id) DO UPDATE SET command = excluded.command");
        break;
      case 3:
        session_.exec("UPDATE " + table_ + " SET command = 'd' WHERE id % " + std::to_string(kEditors) + " = " +
                      std::to_string(number_) + " AND id < " + id);
        break;
      case 4:
        session_.exec("DELETE FROM " + table_ + " WHERE id = " + id);
        break;
      case 5:
        session_.exec("UPDATE " + table_ + " SET id = " + other + " WHERE id = " + id + " AND NOT EXISTS (SELECT 1 FROM " +
                      table_ + " WHERE id = " + other + ")");
        break;
      case 6:
        session_.exec("SELECT 1 FROM " + table_ + " WHERE id = " + id + " FOR UPDATE");
        break;
      case 7:
        session_.exec("SAVEPOINT s");
        ++savepoints_;
        break;
      case 8:
        if (savepoints_ > 0) session_.exec("ROLLBACK TO s");
        break;
      case 9:
        end("ROLLBACK");
        break;
      default:
        end("COMMIT");
    }
  }

  void end(const std::string& how) {
    if (open_) session_.exec(how);
    open_ = false;
  }

 private:
  const std::string table_;
  const int number_;
  PostgresSession session_;
  bool open_ = false;
  int savepoints_ = 0;
};

// What one knows who hears of all changes.
void apply(const RecordedChanges& changes, std::map<ActionId, Row>& known) {
  for (const auto& [id, row] : changes.rows) known.insert_or_assign(id, row);
  for (const ActionId id : changes.gone) EXPECT_EQ(known.erase(id), 1u) << "removed, but never told of: " << id;
}

class PostgresFollowRandomTest : public PostgresTest {};

TEST_F(PostgresFollowRandomTest, KnowsAtEachPollWhatAFreshReadFinds) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  create();
  std::vector<std::unique_ptr<Editor>> editors;
  for (int i = 0; i < kEditors; ++i) editors.push_back(std::make_unique<Editor>(table(), i));
  PostgresSource source(options_);
  std::map<ActionId, Row> known;
  std::uint64_t read = 0;
  std::uint64_t rows = 0;
  for (int poll = 0; poll < 250 && !HasFailure(); ++poll) {
    if (poll == 249) {
      for (auto& editor : editors) editor->end("COMMIT");
    }
    for (auto actions = random() % 12; actions > 0; --actions) editors[random() % editors.size()]->act(random);
    if (random() % 20 == 0) server().exec("VACUUM (FREEZE) " + table());
    const GoodPoll followed(source);
    apply(followed.changes, known);
    read += followed.summary.rows_read;
    rows += followed.summary.rows;
    PostgresSource fresh(options_);
    EXPECT_EQ(GoodPoll(fresh).changes.rows, known) << "poll " << poll;
    EXPECT_EQ(followed.summary.rows, known.size());
  }
  EXPECT_LT(read, rows / 2) << "it read the whole table";
}

}  // namespace
}  // namespace action_scheduler::testing
