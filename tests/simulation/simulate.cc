#include "tests/simulation/simulate.h"

#include <set>

#include "tests/simulation/shrink.h"

namespace action_scheduler::simulation {

Account live(const History& history, bool verbose) { return World(history, verbose).live(); }

std::string describe_failure(const History& history, const Account& account) {
  const auto least = shrink(history, [](const History& part) { return !live(part).wrong.empty(); });
  const History part = only(history, least);
  const Account least_account = live(part);
  std::string text = "seed " + std::to_string(history.seed) + " (" + history.setup.describe() + "), " +
                     std::to_string(history.events.size()) + " events: " + account.wrong.front() + "\n";
  text += "With " + std::to_string(least.size()) + " of them it still fails:\n";
  for (const Event& event : part.events) text += "  " + event.describe() + "\n";
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < least_account.wrong.size() && i < kShown; ++i) text += "WRONG: " + least_account.wrong[i] + "\n";
  if (least_account.wrong.size() > kShown) text += "and " + std::to_string(least_account.wrong.size() - kShown) + " more\n";
  text +=
      "Replay: make simulate SEED=" + std::to_string(history.seed) +
      (history.generation == Generation::unheard ? "" : " GENERATION=" + std::to_string(static_cast<int>(history.generation))) +
      " EVENTS=";
  for (std::size_t i = 0; i < least.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(least[i]);
  return text + "\n";
}

CampaignResult run(const Campaign& campaign) {
  CampaignResult result;
  for (std::uint64_t seed = campaign.first_seed; seed < campaign.first_seed + campaign.seeds; ++seed) {
    const History history = generate(seed, campaign.generation);
    Account account = live(history);
    ++result.seeds;
    result.arrivals += account.arrivals;
    result.ended_otherwise += account.ended_otherwise;
    result.deaths += account.deaths;
    result.take_overs += account.take_overs;
    result.requests += account.requests;
    result.requests_accepted += account.requests_accepted;
    const double hours = static_cast<double>(history.end_ms) / 3'600'000;
    std::set<ActionId> actions;
    for (const Event& event : history.events) {
      if (event.kind == EventKind::put) actions.insert(event.row.id);
    }
    result.simulated_hours += hours;
    result.action_hours += hours * static_cast<double>(actions.size());
    if (account.wrong.empty()) continue;
    result.failed_seed = seed;
    result.failure = std::move(account);
    return result;
  }
  return result;
}

}  // namespace action_scheduler::simulation
