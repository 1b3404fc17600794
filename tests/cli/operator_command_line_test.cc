// The operator's commands on the command line: what is asked for, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command_line.h"
#include "config/settings_files.h"
#include "tests/cli/two_zones.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class OperatorLine : public testing::Test {
 protected:
  OperatorLine() : before_(fs::current_path()) {
    std::string pattern = (fs::temp_directory_path() / "operator-line-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    fs::current_path(directory_);
    clearenv();
    std::ofstream("config.yaml") << "actions_db: {dialect: sqlite, database: a.db}\n";
  }
  ~OperatorLine() override {
    fs::current_path(before_);
    fs::remove_all(directory_);
  }

  int call(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    asked_.reset();
    const CommandContext context{
        .in = in,
        .out = out,
        .err = err,
        .zones = zones_,
        .now = [] { return *parse_utc("2026-01-01T00:00:00Z"); },
        .callbacks = {"kafka", "stdout"},
        .run = {},
        .check = {},
        .simulate = {},
        .operate =
            [&](const Settings&, const OperatorCommand& command) {
              asked_ = command;
              return 0;
            },
    };
    const int code = run_command_line(arguments, context);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  template <class Options>
  Options asked(const std::vector<std::string>& arguments) {
    EXPECT_EQ(call(arguments), 0) << err_;
    const auto* options = asked_ ? std::get_if<Options>(&*asked_) : nullptr;
    EXPECT_NE(options, nullptr);
    return options == nullptr ? Options() : *options;
  }

  fs::path before_;
  fs::path directory_;
  TwoZones zones_;
  std::optional<OperatorCommand> asked_;
  std::string out_;
  std::string err_;
};

using Cells = std::map<Column, std::optional<std::string>>;
using Kind = WriteOptions::Kind;

TEST_F(OperatorLine, Lists) {
  auto list = asked<ListOptions>({"list"});
  EXPECT_EQ(list.limit, 50);
  EXPECT_FALSE(list.after);
  list = asked<ListOptions>({"list", "--limit", "7", "--after", "-3", "--search", "re port", "--faults", "--json"});
  EXPECT_EQ(list.limit, 7);
  EXPECT_EQ(list.after, -3);
  EXPECT_EQ(list.search, "re port");
  EXPECT_TRUE(list.faults);
  EXPECT_TRUE(list.json);
  EXPECT_EQ(asked<ShowOptions>({"show", "42", "--json"}).id, 42);
}

TEST_F(OperatorLine, AddsWithEveryColumn) {
  const auto add =
      asked<WriteOptions>({"add",  "--name",           "n",  "--command",  "c d",  "--cron",  "{}",       "--merge-missed",
                           "true", "--actuality-time", "-1", "--timezone", "UTC",  "--topic", "t",        "--key",
                           "",     "--headers",        "{}", "--disabled", "--id", "9",       "--dry-run"});
  EXPECT_EQ(add.kind, Kind::add);
  EXPECT_EQ(add.id, 9);
  EXPECT_TRUE(add.dry_run);
  EXPECT_EQ(add.cells, (Cells{{Column::name, "n"},
                              {Column::command, "c d"},
                              {Column::cron, "{}"},
                              {Column::merge_missed, "true"},
                              {Column::actuality_time, "-1"},
                              {Column::enabled, "false"},
                              {Column::timezone, "UTC"},
                              {Column::topic, "t"},
                              {Column::key, ""},
                              {Column::headers, "{}"}}));
}

TEST_F(OperatorLine, EditsWhatIsGiven) {
  const auto edit = asked<WriteOptions>({"edit", "4", "--name", "x", "--unset", "topic", "--unset", "merge-missed", "--json"});
  EXPECT_EQ(edit.kind, Kind::edit);
  EXPECT_EQ(edit.id, 4);
  EXPECT_EQ(edit.cells, (Cells{{Column::name, "x"}, {Column::merge_missed, std::nullopt}, {Column::topic, std::nullopt}}));
  EXPECT_EQ(asked<WriteOptions>({"enable", "4"}).cells, (Cells{{Column::enabled, "true"}}));
  EXPECT_EQ(asked<WriteOptions>({"disable", "4"}).cells, (Cells{{Column::enabled, "false"}}));
  EXPECT_EQ(asked<WriteOptions>({"remove", "4"}).kind, Kind::remove);
}

TEST_F(OperatorLine, LooksIntoAndRepairsTheLedger) {
  const auto fires = asked<FiresOptions>({"fires", "--action", "3", "--outcome", "expired", "--limit", "1"});
  EXPECT_EQ(fires.action, 3);
  EXPECT_EQ(fires.outcome, "expired");
  EXPECT_EQ(asked<SettleOptions>({"settle", "--until", "now"}).until, "now");
  EXPECT_EQ(asked<ParkedOptions>({"parked"}).kind, ParkedOptions::Kind::list);
  const auto retry = asked<ParkedOptions>({"parked", "retry", "4", "5@2026-01-01T00:00:00Z", "--late"});
  EXPECT_EQ(retry.kind, ParkedOptions::Kind::retry);
  EXPECT_EQ(retry.ids, (std::vector<std::string>{"4", "5@2026-01-01T00:00:00Z"}));
  EXPECT_TRUE(retry.late);
  EXPECT_TRUE(asked<ParkedOptions>({"parked", "drop", "--all"}).all);
}

TEST_F(OperatorLine, TellsWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> misuses = {
      {{"show"}, "ID is required"},
      {{"show", "x"}, R"(expected the id of an action, a whole number, got "x")"},
      {{"show", "4", "5"}, R"(unexpected "5" behind the command show; --help shows what it takes)"},
      {{"list", "--limit", "0"}, "--limit: expected 1 to 100000, got 0\naction-scheduler list --help shows what there is"},
      {{"list", "--limit", "100001"}, "--limit"},
      {{"add", "--name", "n", "--command", "c"}, "add needs --cron"},
      {{"add", "--command", "c"}, "add needs --name, --cron"},
      {{"add", "--merge-missed", "perhaps"}, "--merge-missed"},
      {{"edit", "4"}, "edit needs something to change"},
      {{"edit", "4", "--unset", "topc"}, R"(--unset: unknown column "topc" (did you mean "topic"?))"},
      {{"edit", "4", "--topic", "t", "--unset", "topic"}, "--unset: topic is given a value too"},
      {{"settle"}, "--until is required"},
      {{"parked", "forget"}, "WHAT: expected one of list,retry,drop, got forget"},
      {{"parked", "drop"}, "parked drop needs the IDs of actions or fires, or --all"},
      {{"parked", "drop", "4", "--all"}, "--all does not go with an ID"},
      {{"parked", "drop", "4", "--late"}, "--late goes with parked retry alone"},
  };
  for (const auto& [arguments, told] : misuses) {
    EXPECT_EQ(call(arguments), 2) << told;
    EXPECT_THAT(err_, AllOf(StartsWith("action-scheduler: "), HasSubstr(told)));
    EXPECT_THAT(out_, IsEmpty());
    EXPECT_FALSE(asked_);
  }
}

TEST_F(OperatorLine, EveryCommandHasHelpWithAnExample) {
  for (const std::string name :
       {"list",     "show", "add",     "edit",  "enable", "disable", "remove",   "fires",  "settle", "parked",
        "simulate", "next", "explain", "check", "config", "fire",    "backfill", "health", "run",    "completions"}) {
    EXPECT_EQ(call({name, "--help"}), 0);
    EXPECT_THAT(out_, AllOf(HasSubstr("Example"), ::testing::ContainsRegex("\n  action-scheduler [^\n]*" + name))) << name;
    if (name != "run" && name != "completions") {
      EXPECT_THAT(out_, HasSubstr("--json")) << name;
    }
  }
}

TEST_F(OperatorLine, TheCommittedReferenceIsThatOfTheCommands) {
  ASSERT_EQ(call({"docs-commands"}), 0);
  const auto committed = read_text_file((before_ / "docs/commands.md").string(), 1 << 20);
  ASSERT_TRUE(committed.ok()) << committed.error().message;
  EXPECT_EQ(*committed, out_) << "renew it: action-scheduler docs-commands > docs/commands.md";
}

TEST_F(OperatorLine, TheReferenceNamesWhatHelpShows) {
  ASSERT_EQ(call({"docs-commands"}), 0);
  const std::string reference = out_;
  for (const char* name : {"run", "check", "config", "next", "explain", "simulate", "list", "show", "add", "edit", "enable",
                           "disable", "remove", "fires", "settle", "parked"}) {
    EXPECT_THAT(reference, HasSubstr("\n## " + std::string(name) + "\n"));
    ASSERT_EQ(call({name, "--help"}), 0);
    for (auto at = out_.find(" --"); at != std::string::npos; at = out_.find(" --", at + 1)) {
      const std::string option = out_.substr(at + 1, out_.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at + 1) - at - 1);
      EXPECT_THAT(reference, HasSubstr(option)) << name;
    }
  }
  EXPECT_THAT(reference, Not(HasSubstr("docs-man")));
}

TEST_F(OperatorLine, TheManualPageEscapesWhatRoffWouldTake) {
  ASSERT_EQ(call({"docs-man"}), 0);
  EXPECT_THAT(out_,
              AllOf(StartsWith(".TH ACTION\\-SCHEDULER 1\n"), HasSubstr("\n.SH COMMANDS\n"), HasSubstr("\\fB\\-\\-json\\fR")));
}

// What bash offers behind `words`, of which the last is being typed.
std::vector<std::string> offered(const fs::path& script, const std::string& words) {
  const std::string command =
      "bash -c 'source " + script.string() + "; COMP_WORDS=(" + words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _action_scheduler; printf \"%s\\n\" \"${COMPREPLY[@]}\"' 2>&1";
  std::vector<std::string> lines;
  FILE* pipe = ::popen(command.c_str(), "r");
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) lines.push_back(std::string(line, std::strlen(line) - 1));
  EXPECT_EQ(::pclose(pipe), 0);
  return lines;
}

TEST_F(OperatorLine, BashCompletesCommandsOptionsAndValues) {
  ::setenv("PATH", "/usr/bin:/bin", 1);
  ASSERT_EQ(call({"completions", "bash"}), 0);
  const fs::path script = directory_ / "completion";
  std::ofstream(script) << out_;
  EXPECT_EQ(offered(script, "action-scheduler sh"), std::vector<std::string>{"show"});
  EXPECT_EQ(offered(script, "action-scheduler --config check list --fa"), std::vector<std::string>{"--faults"});
  EXPECT_EQ(offered(script, "action-scheduler fires --outcome ex"), std::vector<std::string>{"expired"});
  EXPECT_EQ(offered(script, "action-scheduler parked dr"), std::vector<std::string>{"drop"});
  EXPECT_EQ(offered(script, "action-scheduler edit --unset \"\"").size(), 10U);
  std::ofstream("simple.yaml") << "";
  EXPECT_EQ(offered(script, "action-scheduler --config simp"), std::vector<std::string>{"simple.yaml"});
  EXPECT_EQ(offered(script, "action-scheduler completions f"), std::vector<std::string>{"fish"});
}

TEST_F(OperatorLine, BashCompletesKeysOfTheConfiguration) {
  ::setenv("PATH", "/usr/bin:/bin", 1);
  ASSERT_EQ(call({"completions", "bash"}), 0);
  const fs::path script = directory_ / "completion";
  std::ofstream(script) << out_;
  EXPECT_EQ(offered(script, "action-scheduler --set log.l"), std::vector<std::string>{"log.level="});
  EXPECT_EQ(offered(script, "action-scheduler --set actions_db.prop"), std::vector<std::string>{"actions_db.properties."});
  // bash takes the = for a word of its own.
  EXPECT_EQ(offered(script, "action-scheduler --set log.level = list fires --outcome = ex"), std::vector<std::string>{"expired"});
  EXPECT_EQ(offered(script, "action-scheduler --set log.level = l"), std::vector<std::string>{""});
}

TEST_F(OperatorLine, CompletesInOtherShells) {
  ASSERT_EQ(call({"completions", "zsh"}), 0);
  EXPECT_THAT(out_, AllOf(StartsWith("#compdef action-scheduler\n"), HasSubstr("'--outcome[")));
  ASSERT_EQ(call({"completions", "fish"}), 0);
  EXPECT_THAT(out_, HasSubstr("complete -c action-scheduler -n 'contains -- fires (__action_scheduler_command)' -l outcome -x -a "
                              "'delivered merged expired "));
  EXPECT_THAT(out_, HasSubstr(" -l set -x -a 'instance= debug= "));
  EXPECT_EQ(call({"completions", "tcsh"}), 2);
}

}  // namespace
}  // namespace action_scheduler
