// One line that says how far a long command is, on a terminal only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>

namespace action_scheduler {

// Draws over its own line ten times a second at most, from a moment after the beginning on, and wipes it at the end.
// Single-threaded.
class ProgressLine {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `shown`: whether `err` is a terminal; otherwise nothing is ever written. `err` must outlive it.
  ProgressLine(std::ostream& err, bool shown, Now now = std::chrono::steady_clock::now)
      : err_(err), shown_(shown), now_(std::move(now)) {}
  ~ProgressLine() { finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // "Reading rows: 340,000".
  void count(const std::string& what, std::uint64_t done);
  // "Counting fires [##########          ]  50 %". `all` is not 0.
  void part(const std::string& what, std::uint64_t done, std::uint64_t all);
  // Wipes the line.
  void finish();

 private:
  bool is_time();
  void draw(const std::string& line);

  std::ostream& err_;
  const bool shown_;
  const Now now_;
  bool drawn_ = false;
  const std::chrono::steady_clock::time_point begun_ = now_();
  std::chrono::steady_clock::time_point last_;
};

// "1,234,567"
std::string grouped(std::uint64_t number);

// "1 fire", "1,234 fires"
std::string counted(std::uint64_t number, const std::string& one, const std::string& many);

}  // namespace action_scheduler
