// The operator's commands on a real SQLite table and ledger, in a folder of the test's own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>

#include "cli/exit_codes.h"
#include "cli/operator_options.h"
#include "operations/assembly.h"

namespace action_scheduler::testing {

inline constexpr const char* kHourly = R"({"format":"unix","params":{"value":"0 * * * *"}})";
inline constexpr const char* kWeekdays = R"({"format":"unix","params":{"value":"0 9 * * mon-fri"}})";

inline Instant at(const std::string& text) { return *parse_utc(text); }

class OperatorTest : public ::testing::Test {
 protected:
  OperatorTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "operator-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.actions_db.dialect = Dialect::sqlite;
    settings_.actions_db.database = (folder_ / "actions.db").string();
    settings_.actions_db.table = "action";
    settings_.internal_db = InternalDbSettings{(folder_ / "ledger.db").string()};
    settings_.track_changes_period = Seconds{30};
  }
  ~OperatorTest() override { std::filesystem::remove_all(folder_); }

  int run(const OperatorCommand& command, std::size_t width = 0) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = operate(settings_, command, {.out = out, .err = err, .now = now_, .width = width, .user = "ada"});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  void add(const std::string& name, const std::string& cron, std::map<Column, std::optional<std::string>> cells = {}) {
    cells[Column::name] = name;
    cells[Column::cron] = cron;
    cells.try_emplace(Column::command, "run " + name);
    const auto table = make_action_table(settings_);
    ASSERT_TRUE(table->create_if_missing());
    const auto row = table->insert({}, cells, Writing::kept);
    ASSERT_TRUE(row.ok()) << row.error().message;
  }

  std::optional<Row> row(ActionId id) { return *make_action_table(settings_)->find(id); }

  // The ledger as its scheduler opens it.
  std::unique_ptr<Ledger> ledger() {
    auto opening = open_ledger(settings_);
    auto* opened = std::get_if<OpenedLedger>(&opening);
    if (opened != nullptr) return std::move(opened->ledger);
    ADD_FAILURE() << std::get<LedgerOpenFailure>(opening).error.message;
    return nullptr;
  }

  // A scheduler took up the table's rows at `counts_from`, and is settled until `watermark`.
  void live(const std::string& counts_from, const std::string& watermark) {
    std::vector<Row> rows;
    ASSERT_TRUE(make_action_table(settings_)->read({}, [&](const RowView& row) {
      rows.emplace_back(row);
      return true;
    }));
    std::vector<KnownRow> known;
    for (const Row& row : rows) known.push_back({row.view(), at(counts_from)});
    const auto owner = ledger();
    ASSERT_TRUE(owner->save_rows(known, {}, {}));
    LedgerChange change;
    change.watermark = Position{at(watermark)};
    ASSERT_TRUE(owner->write(change, Durability::power_loss));
  }

  void note(const LedgerChange& change) { ASSERT_TRUE(ledger()->write(change, Durability::power_loss)); }

  static NotedOutcome outcome(ActionId id, Outcome kind, const std::string& time, const std::string& reason) {
    return {id, kind, at(time), at(time), 1, reason, at(time) + Seconds{60}};
  }

  static ParkedFire parked(ActionId id, const std::string& time, const std::string& reason) {
    ParkedFire one;
    one.fire.action = id;
    one.fire.time = one.fire.due = at(time);
    one.topic = "t";
    one.reason = reason;
    one.parked_at = at(time) + Seconds{1};
    return one;
  }

  std::filesystem::path folder_;
  Settings settings_;
  Instant now_ = at("2026-11-21T10:30:00Z");  // a Saturday
  std::string out_;
  std::string err_;
};

}  // namespace action_scheduler::testing
