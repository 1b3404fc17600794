// What a poll of a large table costs when little or nothing changed, beside reading the whole table, in the scheduler and in the
// server.
//
//   bench_polls [--rows 1000000] [--rounds 5] [--json FILE]
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/postgres_table.h"
#include "bench/progress.h"
#include "bench/report.h"
#include "bench/stopwatch.h"
#include "sources/postgres_source.h"
#include "tests/servers/postgres_server.h"

namespace action_scheduler::bench {
namespace {

// How many times cheaper than reading the whole table a poll is asked to be.
constexpr double kSchedulerRatioAsked = 20;
constexpr double kServerRatioAsked = 8;

class CountingVisitor : public ChangeVisitor {
 public:
  void changed(const RowView&) override { ++changes; }
  void removed(ActionId) override { ++changes; }

  std::size_t changes = 0;
};

struct Cost {
  double scheduler_ms = 0;
  double server_ms = 0;
};

// A source whose polls are measured: the processor time of this thread, and of the session's process in the server.
class MeasuredSource {
 public:
  MeasuredSource(const testing::PostgresServer& server, const std::string& name, std::chrono::seconds read_all_every)
      : server_(server), name_(name), source_(options(server, name, read_all_every)) {
    CountingVisitor visitor;
    poll(visitor);
    const auto pid = server.exec("SELECT pid FROM pg_stat_activity WHERE application_name = '" + name + "'");
    statistics_ = "/proc/" + pid.at(0).at(0) + "/schedstat";
  }

  // Throws std::runtime_error if the poll finds not just so many changes.
  Cost measure(std::size_t changes) {
    CountingVisitor visitor;
    const double server_begin = server_ns();
    const double begin = cpu_ns();
    poll(visitor);
    const Cost cost{(cpu_ns() - begin) / 1e6, (server_ns() - server_begin) / 1e6};
    if (visitor.changes != changes) {
      throw std::runtime_error(name_ + " found " + std::to_string(visitor.changes) + " changes instead of " +
                               std::to_string(changes));
    }
    return cost;
  }

 private:
  static PostgresTableOptions options(const testing::PostgresServer& server, const std::string& name,
                                      std::chrono::seconds read_all_every) {
    PostgresTableOptions options = table_options(server, name);
    options.read_all_every = read_all_every;
    return options;
  }

  void poll(CountingVisitor& visitor) {
    const Result<PollSummary> summary = source_.poll(visitor);
    if (!summary) throw std::runtime_error(summary.error().message);
  }

  double server_ns() const {
    std::ifstream file(statistics_);
    double ns = 0;
    file >> ns;
    return ns;
  }

  const testing::PostgresServer& server_;
  const std::string name_;
  PostgresSource source_;
  std::string statistics_;
};

struct Costs {
  std::vector<double> scheduler;
  std::vector<double> server;

  void add(const Cost& cost) {
    scheduler.push_back(cost.scheduler_ms);
    server.push_back(cost.server_ms);
  }
};

void add_figures(Report& report, const std::string& what, const Costs& ours, const Costs& whole) {
  const auto add = [&](const char* where, const std::vector<double>& mine, const std::vector<double>& peer, double least_ratio) {
    report.add({what + where, median(mine), "ms", median(peer), median(peer) / median(mine), "", ratio_at_least(least_ratio)});
  };
  add(": scheduler's processor time", ours.scheduler, whole.scheduler, kSchedulerRatioAsked);
  add(": server's processor time", ours.server, whole.server, kServerRatioAsked);
}

void measure(std::size_t rows, std::size_t rounds, const std::string& json) {
  constexpr std::size_t kChanged = 10;
  const testing::PostgresServer server;
  std::fprintf(stderr, "filling a table of %zu rows\n", rows);
  fill_action_table(server, rows);
  MeasuredSource whole(server, "bench-whole", std::chrono::seconds(0));
  MeasuredSource following(server, "bench-following", std::chrono::hours(1));
  Costs idle, unchanged, changed, whole_unchanged, whole_changed;
  ProgressLine progress = progress_line();
  for (std::size_t round = 0; round < rounds; ++round) {
    if (!is_watched()) std::fprintf(stderr, "round %zu of %zu\n", round + 1, rounds);
    progress.part("polling", round, rounds);
    server.exec("SELECT txid_current()");
    whole_unchanged.add(whole.measure(0));
    unchanged.add(following.measure(0));
    idle.add(following.measure(0));
    server.exec("UPDATE action SET command = command || '!' WHERE id % " + std::to_string(rows / kChanged) + " = " +
                std::to_string(round));
    whole_changed.add(whole.measure(kChanged));
    changed.add(following.measure(kChanged));
  }
  progress.finish();
  Report report("polls", "whole table");
  const std::string of = " of " + std::to_string(rows) + " rows changed";
  add_figures(report, "0" + of + ", the server is idle", idle, whole_unchanged);
  add_figures(report, "0" + of + ", others write elsewhere", unchanged, whole_unchanged);
  add_figures(report, std::to_string(kChanged) + of, changed, whole_changed);
  report.print();
  if (!json.empty()) report.save(json);
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler::bench;
  try {
    const Arguments arguments(argc, argv, {"rows", "rounds", "json"});
    measure(arguments.numbers("rows", "1000000").front(), arguments.numbers("rounds", "5").front(), arguments.text("json", ""));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_polls: %s\n", error.what());
    return 1;
  }
}
