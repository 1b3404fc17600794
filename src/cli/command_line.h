// The command line: which command, with which configuration.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "action_scheduler/time.h"
#include "action_scheduler/zone.h"
#include "cli/operator_options.h"
#include "cli/simulate_command.h"
#include "config/settings.h"

namespace action_scheduler {

// What the commands touch, so that tests can stand in for it. Everything outlives the call.
struct CommandContext {
  std::istream& in;
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  ZoneSource& zones;
  std::function<Instant()> now;
  std::vector<std::string> callbacks;  // the registered names, for action.callback
  // `effective_config`: what `config --json` prints.
  std::function<int(const Settings&, const std::string& effective_config)> run;
  std::function<int(const Settings&, bool json)> check;
  std::function<int(const Settings&, const SimulateOptions&)> simulate;
  std::function<int(const Settings&, const OperatorCommand&)> operate;
  std::size_t width = 0;  // columns of the terminal that help is shown on; 0: none
};

// Runs the command that `arguments` (without the program's name) ask for and gives the exit code (exit_codes.h). Commands that
// need configuration read it from the working directory and the environment of this process.
int run_command_line(const std::vector<std::string>& arguments, const CommandContext& context);

}  // namespace action_scheduler
