// `check` as a whole, without servers: what it reports and how it ends.
#include "cli/check_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/exit_codes.h"
#include "operations/assembly.h"
#include "tests/config/without_privileges.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Check : public testing::Test {
 protected:
  Check() {
    std::string pattern = (fs::temp_directory_path() / "check-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.instance = "tested";
    settings_.actions_db.dialect = Dialect::sqlite;
    settings_.actions_db.database = (folder_ / "actions.db").string();
    settings_.actions_db.table = "action";
    settings_.internal_db = InternalDbSettings{(folder_ / "ledger.db").string()};
    settings_.action.callback = "stdout";
  }
  ~Check() override { fs::remove_all(folder_); }

  void write_row(const std::string& cron, std::optional<std::string> topic = {}) {
    Row row;
    row[Column::name] = "nightly";
    row[Column::command] = "run";
    row[Column::cron] = cron;
    row[Column::topic] = std::move(topic);
    rows_.push_back(row);
  }

  // Runs it and keeps what it printed.
  int check_it(bool json = false) {
    const auto table = make_action_table(settings_);
    EXPECT_TRUE(table->create_if_missing());
    EXPECT_TRUE(table->write_if_empty(rows_));
    std::ostringstream out;
    std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
    const int code = check(settings_, json);
    std::cout.rdbuf(before);
    out_ = out.str();
    return code;
  }

  void use_kafka_that_is_away() {
    settings_.action.callback = "kafka";
    KafkaSettings kafka;
    kafka.servers = "127.0.0.1:1";
    kafka.topic = "fires";
    kafka.delivery_timeout = Seconds{10};
    settings_.kafka = kafka;
  }

  fs::path folder_;
  Settings settings_;
  std::vector<Row> rows_;
  std::string out_;
};

constexpr const char* kDaily = R"({"format":"unix","params":{"value":"0 3 * * *"}})";

TEST_F(Check, FindsNothingWrongWithAGoodInstallation) {
  write_row(kDaily, "anywhere");
  EXPECT_EQ(check_it(), kExitDone) << out_;
  EXPECT_THAT(out_, AllOf(HasSubstr("1 row: 1 scheduled"), HasSubstr("standard output"), Not(HasSubstr("\nfault"))));
}

TEST_F(Check, TellsAllFaultsAtOnce) {
  use_kafka_that_is_away();
  settings_.internal_db->database = (folder_ / "absent" / "ledger.db").string();
  write_row(kDaily);
  write_row(R"({"format":"unix","params":{"value":"61 * * * *"}})");
  write_row("nonsense");
  EXPECT_EQ(check_it(), kExitFailed);
  EXPECT_THAT(out_, AllOf(HasSubstr("row 2 (\"nightly\"), column cron: "), HasSubstr("row 3 (\"nightly\"), column cron: "),
                          HasSubstr("kafka.server: no broker answers: "), HasSubstr("127.0.0.1:1"), HasSubstr("fault ledger")));
}

TEST_F(Check, SaysOfAFileWithoutRightsThatRightsAreMissing) {
  write_row(kDaily);
  EXPECT_EQ(check_it(), kExitDone) << out_;
  fs::permissions(folder_, fs::perms::all);
  for (const auto& entry : fs::directory_iterator(folder_)) fs::permissions(entry, fs::perms::none);
  fs::remove(folder_ / "ledger.db.lock");
  std::ostringstream out;
  std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
  {
    const WithoutPrivileges nobody;
    EXPECT_EQ(check(settings_, false), kExitFailed);
  }
  std::cout.rdbuf(before);
  EXPECT_THAT(out.str(),
              AllOf(HasSubstr("ledger.db: unable to open database file (Permission denied); the file must be readable"),
                    HasSubstr("actions.db: unable to open database file (Permission denied); the file must exist")));
}

TEST_F(Check, IsContentWithATableThatTheServiceWillCreateAndDoesNotCreateIt) {
  for (int round = 0; round < 2; ++round) {
    std::ostringstream out;
    std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
    EXPECT_EQ(check(settings_, false), kExitDone);
    std::cout.rdbuf(before);
    EXPECT_THAT(out.str(), HasSubstr("note  table    table action does not exist yet; the service creates it when it starts"));
  }
}

TEST_F(Check, TellsTheSameAsJson) {
  use_kafka_that_is_away();
  write_row(kDaily);
  EXPECT_EQ(check_it(true), kExitFailed);
  const auto report = nlohmann::json::parse(out_);
  EXPECT_EQ(report.at("ok"), false);
  std::vector<std::string> faulty;
  for (const auto& finding : report.at("findings")) {
    if (finding.at("kind") == "fault") faulty.push_back(finding.at("part"));
    EXPECT_FALSE(finding.at("text").get<std::string>().empty());
  }
  EXPECT_THAT(faulty, testing::ElementsAre("kafka"));
}

TEST_F(Check, NamesAPropertyThatKafkasClientDoesNotTake) {
  use_kafka_that_is_away();
  settings_.kafka->properties["no.such.property"] = "1";
  EXPECT_EQ(check_it(), kExitFailed);
  EXPECT_THAT(out_, HasSubstr("kafka.properties: no.such.property"));
}

TEST_F(Check, NotesWhatDoesNotKeepTheServiceFromWorking) {
  settings_.internal_db.reset();
  write_row(R"({"format":"unix","params":{"value":"0 0 30 2 *"}})");
  EXPECT_EQ(check_it(true), kExitDone) << out_;
  EXPECT_THAT(out_, AllOf(HasSubstr("row 1 never fires"), HasSubstr("missed runs do not survive")));
  EXPECT_EQ(nlohmann::json::parse(out_).at("ok"), true);
}

}  // namespace
}  // namespace action_scheduler
