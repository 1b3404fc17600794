// Does what a page says, in a folder of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/documents/document.h"
#include "tests/servers/scheduler_process.h"

namespace action_scheduler::testing {

class DocumentRun {
 public:
  // `replaced`: texts of the page, such as the port of a server, and what stands for them here. `environment` is that of all
  // commands.
  DocumentRun(std::vector<std::pair<std::string, std::string>> replaced, Environment environment);

  // Does the step. Empty if it went as the page says, else what happened instead.
  std::string run(const DocumentStep& step);

  // Ends what runs in the background. Empty if all of it ended with 0.
  std::string end();

 private:
  std::string replace_names(std::string text) const;

  const std::vector<std::pair<std::string, std::string>> replaced_;
  const Environment environment_;
  WorkFolder folder_;
  std::vector<std::unique_ptr<WorkFolder>> outputs_;
  std::vector<std::unique_ptr<SchedulerProcess>> background_;
};

}  // namespace action_scheduler::testing
