// docs/schedules.md, "What is rejected": every message that stands there is the one that is given.
#include <fstream>
#include <iostream>

#include "tests/core/schedule_testing.h"

namespace action_scheduler::testing {
namespace {

struct Documented {
  std::string format;  // "whole": the schedule is the whole cell
  std::string schedule;
  std::string message;
};

// Pairs in fenced blocks: the schedule at the margin, behind it the message, indented and wrapped.
std::vector<Documented> documented_messages() {
  std::ifstream file("docs/schedules.md");
  std::vector<Documented> found;
  std::string format;
  bool section = false;
  bool block = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) section = line == "## What is rejected";
    if (!section || line.empty()) continue;
    if (line == "```") {
      block = !block;
    } else if (!block) {
      if (line.starts_with('`') && line.ends_with("`:")) format = line.substr(1, line.size() - 3);
      if (line.starts_with("The whole")) format = "whole";
    } else if (!line.starts_with(' ')) {
      found.push_back({format, line == "(empty)" ? "" : line, ""});
    } else {
      std::string& message = found.back().message;
      message += (message.empty() ? "" : " ") + line.substr(line.find_first_not_of(' '));
    }
  }
  return found;
}

TEST(DocumentedMessages, AreTheOnesThatAreGiven) {
  const std::vector<Documented> all = documented_messages();
  ASSERT_GT(all.size(), 50u);
  for (const Documented& one : all) {
    if (one.message.find("unknown time zone") != std::string::npos) continue;  // told by the system's tz database
    std::string cron = one.schedule;
    if (one.format == "unix") {
      cron = cron_of("unix", "\"value\":\"" + one.schedule + '"');
    } else if (one.format != "whole") {
      cron = cron_of(one.format, one.schedule.substr(1, one.schedule.size() - 2));
    }
    EXPECT_EQ(fault_of(cron), one.message) << cron;
  }
}

}  // namespace
}  // namespace action_scheduler::testing
