#include "tests/core/fake_zones.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace action_scheduler::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

// A Sunday of a month at a time of the day in UTC; `nth` 5 is the last one. `day_shift` -1 is the day before that Sunday.
struct Change {
  unsigned month;
  unsigned nth;
  int day_shift;
  Seconds time;
  Seconds offset;

  ZoneTransition in(int year) const {
    const auto month_of_year = std::chrono::year{year} / std::chrono::month{month};
    const sys_days sunday = nth == 5 ? sys_days{month_of_year / std::chrono::Sunday[std::chrono::last]}
                                     : sys_days{month_of_year / std::chrono::Sunday[nth]};
    return {sunday + std::chrono::days{day_shift} + time, offset};
  }
};

// Two changes a year from `first_year` on, for ever.
ZoneData yearly(Seconds first_offset, int first_year, Change earlier, Change later) {
  ZoneData zone;
  zone.first_offset = first_offset;
  for (int year = first_year; year <= first_year + 400; ++year) {
    for (const Change& change : {earlier, later}) {
      const ZoneTransition transition = change.in(year);
      const Seconds before = zone.transitions.empty() ? first_offset : zone.transitions.back().offset;
      if (transition.offset != before) zone.transitions.push_back(transition);
    }
  }
  zone.periodic_from = zone.transitions.back().at - Seconds{146097LL * 86400};
  return zone;
}

ZoneData listed(Seconds first_offset, std::vector<ZoneTransition> transitions) {
  return {first_offset, std::move(transitions), Instant::max()};
}

}  // namespace

Seconds ZoneData::offset_at(Instant t) const {
  Seconds offset = first_offset;
  for (const ZoneTransition& transition : transitions) {
    if (transition.at > t) break;
    offset = transition.offset;
  }
  return offset;
}

FakeZones::FakeZones() {
  add("UTC", {});
  add("Europe/Berlin", yearly(1h, 1996, {3, 5, 0, 1h, 2h}, {10, 5, 0, 1h, 1h}));
  add("America/New_York", yearly(-5h, 2007, {3, 2, 0, 7h, -4h}, {11, 1, 0, 6h, -5h}));
  add("Australia/Lord_Howe", yearly(11h, 2008, {4, 1, -1, 15h, 10h + 30min}, {10, 1, -1, 15h + 30min, 11h}));
  add("Pacific/Apia", listed(-11h, {{sys_days{2010y / 9 / 26} + 11h, -10h},
                                    {sys_days{2011y / 4 / 2} + 14h, -11h},
                                    {sys_days{2011y / 9 / 24} + 14h, -10h},
                                    {sys_days{2011y / 12 / 30} + 10h, 14h},
                                    {sys_days{2012y / 3 / 31} + 14h, 13h}}));
  add("America/Sao_Paulo", listed(-3h, {{sys_days{2017y / 10 / 15} + 3h, -2h},
                                        {sys_days{2018y / 2 / 18} + 2h, -3h},
                                        {sys_days{2018y / 11 / 4} + 3h, -2h},
                                        {sys_days{2019y / 2 / 17} + 2h, -3h}}));
}

void FakeZones::add(const std::string& name, ZoneData data) { data_[name] = std::move(data); }

Result<const Zone*> FakeZones::find(std::string_view name) {
  const auto data = data_.find(name);
  if (data == data_.end()) {
    std::string text(name);
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');  // as the real one does
    return Error{"unknown time zone \"" + text + '"'};
  }
  const ZoneData& of = data->second;
  return &zones_.try_emplace(data->first, data->first, of.first_offset, of.transitions, of.periodic_from).first->second;
}

}  // namespace action_scheduler::testing
