#include "bench/scheduler_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace action_scheduler::bench {

SchedulerProcess::SchedulerProcess(std::string_view config) {
  folder_ = (std::filesystem::temp_directory_path() / "side-by-side.XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("cannot make a folder " + folder_);
  std::ofstream(folder_ + "/config.yaml") << config;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot start the scheduler");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent || ::chdir(folder_.c_str()) != 0) ::_exit(126);
  const int log = ::open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execl(ACTION_SCHEDULER_PROGRAM, ACTION_SCHEDULER_PROGRAM, "run", static_cast<char*>(nullptr));
  ::_exit(127);
}

SchedulerProcess::~SchedulerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

double SchedulerProcess::cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // The name in brackets may hold blanks; user and system time are fields 14 and 15, the state behind the bracket is field 3.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) throw std::runtime_error("no processor time of the scheduler");
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void SchedulerProcess::expect_running() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
  pid_ = -1;
  std::ifstream log(folder_ + "/log");
  throw std::runtime_error("the scheduler ended: " + std::string{std::istreambuf_iterator<char>(log), {}});
}

}  // namespace action_scheduler::bench
