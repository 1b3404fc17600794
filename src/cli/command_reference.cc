#include <algorithm>
#include <sstream>

#include "cli/command_model.h"

namespace action_scheduler {
namespace {

constexpr const char* kExitCodes[][2] = {{"0", "done"},
                                         {"1", "failed"},
                                         {"2", "wrong usage or configuration"},
                                         {"3", "already running"},
                                         {"4", "fenced by a newer owner"}};

// "--limit N", "--json"
std::string usage_of(const OptionModel& option) {
  return option.operand || option.value.empty() ? option.name : option.name + ' ' + option.value;
}

// "action-scheduler show ID [options]"
std::string usage_of(const CommandModel& command) {
  std::string text = "action-scheduler " + command.name;
  bool has_options = false;
  for (const OptionModel& option : command.options) {
    const std::string name = option.value.find('|') == std::string::npos ? option.name : option.value;
    if (option.operand) text += option.required ? ' ' + name : " [" + name + ']';
    has_options |= !option.operand;
  }
  return has_options ? text + " [options]" : text;
}

std::string in_cell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

void add_table(const CommandModel& command, std::ostream& out) {
  if (command.options.empty()) return;
  out << "\n| option | meaning |\n|---|---|\n";
  for (const OptionModel& option : command.options) {
    out << "| `" << in_cell(usage_of(option)) << "` | " << in_cell(option.description) << (option.required ? "; needed" : "")
        << " |\n";
  }
}

// Roff: a line must not begin with a control character, and a hyphen is no dash.
std::string roff(const std::string& text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

void add_options(const CommandModel& command, std::ostream& out) {
  for (const OptionModel& option : command.options) {
    out << ".TP\n\\fB" << roff(option.name) << "\\fR";
    if (!option.operand && !option.value.empty()) out << " \\fI" << roff(option.value) << "\\fR";
    out << '\n' << roff(option.description) << ".\n";
  }
}

void add_footer(const CommandModel& command, std::ostream& out) {
  if (!command.footer.empty()) out << ".PP\n.nf\n" << roff(command.footer) << "\n.fi\n";
}

}  // namespace

std::vector<std::string> choices_of(const OptionModel& option) {
  std::vector<std::string> choices;
  if (option.value.find('|') == std::string::npos) return choices;
  std::istringstream list(option.value);
  for (std::string choice; std::getline(list, choice, '|');) choices.push_back(choice);
  return choices;
}

std::string commands_markdown(const ProgramModel& program) {
  std::ostringstream out;
  out << "# Commands\n\nMade by `action-scheduler docs-commands` from the definition that `--help` shows; a test compares the "
         "two.\n\n"
         "    action-scheduler [--config FILE] [--set key=value]... [COMMAND]\n\n"
         "Without a command it runs the service. Results go to standard output, everything else to standard error. With `--json` "
         "the\nresult is one JSON object, or one a line where there may be many. On a terminal tables are cut to its width; in a "
         "pipe "
         "nothing\nis cut. Instants are UTC unless they carry an offset.\n";
  add_table(program.program, out);
  out << "\n| exit code | meaning |\n|---|---|\n";
  for (const auto& [code, meaning] : kExitCodes) out << "| " << code << " | " << meaning << " |\n";
  out << "\n| command | what it does |\n|---|---|\n";
  for (const CommandModel& command : program.commands) {
    out << "| [" << command.name << "](#" << command.name << ") | " << in_cell(command.description) << " |\n";
  }
  for (const CommandModel& command : program.commands) {
    out << "\n## " << command.name << "\n\n" << command.description << ".\n\n    " << usage_of(command) << '\n';
    add_table(command, out);
    if (!command.footer.empty()) out << "\n```text\n" << command.footer << "\n```\n";
  }
  return out.str();
}

std::string manual_page(const ProgramModel& program) {
  std::ostringstream out;
  out << ".TH ACTION\\-SCHEDULER 1\n.SH NAME\naction\\-scheduler \\- schedules the rows of a database table and fires them into "
         "Kafka\n.SH SYNOPSIS\n.B action\\-scheduler\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] [\\fB\\-\\-set\\fR "
         "\\fIkey=value\\fR]... [\\fICOMMAND\\fR]\n.SH DESCRIPTION\n"
      << roff(program.program.description)
      << "\nWithout a command it runs the service. Results go to standard output, everything else to standard error.\n.SH "
         "OPTIONS\n";
  add_options(program.program, out);
  out << ".SH COMMANDS\n";
  for (const CommandModel& command : program.commands) {
    out << ".SS " << roff(usage_of(command)) << '\n' << roff(command.description) << ".\n";
    add_options(command, out);
    add_footer(command, out);
  }
  out << ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitCodes) out << ".TP\n" << code << '\n' << meaning << '\n';
  out << ".SH FILES\n.TP\n\\fIconfig.yaml\\fR, \\fI.env\\fR\nThe configuration, read from the working directory.\n";
  return out.str();
}

}  // namespace action_scheduler
