#include "tests/end_to_end/fired.h"

#include <algorithm>
#include <cstdlib>

namespace action_scheduler::testing {
namespace {

Instant time_of(const ReadMessage& message) { return parse_utc(message.header("ce_time")).value_or(kFirstInstant); }

}  // namespace

std::vector<ReadMessage> FiredList::of(std::int64_t action) const {
  std::vector<ReadMessage> result;
  std::ranges::copy_if(messages_, std::back_inserter(result),
                       [id = std::to_string(action)](const ReadMessage& message) { return message.header("ce_actionid") == id; });
  return result;
}

std::set<Instant> FiredList::times(std::int64_t action) const {
  std::set<Instant> result;
  for (const ReadMessage& message : of(action)) result.insert(time_of(message));
  return result;
}

std::optional<Instant> FiredList::latest(std::int64_t action) const {
  const auto all = times(action);
  return all.empty() ? std::nullopt : std::optional(*all.rbegin());
}

std::vector<std::string> FiredList::repeated() const {
  std::map<std::string, int> seen;
  for (const ReadMessage& message : messages_) ++seen[message.header("ce_id")];
  std::vector<std::string> result;
  for (const auto& [id, count] : seen) {
    if (count > 1) result.push_back(id);
  }
  return result;
}

std::vector<std::string> FiredList::repeated_without_attempt() const {
  std::map<std::string, int> attempts;
  std::vector<std::string> result;
  for (const ReadMessage& message : messages_) {
    const std::string id = message.header("ce_id");
    const int attempt = std::atoi(message.header("ce_attempt").c_str());
    const auto [known, first] = attempts.emplace(id, attempt);
    if (!first && attempt <= known->second) result.push_back(id);
    known->second = attempt;
  }
  return result;
}

std::vector<std::string> FiredList::gaps(std::int64_t action, int step_s) const {
  std::set<Instant> covered = times(action);
  for (const ReadMessage& message : of(action)) {
    if (message.header("ce_mergedcount").empty()) continue;
    const Instant first = parse_utc(message.header("ce_firstmissed")).value_or(time_of(message));
    for (Instant t = first; t < time_of(message); t += Seconds{step_s}) covered.insert(t);
  }
  std::vector<std::string> missing;
  if (covered.empty()) return missing;
  for (Instant t = *covered.begin(); t < *covered.rbegin(); t += Seconds{step_s}) {
    if (!covered.contains(t)) missing.push_back(std::to_string(action) + "@" + format_utc(t));
  }
  return missing;
}

}  // namespace action_scheduler::testing
