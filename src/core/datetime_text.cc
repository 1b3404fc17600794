#include "core/datetime_text.h"

#include <cstddef>

namespace action_scheduler {
namespace {

// Takes texts of fixed form from the front of a text. After the first mismatch everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits that make a number in least..greatest.
  bool take_number(std::size_t digits, int least, int greatest, int& number) {
    if (rest_.size() < digits) return false;
    number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return number >= least && number <= greatest;
  }

  bool take_digits() {
    const std::size_t end = rest_.find_first_not_of("0123456789");
    const std::size_t count = end == std::string_view::npos ? rest_.size() : end;
    rest_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view rest_;
};

bool take_time(Scanner& scanner, DateTimeText& result) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!scanner.take_number(2, 0, 23, hour) || !scanner.take(':') || !scanner.take_number(2, 0, 59, minute) ||
      !scanner.take(':') || !scanner.take_number(2, 0, 59, second)) {
    return false;
  }
  result.has_time = true;
  result.local += Seconds{hour * 3600 + minute * 60 + second};
  if (!scanner.take('.')) return true;
  result.has_fraction = true;
  return scanner.take_digits();
}

bool take_offset(Scanner& scanner, DateTimeText& result) {
  if (scanner.take('Z')) {
    result.offset = Seconds{0};
    return true;
  }
  const int sign = scanner.next_is('-') ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!scanner.take('+') && !scanner.take('-')) return false;
  if (!scanner.take_number(2, 0, 23, hours) || !scanner.take(':') || !scanner.take_number(2, 0, 59, minutes)) return false;
  result.offset = Seconds{sign * (hours * 3600 + minutes * 60)};
  return true;
}

void append_digits(std::string& text, unsigned number, std::size_t digits) {
  const std::size_t start = text.size();
  text.append(digits, '0');
  for (std::size_t i = digits; i > 0 && number > 0; --i, number /= 10) text[start + i - 1] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::optional<DateTimeText> parse_datetime(std::string_view text) {
  Scanner scanner(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!scanner.take_number(4, 1, 9999, year) || !scanner.take('-') || !scanner.take_number(2, 1, 12, month) ||
      !scanner.take('-') || !scanner.take_number(2, 1, 31, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date = std::chrono::year{year} / month / day;
  if (!date.ok()) return std::nullopt;
  DateTimeText result;
  result.local = std::chrono::local_days{date};
  if (scanner.at_end()) return result;
  if (!scanner.take('T') && !scanner.take(' ')) return std::nullopt;
  if (!take_time(scanner, result)) return std::nullopt;
  if (scanner.at_end()) return result;
  if (!take_offset(scanner, result) || !scanner.at_end()) return std::nullopt;
  return result;
}

std::string format_local(std::chrono::local_seconds local) {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const auto time = static_cast<unsigned>((local - day).count());
  std::string text;
  text.reserve(20);
  append_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_digits(text, time / 3600, 2);
  text += ':';
  append_digits(text, time / 60 % 60, 2);
  text += ':';
  append_digits(text, time % 60, 2);
  return text;
}

}  // namespace action_scheduler
