#include "cli/program.h"

#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "callbacks/registry.h"
#include "cli/check_command.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/run_command.h"
#include "zones/system_zones.h"

namespace action_scheduler {

namespace {

std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

Instant now() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

int simulate_table(const Settings& settings, const SimulateOptions& options) {
  return simulate(settings, options, now(),
                  {.out = std::cout, .err = std::cerr, .width = terminal_width(), .show_progress = ::isatty(STDERR_FILENO) == 1});
}

// Who sits at the terminal, whatever rights were lent to them.
std::string user_name() {
  if (const char* behind_sudo = std::getenv("SUDO_USER"); behind_sudo != nullptr && *behind_sudo != '\0') return behind_sudo;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "user " + std::to_string(::geteuid());
}

int operate_console(const Settings& settings, const OperatorCommand& command) {
  return operate(settings, command,
                 {.out = std::cout,
                  .err = std::cerr,
                  .now = now(),
                  .width = ::isatty(STDOUT_FILENO) == 1 ? terminal_width() : 0,
                  .show_progress = ::isatty(STDERR_FILENO) == 1,
                  .user = user_name()});
}

}  // namespace

int run_program(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    SystemZones zones;
    const auto names = callback_names();
    const CommandContext context{
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .zones = zones,
        .now = now,
        .callbacks = {names.begin(), names.end()},
        .run = run_service,
        .check = check,
        .simulate = simulate_table,
        .operate = operate_console,
    };
    return run_command_line({argv + 1, argv + argc}, context);
  } catch (const std::exception& exception) {
    std::cerr << "action-scheduler: " << exception.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace action_scheduler
