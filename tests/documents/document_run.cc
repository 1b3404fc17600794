#include "tests/documents/document_run.h"

#include <signal.h>

#include <chrono>
#include <thread>

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::chrono::seconds kStepMax{60};

const std::vector<std::string> bash(const std::string& script) { return {"-eu", "-c", script}; }

std::string quoted(const fs::path& path) { return '\'' + path.string() + '\''; }

}  // namespace

DocumentRun::DocumentRun(std::vector<std::pair<std::string, std::string>> replaced, Environment environment)
    : replaced_(std::move(replaced)), environment_(std::move(environment)) {
  // A reader works in the tree, where the program was built.
  for (const char* name : {"docs", "docker", "deploy", "examples", "sample_actions.yaml", "sample_configs"}) {
    if (fs::exists(name)) fs::create_symlink(fs::absolute(name), folder_.path() / name);
  }
  fs::create_directory(folder_.path() / "build");
  fs::create_symlink(scheduler_program(), folder_.path() / "build/action-scheduler");
}

std::string DocumentRun::replace_names(std::string text) const {
  for (const auto& [name, here] : replaced_) {
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += here.size()) {
      text.replace(at, name.size(), here);
    }
  }
  return text;
}

std::string DocumentRun::run(const DocumentStep& step) {
  if (step.kind == DocumentStep::Kind::end) return end();
  if (step.kind == DocumentStep::Kind::kill) {
    background_.clear();
    return "";
  }
  const std::string text = replace_names(step.text);
  if (step.kind == DocumentStep::Kind::file) {
    fs::create_directories((folder_.path() / step.file).parent_path());
    folder_.write(step.file, text);
    return "";
  }
  const std::string at = "cd " + quoted(folder_.path()) + "\nexec 2>&1\nPATH=" + quoted(folder_.path() / "build") + ":$PATH\n";
  outputs_.push_back(std::make_unique<WorkFolder>());
  const WorkFolder& output = *outputs_.back();
  if (step.background) {
    fs::remove(folder_.path() / "background.log");
    fs::create_symlink(output.path() / "stdout", folder_.path() / "background.log");
    background_.push_back(std::make_unique<SchedulerProcess>(output, bash(at + "exec " + text), environment_, "/bin/bash"));
    return "";
  }
  std::string script = text;
  if (step.kind == DocumentStep::Kind::sql) {
    output.write("stdin", text);
    script = "psql -q -v ON_ERROR_STOP=1";
  }
  const auto deadline = std::chrono::steady_clock::now() + kStepMax;
  for (;;) {
    output.write("stdout", "");
    SchedulerProcess process(output, bash(at + script), environment_, "/bin/bash");
    const std::optional<int> code = process.wait(kStepMax);
    const std::string got = process.out();
    std::string fault;
    if (!code) {
      fault = "does not end";
    } else if ((*code != 0) != step.fails) {
      fault = "ends with " + std::to_string(*code);
    } else if (step.kind == DocumentStep::Kind::console && !printed_as_shown(replace_names(step.printed), got, step.like)) {
      fault = "prints something else than\n" + replace_names(step.printed) + "namely";
    }
    if (fault.empty()) return "";
    if (!step.until || !code || std::chrono::steady_clock::now() >= deadline) {
      std::string others;
      for (const auto& running : background_) others += "in the background:\n" + running->out();
      return text + fault + '\n' + got + others;
    }
    std::this_thread::sleep_for(100ms);
  }
}

std::string DocumentRun::end() {
  std::string faults;
  for (const auto& process : background_) {
    const std::optional<int> code = process->stop();
    if (code != 0)
      faults += "in the background: ended with " + (code ? std::to_string(*code) : "nothing") + '\n' + process->out();
  }
  background_.clear();
  return faults;
}

}  // namespace action_scheduler::testing
