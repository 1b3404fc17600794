// Every command of the documents is run, and prints what they show.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/documents/document_run.h"
#include "tests/documents/servers.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pages() {
  std::vector<std::string> found{"CONTRIBUTING.md", "README.md", "SECURITY.md"};
  for (const char* folder : {"docs", "examples", "deploy"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      // The synopses of that page are no commands; what it has of examples is looked at below.
      if (entry.path().extension() == ".md" && entry.path() != "docs/commands.md") found.push_back(entry.path().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Kafka's own tools, by the names that its distribution gives them.
class KafkaTools {
 public:
  KafkaTools() {
    for (const auto& [name, main] : {std::pair{"kafka-acls.sh", "AclCommand"},
                                     {"kafka-consumer-groups.sh", "consumer.group.ConsumerGroupCommand"},
                                     {"kafka-topics.sh", "TopicCommand"}}) {
      folder_.write(name,
                    "#!/bin/sh\nexec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '" +
                        kafka_jars() + "/*' org.apache.kafka.tools." + main + " \"$@\"\n");
      fs::permissions(folder_.path() / name, fs::perms::owner_all);
    }
  }
  std::string path() const { return folder_.path().string(); }

 private:
  WorkFolder folder_;
};

// An address of this machine that nobody listens on.
std::string free_address() { return "127.0.0.1:" + std::to_string(free_ports(1)[0]); }

// The examples that `--help` shows, and with it docs/commands.md: lines of its text blocks, without what stands behind three
// blanks.
std::vector<std::string> examples_of_commands() {
  std::vector<std::string> examples;
  bool block = false;
  bool goes_on = false;
  std::ifstream file("docs/commands.md");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      block = line == "```text";
    } else if (block && (goes_on || line.starts_with("  action-scheduler "))) {
      line.erase(0, line.find_first_not_of(' '));
      line = line.substr(0, line.find("   "));
      if (goes_on) {
        examples.back() += '\n' + line;
      } else {
        examples.push_back(line);
      }
      goes_on = line.ends_with('\\');
    }
  }
  return examples;
}

TEST(CommandsPage, HasExamplesThatRun) {
  DocumentRun run({{"/etc/as.yaml", "config.yaml"}, {"localhost:8080", free_address()}}, {});
  const auto script = [&run](const std::string& text) {
    DocumentStep step;
    step.text = text + '\n';
    return run.run(step);
  };
  DocumentStep config;
  config.kind = DocumentStep::Kind::file;
  config.file = "config.yaml";
  config.text =
      "actions_db: {dialect: sqlite, database: actions.db}\ninternal_db: {dialect: sqlite, database: ledger.db}\n"
      "track_changes_period: 1\nhttp: {listen: \"localhost:8080\"}\n";
  ASSERT_EQ(run.run(config), "");
  DocumentStep service;
  service.background = true;
  service.text = "action-scheduler run\n";
  ASSERT_EQ(run.run(service), "");
  ASSERT_EQ(script("until action-scheduler health --ready; do sleep 0.1; done"), "");
  ASSERT_EQ(script("for id in {40..60}; do action-scheduler add --id $id --name n --command c"
                   R"( --cron '{"format": "unix", "params": {"value": "@daily"}}'; done)"),
            "");

  const std::vector<std::string> examples = examples_of_commands();
  EXPECT_GT(examples.size(), 20U);
  for (const std::string& example : examples) {
    if (example.ends_with(" run")) continue;  // it runs
    DocumentStep step;
    step.text = example + '\n';
    step.until = true;  // the scheduler takes up changes within a second
    // Nothing is parked here.
    step.fails = example.find("parked retry") != std::string::npos || example.find("parked drop") != std::string::npos;
    EXPECT_EQ(run.run(step), "");
    if (example.ends_with("disable 42")) {
      EXPECT_EQ(script("action-scheduler enable 42"), "");
    }
  }
  EXPECT_EQ(run.end(), "");
}

class Documents : public ::testing::TestWithParam<std::string> {};

TEST_P(Documents, RunAsTheySay) {
  const Document page = parse_document(text_of(GetParam()));
  for (const std::string& fault : page.faults) ADD_FAILURE() << GetParam() << ", " << fault;
  if (std::none_of(page.steps.begin(), page.steps.end(), [](const auto& step) { return step.skipped.empty(); })) return;

  const KafkaTools tools;
  std::vector<std::pair<std::string, std::string>> replaced{{"localhost:8080", free_address()}};
  Environment environment{{"PATH", tools.path() + ":/usr/bin:/usr/sbin:/sbin:" + std::getenv("PATH")}, {"LC_ALL", "C.UTF-8"}};
  if (page.servers) {
    // The names that the pages use; all anew for each.
    KafkaServer& server = document_kafka();
    const std::string port = std::to_string(postgres().port());
    postgres().exec("DROP DATABASE IF EXISTS scheduler WITH (FORCE)");
    postgres().exec("DROP ROLE IF EXISTS scheduler");
    postgres().exec("CREATE ROLE scheduler LOGIN SUPERUSER");
    postgres().exec("CREATE DATABASE scheduler OWNER scheduler");
    static bool topic = false;
    if (topic) server.delete_topic("actions");
    server.create_topic("actions");
    topic = true;
    replaced.insert(replaced.end(),
                    {{"localhost:9092", server.address()}, {"kafka:9092", server.address()}, {"port: 5432", "port: " + port}});
    environment.insert({"KAFKA_SERVER", server.address()});
    environment.insert({{"PGHOST", "127.0.0.1"}, {"PGPORT", port}, {"PGUSER", "scheduler"}, {"PGDATABASE", "scheduler"}});
  }
  DocumentRun run(replaced, environment);
  for (const DocumentStep& step : page.steps) {
    if (!step.skipped.empty()) continue;
    if (const std::string fault = run.run(step); !fault.empty()) {
      ADD_FAILURE_AT(GetParam().c_str(), step.line) << fault;
      break;
    }
  }
  if (const std::string fault = run.end(); !fault.empty()) ADD_FAILURE() << fault;
}

INSTANTIATE_TEST_SUITE_P(Every, Documents, ::testing::ValuesIn(pages()), [](const auto& page) {
  std::string name = page.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace action_scheduler::testing
