// How long `action-scheduler simulate` takes for a month of a large table in a private PostgreSQL, reading included: with few
// different schedules, and where each action has its own.
//
//   bench_simulate [--rows 1000000] [--json FILE]
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "bench/arguments.h"
#include "bench/postgres_table.h"
#include "bench/report.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/scheduler_process.h"

namespace action_scheduler::bench {
namespace {

constexpr double kSecondsAsked = 10;  // of a million rows

// A second of the day, on certain days of the week: 86,400 times twelve different schedules.
void give_each_its_own_schedule(const testing::PostgresServer& server) {
  server.exec(
      "UPDATE action SET cron = json_build_object('format', 'apscheduler', 'params', json_build_object("
      "'second', id % 60, 'minute', id / 60 % 60, 'hour', id / 3600 % 24, 'day_of_week',"
      " (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', '*', 'mon-fri', 'sat,sun', 'mon,thu', 'tue,fri'])"
      "[id / 86400 % 12 + 1]))");
}

void measure(const testing::PostgresServer& server, const std::string& what, Report& report) {
  const testing::WorkFolder folder;
  folder.write("config.yaml", "actions_db:\n  dialect: postgresql\n  host: " + server.host() +
                                  "\n  port: " + std::to_string(server.port()) + "\n  username: " + server.user() +
                                  "\n  database: " + server.database() + "\naction: {callback: stdout}\n");
  const auto begin = std::chrono::steady_clock::now();
  const testing::Finished finished =
      testing::run_to_end(folder, {"simulate", "--from", "2026-12-01T00:00:00Z", "--to", "2027-01-01T00:00:00Z"});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (finished.code != 0) throw std::runtime_error("simulate failed: " + finished.err);
  std::fprintf(stderr, "%s: %.2f s\n%s", what.c_str(), seconds, finished.out.c_str());
  report.add({what, seconds, "s", {}, {}, "", at_most(kSecondsAsked)});
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler;
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"rows", "json"});
    const std::size_t rows = arguments.numbers("rows", "1000000").front();
    const testing::PostgresServer server;
    std::fprintf(stderr, "filling a table of %zu rows\n", rows);
    fill_action_table(server, rows);
    Report report("simulate", "");
    const std::string what = "a month of " + std::to_string(rows) + " actions, ";
    measure(server, what + "120 different schedules", report);
    std::fprintf(stderr, "giving each row its own schedule\n");
    give_each_its_own_schedule(server);
    measure(server, what + "each with its own schedule", report);
    report.print();
    if (const std::string path = arguments.text("json", ""); !path.empty()) report.save(path);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_simulate: %s\n", error.what());
    return 1;
  }
}
