// The stage of a torture by faults: the servers, and a scheduler for each promise with what may be expected of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/torture/report.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"
#include "tests/torture/world.h"

namespace action_scheduler::torture {

// One scheduler. Its `rows` go to its topic, and nothing but its own faults disturbs them; those of `victims` go to a topic of
// their own that is deleted and configured to death; guests are rows that come and go.
struct Trial {
  Trial(const Cluster& cluster, const testing::PostgresServer& postgres, int postgres_port, Promise promise);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // The statement that makes the table, its rights and its rows.
  std::string table_statements() const;
  // Begins to watch the topic anew: it has other partitions.
  void watch(const Cluster& cluster);
  std::int64_t latest_s() const { return watcher->latest_of_all_s(actions); }
  void complain(const std::string& what);
  // The first fire time of a victim that is missing in `buried` and not excused; everything before has arrived.
  std::int64_t victims_complete_until_s() const;

  std::string name;  // of table, topic and part; the victims' topic is <name>_victim
  std::string victim_topic;
  Subject subject;
  std::unique_ptr<SmallDisk> disk;  // with the ledger; null if it could not be mounted
  std::vector<RowSpec> rows;
  std::vector<RowSpec> victims;
  std::vector<std::int64_t> actions;  // ids of `rows`
  std::vector<Expectation> guests;
  int partitions = 1;
  std::unique_ptr<Watcher> watcher;
  std::vector<testing::ReadMessage> buried;  // what was in topics that were deleted

  // What no promise covers.
  std::vector<Span> excused;
  std::vector<Span> victims_excused;
  std::vector<Span> repeats_excused;
  std::vector<Span> victims_repeats_excused;  // beside those

  std::int64_t from_s = 0;  // everything counts from here
  Part part;
};

struct Scene {
  explicit Scene(const std::vector<Promise>& promises, std::uint64_t seed);

  // Runs `statement` in Postgres once for each scheduler, `$T` being its table.
  void sql(const std::string& statement);
  // The id of a row that nobody has used.
  int next_guest() { return ++last_guest_; }
  // Starts the schedulers anew, each with clocks that can be set.
  void take_clocks();
  // Expects the guest, a row that fires each second, to fire from `from_s` to `until_s`, and not at all in `forbidden`.
  void expect_guest(int id, Span due, const std::vector<Span>& forbidden);

  Chance chance;
  Cluster cluster;
  testing::PostgresServer postgres;
  TcpProxy postgres_proxy;
  std::vector<std::unique_ptr<Trial>> trials;

 private:
  int last_guest_ = 1000;
};

// One thing that goes wrong, and how it ends. Both functions throw std::runtime_error where a tool fails.
struct Fault {
  std::string name;
  std::int64_t shortest_ms = 2000;
  std::int64_t longest_ms = 8000;
  std::function<void()> begin;
  std::function<void()> end;
  // After the recovery, where there is more to see. The schedulers have been there without a break since `present_s`.
  std::function<void(std::int64_t present_s)> afterwards = {};
  // The rows' firing must not stop while it lasts.
  bool fires_meanwhile = false;
  // The schedulers are stopped in their tracks while it lasts: they hear a SIGTERM at its end, and none is started before that.
  bool stops_schedulers = false;
  // They may end by themselves while it lasts.
  bool may_end = false;
  // They do, with this exit code.
  std::optional<int> ends_with = {};
  // It begins when nothing is parked any more: what is parked is not expected to survive it.
  bool loses_parked = false;
};

std::vector<Fault> broker_faults(Scene& scene);
std::vector<Fault> network_faults(Scene& scene);
std::vector<Fault> topic_faults(Scene& scene);
std::vector<Fault> postgres_faults(Scene& scene);
std::vector<Fault> machine_faults(Scene& scene);
std::vector<Fault> clock_faults(Scene& scene);

// The schedulers see a change of the table within this time: the poll period, a scan, and what a busy machine takes.
constexpr std::int64_t kTakesEffectS = 6;

}  // namespace action_scheduler::torture
