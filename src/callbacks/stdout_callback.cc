#include "callbacks/stdout_callback.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <system_error>
#include <vector>

#include "action_scheduler/clock.h"
#include "action_scheduler/crash_point.h"
#include "action_scheduler/utf8.h"
#include "callbacks/interruption.h"

namespace action_scheduler {
namespace {

// Lines are written in pieces of about this size.
constexpr std::size_t kPieceBytes = 64 * 1024;
// For how long a reader that takes nothing is waited for.
constexpr std::chrono::seconds kStalled{10};

std::string local_time(WallTime now) {
  const std::time_t seconds = unix_seconds(floor_seconds(now));
  const auto micros = std::chrono::microseconds(now - floor_seconds(now)).count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  const long offset_min = std::labs(local.tm_gmtoff) / 60;
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06lld%c%02ld:%02ld", local.tm_year + 1900, local.tm_mon + 1,
                local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, static_cast<long long>(micros),
                local.tm_gmtoff < 0 ? '-' : '+', offset_min / 60, offset_min % 60);
  return text;
}

// One fire, one line: what would end it, or steer a terminal, is escaped. All else is as the row has it, backslashes too.
void append_command(std::string& out, std::string_view command) {
  if (std::ranges::all_of(command, [](char c) { return c >= 0x20 && c < 0x7f; })) {
    out += command;
    return;
  }
  while (!command.empty()) {
    const Utf8Character character = first_character(command);
    const std::string_view shown = command.substr(0, std::max<std::size_t>(character.bytes, 1));
    const bool control = character.code < 0x20 || (character.code >= 0x7f && character.code < 0xa0);
    const bool line_separator = character.code == 0x2028 || character.code == 0x2029;
    if (character.bytes > 0 && (character.code == '\t' || (!control && !line_separator))) {
      out += shown;
    } else if (character.code == '\r' && character.bytes > 0) {
      out += "\\r";
    } else {
      append_printable(out, shown);
    }
    command.remove_prefix(shown.size());
  }
}

class StdoutCallback : public Callback {
 public:
  explicit StdoutCallback(const CallbackOptions& options) : clock_(*options.clock), fd_(options.stdout_fd) {}

  std::variant<Claim, ClaimFailure> claim() override {
    if (interrupted()) return ClaimFailure{Error{"stdout: interrupted"}, DeliveryStatus::unavailable};
    return Claim{};
  }

  DeliveryReport deliver(const Batch& batch) override {
    std::size_t written = 0;  // fires whose lines are out
    for (std::size_t begin = 0; begin < batch.fires.size();) {
      std::string piece = broken_line_ ? "\n" : "";
      std::vector<std::size_t> ends;
      std::size_t end = begin;
      for (; end < batch.fires.size() && piece.size() < kPieceBytes; ++end) {
        piece.append(local_time(clock_.read().wall)).append(" | ");
        append_command(piece, batch.actions.find(batch.fires[end].action)->text().command());
        piece += '\n';
        ends.push_back(piece.size());
      }
      const std::size_t sent = write_all(piece);
      while (written < end && ends[written - begin] <= sent) ++written;
      broken_line_ = sent > 0 && piece[sent - 1] != '\n';
      if (sent < piece.size()) return stopped(batch, written);
      begin = end;
    }
    reached("acknowledged");
    return {};
  }

  DeliveryReport renew(Position) override { return {}; }

  void interrupt(std::chrono::milliseconds grace) override { interruption_.set(std::chrono::steady_clock::now() + grace); }

 private:
  bool interrupted() const { return interruption_.passed(std::chrono::steady_clock::now()); }

  // Returns how many bytes went out; errno_ tells why not all.
  std::size_t write_all(std::string_view text) {
    std::size_t sent = 0;
    auto progress = std::chrono::steady_clock::now();
    errno_ = 0;
    while (sent < text.size()) {
      // A blocking pipe that is full would block in write(): ask first.
      pollfd ready{fd_, POLLOUT, 0};
      const int polled = ::poll(&ready, 1, 100);
      if (interrupted()) {
        errno_ = EINTR;
        return sent;
      }
      if (polled == 0) {
        if (std::chrono::steady_clock::now() - progress < kStalled) continue;
        errno_ = EAGAIN;
        return sent;
      }
      // A pipe that is ready takes PIPE_BUF bytes at once, without blocking and unmixed with other writers' (POSIX).
      std::string_view piece = text.substr(sent, PIPE_BUF);
      if (const std::size_t line_end = piece.rfind('\n'); line_end != piece.npos) piece = piece.substr(0, line_end + 1);
      const ssize_t n = ::write(fd_, piece.data(), piece.size());
      if (n < 0) {
        if (errno == EINTR || errno == EAGAIN) continue;
        errno_ = errno;
        return sent;
      }
      sent += static_cast<std::size_t>(n);
      progress = std::chrono::steady_clock::now();
    }
    return sent;
  }

  DeliveryReport stopped(const Batch& batch, std::size_t from) const {
    DeliveryReport report;
    const bool gone = errno_ == EPIPE || errno_ == EBADF;
    report.status = gone ? DeliveryStatus::failed : DeliveryStatus::unavailable;
    report.in_doubt = broken_line_;
    for (std::size_t index = from; index < batch.fires.size(); ++index) report.unsent.push_back(index);
    report.error = Error{"stdout: cannot write: " + std::generic_category().message(errno_) +
                         (gone ? ", nobody reads it any more" : ", tried again later")};
    return report;
  }

  Clock& clock_;
  const int fd_;
  int errno_ = 0;
  bool broken_line_ = false;  // the last line went out in part
  Interruption interruption_;
};

}  // namespace

Result<std::unique_ptr<Callback>> make_stdout_callback(const CallbackOptions& options) {
  return std::unique_ptr<Callback>(std::make_unique<StdoutCallback>(options));
}

}  // namespace action_scheduler
