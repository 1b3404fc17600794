// The operator's commands, one function each, and what they share. operator_options.h says what the options mean.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "action_scheduler/ledger.h"
#include "action_scheduler/result.h"
#include "cli/operator_options.h"
#include "operations/action_report.h"
#include "operations/json_object.h"

namespace action_scheduler {

// Each gives the exit code.
int list_actions(const Settings& settings, const ListOptions& options, const OperatorConsole& console);
int show_action(const Settings& settings, const ShowOptions& options, const OperatorConsole& console);
int write_action(const Settings& settings, const WriteOptions& options, const OperatorConsole& console);
int list_fires(const Settings& settings, const FiresOptions& options, const OperatorConsole& console);
int settle(const Settings& settings, const SettleOptions& options, const OperatorConsole& console);
int repair_parked(const Settings& settings, const ParkedOptions& options, const OperatorConsole& console);
int tell_health(const Settings& settings, const HealthOptions& options, const OperatorConsole& console);
int fire_action(const Settings& settings, const FireOptions& options, const OperatorConsole& console);

// Tells the error and gives the exit code.
int failed(const OperatorConsole& console, const Error& error);
int misused(const OperatorConsole& console, const Error& error);

Error no_action(ActionId id);

// The schedule in words and the next fires, or the fault.
void print_schedule(const ActionReport& report, Instant now, std::ostream& out);

// A line for each, newest first, as both lists are. Parked fires stand among the outcomes.
std::string outcome_table(const std::vector<NotedOutcome>& outcomes, const std::vector<ParkedFire>& parked, bool with_action,
                          std::size_t width);

}  // namespace action_scheduler
