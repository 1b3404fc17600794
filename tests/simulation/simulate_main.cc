// `simulate [--seeds N] [--first N]`: many histories. `simulate --seed N [--events 1,5,9]`: one, with everything that happens in
// it. `simulate --year`: how long a year of a hundred actions takes. `--survey`: goes on after a failure, one line each.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/simulation/shrink.h"
#include "tests/simulation/simulate.h"

namespace {

using namespace action_scheduler::simulation;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int replay(std::uint64_t seed, Generation generation, const std::string& events) {
  History history = generate(seed, generation);
  if (!events.empty()) {
    std::vector<std::size_t> numbers;
    for (const char* at = events.c_str(); *at != '\0';) {
      char* end = nullptr;
      numbers.push_back(std::strtoull(at, &end, 10));
      at = *end == ',' ? end + 1 : end + std::strlen(end);
    }
    history = only(history, numbers);
  }
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), history.setup.describe().c_str());
  const Account account = live(history, true);
  for (const std::string& wrong : account.wrong) std::printf("WRONG: %s\n", wrong.c_str());
  return account.wrong.empty() ? 0 : 1;
}

int year() {
  const auto start = std::chrono::steady_clock::now();
  const Account account = live(year_of_a_hundred_actions());
  std::printf("a year of 100 actions: %llu fires in %.2f s\n", static_cast<unsigned long long>(account.arrivals),
              seconds_since(start));
  for (const std::string& wrong : account.wrong) std::printf("WRONG: %s\n", wrong.c_str());
  return account.wrong.empty() ? 0 : 1;
}

int survey(const Campaign& campaign) {
  int failures = 0;
  for (std::uint64_t seed = campaign.first_seed; seed < campaign.first_seed + campaign.seeds; ++seed) {
    const Account account = live(generate(seed, campaign.generation));
    if (account.wrong.empty()) continue;
    ++failures;
    std::printf("%llu: %s\n", static_cast<unsigned long long>(seed), account.wrong.front().c_str());
  }
  std::printf("%d of %llu histories failed\n", failures, static_cast<unsigned long long>(campaign.seeds));
  return failures == 0 ? 0 : 1;
}

int many(const Campaign& campaign) {
  const auto start = std::chrono::steady_clock::now();
  const CampaignResult result = run(campaign);
  const double seconds = seconds_since(start);
  std::printf(
      "%llu histories, %.0f simulated days, %llu deaths, %llu take-overs, %llu requests (%llu granted), %llu arrivals, %llu fire "
      "times ended otherwise, in "
      "%.1f s\n",
      static_cast<unsigned long long>(result.seeds), result.simulated_hours / 24, static_cast<unsigned long long>(result.deaths),
      static_cast<unsigned long long>(result.take_overs), static_cast<unsigned long long>(result.requests),
      static_cast<unsigned long long>(result.requests_accepted), static_cast<unsigned long long>(result.arrivals),
      static_cast<unsigned long long>(result.ended_otherwise), seconds);
  std::printf("%.0f histories and %.2f simulated years of an action a second\n", static_cast<double>(result.seeds) / seconds,
              result.action_hours / 24 / 365 / seconds);
  if (!result.failed_seed) return year();
  std::fputs(describe_failure(generate(*result.failed_seed, campaign.generation), result.failure).c_str(), stdout);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  Campaign campaign;
  std::uint64_t seed = 0;
  std::string events;
  bool with_survey = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view option = arguments[i];
    const char* value = i + 1 < count ? arguments[i + 1] : "";
    if (option == "--year") return year();
    if (option == "--survey") {
      with_survey = true;
    } else if (option == "--seeds") {
      campaign.seeds = std::strtoull(value, nullptr, 10);
      ++i;
    } else if (option == "--first") {
      campaign.first_seed = std::strtoull(value, nullptr, 10);
      ++i;
    } else if (option == "--seed") {
      seed = std::strtoull(value, nullptr, 10);
      ++i;
    } else if (option == "--generation") {
      campaign.generation = static_cast<Generation>(std::clamp(std::atoi(value), 1, 3));
      ++i;
    } else if (option == "--events") {
      events = value;
      ++i;
    } else {
      std::fprintf(stderr,
                   "usage: simulate [--seeds N] [--first N] [--survey] [--generation 1|2|3] | --seed N [--generation 1|2|3] "
                   "[--events 1,5,9] | --year\n");
      return 2;
    }
  }
  if (seed != 0) return replay(seed, campaign.generation, events);
  return with_survey ? survey(campaign) : many(campaign);
}
