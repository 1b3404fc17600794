#include "cli/help_text.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace action_scheduler {
namespace {

// Where the text of "  --limit N      How many" begins, or that of a paragraph.
std::size_t text_column(const std::string& line) {
  const std::size_t first = line.find_first_not_of(' ');
  const std::size_t gap = line.find("  ", first);
  if (first == 0 || gap == std::string::npos) return first;
  return line.find_first_not_of(' ', gap);
}

void add_wrapped(std::string& out, const std::string& line, std::size_t width) {
  std::size_t indent = text_column(line);
  if (indent * 2 > width) indent = line.find_first_not_of(' ') + 2;
  std::string rest = line;
  while (rest.size() > width) {
    std::size_t cut = rest.rfind(' ', width);
    if (cut == std::string::npos || cut <= indent) cut = rest.find(' ', width);
    if (cut == std::string::npos) break;
    out += rest.substr(0, rest.find_last_not_of(' ', cut) + 1) + '\n';
    rest.erase(0, cut + 1);
    const std::size_t word = std::min(rest.find(' '), rest.size());
    rest.insert(0, word + indent <= width ? indent : word < width ? width - word : 0, ' ');
  }
  out += rest + '\n';
}

}  // namespace

std::string fitted(const std::string& help, std::size_t width) {
  if (width == 0) return help;
  // A paragraph's line that is as long as a source line is broken there only because of that.
  constexpr std::size_t kBroken = 100;
  std::vector<std::string> lines;
  std::istringstream text(help);
  bool goes_on = false;
  for (std::string line; std::getline(text, line);) {
    const bool plain = !line.empty() && line.front() != ' ';
    if (goes_on && plain && width < kBroken) {
      lines.back() += ' ' + line;
    } else {
      lines.push_back(line);
    }
    goes_on = plain && line.size() > kBroken;
  }
  std::string out;
  for (const std::string& line : lines) {
    if (line.size() <= width || line.starts_with("  action-scheduler ")) {
      out += line + '\n';
    } else {
      add_wrapped(out, line, width);
    }
  }
  return out;
}

}  // namespace action_scheduler
