// Reads `sample_actions.yaml`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/result.h"
#include "action_scheduler/row.h"

namespace action_scheduler {

// A YAML list of actions with the table's columns as keys; `name`, `command` and `cron` must be given. Rows come in the order of
// the file with cells as a table would have them: `cron` and `headers` as JSON text, null cells absent; the id is 0 where none is
// given, for the table to choose. Schedules are not parsed. The Error names the first fault as `file:line:column`.
Result<std::vector<Row>> read_sample_actions(std::string_view yaml, const std::string& file);

}  // namespace action_scheduler
