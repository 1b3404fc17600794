#include "cli/operator_commands.h"

#include <ostream>

#include "action_scheduler/describe.h"
#include "cli/exit_codes.h"
#include "core/json.h"
#include "operations/schedule_text.h"

namespace action_scheduler {

int operate(const Settings& settings, const OperatorCommand& command, const OperatorConsole& console) {
  struct Dispatch {
    const Settings& settings;
    const OperatorConsole& console;
    int operator()(const ListOptions& options) const { return list_actions(settings, options, console); }
    int operator()(const ShowOptions& options) const { return show_action(settings, options, console); }
    int operator()(const WriteOptions& options) const { return write_action(settings, options, console); }
    int operator()(const FiresOptions& options) const { return list_fires(settings, options, console); }
    int operator()(const SettleOptions& options) const { return settle(settings, options, console); }
    int operator()(const ParkedOptions& options) const { return repair_parked(settings, options, console); }
    int operator()(const HealthOptions& options) const { return tell_health(settings, options, console); }
    int operator()(const FireOptions& options) const { return fire_action(settings, options, console); }
  };
  return std::visit(Dispatch{settings, console}, command);
}

int failed(const OperatorConsole& console, const Error& error) {
  console.err << "action-scheduler: " << error.message << '\n';
  return kExitFailed;
}

int misused(const OperatorConsole& console, const Error& error) {
  console.err << "action-scheduler: " << error.message << '\n';
  return kExitUsage;
}

Error no_action(ActionId id) {
  return {"there is no action " + std::to_string(id) + "; action-scheduler list shows what there is"};
}

void print_schedule(const ActionReport& report, Instant now, std::ostream& out) {
  if (report.fault) {
    out << "Fault in column " << column_name(report.fault->column) << ": " << report.fault->message << '\n';
    return;
  }
  const Trigger& trigger = *report.trigger;
  out << wrapped(describe(trigger), 0) << '\n';
  for (const std::string& sentence : remarks(trigger)) out << "- " << wrapped(sentence, 2) << '\n';
  out << '\n';
  if (report.disabled) {
    out << "Disabled: does not fire. action-scheduler enable " << report.row.id << " lets it fire again, from then on.\n";
    return;
  }
  if (const auto silence = why_silent(trigger, now)) {
    out << wrapped("Does not fire after " + format_utc(now) + ": " + *silence + '.', 0) << '\n';
    return;
  }
  print_fires(next_fires(trigger, now), trigger.zone(), out);
}

}  // namespace action_scheduler
