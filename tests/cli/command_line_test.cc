#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/two_zones.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// The program in a working directory of its own, with `run` and `check` that only remember what they were given.
class Program : public testing::Test {
 protected:
  Program() : before_(fs::current_path()) {
    std::string pattern = (fs::temp_directory_path() / "command-line-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    fs::current_path(directory_);
    clearenv();  // whoever runs the tests may have a DEBUG of their own
    std::ofstream("config.yaml") << "actions_db:\n  dialect: sqlite\n  database: a.db\n";
  }
  ~Program() override {
    fs::current_path(before_);
    fs::remove_all(directory_);
  }

  int call(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const CommandContext context{
        .in = in,
        .out = out,
        .err = err,
        .zones = zones_,
        .now = [] { return *parse_utc("2026-01-01T00:00:00Z"); },
        .callbacks = {"kafka", "stdout"},
        .run =
            [&](const Settings& settings, const std::string& effective_config) {
              ran_ = settings;
              ran_with_ = effective_config;
              return 3;
            },
        .check =
            [&](const Settings& settings, bool json) {
              checked_ = settings;
              checked_json_ = json;
              return 1;
            },
        .simulate =
            [&](const Settings&, const SimulateOptions& options) {
              simulated_ = options;
              return 0;
            },
        .operate =
            [&](const Settings&, const OperatorCommand& command) {
              operated_ = command;
              return 0;
            },
        .width = width_,
    };
    const int code = run_command_line(arguments, context);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::size_t width_ = 0;  // of the terminal
  fs::path before_;
  fs::path directory_;
  TwoZones zones_;
  std::optional<Settings> ran_;
  std::string ran_with_;  // the configuration in force, as JSON
  std::optional<Settings> checked_;
  bool checked_json_ = false;
  std::optional<SimulateOptions> simulated_;
  std::optional<OperatorCommand> operated_;
  std::string out_;
  std::string err_;
};

TEST_F(Program, RunsTheServiceWithoutACommand) {
  EXPECT_EQ(call({}), 3);
  ASSERT_TRUE(ran_);
  EXPECT_EQ(ran_->actions_db.database, "a.db");
}

TEST_F(Program, RunIsACommandToo) {
  EXPECT_EQ(call({"--set", "instance=x", "--set", "actions_db.table=t", "run"}), 3);
  EXPECT_EQ(ran_->instance, "x");
  EXPECT_THAT(ran_with_, HasSubstr(R"("instance": {"value": "x", "origin": "--set"})"));
  EXPECT_EQ(ran_->actions_db.table, "t");
}

TEST_F(Program, OptionsMayStandBehindTheCommand) {
  std::ofstream("other.yaml") << "actions_db: {dialect: sqlite, database: other.db}\n";
  EXPECT_EQ(
      call({"run", "--config", "other.yaml", "--set=kafka={\"server\": \"a\", \"topic\": \"t,u\"}", "--set", "kafka.topic=t"}), 3)
      << err_;
  EXPECT_EQ(ran_->actions_db.database, "other.db");
  EXPECT_EQ(ran_->kafka->topic, "t");
}

TEST_F(Program, ChecksWithTheSettings) {
  EXPECT_EQ(call({"check", "--json"}), 1);
  EXPECT_TRUE(checked_);
  EXPECT_TRUE(checked_json_);
}

TEST_F(Program, SimulatesWithTheOptionsGiven) {
  EXPECT_EQ(call({"simulate", "--from", "2026-12-01", "--to", "2027-01-01", "--svg", "a.svg", "--json"}), 0);
  ASSERT_TRUE(simulated_);
  EXPECT_EQ(simulated_->from, "2026-12-01");
  EXPECT_EQ(simulated_->to, "2027-01-01");
  EXPECT_EQ(simulated_->svg, "a.svg");
  EXPECT_TRUE(simulated_->json);
}

TEST_F(Program, FaultsOfTheConfigurationAreTheEnd) {
  for (const std::string command : {"run", "check", "config"}) {
    EXPECT_EQ(call({"--set", "debug=maybe", "--set", "timezone=Mars/Base", "--set", "x=1", command}), 2);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, HasSubstr("--set: debug: expected true or false, got \"maybe\"\n"));
    EXPECT_THAT(err_, HasSubstr("--set: timezone: unknown zone \"Mars/Base\"\n"));
    EXPECT_THAT(err_, HasSubstr("--set: x: unknown key\n"));
  }
  EXPECT_FALSE(ran_);
  EXPECT_FALSE(checked_);
}

TEST_F(Program, CheckTellsFaultsOfTheConfigurationAsJson) {
  EXPECT_EQ(call({"--set", "debug=maybe", "check", "--json"}), 2);
  EXPECT_THAT(out_, StartsWith(R"({"faults": [{"source": "--set", "key": "debug", )"));
}

TEST_F(Program, ShowsTheConfiguration) {
  EXPECT_EQ(call({"config"}), 0);
  EXPECT_THAT(out_, testing::ContainsRegex("actions_db\\.database +a\\.db +config\\.yaml:3:3\n"));
  EXPECT_EQ(call({"config", "--json"}), 0);
  EXPECT_THAT(out_, HasSubstr(R"("actions_db.database": {"value": "a.db", "origin": "config.yaml:3:3"})"));
}

TEST_F(Program, NextNeedsNoConfiguration) {
  std::ofstream("config.yaml") << "broken: [";
  const std::string hourly = R"({"format": "unix", "params": {"value": "0 * * * *"}})";
  EXPECT_EQ(call({"next", "--cron", hourly, "--count", "2"}), 0);
  EXPECT_EQ(out_, "2026-01-01T01:00:00Z\n2026-01-01T02:00:00Z\n");
  EXPECT_EQ(call({"next", "--cron", hourly, "--timezone", "Europe/Berlin", "--after", "2026-07-01T00:00:00Z", "--local"}), 0);
  EXPECT_EQ(out_, "2026-07-01T01:00:00Z 2026-07-01T03:00:00+02:00\n");
  EXPECT_EQ(call({"next", "--stdin"}, "{}\n{\"cron\":" + hourly + "}\n"), 0);
  EXPECT_EQ(out_, "{\"error\":\"cron: missing\"}\n{\"fires\":[\"2026-01-01T01:00:00Z\"]}\n");
}

TEST_F(Program, ExplainNeedsNoConfiguration) {
  std::ofstream("config.yaml") << "broken: [";
  const std::string nine = R"({"format": "unix", "params": {"value": "0 9 * * mon-fri"}})";
  EXPECT_EQ(call({"explain", "--cron", nine, "--timezone", "Europe/Berlin", "--after", "2026-07-01T00:00:00Z"}), 0);
  EXPECT_THAT(out_, StartsWith("at 09:00 on weekdays, Berlin time\n"));
  EXPECT_THAT(out_, HasSubstr("Wed 2026-07-01 09:00:00 +02:00   2026-07-01T07:00:00Z\n"));
  EXPECT_EQ(call({"explain", "--cron", nine, "--json"}), 0);
  EXPECT_THAT(out_, StartsWith(R"({"schedule":"at 09:00 on weekdays, UTC",)"));
  EXPECT_EQ(call({"explain", "--help"}), 0);
  EXPECT_THAT(out_, testing::AllOf(HasSubstr("--timezone"), HasSubstr("Example:")));
}

TEST_F(Program, WrongUsageIsExitCodeTwoWithNothingOnStandardOutput) {
  const std::string hourly = R"({"format": "unix", "params": {"value": "0 * * * *"}})";
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"conifg"},
                                             {"--nonsense"},
                                             {"run", "config"},
                                             {"--config"},
                                             {"next"},
                                             {"next", "--cron", "{}", "--stdin"},
                                             {"next", "--cron", "{}", "--count", "-1"},
                                             {"next", "--cron", "{}", "--count", "x"},
                                             {"next", "--cron", "{}", "--count", "1000000000"},
                                             {"next", "--cron", hourly, "--timezone", ""},
                                             {"explain", "--cron", hourly, "--timezone", ""},
                                             {"next", "--cron", "{}"},
                                             {"explain"},
                                             {"explain", "--cron", "{}"},
                                             {"explain", "--cron", "{}", "--count", "2"}}) {
    EXPECT_EQ(call(wrong), 2) << wrong.front();
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, StartsWith("action-scheduler: "));
  }
  call({"conifg"});
  EXPECT_THAT(err_, HasSubstr("did you mean \"config\"?"));
}

struct Misuse {
  std::vector<std::string> arguments;
  std::string told;
  std::string help = {};
};

TEST_F(Program, TellsWhatIsWrongWithEachArgument) {
  const std::vector<Misuse> misuses = {
      {{"--confg", "x"}, R"(unknown option "--confg" (did you mean "--config"?))"},
      {{"--confg=x"}, R"(unknown option "--confg" (did you mean "--config"?))"},
      {{"check", "--jsno"}, R"(unknown option "--jsno" (did you mean "--json"?))", "check "},
      {{"--jsn", "check"}, R"(unknown option "--jsn" (did you mean "--json"?))", "check "},
      {{"next", "--crn", "{}"}, R"(unknown option "--crn" (did you mean "--cron"?))", "next "},
      {{"-x"}, R"(unknown option "-x")"},
      {{"--actions_db.password=hunter2"}, R"(unknown option "--actions_db.password")"},
      {{"conifg"}, R"(unknown command "conifg" (did you mean "config"?))"},
      {{"RUN"}, R"(unknown command "RUN" (did you mean "run"?))"},
      {{""}, R"(unknown command "")"},
      {{"a\x1b[2Jb\nforged"}, R"(unknown command "a\u001b[2Jb\nforged")"},
      {{"\xff"}, "unknown command \"\uFFFD\""},
      {{std::string(100'000, 'x')}, "unknown command \"" + std::string(60, 'x') + "...\""},
      {{"run", "run"}, R"(unexpected "run" behind the command run, which takes options alone)", "run "},
      {{"run", "check"}, R"(unexpected "check" behind the command run, which takes options alone)", "run "},
      {{"--config"}, "--config: FILE missing"},
      {{"--set"}, "--set: key=value missing"},
      {{"next", "--cron"}, "--cron: JSON missing", "next "},
      {{"next", "--count", "-1"}, "--count: expected 0 to 1000000, got -1", "next "},
      {{"completions", "tcsh"}, "SHELL: expected one of bash,fish,zsh, got tcsh", "completions "},
      {{"--config", "a", "--config", "b"}, "--config: given more than once"},
  };
  for (const Misuse& misuse : misuses) {
    EXPECT_EQ(call(misuse.arguments), 2);
    EXPECT_EQ(err_, "action-scheduler: " + misuse.told + "\naction-scheduler " + misuse.help + "--help shows what there is\n");
    EXPECT_EQ(out_, "");
  }
}

TEST_F(Program, TellsWhatIsWrongWithASet) {
  for (const auto& [set, told] : std::vector<std::pair<std::string, std::string>>{
           {"debug", R"(--set: expected key=value, got "debug")"},
           {"", R"(--set: expected key=value, got "")"},
           {"=x", R"(--set: expected key=value, got "=x")"},
           {"kafka.topc=1", R"(--set: kafka.topc: unknown key (did you mean "kafka.topic"?))"},
           {"actions_db.passwrd=hunter2", R"(--set: actions_db.passwrd: unknown key (did you mean "actions_db.password"?))"},
           {"debug=\xff\xc2\x9b", R"(--set: debug: expected true or false, got "\xff\u009b")"},
           {"x\x1b[2J\n=1", R"(--set: x\u001b[2J\n: unknown key)"},
           {std::string(100'000, 'x') + "=1", "--set: " + std::string(200, 'x') + "...: unknown key"},
           {"log={", "--set: log: expected a JSON object or null: it is no JSON from byte 2 on"}}) {
    EXPECT_EQ(call({"--set", set, "config"}), 2);
    EXPECT_EQ(err_, told + "\n");
  }
}

TEST_F(Program, HelpAndVersionGoToStandardOutput) {
  EXPECT_EQ(call({"--help"}), 0);
  EXPECT_THAT(out_, testing::AllOf(HasSubstr("Examples:"), HasSubstr("--set"), HasSubstr("next"),
                                   testing::Not(HasSubstr("docs-config"))));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_EQ(call({"config", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("kafka.delivery_timeout"));
  EXPECT_EQ(call({"--version"}), 0);
  EXPECT_THAT(out_, testing::MatchesRegex("action-scheduler [0-9.]+\n"));
}

TEST_F(Program, TimesMayBeDatesAndAreUtcWithoutAnOffset) {
  for (const std::string after : {"2026-01-02", "2026-01-02T00:00:00", "2026-01-02 00:00:00", "2026-01-02T03:00:00+03:00"}) {
    ASSERT_EQ(call({"next", "--cron", R"({"format":"interval","params":{"hours":1}})", "--after", after}), 0) << err_;
    EXPECT_EQ(out_, "2026-01-02T01:00:00Z\n");
  }
}

TEST_F(Program, HelpIsACommandToo) {
  ASSERT_EQ(call({"list", "--help"}), 0);
  const std::string help = out_;
  EXPECT_EQ(call({"help", "list"}), 0);
  EXPECT_EQ(out_, help);
  EXPECT_EQ(call({"help"}), 0);
  EXPECT_THAT(out_, HasSubstr("Exit codes: "));
}

TEST_F(Program, HelpFitsTheTerminal) {
  width_ = 72;
  for (const std::string name : {"list", "add", "fires", "config", "backfill"}) {
    ASSERT_EQ(call({name, "--help"}), 0);
    std::istringstream lines(out_);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("  action-scheduler ")) continue;  // to be copied as it is
      EXPECT_LE(line.size(), 72U) << line;
    }
  }
  ASSERT_EQ(call({"backfill", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("\nAsks the running scheduler (http.listen) for all fire times of the\naction's schedule "));
  EXPECT_THAT(out_, HasSubstr("\n  --from TIME REQUIRED        The first time that counts, such as\n"
                              "                              2026-11-21T10:00:00Z\n"));
}

TEST_F(Program, PrintsTheReferenceOfItsKeys) {
  EXPECT_EQ(call({"docs-config"}), 0);
  EXPECT_THAT(out_, StartsWith("# Configuration\n"));
}

}  // namespace
}  // namespace action_scheduler
