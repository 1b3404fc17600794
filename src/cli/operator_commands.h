// The operator's commands, one function each, and what they share. operator_options.h says what the options mean.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "action_scheduler/ledger.h"
#include "action_scheduler/result.h"
#include "cli/action_report.h"
#include "cli/operator_options.h"

namespace action_scheduler {

// Each gives the exit code.
int list_actions(const Settings& settings, const ListOptions& options, const OperatorConsole& console);
int show_action(const Settings& settings, const ShowOptions& options, const OperatorConsole& console);
int write_action(const Settings& settings, const WriteOptions& options, const OperatorConsole& console);
int list_fires(const Settings& settings, const FiresOptions& options, const OperatorConsole& console);
int settle(const Settings& settings, const SettleOptions& options, const OperatorConsole& console);
int repair_parked(const Settings& settings, const ParkedOptions& options, const OperatorConsole& console);

// Tells the error and gives the exit code.
int failed(const OperatorConsole& console, const Error& error);
int misused(const OperatorConsole& console, const Error& error);

Error no_action(ActionId id);

// An action as `show --json` tells it, with further members.
std::string action_json(const ActionReport& report, Instant now, const std::string& more);

// A line for each, newest first, as both lists are. Parked fires stand among the outcomes.
std::string outcome_table(const std::vector<NotedOutcome>& outcomes, const std::vector<ParkedFire>& parked, bool with_action,
                          std::size_t width);

template <class Items, class Text>
std::string json_array(const Items& items, const Text& text) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "" : ",") + text(item);
  return '[' + list + ']';
}

}  // namespace action_scheduler
