#include "tests/torture/oracle.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

namespace action_scheduler::torture {
namespace {

constexpr std::size_t kComplaintsMax = 25;

std::string text_of(std::int64_t second) {
  const std::time_t time = second;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string fire_of(std::int64_t action, std::int64_t second) { return std::to_string(action) + "@" + text_of(second); }

bool within(const std::vector<Span>& spans, std::int64_t second) {
  return std::ranges::any_of(spans, [&](const Span& span) { return second >= span.from_s && second <= span.until_s; });
}

std::int64_t first_multiple(std::int64_t from, int period) { return (from + period - 1) / period * period; }

class Judge {
 public:
  Judge(Promise promise, const std::vector<Expectation>& expectations, const std::vector<Arrival>& arrivals,
        const std::vector<Life>& lives)
      : promise_(promise), expectations_(expectations), arrivals_(arrivals), lives_(lives) {
    for (std::size_t i = 0; i < arrivals.size(); ++i) copies_[arrivals[i].id].push_back(i);
  }

  Verdict run() {
    look_at_each();
    look_at_repeats();
    if (promise_ == Promise::at_least_once && !lives_.empty()) look_at_last_batches();
    for (const Expectation& expectation : expectations_) look_for(expectation);
    return std::move(verdict_);
  }

 private:
  void complain(const std::string& line) {
    if (verdict_.complaints.size() < kComplaintsMax) verdict_.complaints.push_back(line);
  }

  void wrong(const std::string& line) {
    ++verdict_.twice;
    complain(line);
  }

  void look_at_each() {
    std::set<std::int64_t> actions;
    for (const Expectation& expectation : expectations_) actions.insert(expectation.action);
    for (const Arrival& arrival : arrivals_) {
      if (arrival.id.empty() || arrival.id != fire_of(arrival.action, arrival.time_s) || !actions.contains(arrival.action)) {
        wrong("nobody asked for: '" + arrival.id + "'");
      }
      const std::int64_t lateness_ms = arrival.sent_ms - arrival.time_s * 1000;
      if (lateness_ms < 0) wrong("early: " + arrival.id + " by " + std::to_string(-lateness_ms) + " ms");
      verdict_.worst_lateness_ms = std::max(verdict_.worst_lateness_ms, lateness_ms);
      if (arrival.on_time && arrival.attempt == 1)
        verdict_.worst_on_time_lateness_ms = std::max(verdict_.worst_on_time_lateness_ms, lateness_ms);
    }
    verdict_.fires = copies_.size();
  }

  bool may_repeat(const Arrival& arrival) const {
    return std::ranges::any_of(expectations_, [&](const Expectation& expectation) {
      return expectation.action == arrival.action && within(expectation.repeats_excused, arrival.time_s);
    });
  }

  void look_at_repeats() {
    for (const auto& [id, copies] : copies_) {
      verdict_.repeated += copies.size() - 1;
      if (copies.size() > 1 && may_repeat(arrivals_[copies.front()])) continue;
      for (std::size_t i = 1; i < copies.size(); ++i) {
        const Arrival& before = arrivals_[copies[i - 1]];
        const Arrival& again = arrivals_[copies[i]];
        if (promise_ == Promise::exactly_once) {
          wrong("twice: " + id);
        } else if (again.attempt <= before.attempt) {
          wrong("again without a higher ce_attempt: " + id + ", " + std::to_string(before.attempt) + " and then " +
                std::to_string(again.attempt));
        } else if (!lives_.empty() && life_of(again) <= life_of(before)) {
          wrong("twice within one life: " + id);
        }
      }
    }
  }

  // The index of the life in which it was handed over; -1 if there is none.
  std::ptrdiff_t life_of(const Arrival& arrival) const {
    const auto after = std::ranges::upper_bound(lives_, arrival.sent_ms, {}, &Life::begin_ms);
    return after - lives_.begin() - 1;
  }

  // Of a life, what came again is all that was due from some instant on.
  void look_at_last_batches() {
    std::map<std::ptrdiff_t, std::int64_t> first_repeated_s;
    for (const auto& [id, copies] : copies_) {
      for (std::size_t i = 0; i + 1 < copies.size(); ++i) {
        const auto [entry, added] = first_repeated_s.emplace(life_of(arrivals_[copies[i]]), arrivals_[copies[i]].time_s);
        if (!added) entry->second = std::min(entry->second, arrivals_[copies[i]].time_s);
      }
    }
    for (const auto& [id, copies] : copies_) {
      const Arrival& last = arrivals_[copies.back()];
      const auto first = first_repeated_s.find(life_of(last));
      if (first != first_repeated_s.end() && last.time_s > first->second) {
        wrong("repeated from an earlier batch than the last: " + text_of(first->second) + " came again, but not " + id +
              " of the same process");
      }
    }
  }

  void look_for(const Expectation& expectation) {
    const auto [from, until] = expectation.due;
    // Fire times that are accounted for: arrived, or merged.
    std::set<std::int64_t> times;
    std::int64_t told = 0;
    std::set<std::int64_t> merged;
    for (const auto& [id, copies] : copies_) {
      const Arrival& arrival = arrivals_[copies.front()];
      if (arrival.action != expectation.action) continue;
      times.insert(arrival.time_s);
      if (arrival.time_s % expectation.period_s != 0) wrong("never due: " + id);
      if (within(expectation.forbidden, arrival.time_s)) wrong("not asked for any more, or not yet: " + id);
      if (arrival.merged_count == 0) continue;
      told += arrival.merged_count;
      look_at_merged(expectation, arrival, merged);
    }
    times.insert(merged.begin(), merged.end());
    verdict_.merged += merged.size();
    const bool counted = promise_ == Promise::exactly_once && expectation.repeats_excused.empty();
    if (counted && told != static_cast<std::int64_t>(merged.size())) {
      wrong("the messages of action " + std::to_string(expectation.action) + " tell of " + std::to_string(told) +
            " merged fire times, but they are " + std::to_string(merged.size()));
    }
    if (until < from) return;
    for (std::int64_t second = first_multiple(from, expectation.period_s); second <= until; second += expectation.period_s) {
      if (times.contains(second) || within(expectation.excused, second)) continue;
      ++verdict_.lost;
      complain("lost: " + fire_of(expectation.action, second));
    }
  }

  // Adds what may have been merged into the arrival: all that did not come by itself. Of that, some may be another's.
  void look_at_merged(const Expectation& expectation, const Arrival& arrival, std::set<std::int64_t>& merged) {
    if (!expectation.merges) wrong("merged although its row does not ask for it: " + arrival.id);
    std::int64_t room = 0;
    for (std::int64_t second = arrival.first_missed_s; second < arrival.time_s; second += expectation.period_s) {
      if (copies_.contains(fire_of(expectation.action, second))) continue;
      ++room;
      merged.insert(second);
    }
    // What comes again may have come by itself before.
    if (arrival.merged_count > room && promise_ == Promise::exactly_once && expectation.repeats_excused.empty()) {
      wrong("ce_mergedcount " + std::to_string(arrival.merged_count) + " of " + arrival.id + " is too large by " +
            std::to_string(arrival.merged_count - room));
    }
  }

  const Promise promise_;
  const std::vector<Expectation>& expectations_;
  const std::vector<Arrival>& arrivals_;
  const std::vector<Life>& lives_;
  std::map<std::string, std::vector<std::size_t>> copies_;
  Verdict verdict_;
};

}  // namespace

std::int64_t seconds_of(const std::string& text) {
  std::tm parts{};
  int end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
                  &parts.tm_min, &parts.tm_sec, &end) != 6 ||
      end != static_cast<int>(text.size())) {
    return 0;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return ::timegm(&parts);
}

Arrival arrival_of(const testing::ReadMessage& message) {
  Arrival arrival;
  arrival.id = message.header("ce_id");
  arrival.action = std::atoll(message.header("ce_actionid").c_str());
  arrival.time_s = seconds_of(message.header("ce_time"));
  arrival.attempt = std::atoi(message.header("ce_attempt").c_str());
  arrival.on_time = message.header("ce_reason") == "on_time";
  arrival.merged_count = std::atoll(message.header("ce_mergedcount").c_str());
  arrival.first_missed_s = seconds_of(message.header("ce_firstmissed"));
  arrival.sent_ms = message.timestamp_ms;
  return arrival;
}

std::vector<Arrival> arrivals_of(const std::vector<testing::ReadMessage>& messages) {
  std::vector<Arrival> arrivals;
  arrivals.reserve(messages.size());
  for (const testing::ReadMessage& message : messages) arrivals.push_back(arrival_of(message));
  return arrivals;
}

Verdict judge(Promise promise, const std::vector<Expectation>& expectations, const std::vector<Arrival>& arrivals,
              const std::vector<Life>& lives) {
  return Judge(promise, expectations, arrivals, lives).run();
}

}  // namespace action_scheduler::torture
