#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <set>
#include <sstream>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "action_scheduler/utf8.h"
#include "cli/command_model.h"
#include "cli/exit_codes.h"
#include "cli/explain_command.h"
#include "cli/help_text.h"
#include "cli/next_command.h"
#include "cli/operator_command_line.h"
#include "config/effective.h"
#include "config/reference.h"
#include "config/settings_files.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

constexpr const char* kDescription = "Schedules the rows of a database table and fires them into Kafka.";

constexpr const char* kFooter = R"(Examples:
  action-scheduler                               run with config.yaml, .env and the environment
  action-scheduler --config /etc/as.yaml check   find every fault before it is deployed
  action-scheduler --set log.level=debug run     override one key
  action-scheduler config                        every value in force and where it comes from
  action-scheduler config --help                 every key
  action-scheduler next --cron '{"format": "unix", "params": {"value": "0 9 * * mon-fri"}}' --timezone Europe/Berlin --count 5
  action-scheduler simulate --to 2027-01-01        what the table will fire until then, as a histogram
  action-scheduler explain --cron '{"format": "unix", "params": {"value": "30 2 1,15 * fri"}}' --timezone America/New_York
  action-scheduler list --search report            actions, their next fires and how the last ones ended
  action-scheduler fires --outcome expired         what was not delivered, and why

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 already running, 4 fenced by a newer owner.)";

constexpr const char* kEmptyZone = "--timezone: the name is empty; leave the option out for UTC";

constexpr const char* kRunFooter = R"(Example:
  action-scheduler --config /etc/as.yaml run
SIGTERM and SIGINT end it: it stops planning, waits for what was handed over, and exits with 0.)";

constexpr const char* kCheckFooter = R"(Examples:
  action-scheduler --config /etc/as.yaml check   find every fault before it is deployed
  action-scheduler check --json                  {"ok":..., "findings":[...]}
Exit code 1 if there is a fault. Fires nothing and writes nothing.)";

constexpr const char* kConfigFooter = R"(Example:
  action-scheduler --config /etc/as.yaml --set log.level=debug config
A line a key: its value, and where that comes from.)";

constexpr const char* kNextFooter = R"(Example:
  action-scheduler next --cron '{"format": "unix", "params": {"value": "0 9 * * mon-fri"}}' --timezone Europe/Berlin --count 5
With --stdin each line is a JSON object and is answered by one:
  {"cron": {"format": "interval", "params": {"hours": 6}}, "timezone": "UTC", "after": "2026-01-01T00:00:00Z", "count": 2}
  {"fires":["2026-01-01T06:00:00Z","2026-01-01T12:00:00Z"]}
or {"error":"..."}. Jitter is not applied. The configuration is not read.)";

constexpr const char* kExplainFooter = R"(Example:
  action-scheduler explain --cron '{"format": "unix", "params": {"value": "*/5 9-17 * * mon-fri"}}' --timezone America/New_York
says "every 5 minutes from 09:00 to 17:55 on weekdays, New York time", its next five fires in its zone and in UTC, and what it
does at the next two changes of that zone's clock. The configuration is not read.)";

constexpr const char* kSimulateFooter = R"(Examples:
  action-scheduler simulate                                      the next 24 hours
  action-scheduler simulate --from 2026-12-01 --to 2027-01-01    December: counts, peak and a histogram
  action-scheduler simulate --to 2027-01-01 --svg year.svg       the histogram as a picture, too
  action-scheduler simulate --json | head                        every fire, a line each
Reads the table once with the configuration in force; fires nothing and writes nothing. Fire times are counted, jitter moves none
to another bar. Times without an offset are UTC; --from is included, --to is not.)";

constexpr const char* kCompletionsFooter = R"(Example:
  action-scheduler completions bash
prints the script. What takes it: in ~/.bashrc source <(action-scheduler completions bash), in ~/.zshrc, behind compinit, the same
with zsh, in ~/.config/fish/config.fish action-scheduler completions fish | source. The Debian package and make install bring them
along. Behind --set the keys of the configuration are offered.)";

std::string bare_type(const CLI::Option& option) {
  const std::string type = option.get_type_name();  // with what its validators say behind a colon
  return type.substr(0, type.find(':'));
}

CommandModel model_of(const CLI::App& app) {
  CommandModel model{app.get_name(), app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options()) {
    OptionModel& added = model.options.emplace_back();
    added.operand = option->get_lnames().empty();
    added.name = added.operand ? option->get_name(true) : "--" + option->get_lnames().front();
    added.value = option->get_expected_max() == 0 ? "" : bare_type(*option);
    added.description = option->get_description();
    added.required = option->get_required();
  }
  return model;
}

// The parsed command line.
struct Request {
  std::string config_path;
  std::vector<std::string> sets;
  bool json = false;
  bool from_stdin = false;
  NextOptions next;
  ExplainOptions explain;
  std::string after;  // of either
  SimulateOptions simulate;
  std::string shell;
};

class CommandLine {
 public:
  explicit CommandLine(const CommandContext& context) : context_(context), app_(kDescription, "action-scheduler") {
    app_.footer(kFooter);
    app_.set_version_flag("--version", "action-scheduler " ACTION_SCHEDULER_VERSION);
    app_.add_option("--config", request_.config_path, "Read this file in place of config.yaml")->type_name("FILE");
    // One value each time: the word behind it is the command.
    app_.add_option("--set", request_.sets, "Override a key of the configuration, more than once if need be")
        ->type_name("key=value")
        ->type_size(1)
        ->allow_extra_args(false);
    app_.require_subcommand(0, 1);
    run_ = command("run", "The service; what is done without a command");
    run_->footer(kRunFooter);
    check_ = command("check", "Try the configuration, the databases, Kafka and every row: all faults at once");
    check_->add_flag("--json", request_.json, "For machines");
    check_->footer(kCheckFooter);
    config_ = command("config", "The configuration in force, with the place that each value comes from; secrets masked");
    config_->add_flag("--json", request_.json, "For machines");
    config_->footer(std::string(kConfigFooter) + "\n\nKeys (docs/configuration.md has more):\n" + configuration_help());
    next_ = command("next", "The next fire times of a schedule, one a line, in UTC");
    add_next_options();
    explain_ = command("explain", "A schedule in words, its next fires, and what it does when the clock changes");
    add_explain_options();
    simulate_ = command("simulate", "What the table will fire from one time to another: counts, a histogram, every fire");
    add_simulate_options();
    operator_.emplace([this](const std::string& name, const std::string& description) { return command(name, description); });
    docs_ = command("docs-config", "docs/configuration.md, made from the table of keys");
    docs_->group("");
    docs_commands_ = command("docs-commands", "docs/commands.md, made from the definition of the commands");
    docs_commands_->group("");
    manual_ = command("docs-man", "The manual page, action-scheduler(1)");
    manual_->group("");
    completions_ = command("completions", "A script that completes the command line in a shell");
    completions_->add_option("SHELL", request_.shell, "Whose script")
        ->required()
        ->check(CLI::IsMember(std::set<std::string>(std::begin(kShells), std::end(kShells))).description(""))
        ->type_name("bash|zsh|fish");
    completions_->footer(kCompletionsFooter);
  }

  int run(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") {  // `help list` is `list --help`
      arguments.erase(arguments.begin());
      arguments.emplace_back("--help");
    }
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return usage(error);
    }
    if (*docs_) return print(configuration_markdown());
    if (*docs_commands_) return print(commands_markdown(model()));
    if (*manual_) return print(manual_page(model()));
    if (*completions_) return print(completions(model(), request_.shell));
    if (*next_) return next();
    if (*explain_) return explain();
    if (operator_->given()) return operate();
    return configured();
  }

 private:
  CLI::App* command(const std::string& name, const std::string& description) {
    CLI::App* added = app_.add_subcommand(name, description);
    added->fallthrough();  // --config and --set may stand behind the command too
    return added;
  }

  void add_next_options() {
    NextOptions& next = request_.next;
    next_->add_option("--cron", next.cron, "The schedule, as in the column cron")->type_name("JSON");
    next_->add_flag("--stdin", request_.from_stdin, "Read a question a line, answer each with a line");
    next_->add_option("--timezone", next.timezone, "Zone of a schedule that names none [UTC]")->type_name("ZONE");
    next_->add_option("--after", request_.after, "Fire times strictly after this, such as 2026-01-01T00:00:00Z [now]")
        ->type_name("TIME");
    next_->add_option("--count", next.count, "How many, up to " + std::to_string(kFiresMax) + " [1]")
        ->check(CLI::Range(std::int64_t{0}, kFiresMax))
        ->type_name("N");
    next_->add_flag("--local", next.local, "Add the local time in the zone of the schedule");
    next_->add_flag("--json", next.json, "For machines");
    next_->footer(kNextFooter);
  }

  void add_explain_options() {
    ExplainOptions& explain = request_.explain;
    explain_->add_option("--cron", explain.cron, "The schedule, as in the column cron")->type_name("JSON");
    explain_->add_option("--timezone", explain.timezone, "Zone of a schedule that names none [UTC]")->type_name("ZONE");
    explain_->add_option("--after", request_.after, "As of this time, such as 2026-01-01T00:00:00Z [now]")->type_name("TIME");
    explain_->add_flag("--json", explain.json, "For machines");
    explain_->footer(kExplainFooter);
  }

  void add_simulate_options() {
    SimulateOptions& simulate = request_.simulate;
    simulate_->add_option("--from", simulate.from, "From this date or time on, such as 2026-12-01T10:00:00Z [now]")
        ->type_name("TIME");
    simulate_->add_option("--to", simulate.to, "Until before this [a day later]")->type_name("TIME");
    simulate_->add_option("--svg", simulate.svg, "Draw the histogram into this file")->type_name("FILE");
    simulate_->add_flag("--json", simulate.json, "Every fire in order, a JSON object a line");
    simulate_->footer(kSimulateFooter);
  }

  int usage(const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream help;
      const int code = app_.exit(error, help, context_.err);
      context_.out << fitted(help.str(), context_.width) << std::flush;
      return code;
    }
    const std::vector<std::string> unknown = app_.remaining(true);
    context_.err << "action-scheduler: " << (unknown.empty() ? plainly(error.what()) : unexpected(unknown.front()))
                 << "\naction-scheduler " << command_given() << "--help shows what there is\n";
    return kExitUsage;
  }

  // "list ", or nothing.
  std::string command_given() const {
    const std::vector<CLI::App*> given = app_.get_subcommands();
    return given.empty() ? "" : given.front()->get_name() + ' ';
  }

  // CLI11's words, but for those that need explaining.
  static std::string plainly(std::string_view text) {
    std::string message;
    append_printable(message, text);
    constexpr std::string_view kTwice = "At Most 1 required but received ";
    if (const auto at = message.find(kTwice); at != std::string::npos) message.replace(at, message.npos, "given more than once");
    constexpr std::string_view kMissing = ": 1 required ";
    if (const auto at = message.find(kMissing); at != std::string::npos) message.replace(at, kMissing.size(), ": ");
    constexpr std::string_view kValue = ": Value ";
    constexpr std::string_view kRange = " not in range ";
    constexpr std::string_view kChoices = " not in {";
    const auto name = message.find(": ");
    if (const auto at = message.find(kRange); at != std::string::npos && message.find(kValue) == name) {
      const std::string value = message.substr(name + kValue.size(), at - name - kValue.size());
      return message.substr(0, name) + ": expected " + message.substr(at + kRange.size()) + ", got " + value;
    }
    if (const auto at = message.find(kChoices); at != std::string::npos && name < at) {
      const std::string choices = message.substr(at + kChoices.size(), message.size() - at - kChoices.size() - 1);
      return message.substr(0, name) + ": expected one of " + choices + ", got " + message.substr(name + 2, at - name - 2);
    }
    return message;
  }

  // What is wrong with the first argument that nothing takes. What stands behind its `=` may be a secret.
  std::string unexpected(const std::string& argument) const {
    const std::string name = argument.substr(0, argument.find('='));
    const std::vector<CLI::App*> given = app_.get_subcommands();
    std::vector<std::string> known;
    if (name.starts_with('-')) {
      std::vector<const CLI::App*> apps{&app_};
      apps.insert(apps.end(), given.begin(), given.end());
      for (const CLI::App* app : apps) {
        for (const CLI::Option* option : app->get_options()) {
          for (const std::string& word : option->get_lnames()) known.push_back("--" + word);
        }
      }
      return "unknown option " + quoted_excerpt(name) + suggestion(name, known);
    }
    if (!given.empty()) {
      const bool has_operands = !given.front()->get_options([](const CLI::Option* one) { return one->get_positional(); }).empty();
      return "unexpected " + quoted_excerpt(name) + " behind the command " + given.front()->get_name() +
             (has_operands ? "; --help shows what it takes" : ", which takes options alone");
    }
    for (const CLI::App* app : app_.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
      known.push_back(app->get_name());
    }
    return "unknown command " + quoted_excerpt(name) + suggestion(name, known);
  }

  // What is not hidden.
  ProgramModel model() const {
    ProgramModel program{model_of(app_), {}};
    for (const CLI::App* app : app_.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
      CommandModel& command = program.commands.emplace_back(model_of(*app));
      if (app == config_)
        command.footer = std::string(kConfigFooter) + "\nKeys: docs/configuration.md, or action-scheduler config --help";
      // Every command has it; the program's own line does for all.
      std::erase_if(command.options, [](const OptionModel& option) { return option.name == "--help"; });
    }
    return program;
  }

  int print(const std::string& text) { return context_.out << text << std::flush ? kExitDone : kExitFailed; }

  int next() {
    if (request_.from_stdin) {
      // Each question has its own.
      for (const char* option : {"--cron", "--timezone", "--after", "--count", "--local", "--json"}) {
        if (next_->count(option) > 0) return misused("next", std::string("next --stdin does not go with ") + option);
      }
      return answer_questions(context_.in, context_.out, context_.now, context_.zones);
    }
    if (next_->count("--cron") == 0) return misused("next", "next needs --cron JSON or --stdin");
    if (empty_zone(*next_, request_.next.timezone)) return misused("next", kEmptyZone);
    if (next_->count("--after") > 0) request_.next.after = request_.after;
    return print_next_fires(request_.next, context_.now(), context_.zones, context_.out, context_.err);
  }

  int explain() {
    if (explain_->count("--cron") == 0) return misused("explain", "explain needs --cron JSON");
    if (empty_zone(*explain_, request_.explain.timezone)) return misused("explain", kEmptyZone);
    if (explain_->count("--after") > 0) request_.explain.after = request_.after;
    return explain_schedule(request_.explain, context_.now(), context_.zones, context_.out, context_.err);
  }

  // Such as of a shell's variable that is not set: it must not become UTC in silence.
  static bool empty_zone(const CLI::App& command, const std::string& timezone) {
    return command.count("--timezone") > 0 && timezone.empty();
  }

  int misused(const std::string& command, const std::string& message) {
    context_.err << "action-scheduler: " << message << "\naction-scheduler " << command << " --help shows what there is\n";
    return kExitUsage;
  }

  int operate() {
    Result<OperatorCommand> asked = operator_->command();
    if (!asked) return misused(operator_->name(), asked.error().message);
    operation_ = *std::move(asked);
    return configured();
  }

  int configured() {
    SettingsSources sources;
    if (app_.count("--config") > 0) sources.config_path = request_.config_path;
    sources.sets = request_.sets;
    sources.callbacks = context_.callbacks;
    LoadedSettings loaded = load_settings_of_process(sources);
    check_zone(loaded);
    if (!loaded.ok()) return report(loaded.faults);
    if (*config_) return print(request_.json ? effective_json(loaded.values) : effective_table(loaded.values));
    if (*check_) return context_.check(loaded.settings, request_.json);
    if (*simulate_) return context_.simulate(loaded.settings, request_.simulate);
    if (operation_) return context_.operate(loaded.settings, *operation_);
    return context_.run(loaded.settings, effective_json(loaded.values));
  }

  // Which zones exist only the system knows, so this is not part of reading the configuration.
  void check_zone(LoadedSettings& loaded) {
    const auto found = std::ranges::find(loaded.values, "timezone", &EffectiveValue::key);
    const auto* name = found == loaded.values.end() ? nullptr : std::get_if<std::string>(&found->value);
    if (name == nullptr) return;
    const auto zone = context_.zones.find(*name);
    if (!zone) loaded.faults.push_back({found->origin, "timezone", zone.error().message});
  }

  int report(const ConfigFaults& faults) {
    if (*check_ && request_.json) context_.out << faults_json(faults) << std::flush;
    for (const ConfigFault& fault : faults) context_.err << fault.describe() << '\n';
    return kExitUsage;
  }

  const CommandContext& context_;
  Request request_;
  CLI::App app_;
  std::optional<OperatorCommandLine> operator_;
  std::optional<OperatorCommand> operation_;
  CLI::App* run_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* config_ = nullptr;
  CLI::App* next_ = nullptr;
  CLI::App* explain_ = nullptr;
  CLI::App* simulate_ = nullptr;
  CLI::App* docs_ = nullptr;
  CLI::App* docs_commands_ = nullptr;
  CLI::App* manual_ = nullptr;
  CLI::App* completions_ = nullptr;
};

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const CommandContext& context) {
  return CommandLine(context).run(arguments);
}

}  // namespace action_scheduler
