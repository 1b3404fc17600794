// How long it takes to name the next fire time.
//
//   bench_schedules [--json FILE]
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "action_scheduler/cron.h"
#include "bench/arguments.h"
#include "bench/report.h"
#include "zones/system_zones.h"

namespace action_scheduler::bench {
namespace {

struct Schedule {
  const char* name;
  const char* format;
  const char* params;  // without the zone
};

constexpr std::array<Schedule, 9> kSchedules{{
    {"every second", "apscheduler", R"("second":"*")"},
    {"every minute", "unix", R"("value":"* * * * *")"},
    {"every 5 minutes of business hours", "unix", R"("value":"*/5 9-17 * * mon-fri")"},
    {"daily", "unix", R"("value":"30 2 * * *")"},
    {"last day of the month", "apscheduler", R"("day":"last","hour":"23","minute":"59")"},
    {"yearly", "unix", R"("value":"0 0 1 1 *")"},
    {"29 February on a Monday", "apscheduler", R"("month":"2","day":"29","day_of_week":"mon")"},
    {"never (30 February)", "unix", R"("value":"0 0 30 2 *")"},
    {"interval of 90 s", "interval", R"("seconds":90)"},
}};

constexpr std::array<const char*, 2> kZones{"UTC", "America/New_York"};

// Within 2000 to 2100.
std::vector<Instant> random_instants() {
  std::mt19937_64 random(20'261'121);
  std::uniform_int_distribution<std::int64_t> second(946'684'800, 4'102'444'800);
  std::vector<Instant> instants;
  for (int i = 0; i < 65536; ++i) instants.push_back(instant_from_unix(second(random)));
  return instants;
}

// Each fire time asked for from the one before.
void chained(benchmark::State& state, const Trigger& trigger) {
  const Instant start = instant_from_unix(1'767'225'600);  // 2026-01-01
  Instant at = start;
  for (auto _ : state) {
    const auto next = trigger.next(at);
    at = next && unix_seconds(*next) < 32'503'680'000 ? *next : start;  // until the year 3000
    benchmark::DoNotOptimize(at);
  }
}

void from_anywhere(benchmark::State& state, const Trigger& trigger, const std::vector<Instant>& instants) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(trigger.next(instants[i++ % instants.size()]));
}

class Collect : public benchmark::BenchmarkReporter {
 public:
  explicit Collect(Report& report) : report_(report) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Aggregate && run.aggregate_name != "median") continue;
      if (runs.size() > 1 && run.run_type != Run::RT_Aggregate) continue;
      report_.add({run.run_name.function_name, run.GetAdjustedCPUTime(), "ns", {}, {}, ""});
    }
  }

 private:
  Report& report_;
};

void run(const std::string& json) {
  SystemZones zones;
  const std::vector<Instant> instants = random_instants();
  for (const char* zone : kZones) {
    for (const Schedule& schedule : kSchedules) {
      const std::string cron = std::string(R"({"format":")") + schedule.format + R"(","params":{)" + schedule.params +
                               R"(,"timezone":")" + zone + "\"}}";
      const Result<Trigger> trigger = parse_cron(cron, {}, zones);
      if (!trigger) throw std::runtime_error(cron + ": " + trigger.error().message);
      const std::string name = std::string(schedule.name) + ", " + zone;
      benchmark::RegisterBenchmark((name + ", chained").c_str(), [t = *trigger](benchmark::State& state) {
        chained(state, t);
      })->MinTime(0.1);
      benchmark::RegisterBenchmark((name + ", random").c_str(), [t = *trigger, &instants](benchmark::State& state) {
        from_anywhere(state, t, instants);
      })->MinTime(0.1);
    }
  }
  Report report("next()", "");
  Collect collect(report);
  benchmark::RunSpecifiedBenchmarks(&collect);
  report.print();
  if (!json.empty()) report.save(json);
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  try {
    action_scheduler::bench::run(action_scheduler::bench::Arguments(argc, argv, {"json"}).text("json", ""));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_schedules: %s\n", error.what());
    return 1;
  }
}
