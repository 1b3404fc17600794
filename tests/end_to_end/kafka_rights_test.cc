// The rights that docs/kafka.md lists: with just them everything works, and where one is missing somebody says which.
#include <fstream>
#include <sstream>

#include "tests/end_to_end/secured.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Words = std::vector<std::string>;

Words words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// The arguments of kafka-acls.sh in the page's commands: `--add --allow-principal User:... --operation ...`.
std::vector<Words> commands_of_the_page() {
  constexpr std::string_view kCommand = "$acls ";
  constexpr std::string_view kCommon = "acls=\"";
  std::vector<Words> commands;
  std::string common;
  std::ifstream page("docs/kafka.md");
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(kCommon)) common = line.substr(line.find("--add"), line.rfind('"') - line.find("--add"));
    if (line.starts_with(kCommand)) commands.push_back(words_of(common + ' ' + line.substr(kCommand.size())));
  }
  return commands;
}

// The scheduler of the page: its instance, its topic, its user, who logs in by a certificate.
class KafkaRights : public SecuredTest {
 protected:
  KafkaRights() {
    static bool granted = false;
    if (!granted) {
      for (const Words& command : commands_) secured_kafka().change_rights(command);
      granted = true;
    }
    log_in_with(secured_kafka().client_certificate("action-scheduler"));
    set("instance", "action-scheduler-actions");
    set("kafka.topic", "actions");
    set("kafka.delivery", "exactly_once");
  }

  // Takes the right away that has all these words, until restore().
  void take_away(const Words& having) {
    for (const Words& command : commands_) {
      if (!std::ranges::all_of(having, [&](const std::string& word) { return std::ranges::count(command, word) > 0; })) continue;
      Words removal = command;
      removal[0] = "--remove";
      removal.emplace_back("--force");
      secured_kafka().change_rights(removal);
      taken_.push_back(command);
    }
    ASSERT_THAT(taken_, SizeIs(1));
  }
  ~KafkaRights() override {
    for (const Words& command : taken_) secured_kafka().change_rights(command);
  }

  void expect_that_it_fires() {
    const std::size_t before = KafkaReader(secured_kafka().address()).read_all("actions").size();
    SchedulerProcess process = start();
    EXPECT_EQ(KafkaReader(secured_kafka().address()).read("actions", before + 2).size(), before + 2) << process.err();
    EXPECT_EQ(process.stop(), 0);
    EXPECT_TRUE(read_committed_offset(secured_kafka().address(), "action-scheduler-actions", "actions")) << "the position";
  }

  const std::vector<Words> commands_ = commands_of_the_page();
  std::vector<Words> taken_;
};

TEST_F(KafkaRights, OfThePageAreEnough) {
  ASSERT_THAT(commands_, SizeIs(7));
  const Finished checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr("delivery exactly_once"));
  expect_that_it_fires();
}

TEST_F(KafkaRights, ThatAreOptionalAreOptional) {
  for (const Words& having : {Words{"DescribeConfigs", "--topic"}, Words{"DescribeConfigs", "--cluster"},
                              Words{"--transactional-id", "action-scheduler-actions.spare"}}) {
    take_away(having);
    const Finished checked = check();
    EXPECT_EQ(checked.code, 0) << checked.out;
    expect_that_it_fires();
    for (const Words& command : std::exchange(taken_, {})) secured_kafka().change_rights(command);
  }
}

struct MissingRight {
  const char* name;
  Words having;
  const char* said;
};
void PrintTo(const MissingRight& right, std::ostream* out) { *out << right.name; }

class MissingKafkaRight : public KafkaRights, public ::testing::WithParamInterface<MissingRight> {};

TEST_P(MissingKafkaRight, IsNamedByCheck) {
  take_away(GetParam().having);
  const Finished checked = check();
  EXPECT_EQ(checked.code, 1) << checked.out;
  EXPECT_THAT(lines_with(checked.out, "fault kafka"), ElementsAre(HasSubstr(GetParam().said))) << checked.out;
}

INSTANTIATE_TEST_SUITE_P(
    OfThePage, MissingKafkaRight,
    ::testing::Values(MissingRight{"WriteToTheTopic", {"Write", "--topic"}, "allow Write on the topics"},
                      MissingRight{"ReadTheTopic", {"Read", "--topic"}, "allow Read on topic actions"},
                      MissingRight{"ReadTheGroup", {"--group"}, "allow Describe and Read on group action-scheduler-actions"}),
    [](const auto& right) { return std::string(right.param.name); });

// To ask for it would end a scheduler that runs, so `check` can only name it as something to be seen at the start.
TEST_F(KafkaRights, ToTheTransactionalIdIsNamedByTheLog) {
  take_away({"--transactional-id", "action-scheduler-actions"});
  EXPECT_THAT(check().out, HasSubstr("whether transactional id action-scheduler-actions may be used (Describe and Write on it) "
                                     "shows when the service starts"));
  SchedulerProcess process = start();
  EXPECT_TRUE(eventually([&] { return !lines_with(process.err(), "the receiver does not take fires").empty(); }));
  EXPECT_THAT(process.err(), HasSubstr("allow Describe and Write on transactional id action-scheduler-actions"));
  EXPECT_EQ(process.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
