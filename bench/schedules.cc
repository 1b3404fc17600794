// How long it takes to name the next fire time, beside other libraries in the same run; to parse a schedule, to plan what was
// missed, and how much memory a trigger takes.
//
//   bench_schedules [--peers FOLDER] [--rounds 5] [--json FILE]        FOLDER: as bench/peers/prepare.sh leaves it
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/cron.h"
#include "action_scheduler/plan.h"
#include "bench/arguments.h"
#include "bench/peer_programs.h"
#include "bench/peers.h"
#include "bench/progress.h"
#include "bench/report.h"
#include "bench/schedule_cases.h"
#include "bench/stopwatch.h"
#include "tests/core/allocations.h"
#include "zones/system_zones.h"

namespace action_scheduler::bench {
namespace {

constexpr double kLeastMs = 20;
constexpr std::int64_t kStart = 1'767'225'600;      // 2026-01-01
constexpr std::int64_t kChainEnd = 32'503'680'000;  // 3000-01-01, where a chain begins anew

// Within 2000 to 2100.
std::vector<std::int64_t> random_instants() {
  std::mt19937_64 random(20'261'121);
  std::uniform_int_distribution<std::int64_t> second(946'684'800, 4'102'444'800);
  std::vector<std::int64_t> instants(4096);
  for (std::int64_t& instant : instants) instant = second(random);
  return instants;
}

Trigger parsed(const std::string& cron, ZoneSource& zones) {
  Result<Trigger> trigger = parse_cron(cron, {}, zones);
  if (!trigger) throw std::runtime_error(cron + ": " + trigger.error().message);
  return *std::move(trigger);
}

PeerAnswer ask_ours(const Trigger& trigger, const PeerQuestion& question) {
  PeerAnswer answer;
  const Instant start = instant_from_unix(question.start);
  for (auto t = trigger.next(start); t && answer.fires.size() < 5; t = trigger.next(*t)) answer.fires.push_back(unix_seconds(*t));
  Instant at = start;
  answer.chained_ns = measure_ns(question.least_ms, [&] {
    const auto next = trigger.next(at);
    at = next && unix_seconds(*next) < kChainEnd ? *next : start;
  });
  keep(at);
  std::size_t i = 0;
  answer.random_ns = measure_ns(question.least_ms, [&] {
    keep(trigger.next(instant_from_unix(question.instants[i])));
    if (++i == question.instants.size()) i = 0;
  });
  return answer;
}

// The times of each case in each round.
struct Times {
  std::vector<double> chained;
  std::vector<double> random;
  std::vector<std::int64_t> fires;
};
using TimesByCase = std::map<std::string, Times>;

void add(TimesByCase& times, const std::map<std::string, PeerAnswer>& answers) {
  for (const auto& [name, answer] : answers) {
    Times& of = times[name];
    of.chained.push_back(answer.chained_ns);
    of.random.push_back(answer.random_ns);
    of.fires = answer.fires;
  }
}

Report compared(const std::string& peer, TimesByCase& ours, TimesByCase& theirs) {
  Report report("next() beside " + peer.substr(0, peer.find(' ')), peer);
  double logarithms_ours = 0;
  double logarithms_theirs = 0;
  int compared = 0;
  Figure closest;
  for (const char* zone : kZones) {
    for (const ScheduleCase& of : kScheduleCases) {
      const std::string name = case_name(of, zone);
      const auto found = theirs.find(name);
      if (found == theirs.end()) {
        report.add({name, median(ours[name].random), "ns", {}, {}, "the peer cannot say it"});
        continue;
      }
      if (found->second.fires != ours[name].fires) {
        report.add({name, median(ours[name].random), "ns", {}, {}, "the peer's fire times are others"});
        continue;
      }
      for (const bool chained : {true, false}) {
        const double mine = median(chained ? ours[name].chained : ours[name].random);
        const double other = median(chained ? found->second.chained : found->second.random);
        Figure figure{name + (chained ? ", chained" : ", random"), mine, "ns", other, other / mine, ""};
        logarithms_ours += std::log(mine);
        logarithms_theirs += std::log(other);
        ++compared;
        if (!closest.ratio || *figure.ratio < *closest.ratio) closest = figure;
        report.add(std::move(figure));
      }
    }
  }
  if (compared == 0) return report;
  const double mine = std::exp(logarithms_ours / compared);
  const double other = std::exp(logarithms_theirs / compared);
  report.add({"geometric mean", mine, "ns", other, other / mine, ""});
  closest.note = "the least ratio: " + closest.what;
  closest.what = "closest case";
  report.add(std::move(closest));
  return report;
}

void measure_next(const Arguments& arguments, const std::string& json) {
  SystemZones zones;
  const PeerQuestion question{kStart, random_instants(), static_cast<int>(kLeastMs)};
  const PeerPrograms peers = peers_in(arguments.text("peers", ""));
  const std::size_t rounds = arguments.numbers("rounds", "5").front();
  TimesByCase ours;
  std::map<std::string, TimesByCase> theirs;
  const std::size_t cases = std::size(kZones) * std::size(kScheduleCases);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::fprintf(stderr, "next(): round %zu of %zu\n", round + 1, rounds);
    ProgressLine progress = progress_line();
    std::map<std::string, PeerAnswer> answers;
    for (const char* zone : kZones) {
      for (const ScheduleCase& of : kScheduleCases) {
        progress.part("asking ours", answers.size(), cases);
        answers[case_name(of, zone)] = ask_ours(parsed(cron_json(of, zone), zones), question);
      }
    }
    progress.finish();
    add(ours, answers);
    if (!peers.robfig.empty()) {
      for (const auto& [peer, found] : ask_peer(peers.robfig, question)) add(theirs[peer], found);
    }
    if (round > 0 || peers.python.empty()) continue;  // a thousand times slower: once is exact enough
    std::fprintf(stderr, "next(): asking the Python libraries\n");
    const std::string script = PEERS_SOURCE_FOLDER "/python/measure.py";
    for (const auto& [peer, found] : ask_peer(peers.python + " " + script, question)) add(theirs[peer], found);
  }

  Report report("next()", "");
  for (const char* zone : kZones) {
    for (const ScheduleCase& of : kScheduleCases) {
      const std::string name = case_name(of, zone);
      report.add({name + ", chained", median(ours[name].chained), "ns", {}, {}, ""});
      report.add({name + ", random", median(ours[name].random), "ns", {}, {}, ""});
    }
  }
  report.print();
  if (!json.empty()) report.save(json);
  for (auto& [peer, times] : theirs) {
    const Report comparison = compared(peer, ours, times);
    comparison.print();
    if (!json.empty()) comparison.save(json);
  }
}

void measure_parsing(const std::string& json) {
  SystemZones zones;
  Report report("parse_cron()", "");
  std::vector<ScheduleCase> cases(kScheduleCases.begin(), kScheduleCases.end());
  cases.push_back({"a list of years", "apscheduler", R"("year":"2026,2028-2030","hour":9)", nullptr, nullptr, nullptr});
  cases.push_back(
      {"jitter and bounds", "unix",
       R"("value":"0,15,30,45 0-6,18-23 1,15 jan,apr,jul,oct *","jitter":30,"start_date":"2026-01-01","end_date":"2027-01-01T10:00:00Z")",
       nullptr, nullptr, nullptr});
  for (const ScheduleCase& of : cases) {
    const std::string cron = cron_json(of, "America/New_York");
    (void)parsed(cron, zones);
    const testing::Allocations before = testing::allocations();
    const Trigger trigger = parsed(cron, zones);
    const testing::Allocations after = testing::allocations();
    const double ns = measure_ns(kLeastMs, [&] { keep(parse_cron(cron, {}, zones)); });
    report.add({of.name, ns, "ns", {}, {}, std::to_string(after.count - before.count) + " allocations, the trigger's included"});
    report.add({std::string(of.name) + ": trigger",
                static_cast<double>(after.live_bytes - before.live_bytes),
                "bytes of heap",
                {},
                {},
                ""});
  }
  report.print();
  if (!json.empty()) report.save(json);
}

// A month of per-second fires was missed.
void measure_planning(const std::string& json) {
  SystemZones zones;
  Report report("a month of per-second fires", "");
  const Instant from = instant_from_unix(kStart);
  const Instant until = from + std::chrono::days{31};
  for (const char* zone : kZones) {
    const Trigger trigger = parsed(cron_json(kScheduleCases.front(), zone), zones);
    const std::string where = std::string(", ") + zone;
    report.add({"count()" + where, measure_ns(kLeastMs, [&] { keep(trigger.count(from, until)); }), "ns", {}, {}, ""});
    report.add({"previous()" + where, measure_ns(kLeastMs, [&] { keep(trigger.previous(until)); }), "ns", {}, {}, ""});
    ActionSet actions;
    const std::vector<TriggerId> triggers{actions.put({1, ActionText(), {true, std::nullopt}, trigger}, from)};
    PlanWindow window;
    window.from = {from, Position::kWholeInstant};
    window.until = window.missed_until = window.planned_at = until;
    const ExceptionSet none;
    const Plan found = plan(actions, triggers, window, window.from, none, 10'000);
    if (found.fires.size() != 1 || found.fires.front().merged_count != 31U * 86400 - 1) throw std::runtime_error("not merged");
    const double ns = measure_ns(kLeastMs, [&] { keep(plan(actions, triggers, window, window.from, none, 10'000)); });
    report.add({"plan(), merged into one" + where, ns / 1000, "us", {}, {}, ""});
  }
  report.print();
  if (!json.empty()) report.save(json);
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"peers", "rounds", "json"});
    const std::string json = arguments.text("json", "");
    measure_next(arguments, json);
    measure_parsing(json);
    measure_planning(json);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_schedules: %s\n", error.what());
    return 1;
  }
}
