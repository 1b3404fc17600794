// A table in Postgres whose columns are all text, full of rows that nobody should write, on its way to Kafka: what is good
// arrives byte by byte, and nothing of it becomes a header, a line of the log or SQL.
#include <regex>
#include <set>

#include "action_scheduler/utf8.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;

// Postgres' E'' text.
std::string literal(const std::string& text) {
  std::string escaped = "E'";
  for (const char c : text) {
    constexpr const char* kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\'' && c != '\\') {
      escaped += c;
    } else {
      escaped.append("\\x") += kDigits[byte >> 4];
      escaped += kDigits[byte & 15];
    }
  }
  return escaped + '\'';
}

const std::string kEscape = "x\nlevel=error event=forged\r\x1b[2J%s{}\xc2\x9b\xe2\x80\xa8";
const std::string kInjection = "'); DROP TABLE kept; --\\' $1 $$ \\x00";
constexpr std::size_t kHuge = 100'000;

class HostileTableInPostgres : public ::testing::Test {
 protected:
  HostileTableInPostgres() {
    stage_.sql(
        "CREATE TABLE $T (id bigint, name text, command text, cron text, merge_missed text, actuality_time text, enabled text,"
        " timezone text, topic text, key text, headers text); CREATE TABLE IF NOT EXISTS kept (x int)");
    good(1, "good", "good");
    good(2, kEscape, kEscape);
    good(3, std::string(kHuge, 'n'), std::string(kHuge, 'c'));
    good(4, kInjection, kInjection, "key = " + literal(kInjection) + ", headers = '{\"a\": \"b\\r\\nce_id: forged\"}'");
    good(5, "", "", "key = ''");
    bad(101, "name = NULL");
    bad(102, "command = NULL");
    bad(103, "cron = NULL");
    bad(104, "cron = " + literal(kEscape) + ", name = " + literal(kEscape));
    bad(105, "cron = repeat('[', 100000)");
    bad(106, "cron = '{\"format\": \"interval\", \"params\": {\"seconds\": ' || repeat('9', 1000) || '}}'");
    bad(107, "merge_missed = " + literal(kEscape));
    bad(108, "actuality_time = '1e300'");
    bad(109, "enabled = " + literal(kInjection));
    bad(110, "timezone = " + literal(kEscape));
    bad(111, "topic = '../' || " + literal(kEscape));
    bad(112, "headers = '{\"ce_id\": \"forged\"}'");
    bad(113, "headers = repeat('{\"a\":', 100000)");
  }

  void good(int id, const std::string& name, const std::string& command, const std::string& more = "") {
    stage_.sql("INSERT INTO $T (id, name, command, cron) VALUES (" + std::to_string(id) + ", " + literal(name) + ", " +
               literal(command) + ", '" + every(1) + "')");
    if (!more.empty()) bad_or_not(id, more);
    commands_[id] = command;
    names_[id] = name;
  }

  void bad(int id, const std::string& cells) {
    stage_.sql(insert_row("$T", id, "n", every(1)));
    bad_or_not(id, cells);
    faulty_.insert(id);
  }

  void bad_or_not(int id, const std::string& cells) {
    stage_.sql("UPDATE $T SET " + cells + " WHERE id = " + std::to_string(id));
  }

  const Stage stage_;
  WorkFolder folder_;
  std::map<int, std::string> commands_;
  std::map<int, std::string> names_;
  std::set<int> faulty_;
};

TEST_F(HostileTableInPostgres, ReachesKafkaByteByByteAndForgesNothing) {
  folder_.write("config.yaml", stage_.config("exactly_once", "debug: true\n"));
  SchedulerProcess process(folder_, {"--set", "kafka.value=raw", "run"});
  ASSERT_TRUE(stage_.fires_until([&](const FiredList& fired) {
    return std::ranges::all_of(commands_, [&](const auto& command) { return fired.count(command.first) >= 2; });
  })) << process.err().substr(0, 4000);
  EXPECT_EQ(process.stop(), 0);

  const FiredList fired = stage_.fired();
  EXPECT_THAT(fired.repeated(), ElementsAre());
  for (const ReadMessage& message : fired.messages()) {
    const int id = std::stoi(message.header("ce_actionid"));
    EXPECT_EQ(message.value, commands_.at(id)) << id;
    EXPECT_EQ(message.header("ce_subject"), names_.at(id)) << id;
    EXPECT_TRUE(message.header("ce_id").starts_with(std::to_string(id) + '@'));
    EXPECT_EQ(message.key, id == 4 ? kInjection : id == 5 ? "" : std::to_string(id));
    if (id == 4) {
      EXPECT_EQ(message.header("a"), "b\r\nce_id: forged");
    }
  }

  const std::regex line(R"(time=\S+ level=[a-z]+ event="[^"]+".*)");
  std::set<int> told;
  for (const std::string& text : lines_with(process.err(), "")) {
    ASSERT_LT(text.size(), 20'000U);
    EXPECT_TRUE(std::regex_match(text, line)) << text;
    std::string printable;
    append_printable(printable, text);
    EXPECT_EQ(printable, text);
    std::smatch found;
    if (std::regex_search(text, found, std::regex(R"(action cannot be scheduled.{0,12}action=(\d+))"))) {
      EXPECT_TRUE(told.insert(std::stoi(found[1])).second) << "told twice: " << text;
    }
  }
  EXPECT_EQ(told, faulty_);
  EXPECT_EQ(stage_.sql("SELECT count(*) FROM kept"), (std::vector<std::vector<std::string>>{{"0"}}));
}

// The commands write such texts themselves, and find them again.
TEST_F(HostileTableInPostgres, TakesTheSameTextsFromTheCommands) {
  folder_.write("config.yaml", stage_.config());
  const auto call = [&](std::vector<std::string> arguments) { return run_to_end(folder_, arguments); };
  for (const std::string& text : {kEscape, kInjection, std::string("%_"), std::string("\\")}) {
    const Finished added = call({"add", "--id", "900", "--name", text, "--command", text, "--key", text, "--cron", every(3600)});
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_EQ(stage_.sql("SELECT name = command AND name = key AND name = " + literal(text) + " FROM $T WHERE id = 900"),
              (std::vector<std::vector<std::string>>{{"t"}}));
    const Finished edited = call({"edit", "900", "--command", text + text});
    EXPECT_EQ(edited.code, 0) << edited.err;
    EXPECT_EQ(stage_.sql("SELECT command = " + literal(text + text) + " FROM $T WHERE id = 900"),
              (std::vector<std::vector<std::string>>{{"t"}}));
    const Finished found = call({"list", "--search", text, "--json"});
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_NE(found.out.find("900"), std::string::npos) << found.out;
    EXPECT_EQ(call({"remove", "900"}).code, 0);
  }
  EXPECT_EQ(stage_.sql("SELECT count(*) FROM kept"), (std::vector<std::vector<std::string>>{{"0"}}));
}

}  // namespace
}  // namespace action_scheduler::testing
