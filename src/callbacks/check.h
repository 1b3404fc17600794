// What `check` finds out about a callback.
#pragma once

#include <cstdint>
#include <string>

namespace action_scheduler {

struct CallbackFinding {
  enum class Kind : std::uint8_t {
    good,
    note,   // worth knowing, but fires are delivered
    fault,  // some or all fires would not be delivered
  };
  Kind kind = Kind::good;
  std::string text;  // one line: what, where, what to do
};

}  // namespace action_scheduler
