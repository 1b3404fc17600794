#include "tests/core/reference_calendar.h"

#include <stdexcept>
#include <vector>

namespace action_scheduler::testing {
namespace {

class Calendar {
 public:
  Calendar() {
    days_.reserve(10001 * 366);
    int weekday = 5;  // 1 January of the year 0 is a Saturday
    for (int year = kFirstCalendarYear; year <= kLastCalendarYear; ++year) {
      if (year == 1970) epoch_ = days_.size();
      year_starts_.push_back(days_.size());
      const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      for (int month = 1; month <= 12; ++month) {
        const bool short_month = month == 4 || month == 6 || month == 9 || month == 11;
        const int length = month == 2 ? (leap ? 29 : 28) : short_month ? 30 : 31;
        for (int day = 1; day <= length; ++day) {
          days_.push_back({static_cast<std::int16_t>(year), static_cast<std::int8_t>(month), static_cast<std::int8_t>(day),
                           static_cast<std::int8_t>(weekday), 0, static_cast<std::int8_t>(length)});
          weekday = (weekday + 1) % 7;
        }
      }
    }
    number_weeks();
  }

  const CalendarDay& day(std::int64_t since_1970) const {
    return days_.at(static_cast<std::size_t>(since_1970 + static_cast<std::int64_t>(epoch_)));
  }

  std::int64_t find(int year, int month, int day) const {
    for (std::size_t i = year_starts_.at(static_cast<std::size_t>(year - kFirstCalendarYear)); i < days_.size(); ++i) {
      if (days_[i].month == month && days_[i].day == day) return static_cast<std::int64_t>(i) - static_cast<std::int64_t>(epoch_);
    }
    throw std::out_of_range("no such date");
  }

 private:
  // Week 1 is the first with a Thursday in the year.
  void number_weeks() {
    std::size_t monday = 0;
    while (days_[monday].weekday != 0) ++monday;
    for (std::size_t i = 0; i < monday; ++i) days_[i].iso_week = 52;  // of the year before, which began on a Friday
    int year = -1;
    int week = 0;
    for (; monday + 7 <= days_.size(); monday += 7) {
      if (days_[monday + 3].year != year) week = 0;
      year = days_[monday + 3].year;
      ++week;
      for (std::size_t i = 0; i < 7; ++i) days_[monday + i].iso_week = static_cast<std::int8_t>(week);
    }
  }

  std::vector<CalendarDay> days_;
  std::vector<std::size_t> year_starts_;
  std::size_t epoch_ = 0;
};

const Calendar& calendar() {
  static const Calendar kCalendar;
  return kCalendar;
}

}  // namespace

const CalendarDay& calendar_day(std::int64_t since_1970) { return calendar().day(since_1970); }
std::int64_t days_since_1970(int year, int month, int day) { return calendar().find(year, month, day); }

}  // namespace action_scheduler::testing
