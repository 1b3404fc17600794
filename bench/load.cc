// The first load of a large table until its actions are in effect, with a ledger of its own, beside a bare COPY of the same
// columns by libpq that looks at nothing; then 10,000 of the rows edited at once, and every action due at once.
//
//   bench_load [--rows 1000000] [--rounds 7] [--memory-gib N] [--json FILE]
//
// With --memory-gib the program fails where it would take more than that. What is measured with other than 1,000,000 rows has a
// report of its own.
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/memory.h"
#include "bench/postgres_table.h"
#include "bench/progress.h"
#include "bench/report.h"
#include "bench/stopwatch.h"
#include "bench/temporary_folder.h"
#include "bench/test_ports.h"
#include "cli/loading_progress.h"
#include "engine/engine.h"
#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"
#include "zones/system_zones.h"

namespace action_scheduler::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kUsualRows = "1000000";
constexpr std::size_t kEdited = 10'000;

// What is asked.
constexpr double kRatioAsked = 0.8;  // 1.25 times as long as COPY
constexpr double kDelayAsked_ms = 10;
constexpr double kPeakAsked_gib = 8;  // of ten million rows at most
constexpr std::size_t kPeakAskedRows = 10'000'000;
constexpr double kOverheadAsked_bytes = 64;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

// Seconds from connecting to the last byte.
double bare_copy(const testing::PostgresServer& server) {
  const auto begin = Steady::now();
  const std::string conninfo = "host=" + server.host() + " port=" + std::to_string(server.port()) + " user=" + server.user() +
                               " dbname=" + server.database();
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()), PQfinish);
  PQclear(PQexec(connection.get(),
                 "COPY action (id, name, command, cron, merge_missed, actuality_time, enabled, timezone, topic, key, headers)"
                 " TO STDOUT"));
  char* row = nullptr;
  while (PQgetCopyData(connection.get(), &row, 0) > 0) PQfreemem(row);
  const std::unique_ptr<PGresult, decltype(&PQclear)> end(PQgetResult(connection.get()), PQclear);
  if (PQresultStatus(end.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  return seconds_since(begin);
}

// Bytes of names, commands and schedules.
double own_text(const testing::PostgresServer& server) {
  return std::stod(
      server.exec("SELECT sum(octet_length(name) + octet_length(command) + octet_length(cron::text)) FROM action").at(0).at(0));
}

// A scheduler whose engine is moved by hand.
class Scheduler {
 public:
  explicit Scheduler(const testing::PostgresServer& server)
      : source_(std::make_unique<PostgresSource>(table_options(server, "bench-load")), std::cerr, is_watched()) {
    if (auto opened = engine_.open(); !opened) throw std::runtime_error(opened.error().message);
  }

  ChangeSet poll() {
    Result<ChangeSet> changes = poll_changes(source_, parser_, retry_, engine_.knows_nothing());
    if (!changes) throw std::runtime_error(changes.error().message);
    return *std::move(changes);
  }

  // Takes the changes up as the service does. Returns for how long others would have had to wait at most, in seconds.
  double apply(ChangeSet changes) {
    for (ChangeSet& slice : in_slices(std::move(changes))) engine_.offer(std::move(slice));
    return run();
  }

  // All that comes due in a day. Returns the number of fires.
  std::uint64_t live_a_day() {
    constexpr std::uint64_t kMinutes = 24 * 60;
    const std::uint64_t before = engine_.counters().delivered;
    ProgressLine progress = progress_line();
    for (std::uint64_t minute = 0; minute < kMinutes; ++minute) {
      progress.part("firing for a day", minute, kMinutes);
      clock_.advance(std::chrono::minutes(1));
      (void)run();
    }
    return engine_.counters().delivered - before;
  }

  std::size_t actions() const { return engine_.schedule().actions().size(); }

 private:
  // Until there is nothing to do. Returns the length of the longest step.
  double run() {
    double longest = 0;
    for (;;) {
      const auto begin = Steady::now();
      const Step step = engine_.step();
      longest = std::max(longest, seconds_since(begin));
      if (step.kind == Step::Kind::idle) return longest;
    }
  }

  TemporaryFolder folder_;
  SetClock clock_;
  SilentLog log_;
  ReadyCallback callback_;
  SystemZones zones_;
  RowParser parser_{{}, zones_};
  std::unique_ptr<Ledger> ledger_ = ledger_in(folder_.path());
  Engine engine_{{}, {clock_, *ledger_, callback_, parser_, log_}};
  RowsToRetry retry_;
  LoadingProgress source_;
};

struct Series {
  std::vector<double> copy_s, read_s, in_effect_s, read_ratio, ratio, overhead_bytes, edit_s, wait_ms;
};

void measure_load(const testing::PostgresServer& server, std::size_t rows, std::size_t round, Series& series) {
  const double text_bytes = own_text(server);
  series.copy_s.push_back(bare_copy(server));
  Scheduler scheduler(server);
  const std::size_t heap_before = heap_in_use();
  const auto begin = Steady::now();
  const double cpu_begin = cpu_ns();
  ChangeSet all = scheduler.poll();
  const double cpu_read = cpu_ns();
  series.read_s.push_back(seconds_since(begin));
  (void)scheduler.apply(std::move(all));
  const double cpu_end = cpu_ns();
  series.in_effect_s.push_back(seconds_since(begin));
  if (scheduler.actions() != rows) throw std::runtime_error("not every row became an action");
  const double held_bytes = static_cast<double>(heap_in_use()) - static_cast<double>(heap_before);
  series.overhead_bytes.push_back((held_bytes - text_bytes) / static_cast<double>(rows));
  series.read_ratio.push_back(series.copy_s.back() / series.read_s.back());
  series.ratio.push_back(series.copy_s.back() / series.in_effect_s.back());
  std::fprintf(stderr,
               "round %zu: COPY %.2f s, read %.2f s, in effect %.2f s: %.2f times COPY; own processor time %.2f + %.2f s\n",
               round + 1, series.copy_s.back(), series.read_s.back(), series.in_effect_s.back(), 1 / series.ratio.back(),
               (cpu_read - cpu_begin) / 1e9, (cpu_end - cpu_read) / 1e9);
  if (round > 0) return;
  const std::uint64_t fires = scheduler.live_a_day();
  if (fires != rows) throw std::runtime_error("not every action fired");
}

void measure_edit(const testing::PostgresServer& server, Scheduler& scheduler, std::size_t rows, std::size_t round,
                  Series& series) {
  server.exec(
      "UPDATE action SET command = command || '!', cron = '{\"format\": \"unix\", \"params\": {\"value\": \"7 7 * * *\"}}'"
      " WHERE id % " +
      std::to_string(rows / kEdited) + " = " + std::to_string(round % (rows / kEdited)));
  const auto begin = Steady::now();
  ChangeSet edited = scheduler.poll();
  if (edited.parsed.size() != kEdited) throw std::runtime_error("the poll did not find the edited rows");
  series.wait_ms.push_back(scheduler.apply(std::move(edited)) * 1000);
  series.edit_s.push_back(seconds_since(begin));
  std::fprintf(stderr, "round %zu: %zu rows edited: in effect after %.3f s, longest step %.1f ms\n", round + 1, kEdited,
               series.edit_s.back(), series.wait_ms.back());
}

void measure(const Arguments& arguments) {
  const std::size_t rows = arguments.numbers("rows", kUsualRows).front();
  const std::size_t rounds = arguments.numbers("rounds", "7").front();
  const testing::PostgresServer server;
  // After the server has been started, which would have it, too.
  if (const std::string gib = arguments.text("memory-gib", ""); !gib.empty()) limit_memory(std::stod(gib));
  std::fprintf(stderr, "filling a table of %zu rows\n", rows);
  fill_action_table(server, rows);
  (void)bare_copy(server);
  Series series;
  for (std::size_t round = 0; round < rounds; ++round) measure_load(server, rows, round, series);
  // Afterwards, because edited rows stand elsewhere in the table, out of the order in which a first load is fastest.
  if (rows > kEdited) {
    Scheduler scheduler(server);
    (void)scheduler.apply(scheduler.poll());
    for (std::size_t round = 0; round < rounds; ++round) measure_edit(server, scheduler, rows, round, series);
  }

  const bool usual = std::to_string(rows) == kUsualRows;
  Report report(usual ? "load" : "load of " + std::to_string(rows), "bare COPY");
  const std::string what = "first load of " + std::to_string(rows) + " rows: ";
  report.add({what + "read and understood", median(series.read_s), "s", median(series.copy_s), median(series.read_ratio), ""});
  report.add({what + "on disk and in effect", median(series.in_effect_s), "s", median(series.copy_s), median(series.ratio), "",
              usual ? std::optional(ratio_at_least(kRatioAsked)) : std::nullopt});
  if (!series.edit_s.empty()) {
    const std::string edit = std::to_string(kEdited) + " of " + std::to_string(rows) + " rows edited: ";
    report.add({edit + "from the poll's beginning until all are in effect", median(series.edit_s), "s", {}, {}, ""});
    report.add({edit + "longest delay of other fires",
                *std::ranges::max_element(series.wait_ms),
                "ms",
                {},
                {},
                "",
                usual ? std::optional(at_most(kDelayAsked_ms)) : std::nullopt});
  }
  report.add({what + "peak memory, a day's fires included",
              peak_gib(),
              "GiB",
              {},
              {},
              "",
              rows <= kPeakAskedRows ? std::optional(at_most(kPeakAsked_gib)) : std::nullopt});
  report.add({what + "memory of an action beyond its row's own text",
              median(series.overhead_bytes),
              "bytes",
              {},
              {},
              "",
              at_most(kOverheadAsked_bytes)});
  report.print();
  if (const std::string path = arguments.text("json", ""); !path.empty()) report.save(path);
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"rows", "rounds", "memory-gib", "json"});
    measure(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
