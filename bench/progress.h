// What a benchmark shows on a terminal while it has nothing to say.
#pragma once

#include <chrono>
#include <string>

#include "cli/progress.h"

namespace action_scheduler::bench {

// Whether somebody watches: stderr is a terminal.
bool is_watched();

// A line on stderr that shows nothing unless somebody watches. finish() comes before anything else that is written there.
ProgressLine progress_line();

// Sleeps, and shows how much of it is over.
void sleep_showing(const std::string& what, std::chrono::seconds time);

}  // namespace action_scheduler::bench
