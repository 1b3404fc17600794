// Reads a `.env` file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/fault.h"

namespace action_scheduler {

struct DotenvEntry {
  std::string name;
  std::string value;
  std::size_t line = 0;  // from 1
};

struct DotenvReading {
  std::vector<DotenvEntry> entries;
  ConfigFaults faults;
};

// One `NAME=value` a line, `export ` allowed before it; empty lines and lines that begin with `#` are comments. A value in single
// quotes is taken as it is, in double quotes with \n \r \t \" \\ \$ ; both may run over lines. Without quotes it ends before ` #`
// and blanks at both ends are dropped. A name without `=` is skipped, as other readers of `.env` do. `$NAME` is not replaced.
// `file` stands for the file in faults.
DotenvReading read_dotenv(std::string_view text, const std::string& file);

}  // namespace action_scheduler
