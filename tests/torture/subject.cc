#include "tests/torture/subject.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace action_scheduler::torture {
namespace {

constexpr const char* kClockFile = "clock";
constexpr std::size_t kReportBytesMax = 8000;
constexpr std::int64_t kHeedsMaxMs = 5000;

std::string& other_program() {
  static std::string path;
  return path;
}

}  // namespace

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void sleep_ms(std::int64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

std::string databases_config(int postgres_port, const std::string& table) {
  return "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres_port) +
         ", database: postgres, table: " + table +
         "}\n"
         "internal_db: {dialect: sqlite, database: ledger.db}\n"
         "track_changes_period: 1\n";
}

std::string create_table_statement(const std::string& name) {
  return "CREATE TABLE " + name +
         " (id BIGINT PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL, merge_missed BOOLEAN, "
         "actuality_time INTEGER, enabled BOOLEAN, timezone TEXT, topic TEXT, key TEXT, headers JSON);";
}

std::string insert_statement(const std::string& table, const RowSpec& row) {
  // Two formats that name the same instants: the multiples of the period since the epoch.
  const std::string period = std::to_string(row.period_s);
  const std::string cron = row.id % 2 == 0 && row.period_s < 60 && 60 % row.period_s == 0
                               ? R"({"format": "apscheduler", "params": {"second": "*/)" + period + R"("}})"
                               : R"({"format": "interval", "params": {"seconds": )" + period + "}}";
  const std::string id = std::to_string(row.id);
  return "INSERT INTO " + table + " (id, name, command, cron, merge_missed, actuality_time, topic) VALUES (" + id + ", 'row " +
         id + "', 'command " + id + "', '" + cron + "', " + (row.merges ? "true" : "false") + ", " +
         std::to_string(row.actuality_s) + ", " + (row.topic.empty() ? "NULL" : "'" + row.topic + "'") + ");";
}

std::vector<RowSpec> usual_rows(int each_second) {
  std::vector<RowSpec> rows;
  for (int id = 1; id <= each_second; ++id) rows.push_back({id, 1, false, -1, ""});
  rows.push_back({each_second + 1, 1, true, -1, ""});
  rows.push_back({each_second + 2, 2, false, -1, ""});
  rows.push_back({each_second + 3, 3, false, 86'400, ""});
  rows.push_back({each_second + 4, 5, true, -1, ""});
  return rows;
}

const char* name_of(Promise promise) { return promise == Promise::exactly_once ? "exactly_once" : "at_least_once"; }

void use_program(const std::string& path) { other_program() = path; }

bool program_is_our_own() { return other_program().empty(); }

const std::vector<std::string>& crash_points(Promise promise) {
  static const std::vector<std::string> transactional{"applied",   "intent",    "produced", "offsets_sent",
                                                      "committed", "delivered", "settled"};
  static const std::vector<std::string> plain{"applied", "intent", "produced", "acknowledged", "delivered", "settled"};
  return promise == Promise::exactly_once ? transactional : plain;
}

Subject::Subject(std::string name, Promise promise, const std::string& config) : name_(std::move(name)), promise_(promise) {
  folder_.write("config.yaml", config);
}

void Subject::clock_of_its_own(bool own) {
  environment_.clear();
  if (!own) return;
  wall_ahead_ms_ = monotonic_behind_ms_ = 0;
  set_clocks();
  environment_ = {{"LD_PRELOAD", ACTION_SCHEDULER_STEPPED_CLOCK}, {"STEPPED_CLOCK_FILE", (folder_.path() / kClockFile).string()}};
}

void Subject::step_clock(std::int64_t ahead_ms) {
  wall_ahead_ms_ = ahead_ms;
  set_clocks();
}

void Subject::sleep_through(std::int64_t milliseconds) {
  monotonic_behind_ms_ += milliseconds;
  set_clocks();
}

// In place: the process has the file mapped, and reads eight bytes of it at once.
void Subject::set_clocks() const {
  const std::array<std::int64_t, 2> ahead_ns{wall_ahead_ms_ * 1'000'000, -monotonic_behind_ms_ * 1'000'000};
  const int file = ::open((folder_.path() / kClockFile).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const bool written = ::pwrite(file, ahead_ns.data(), sizeof ahead_ns, 0) == sizeof ahead_ns;
  ::close(file);
  if (!written) throw std::runtime_error("cannot set the clocks of " + name_);
}

void Subject::start(const std::string& trap, const std::vector<std::string>& arguments) {
  process_.reset();
  testing::Environment environment = environment_;
  if (!trap.empty()) environment["CRASH_AT"] = trap;
  lives_.push_back({now_ms(), 0});
  const std::string program = !program_is_our_own() ? other_program()
                              : trap.empty()        ? testing::scheduler_program()
                                                    : ACTION_SCHEDULER_CRASH_PROGRAM;
  process_ = std::make_unique<testing::SchedulerProcess>(folder_, arguments, environment, program);
}

bool Subject::running() {
  if (process_ == nullptr) return false;
  if (process_->running()) return true;
  ended();
  return false;
}

void Subject::kill() {
  if (!running()) return;
  process_->signal(SIGKILL);
  wait(10'000);
  ++kills_;
}

std::optional<int> Subject::wait(std::int64_t timeout_ms) {
  const std::int64_t deadline = now_ms() + timeout_ms;
  while (process_->running() && now_ms() < deadline) sleep_ms(2);
  if (process_->running()) return std::nullopt;
  ended();
  return process_->wait();
}

void Subject::signal(int number) { process_->signal(number); }

void Subject::terminate() {
  for (const std::int64_t begin_ms = now_ms(); running() && !heeds_sigterm() && now_ms() - begin_ms < kHeedsMaxMs;) sleep_ms(1);
  signal(SIGTERM);
}

bool Subject::heeds_sigterm() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:")) return (std::strtoull(line.c_str() + 7, nullptr, 16) >> (SIGTERM - 1) & 1) != 0;
  }
  return false;
}

pid_t Subject::pid() const { return process_->pid(); }

std::optional<std::string> Subject::sanitizer_report() const {
  const std::string log = folder_.read("stderr");
  std::size_t first = std::string::npos;
  std::size_t count = 0;
  for (const char* mark : {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", ": runtime error: "}) {
    for (std::size_t at = 0; (at = log.find(mark, at)) != std::string::npos; ++at) {
      first = std::min(first, at);
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  const std::size_t line = log.rfind('\n', first) + 1;  // of npos: 0
  return std::to_string(count) + " reports of a sanitizer, the first:\n" + log.substr(line, kReportBytesMax);
}

std::string Subject::log_tail(std::size_t bytes) const {
  const std::string log = folder_.read("stderr");
  return log.size() > bytes ? log.substr(log.size() - bytes) : log;
}

void Subject::ended() {
  if (lives_.back().end_ms == 0) lives_.back().end_ms = now_ms();
}

}  // namespace action_scheduler::torture
