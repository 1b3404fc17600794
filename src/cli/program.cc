#include "cli/program.h"

#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "callbacks/registry.h"
#include "cli/check_command.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/run_command.h"
#include "zones/system_zones.h"

namespace action_scheduler {

namespace {

// As other programs have it, COLUMNS counts for more than what the terminal says.
std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  constexpr std::size_t kMost = 10'000;
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const std::string_view text = columns;
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc() && end == text.data() + text.size() && width > 0 && width <= kMost) return width;
  }
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

// In a pipe nothing is cut.
std::size_t table_width() { return is_terminal(STDOUT_FILENO) ? terminal_width() : 0; }

Instant now() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

int simulate_table(const Settings& settings, const SimulateOptions& options) {
  return simulate(settings, options, now(),
                  {.out = std::cout,
                   .err = std::cerr,
                   .width = terminal_width(),
                   .cut = is_terminal(STDOUT_FILENO),
                   .show_progress = is_terminal(STDERR_FILENO)});
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
                  .width = table_width(),
                  .show_progress = is_terminal(STDERR_FILENO),
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
        .width = table_width(),
    };
    return run_command_line({argv + 1, argv + argc}, context);
  } catch (const std::exception& exception) {
    std::cerr << "action-scheduler: " << exception.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace action_scheduler
