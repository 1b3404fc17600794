#include "tests/servers/scheduler_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenLooks{20};

std::vector<std::string> environment_lines(const Environment& environment) {
  Environment all = environment;
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) all.emplace(name, value);
  }
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.emplace_back(name).append("=").append(value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::string scheduler_program() { return ACTION_SCHEDULER_PROGRAM; }

WorkFolder::WorkFolder() {
  std::string pattern = (fs::temp_directory_path() / "action-scheduler-run-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + pattern);
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void WorkFolder::write(const std::string& name, std::string_view text) const {
  std::ofstream(path_ / name, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

std::string WorkFolder::read(const std::string& name) const {
  std::ifstream file(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

SchedulerProcess::SchedulerProcess(const WorkFolder& folder, const std::vector<std::string>& arguments,
                                   const Environment& environment, const std::string& program)
    : folder_(folder) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> lines = environment_lines(environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(lines);
  const std::string path = folder.path().string();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot start " + program);
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::chdir(path.c_str()) != 0) ::_exit(126);
  int in = ::open("stdin", O_RDONLY);
  if (in < 0) in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(::open("stdout", O_WRONLY | O_CREAT | O_APPEND, 0600), 1);
  ::dup2(::open("stderr", O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
  for (int fd = 3; fd < 1024; ++fd) ::close(fd);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

SchedulerProcess::~SchedulerProcess() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void SchedulerProcess::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

bool SchedulerProcess::running() {
  if (ended_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

void SchedulerProcess::limit_file_size(std::optional<std::uintmax_t> bytes) const {
  rlimit limit{};
  if (::prlimit(pid_, RLIMIT_FSIZE, nullptr, &limit) != 0) throw std::runtime_error("cannot read the limits of the scheduler");
  limit.rlim_cur = bytes ? static_cast<rlim_t>(*bytes) : limit.rlim_max;
  if (::prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr) != 0) throw std::runtime_error("cannot set a limit of the scheduler");
}

std::optional<int> SchedulerProcess::wait(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (running() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(kBetweenLooks);
  return ended_;
}

std::optional<int> SchedulerProcess::stop(std::chrono::seconds timeout) {
  signal(SIGTERM);
  return wait(timeout);
}

std::size_t SchedulerProcess::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

double SchedulerProcess::cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  // The name in brackets may hold blanks; user and system time are fields 14 and 15, the state behind the bracket is field 3.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Finished run_to_end(const WorkFolder& folder, const std::vector<std::string>& arguments, const Environment& environment) {
  fs::remove(folder.path() / "stdout");
  fs::remove(folder.path() / "stderr");
  SchedulerProcess process(folder, arguments, environment);
  const auto code = process.wait();
  return {code, process.out(), process.err()};
}

std::vector<std::string> lines_with(const std::string& text, std::string_view part) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

}  // namespace action_scheduler::testing
