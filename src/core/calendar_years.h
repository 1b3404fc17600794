// Kinds of year. Everything that a calendar schedule asks of a day (weekday, number in the month, ISO week) follows from the
// weekday on which the year begins, from its length, and, for the ISO week of 1 January on a Saturday, from the length of the
// year before. That makes 15 types; which year has which repeats every 400 years.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/search_steps.h"

namespace action_scheduler {

inline constexpr int kYearTypes = 15;
inline constexpr int kYearPeriod = 400;

struct YearTypeTable {
  std::array<std::uint8_t, kYearPeriod> type_of{};                                     // by year mod 400
  std::array<int, kYearTypes> example{};                                               // a year of each type
  std::array<std::array<std::uint64_t, (kYearPeriod + 63) / 64>, kYearTypes> years{};  // bit y mod 400
};

constexpr bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr YearTypeTable make_year_types() {
  constexpr int kSaturday = 5;
  YearTypeTable table;
  int weekday = kSaturday;  // of 1 January 2000
  for (int year = 2000; year < 2000 + kYearPeriod; ++year) {
    int type = weekday + (is_leap_year(year) ? 7 : 0);
    if (weekday == kSaturday && is_leap_year(year - 1)) type = 14;
    const auto index = static_cast<unsigned>(year % kYearPeriod);
    table.type_of[index] = static_cast<std::uint8_t>(type);
    table.example[static_cast<unsigned>(type)] = year;
    table.years[static_cast<unsigned>(type)][index / 64] |= 1ULL << (index % 64);
    weekday = (weekday + (is_leap_year(year) ? 366 : 365)) % 7;
  }
  return table;
}

inline constexpr YearTypeTable kYearTypeTable = make_year_types();

// `types` has bit t for each type that is wanted. `year` is not negative.
constexpr bool year_has_type(int year, std::uint32_t types) {
  return (types >> kYearTypeTable.type_of[static_cast<unsigned>(year % kYearPeriod)]) & 1;
}

// The bits of word `word` of the period that have one of `types`.
constexpr std::uint64_t years_of_types(std::uint32_t types, int word) {
  std::uint64_t years = 0;
  for (; types != 0; types &= types - 1) {
    years |= kYearTypeTable.years[static_cast<unsigned>(std::countr_zero(types))][static_cast<unsigned>(word)];
  }
  return years;
}

// The first year at or after `year`, the last at or before it, that has one of `types`, which is not empty. The latter may be
// negative.
constexpr int year_of_type_at_or_after(int year, std::uint32_t types) {
  if (year_has_type(year, types)) return year;
  int base = year - year % kYearPeriod;
  int word = year % kYearPeriod / 64;
  std::uint64_t wanted = ~0ULL << (year % kYearPeriod % 64);
  while (true) {
    search_step();
    const std::uint64_t found = years_of_types(types, word) & wanted;
    if (found != 0) return base + word * 64 + std::countr_zero(found);
    wanted = ~0ULL;
    if (++word * 64 >= kYearPeriod) {
      word = 0;
      base += kYearPeriod;
    }
  }
}

// The same, fast where several types are wanted: mostly one of the next years has one, as with all leap years.
constexpr int near_year_of_type_at_or_after(int year, std::uint32_t types) {
  const bool several = (types & (types - 1)) != 0;
  for (const int end = several ? year + 4 : year; year < end; ++year) {
    search_step();
    if (year_has_type(year, types)) return year;
  }
  return year_of_type_at_or_after(year, types);
}

constexpr int year_of_type_at_or_before(int year, std::uint32_t types) {
  if (year_has_type(year, types)) return year;
  int base = year - year % kYearPeriod;
  int word = year % kYearPeriod / 64;
  std::uint64_t wanted = ~0ULL >> (63 - year % kYearPeriod % 64);
  while (true) {
    search_step();
    const std::uint64_t found = years_of_types(types, word) & wanted;
    if (found != 0) return base + word * 64 + 63 - std::countl_zero(found);
    wanted = ~0ULL;
    if (--word < 0) {
      word = (kYearPeriod - 1) / 64;
      base -= kYearPeriod;
    }
  }
}

}  // namespace action_scheduler
