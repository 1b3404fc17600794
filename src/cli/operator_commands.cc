#include "cli/operator_commands.h"

#include <ostream>

#include "action_scheduler/describe.h"
#include "cli/exit_codes.h"
#include "cli/schedule_text.h"
#include "core/json.h"

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

std::string action_json(const ActionReport& report, Instant now, const std::string& more) {
  std::string text = '{' + report_members_json(report, now) + ",\"cells\":" + cells_json(report.row);
  if (report.trigger) {
    const auto silence = why_silent(*report.trigger, now);
    const std::vector<Instant> fires = report.disabled ? std::vector<Instant>() : next_fires(*report.trigger, now);
    text += ",\"remarks\":" + json_array(remarks(*report.trigger), json_quoted) +
            ",\"fires\":" + fires_json(fires, report.trigger->zone()) +
            ",\"silence\":" + (silence ? json_quoted(*silence) : "null");
  } else {
    text += ",\"remarks\":[],\"fires\":[],\"silence\":null";
  }
  return text + more + '}';
}

}  // namespace action_scheduler
