#include "config/dotenv.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace action_scheduler {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::size_t lines_in(std::string_view text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

// A comment ends an unquoted value only behind a blank, so that `pass#word` is one word.
std::string_view without_comment(std::string_view value) {
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '#' && (at == 0 || kBlanks.find(value[at - 1]) != std::string_view::npos)) return value.substr(0, at);
  }
  return value;
}

// The text up to the closing quote; `rest` is left behind it. Absent if there is no closing quote.
std::optional<std::string> take_quoted(std::string_view& rest, char quote) {
  std::string value;
  for (std::size_t at = 1; at < rest.size(); ++at) {
    char c = rest[at];
    if (c == quote) {
      rest.remove_prefix(at + 1);
      return value;
    }
    if (c == '\\' && quote == '"' && at + 1 < rest.size()) {
      const char escaped = rest[at + 1];
      const std::string_view known = "nrt\"\\$";
      const auto which = known.find(escaped);
      if (which != std::string_view::npos) {
        c = "\n\r\t\"\\$"[which];
        ++at;
      }
    }
    value += c;
  }
  return std::nullopt;
}

}  // namespace

DotenvReading read_dotenv(std::string_view text, const std::string& file) {
  DotenvReading reading;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::size_t line = 1;
  const auto fault = [&](std::string key, std::string message) {
    reading.faults.push_back({file + ':' + std::to_string(line), std::move(key), std::move(message)});
  };
  while (!text.empty()) {
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    std::string_view content = without_blanks(text.substr(0, line_end));
    const std::size_t entry_line = line;
    if (content.starts_with("export ") || content.starts_with("export\t")) content = without_blanks(content.substr(6));
    const auto equals = content.find('=');
    if (content.empty() || content.front() == '#' || equals == std::string_view::npos) {
      text.remove_prefix(std::min(line_end + 1, text.size()));
      ++line;
      continue;
    }
    std::string name(without_blanks(content.substr(0, equals)));
    const std::string_view value = without_blanks(content.substr(equals + 1));
    if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
      // The quoted text may run over the end of this line, so it is taken from the whole rest.
      std::string_view rest = text.substr(static_cast<std::size_t>(value.data() - text.data()));
      if (auto quoted = take_quoted(rest, value.front())) {
        const std::size_t tail_end = std::min(rest.find('\n'), rest.size());
        const std::string_view tail = without_blanks(rest.substr(0, tail_end));
        if (!tail.empty() && tail.front() != '#') fault(name, "expected nothing behind the closing quote");
        line += lines_in(text.substr(0, text.size() - rest.size())) + 1;
        text = rest.substr(std::min(tail_end + 1, rest.size()));
        reading.entries.push_back({std::move(name), std::move(*quoted), entry_line});
        continue;
      }
      fault(name, "expected a closing quote");
    } else {
      reading.entries.push_back({std::move(name), std::string(without_blanks(without_comment(value))), entry_line});
    }
    text.remove_prefix(std::min(line_end + 1, text.size()));
    ++line;
  }
  return reading;
}

}  // namespace action_scheduler
