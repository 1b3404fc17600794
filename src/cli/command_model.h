// The commands and their options as data: what the reference, the manual page and the completions of shells are made from.
#pragma once

#include <string>
#include <vector>

namespace action_scheduler {

struct OptionModel {
  std::string name;         // "--limit", or the name of an operand: "ID"
  std::string value;        // what it takes: "N", "true|false" where these are all; empty: nothing, or anything for an operand
  std::string description;  // without a full stop
  bool operand = false;     // stands without a name
  bool required = false;
};

struct CommandModel {
  std::string name;
  std::string description;
  std::string footer;  // examples and remarks, for a terminal
  std::vector<OptionModel> options;
};

struct ProgramModel {
  CommandModel program;  // the options that every command takes
  std::vector<CommandModel> commands;
};

// The members of "a|b|c"; none if the value is of another kind.
std::vector<std::string> choices_of(const OptionModel& option);

// docs/commands.md.
std::string commands_markdown(const ProgramModel& program);

// action-scheduler(1) for man, in the macros of man(7).
std::string manual_page(const ProgramModel& program);

// A script that completes the command line; `shell` is one of kShells.
inline constexpr const char* kShells[] = {"bash", "zsh", "fish"};
std::string completions(const ProgramModel& program, const std::string& shell);

}  // namespace action_scheduler
