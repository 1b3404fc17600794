// How readers of tables give up within their file; at its edge it becomes an Error.
#pragma once

#include <stdexcept>

namespace action_scheduler {

// The table is not what it should be. The message is the Error's.
class UnusableTable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace action_scheduler
