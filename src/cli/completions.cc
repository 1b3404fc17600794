#include <sstream>

#include "cli/command_model.h"
#include "config/keys.h"

namespace action_scheduler {
namespace {

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> command_names(const ProgramModel& program) {
  std::vector<std::string> names;
  for (const CommandModel& command : program.commands) names.push_back(command.name);
  return names;
}

bool takes_file(const OptionModel& option) { return option.value == "FILE"; }

bool takes_setting(const OptionModel& option) { return option.value == "key=value"; }

// "debug=", what stands before a value behind --set. Properties have names of their own behind theirs.
std::vector<std::string> settings_begun() {
  std::vector<std::string> begun;
  for (const KeySpec& key : config_keys()) {
    begun.push_back(std::string(key.name) + (key.type == KeyType::properties ? "." : "="));
  }
  return begun;
}

// ----------------------------------------------------------------------------------------------------------------------- bash

// What `case $prev` does behind the options that take a value.
void add_bash_values(const CommandModel& command, const std::string& indent, std::ostream& out) {
  for (const OptionModel& option : command.options) {
    if (option.operand || option.value.empty()) continue;
    out << indent << option.name << ") ";
    if (takes_file(option)) {
      out << "COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n";
    } else if (takes_setting(option)) {
      out << "compopt -o nospace 2>/dev/null; COMPREPLY=($(compgen -W '" << joined(settings_begun(), " ")
          << "' -- \"$cur\")); return ;;\n";
    } else {
      out << "COMPREPLY=($(compgen -W '" << joined(choices_of(option), " ") << "' -- \"$cur\")); return ;;\n";
    }
  }
}

// What may stand at the next place: options, and the choices of operands.
std::string bash_words(const ProgramModel& program, const CommandModel& command) {
  std::vector<std::string> words;
  for (const CommandModel* source : {&command, &program.program}) {
    for (const OptionModel& option : source->options) {
      if (!option.operand) words.push_back(option.name);
      if (option.operand) {
        for (const std::string& choice : choices_of(option)) words.push_back(choice);
      }
    }
  }
  return joined(words, " ");
}

std::string bash(const ProgramModel& program) {
  std::ostringstream out;
  out << "# bash completion for action-scheduler\n_action_scheduler() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= skip= word\n  COMPREPLY=()\n"
         // bash takes an = for a word of its own: behind it stands the value of what is before it.
         "  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  [[ ${COMP_WORDS[COMP_CWORD-2]} == --set && ${COMP_WORDS[COMP_CWORD]} == = ]] && return\n"
         "  [[ $COMP_CWORD -gt 3 && ${COMP_WORDS[COMP_CWORD-3]} == --set && ${COMP_WORDS[COMP_CWORD-1]} == = ]] && return\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    if [[ $skip ]]; then skip=; continue; fi\n    case $word in\n      --config|--set|=) skip=1 ;;\n      "
      << joined(command_names(program), "|") << ") command=$word; break ;;\n    esac\n  done\n  case $prev in\n";
  add_bash_values(program.program, "    ", out);
  out << "  esac\n  case $command in\n";
  for (const CommandModel& command : program.commands) {
    out << "    " << command.name << ")\n      case $prev in\n";
    add_bash_values(command, "        ", out);
    out << "      esac\n      COMPREPLY=($(compgen -W '" << bash_words(program, command) << "' -- \"$cur\")) ;;\n";
  }
  std::vector<std::string> first = command_names(program);
  for (const OptionModel& option : program.program.options) first.push_back(option.name);
  out << "    *) COMPREPLY=($(compgen -W '" << joined(first, " ")
      << "' -- \"$cur\")) ;;\n  esac\n}\ncomplete -F _action_scheduler action-scheduler\n";
  return out.str();
}

// ------------------------------------------------------------------------------------------------------------------------ zsh

// Inside '...' and [...] of an _arguments specification.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string zsh_action(const OptionModel& option) {
  if (takes_file(option)) return "_files";
  if (takes_setting(option)) return " compadd -S \"\" - " + joined(settings_begun(), " ");
  const auto choices = choices_of(option);
  return choices.empty() ? " " : '(' + joined(choices, " ") + ')';
}

void add_zsh_arguments(const CommandModel& command, const char* indent, std::ostream& out) {
  for (const OptionModel& option : command.options) {
    out << " \\\n" << indent;
    if (option.operand) {
      out << "'*:" << zsh_text(option.name) << ':' << zsh_action(option) << '\'';
      continue;
    }
    // What may be repeated is offered again.
    const bool again = option.description.find("more than once") != std::string::npos;
    out << '\'' << (again ? "*" : "") << option.name << '[' << zsh_text(option.description) << ']';
    if (!option.value.empty())
      out << ':' << zsh_text(choices_of(option).empty() ? option.value : "value") << ':' << zsh_action(option);
    out << '\'';
  }
}

std::string zsh(const ProgramModel& program) {
  std::ostringstream out;
  out << "#compdef action-scheduler\n# zsh completion for action-scheduler\n_action_scheduler() {\n"
         "  local context state state_descr line\n  typeset -A opt_args\n  local -a names=(\n";
  for (const CommandModel& command : program.commands) {
    out << "    '" << command.name << ':' << zsh_text(command.description) << "'\n";
  }
  out << "  )\n  _arguments -C";
  add_zsh_arguments(program.program, "    ", out);
  out << " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n"
         "    command) _describe command names ;;\n    argument)\n      case $words[1] in\n";
  for (const CommandModel& command : program.commands) {
    out << "        " << command.name << ")\n          _arguments";
    CommandModel all = command;
    // One specification may stand for all further operands.
    bool has_operand = false;
    std::erase_if(all.options, [&](const OptionModel& option) {
      const bool second = option.operand && has_operand;
      has_operand |= option.operand;
      return second;
    });
    add_zsh_arguments(all, "            ", out);
    add_zsh_arguments(program.program, "            ", out);
    out << " ;;\n";
  }
  out << "      esac ;;\n  esac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _action_scheduler \"$@\"; else compdef "
         "_action_scheduler action-scheduler; fi\n";
  return out.str();
}

// ----------------------------------------------------------------------------------------------------------------------- fish

std::string fish_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

void add_fish_options(const CommandModel& command, const std::string& condition, std::ostream& out) {
  for (const OptionModel& option : command.options) {
    const auto choices = choices_of(option);
    if (option.operand && choices.empty()) continue;
    out << "complete -c action-scheduler" << condition;
    if (!option.operand) out << " -l " << option.name.substr(2);
    if (!option.value.empty() && !option.operand) out << (takes_file(option) ? " -r -F" : " -x");
    if (takes_setting(option)) out << " -a " << fish_text(joined(settings_begun(), " "));
    if (!choices.empty()) out << " -a " << fish_text(joined(choices, " "));
    out << " -d " << fish_text(option.description) << '\n';
  }
}

std::string fish(const ProgramModel& program) {
  std::ostringstream out;
  // fish's own __fish_use_subcommand takes the file behind --config for the command.
  out << "# fish completion for action-scheduler\n"
         "function __action_scheduler_command\n  set -l words (commandline -opc)\n  set -e words[1]\n  set -l skip 0\n"
         "  for word in $words\n    if test $skip = 1\n      set skip 0\n      continue\n    end\n"
         "    switch $word\n      case --config --set\n        set skip 1\n      case '-*'\n      case '*'\n"
         "        echo $word\n        return 0\n    end\n  end\n  return 1\nend\ncomplete -c action-scheduler -f\n";
  add_fish_options(program.program, "", out);
  for (const CommandModel& command : program.commands) {
    out << "complete -c action-scheduler -n 'not __action_scheduler_command >/dev/null' -a " << command.name << " -d "
        << fish_text(command.description) << '\n';
  }
  for (const CommandModel& command : program.commands) {
    add_fish_options(command, " -n 'contains -- " + command.name + " (__action_scheduler_command)'", out);
  }
  return out.str();
}

}  // namespace

std::string completions(const ProgramModel& program, const std::string& shell) {
  if (shell == "zsh") return zsh(program);
  if (shell == "fish") return fish(program);
  return bash(program);
}

}  // namespace action_scheduler
