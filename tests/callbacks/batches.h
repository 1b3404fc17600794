// Fires to hand to a callback.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/callback.h"

namespace action_scheduler::testing {

// A list of fires with the actions that they are of. Texts of the actions are `action <id>` for the name and the given command.
class FireList {
 public:
  FireList& add(ActionId id, const std::string& command, const std::string& topic = "",
                const std::vector<std::pair<std::string, std::string>>& headers = {}, const char* key = nullptr);

  // At 2026-11-21T10:00:00Z + this many seconds fires are due that are added from now on.
  FireList& at(int second) {
    second_ = second;
    return *this;
  }

  // The position is that after the last fire.
  Batch batch() const { return {fires, actions, fires.empty() ? Position{} : position_after(fires.back()), 0}; }
  std::vector<std::string> commands() const { return commands_; }

  std::vector<Fire> fires;
  ActionSet actions;

 private:
  int second_ = 0;
  std::vector<std::string> commands_;
};

}  // namespace action_scheduler::testing
