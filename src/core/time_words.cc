#include "core/time_words.h"

#include <algorithm>
#include <vector>

#include "core/words.h"

namespace action_scheduler {
namespace {

constexpr int kHour = 3600;
constexpr int kDay = 24 * kHour;
constexpr std::size_t kListedMax = 6;   // times that are still listed one by one
constexpr std::size_t kPiecesMax = 4;   // stretches of the day that are still listed
constexpr std::size_t kMembersMax = 4;  // minutes or seconds that are listed where a step would do as well

// Numbers with the same distance between any two neighbours.
struct Even {
  int first;
  int last;
  int step;
};

std::optional<Even> even(const std::vector<int>& times) {
  if (times.size() < 2) return std::nullopt;
  const int step = times[1] - times[0];
  for (std::size_t i = 2; i < times.size(); ++i) {
    if (times[i] - times[i - 1] != step) return std::nullopt;
  }
  return Even{times.front(), times.back(), step};
}

class TimePhrase {
 public:
  explicit TimePhrase(const CalendarParts& parts)
      : seconds_(members_of(parts.seconds)),
        minutes_(members_of(parts.minutes)),
        hours_(members_of(parts.hours)),
        second_ranges_(progressions_of(parts.seconds)),
        minute_ranges_(progressions_of(parts.minutes)),
        hour_ranges_(progressions_of(parts.hours)),
        with_seconds_(parts.seconds != 1) {
    for (const int minute : minutes_) {
      for (const int second : seconds_) within_hour_.push_back(minute * 60 + second);
    }
    for (const int hour : hours_) {
      for (const int time : within_hour_) times_.push_back(hour * kHour + time);
    }
  }

  TimeWords words() const {
    const bool every_hour = hours_.size() == 24;
    if (every_hour) {
      if (const std::string text = around_the_clock(); !text.empty()) return {text, true};
    }
    const std::optional<Even> spread = even(times_);
    if (times_.size() <= 3 || (times_.size() <= kListedMax && !spread)) return {listed(times_), false};
    if (spread) return {stretch(*spread), false};
    if (const std::string text = stretches(); !text.empty()) return {text, false};
    return {fields(), every_hour};
  }

 private:
  std::string time(int second_of_day) const { return time_of_day(second_of_day, with_seconds_); }

  std::string listed(const std::vector<int>& times) const {
    std::vector<std::string> words;
    for (const int t : times) words.push_back(time(t));
    return "at " + joined(words);
  }

  std::string stretch(const Even& spread) const {
    return "every " + period_words(Seconds{spread.step}) + " from " + time(spread.first) + " to " + time(spread.last);
  }

  // All hours alike; empty if it needs more words.
  std::string around_the_clock() const {
    if (within_hour_.size() == 1) {
      const int past = within_hour_.front();
      if (past == 0) return "every hour on the hour";
      return "at " + length_words(Seconds{past}) + " past every hour";
    }
    if (minutes_.size() == 60 && seconds_.size() == 1) {
      return with_seconds_ ? "every minute at " + numbered(second_ranges_, "second") : "every minute";
    }
    const std::optional<Even> spread = even(times_);
    if (!spread || spread->step * static_cast<int>(times_.size()) != kDay) return {};
    if (spread->first == 0) return "every " + period_words(Seconds{spread->step});
    return within_hour_.size() <= kMembersMax || spread->step < 60 ? fields() : std::string();
  }

  // Of each run of hours a stretch or a list; empty if that gets too long or the hours are not evenly filled.
  std::string stretches() const {
    const std::optional<Even> spread =
        within_hour_.size() == 1 ? Even{within_hour_.front(), within_hour_.front(), kHour} : even(within_hour_);
    if (!spread || spread->step * static_cast<int>(within_hour_.size()) != kHour) return {};
    std::vector<std::string> pieces;
    std::vector<int> alone;
    for (std::size_t i = 0; i < hours_.size();) {
      std::size_t end = i + 1;
      while (end < hours_.size() && hours_[end] == hours_[end - 1] + 1) ++end;
      const int first = hours_[i] * kHour + spread->first;
      const int last = hours_[end - 1] * kHour + spread->last;
      if (const int count = (last - first) / spread->step + 1; count >= 3) {
        pieces.push_back("from " + time(first) + " to " + time(last));
      } else {
        for (int t = first; t <= last; t += spread->step) alone.push_back(t);
      }
      i = end;
    }
    if (pieces.empty() || pieces.size() > kPiecesMax || alone.size() > kPiecesMax) return {};
    const std::string text = "every " + period_words(Seconds{spread->step}) + ' ' + joined(pieces);
    return alone.empty() ? text : text + " and " + listed(alone);
  }

  // Field by field, which is always right.
  std::string fields() const {
    std::string text;
    if (with_seconds_) {
      text = seconds_.size() == 60 ? "every second" : "at " + numbered(second_ranges_, "second");
    }
    if (minutes_.size() == 60) {
      text += text.empty() ? "every minute" : " of every minute";
    } else {
      text += (text.empty() ? "at " : " of ") + numbered(minute_ranges_, "minute");
    }
    if (hours_.size() < 24) return text + " of " + numbered(hour_ranges_, "hour");
    return minutes_.size() == 60 ? text : text + " of every hour";
  }

  std::vector<int> seconds_;
  std::vector<int> minutes_;
  std::vector<int> hours_;
  std::vector<NumberRange> second_ranges_;
  std::vector<NumberRange> minute_ranges_;
  std::vector<NumberRange> hour_ranges_;
  bool with_seconds_;
  std::vector<int> within_hour_;  // seconds of the hour, ascending
  std::vector<int> times_;        // seconds of the day, ascending
};

}  // namespace

TimeWords time_words(const CalendarParts& parts) { return TimePhrase(parts).words(); }

}  // namespace action_scheduler
