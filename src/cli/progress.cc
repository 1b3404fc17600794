#include "cli/progress.h"

#include <ostream>

namespace action_scheduler {

bool ProgressLine::is_time() {
  constexpr std::chrono::milliseconds kInterval{100};
  constexpr std::chrono::milliseconds kLong{300};  // what takes less needs no line, which would only flicker
  if (!shown_) return false;
  const auto now = now_();
  if (now - begun_ < kLong || now - last_ < kInterval) return false;
  last_ = now;
  return true;
}

void ProgressLine::count(const std::string& what, std::uint64_t done) {
  if (is_time()) draw(what + ": " + grouped(done));
}

void ProgressLine::part(const std::string& what, std::uint64_t done, std::uint64_t all) {
  constexpr std::uint64_t kWidth = 30;
  if (!is_time()) return;
  const auto filled = static_cast<std::size_t>(done * kWidth / all);
  draw(what + " [" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] " + std::to_string(done * 100 / all) +
       " %");
}

void ProgressLine::draw(const std::string& line) {
  err_ << "\r\033[K" << line << std::flush;
  drawn_ = true;
}

void ProgressLine::finish() {
  if (drawn_) err_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, const std::string& one, const std::string& many) {
  return grouped(number) + ' ' + (number == 1 ? one : many);
}

}  // namespace action_scheduler
