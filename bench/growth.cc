// How the cost of a fire grows with the number of actions, and with the number of different schedules among them: the engine with
// a ledger on disk, planning and making each message, with no receiver behind.
//
//   bench_growth [--actions 1000,10000,100000,1000000,10000000] [--schedules 1,100,10000,1000000] [--json FILE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "action_scheduler/message.h"
#include "bench/arguments.h"
#include "bench/memory.h"
#include "bench/progress.h"
#include "bench/report.h"
#include "bench/stopwatch.h"
#include "bench/temporary_folder.h"
#include "bench/test_ports.h"
#include "engine/engine.h"
#include "zones/system_zones.h"

namespace action_scheduler::bench {
namespace {

constexpr std::size_t kUsualSchedules = 40;
constexpr std::size_t kManyActions = 1'000'000;  // with other numbers of schedules

// Takes what it is given for a message's parts.
class Bytes : public HeaderVisitor {
 public:
  void header(std::string_view name, std::string_view value) override { total += name.size() + value.size(); }
  std::size_t total = 0;
};

void make_messages(const Batch& batch) {
  Bytes bytes;
  std::string value;
  const EventContext context{"/action-scheduler/bench", "application/json"};
  for (const Fire& fire : batch.fires) {
    const ActionText& text = batch.actions.find(fire.action)->text();
    value.clear();
    append_command_json(value, text.command());
    bytes.total += value.size();
    visit_cloudevents_headers(fire, text.name(), context, bytes);
  }
  keep(bytes.total);
}

// Each is due at every minute, whichever of the minutes since 2024 it counts from.
void tell_row(std::size_t number, std::size_t schedules, ChangeVisitor& visitor) {
  const Instant start = instant_from_unix(1'704'067'200 + static_cast<std::int64_t>(number % schedules) * 60);
  const std::string name = "nightly report " + std::to_string(number);
  const std::string command = "build-report --customer " + std::to_string(number) + " --format pdf";
  const std::string cron = R"({"format":"interval","params":{"minutes":1,"start_date":")" + format_utc(start) + "\"}}";
  RowView row;
  row.id = static_cast<ActionId>(number);
  row[Column::name] = name;
  row[Column::command] = command;
  row[Column::cron] = cron;
  visitor.changed(row);
}

struct Cost {
  double fire_us = 0;
  double load_us = 0;   // of one action
  double peak_gib = 0;  // of the process, so far
};

Cost measure(std::size_t actions, std::size_t schedules) {
  const TemporaryFolder folder;
  SetClock clock;
  SilentLog log;
  ReadyCallback callback;
  SystemZones zones;
  RowParser parser({}, zones);
  const std::unique_ptr<Ledger> ledger = ledger_in(folder.path());
  Engine engine({}, {clock, *ledger, callback, parser, log});
  if (auto opened = engine.open(); !opened) throw std::runtime_error(opened.error().message);
  TableInMemory table(actions, [schedules](std::size_t number, ChangeVisitor& visitor) { tell_row(number, schedules, visitor); });
  const auto run = [&engine] {
    while (engine.step().kind != Step::Kind::idle) {
    }
  };

  Cost cost;
  double begin = cpu_ns();
  RowsToRetry retry;
  Result<ChangeSet> changes = poll_changes(table, parser, retry, engine.knows_nothing());
  if (!changes) throw std::runtime_error(changes.error().message);
  engine.offer(*std::move(changes));
  run();
  cost.load_us = (cpu_ns() - begin) / 1e3 / static_cast<double>(actions);

  callback.visit = make_messages;
  std::vector<double> fire_us;
  const std::size_t ticks = std::clamp<std::size_t>(1'000'000 / actions, 3, 300);
  ProgressLine progress = progress_line();
  for (std::size_t tick = 0; tick <= ticks; ++tick) {
    progress.part("firing", tick, ticks + 1);
    const std::uint64_t delivered = engine.counters().delivered;
    clock.advance(std::chrono::minutes(1));
    begin = cpu_ns();
    run();
    // The first tick finds everything cold.
    if (tick > 0) fire_us.push_back((cpu_ns() - begin) / 1e3 / static_cast<double>(actions));
    if (engine.counters().delivered - delivered != actions) throw std::runtime_error("not every action fired");
  }
  cost.fire_us = median(fire_us);
  cost.peak_gib = peak_gib();
  progress.finish();
  std::fprintf(stderr, "%zu actions, %zu schedules: %.3f us a fire, %.3f us to load an action, %.2f GiB at the peak so far\n",
               actions, schedules, cost.fire_us, cost.load_us, cost.peak_gib);
  return cost;
}

void add(Report& report, std::size_t actions, std::size_t schedules, const Cost& cost) {
  const std::string what = std::to_string(actions) + " actions, " + std::to_string(schedules) + " schedules: ";
  report.add({what + "CPU of a fire", cost.fire_us, "us", {}, {}, ""});
  report.add({what + "CPU of loading an action", cost.load_us, "us", {}, {}, ""});
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"actions", "schedules", "json"});
    Report report("growth", "");
    const std::vector<std::size_t> actions = arguments.numbers("actions", "1000,10000,100000,1000000,10000000");
    const std::size_t many = std::min(actions.back(), kManyActions);
    for (const std::size_t count : actions) {
      const Cost cost = measure(count, kUsualSchedules);
      add(report, count, kUsualSchedules, cost);
      // The peak is over all that was measured so far: this count's as long as they ascend, and hidden after the largest.
      report.add({std::to_string(count) + " actions: peak memory of the process", cost.peak_gib, "GiB", {}, {}, ""});
    }
    for (const std::size_t schedules : arguments.numbers("schedules", "1,100,10000,1000000")) {
      add(report, many, schedules, measure(many, schedules));
    }
    report.print();
    if (const std::string path = arguments.text("json", ""); !path.empty()) report.save(path);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_growth: %s\n", error.what());
    return 1;
  }
}
