// One owner at a time, by a lock that ends with the process however it ends.
#pragma once

#include <string>
#include <variant>

#include "action_scheduler/result.h"

namespace action_scheduler {

// An exclusive flock() on a file of its own, released by the destructor. The file stays, because removing it would let two owners
// in. Does not work on network file systems without locks.
class LockFile {
 public:
  // Another process, or another LockFile of this one, has it; `owner` is its process id as it wrote it, perhaps empty.
  struct Held {
    std::string owner;
  };

  // Creates the file if there is none, readable by all. Does not wait.
  static std::variant<LockFile, Held, Error> acquire(const std::string& path);

  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace action_scheduler
