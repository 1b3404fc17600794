// The scheduler as users have it: a process with a working directory, an environment and signals.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace action_scheduler::testing {

// The built program.
std::string scheduler_program();

// A new empty folder under the temporary folder; goes with the object.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const;
  // The file's bytes; empty if it is not there.
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

using Environment = std::map<std::string, std::string>;

// A started process. It works in `folder`, reads standard input from `folder`/stdin if that exists, and writes to `folder`/stdout
// and `folder`/stderr, at whose end it goes on if they exist. Its environment is `environment`, PATH and what sanitizers read,
// nothing else. It is killed when the object goes, or the thread that made it. Single-threaded.
class SchedulerProcess {
 public:
  SchedulerProcess(const WorkFolder& folder, const std::vector<std::string>& arguments, const Environment& environment = {},
                   const std::string& program = scheduler_program());
  ~SchedulerProcess();
  SchedulerProcess(const SchedulerProcess&) = delete;
  SchedulerProcess& operator=(const SchedulerProcess&) = delete;

  void signal(int number) const;
  bool running();
  pid_t pid() const { return pid_; }

  // How large the files may become that it writes to, in bytes (RLIMIT_FSIZE); absent: as large as they like.
  void limit_file_size(std::optional<std::uintmax_t> bytes) const;

  // Waits for the end. The exit code, or 128 + signal; absent if it still runs after `timeout`.
  std::optional<int> wait(std::chrono::seconds timeout = std::chrono::seconds(30));

  // SIGTERM and wait().
  std::optional<int> stop(std::chrono::seconds timeout = std::chrono::seconds(30));

  // Resident memory now, in KiB; 0 if it has ended.
  std::size_t resident_kib() const;

  // Processor time that it has used so far, all threads, user and system; 0 if it has ended.
  double cpu_seconds() const;

  // What is in the files so far.
  std::string out() const { return folder_.read("stdout"); }
  std::string err() const { return folder_.read("stderr"); }

 private:
  const WorkFolder& folder_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

// Runs to the end. `code` as wait() tells it; what was written there by others before is gone.
struct Finished {
  std::optional<int> code;
  std::string out;
  std::string err;
};
Finished run_to_end(const WorkFolder& folder, const std::vector<std::string>& arguments, const Environment& environment = {});

// The lines of `text` that contain `part`.
std::vector<std::string> lines_with(const std::string& text, std::string_view part);

}  // namespace action_scheduler::testing
