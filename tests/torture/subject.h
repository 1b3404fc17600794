// A scheduler under torture: its rows, its topic, its folder, and a record of its lives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/servers/scheduler_process.h"
#include "tests/torture/oracle.h"

namespace action_scheduler::torture {

std::int64_t now_ms();
inline std::int64_t now_s() { return now_ms() / 1000; }
void sleep_ms(std::int64_t milliseconds);

// Decides everything that is left to chance. The same seed gives the same sequence with every library.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  // From `least` to `most`, both included.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool one_in(std::int64_t n) { return between(1, n) == 1; }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[static_cast<std::size_t>(between(1, static_cast<std::int64_t>(i)) - 1)]);
  }

 private:
  std::mt19937_64 engine_;
};

// What a row of the torture asks for.
struct RowSpec {
  int id = 0;
  int period_s = 1;
  bool merges = false;
  int actuality_s = -1;
  std::string topic;  // empty: the scheduler's own
};

// The statement that makes the table `name` with every column that a scheduler knows.
std::string create_table_statement(const std::string& name);
// The part of a configuration that says where table and ledger are, and has changes seen within a second.
std::string databases_config(int postgres_port, const std::string& table);
// The statement that inserts the row.
std::string insert_statement(const std::string& table, const RowSpec& row);

// The usual rows: many each second, one that merges, some slower, ids from 1.
std::vector<RowSpec> usual_rows(int each_second);

const char* name_of(Promise promise);

// The program that every Subject starts from now on, instead of the one that was built with this. It heeds no CRASH_AT.
void use_program(const std::string& path);
bool program_is_our_own();
// The named points that a delivery of this kind passes.
const std::vector<std::string>& crash_points(Promise promise);

// One scheduler, started and ended again and again in the same folder. Single-threaded, and used by the thread that made it:
// its process dies with that.
class Subject {
 public:
  // `config` is its config.yaml.
  Subject(std::string name, Promise promise, const std::string& config);

  const std::string& name() const { return name_; }
  Promise promise() const { return promise_; }
  const testing::WorkFolder& folder() const { return folder_; }
  const std::vector<Life>& lives() const { return lives_; }
  std::uint64_t kills() const { return kills_; }

  // From the next start on its clocks are the machine's and the functions below set them, or are the machine's again.
  void clock_of_its_own(bool own);
  // Sets its wall clock, while it runs, to so much more or less than the machine's.
  void step_clock(std::int64_t ahead_ms);
  // Takes so much from its monotonic clock, which stands still while a machine is suspended. The process is stopped meanwhile.
  void sleep_through(std::int64_t milliseconds);

  // Starts it; with `trap` (point:N), only where program_is_our_own(), one that kills itself there.
  void start(const std::string& trap = "", const std::vector<std::string>& arguments = {});
  bool running();
  // kill -9, and waits.
  void kill();
  // Waits for it to end by itself; the exit code, or 128 + signal. Absent if it does not in time.
  std::optional<int> wait(std::int64_t timeout_ms);
  void signal(int number);
  // SIGTERM, as soon as it has come so far that it waits for one: before that the signal ends it, as it ends any program.
  void terminate();
  pid_t pid() const;

  // What a sanitizer found, if it was built with one: the first report, and how many there are.
  std::optional<std::string> sanitizer_report() const;

  // The end of what it logged.
  std::string log_tail(std::size_t bytes = 3000) const;

 private:
  void ended();
  bool heeds_sigterm() const;
  void set_clocks() const;

  const std::string name_;
  const Promise promise_;
  testing::WorkFolder folder_;
  std::unique_ptr<testing::SchedulerProcess> process_;
  testing::Environment environment_;
  std::int64_t wall_ahead_ms_ = 0;
  std::int64_t monotonic_behind_ms_ = 0;
  std::vector<Life> lives_;
  std::uint64_t kills_ = 0;
};

}  // namespace action_scheduler::torture
