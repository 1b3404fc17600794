// The command `simulate`: what would fire from the table as it is now.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>

#include "action_scheduler/time.h"
#include "config/settings.h"

namespace action_scheduler {

struct SimulateOptions {
  std::optional<std::string> from;  // a time or date as the user wrote it; absent: now
  std::optional<std::string> to;    // absent: a day after `from`
  std::optional<std::string> svg;   // the file for the picture
  bool json = false;                // every fire, a line each
};

// Where it prints and how.
struct SimulateOutput {
  std::ostream& out;
  std::ostream& err;
  std::size_t width = 80;      // columns of the terminal
  bool cut = false;            // `out` is one: no line is wider
  bool show_progress = false;  // `err` is a terminal
};

// Reads the table once, fires nothing, changes nothing. Gives the exit code.
int simulate(const Settings& settings, const SimulateOptions& options, Instant now, const SimulateOutput& output);

}  // namespace action_scheduler
