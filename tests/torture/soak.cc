#include "tests/torture/soak.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>

#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"
#include "tests/torture/subject.h"
#include "tests/torture/tcp_proxy.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

namespace fs = std::filesystem;

constexpr int kEachSecond = 20;
constexpr int kFirstSlow = 1001;
constexpr int kLastSlow = 3000;
constexpr int kFirstGuest = 10'001;
constexpr std::size_t kGuestsMax = 60;
constexpr std::int64_t kSampleEveryMs = 10'000;
constexpr std::int64_t kPatienceMs = 90'000;

struct Sample {
  std::int64_t at_s = 0;  // since the start
  std::int64_t rss_kib = 0;
  std::int64_t own_kib = 0;  // of that: without the pages of the program's and the libraries' files
  std::int64_t descriptors = 0;
  std::int64_t threads = 0;
  std::int64_t ledger_kib = 0;
};

std::int64_t status_of(pid_t pid, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::atoll(line.c_str() + field.size() + 1);
  }
  return 0;
}

// Of one of four quarters of `samples`: the value in the middle, and the most.
std::pair<std::int64_t, std::int64_t> of_quarter(const std::vector<Sample>& samples, std::size_t quarter,
                                                 std::int64_t Sample::* figure) {
  std::vector<std::int64_t> values;
  for (std::size_t i = samples.size() * quarter / 4; i < samples.size() * (quarter + 1) / 4; ++i) {
    values.push_back(samples[i].*figure);
  }
  if (values.empty()) return {0, 0};
  std::ranges::sort(values);
  return {values[values.size() / 2], values.back()};
}

// One scheduler.
struct Soaked {
  Soaked(const testing::KafkaServer& kafka, int kafka_port, int postgres_port, Promise promise)
      : name(std::string("soak_") + name_of(promise)),
        subject(name, promise,
                "actions_db: {dialect: postgresql, username: app, host: 127.0.0.1, port: " + std::to_string(postgres_port) +
                    ", database: postgres, table: " + name +
                    "}\ninternal_db: {dialect: sqlite, database: ledger.db}\ntrack_changes_period: 1\n"
                    "kafka: {server: \"127.0.0.1:" +
                    std::to_string(kafka_port) + "\", topic: " + name + ", delivery: " + name_of(promise) +
                    ", delivery_timeout: 5, properties: {transaction.timeout.ms: 10000, socket.timeout.ms: 5000}}\n"),
        rows(usual_rows(kEachSecond)) {
    for (int id = kFirstSlow; id <= kLastSlow; ++id) rows.push_back({id, 60, id % 7 == 0, -1, ""});
    for (const RowSpec& row : rows) {
      if (row.period_s < 60) actions.push_back(row.id);
    }
    part.name = "soak";
    part.promise = promise;
    testing::create_kafka_topic(kafka.address(), name);
    testing::create_kafka_topic(kafka.address(), name + "_guests");
  }

  void complain(const std::string& what) { part.complaints.push_back(what + "; the log ends: " + subject.log_tail()); }

  Sample measure(std::int64_t at_s) const {
    const pid_t pid = subject.pid();
    Sample sample{at_s, status_of(pid, "VmRSS"), status_of(pid, "RssAnon"), 0, status_of(pid, "Threads"), 0};
    std::error_code fault;
    for (fs::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", fault), end; !fault && entry != end;
         entry.increment(fault)) {
      ++sample.descriptors;
    }
    for (const char* suffix : {"", "-wal"}) {
      const auto bytes = fs::file_size((subject.folder().path() / "ledger.db").string() + suffix, fault);
      if (!fault) sample.ledger_kib += static_cast<std::int64_t>(bytes / 1024);
    }
    return sample;
  }

  const std::string name;  // of table and topic
  Subject subject;
  std::vector<RowSpec> rows;
  std::vector<std::int64_t> actions;  // those that fire often
  std::unique_ptr<Watcher> watcher;
  std::vector<Sample> samples;
  Part part;
};

class Soak {
 public:
  explicit Soak(const SoakOptions& options) : options_(options), chance_(options.seed), kafka_(kafka_options(kafka_proxy_)) {
    const std::string address = kafka_.proxied_address();
    kafka_proxy_.forward_to(std::stoi(address.substr(address.find(':') + 1)));
    postgres_proxy_.forward_to(postgres_.port());
    if (!options.samples.empty()) {
      samples_.open(options.samples);
      samples_ << "seconds,delivery,rss_kib,own_kib,descriptors,threads,ledger_kib\n";
    }
    for (const Promise promise : options.promises) {
      soaked_.push_back(std::make_unique<Soaked>(kafka_, kafka_proxy_.port(), postgres_proxy_.port(), promise));
      Soaked& soaked = *soaked_.back();
      std::string statements = create_table_statement(soaked.name);
      for (const RowSpec& row : soaked.rows) statements += insert_statement(soaked.name, row);
      postgres_.exec(statements);
      soaked.watcher = std::make_unique<Watcher>(kafka_.address(), soaked.name);
    }
  }

  std::vector<Part> run() {
    begin_ms_ = now_ms();
    for (const auto& soaked : soaked_) soaked->subject.start();
    fires("at first");
    const std::int64_t from_s = now_s();
    std::vector<std::pair<std::string, std::function<void()>>> faults = all_faults();
    while (!over() && fine_) {
      chance_.shuffle(faults);
      for (const auto& [name, fault] : faults) {
        live_for(30);
        if (over() || !fine_) break;
        std::cout << (now_ms() - begin_ms_) / 1000 << " s: " << name << std::endl;
        const std::int64_t began_ms = now_ms();
        fault();
        const std::int64_t ended_ms = now_ms();
        fires("after " + name);
        for (const auto& soaked : soaked_) {
          FaultRecord& record = soaked->part.faults[name];
          ++record.times;
          record.longest_ms = std::max(record.longest_ms, ended_ms - began_ms);
          record.worst_recovery_ms = std::max(record.worst_recovery_ms, now_ms() - ended_ms);
        }
      }
    }
    const std::int64_t until_s = now_s();
    fires("at the end");
    std::vector<Part> parts;
    for (const auto& soaked : soaked_) parts.push_back(end(*soaked, {from_s, until_s}));
    return parts;
  }

 private:
  static testing::KafkaServerOptions kafka_options(const TcpProxy& proxy) {
    testing::KafkaServerOptions options;
    options.advertised_port = proxy.port();
    return options;
  }

  bool over() const { return now_ms() - begin_ms_ > options_.seconds_max * 1000; }

  // Edits and measures for so long.
  void live_for(std::int64_t seconds) {
    for (const std::int64_t end_ms = now_ms() + seconds * 1000; now_ms() < end_ms && fine_;) {
      const std::int64_t next_ms = now_ms() + 1000;
      if (postgres_runs_) edit();
      if (now_ms() >= sample_at_ms_) {
        sample_at_ms_ = now_ms() + kSampleEveryMs;
        for (const auto& soaked : soaked_) measure(*soaked);
      }
      sleep_ms(std::max<std::int64_t>(0, next_ms - now_ms()));
    }
  }

  void measure(Soaked& soaked) {
    if (!soaked.subject.running()) return;
    const Sample sample = soaked.measure((now_ms() - begin_ms_) / 1000);
    soaked.samples.push_back(sample);
    samples_ << sample.at_s << ',' << name_of(soaked.part.promise) << ',' << sample.rss_kib << ',' << sample.own_kib << ','
             << sample.descriptors << ',' << sample.threads << ',' << sample.ledger_kib << std::endl;
  }

  // Rows come and go, good ones and bad ones; those that are judged change in what does not matter to their fires.
  void edit() {
    const int guest = next_guest_++;
    RowSpec row{guest, 1, chance_.one_in(2), chance_.one_in(2) ? -1 : 20, ""};
    const std::int64_t kind = chance_.between(1, 8);
    const std::int64_t first = chance_.between(kFirstSlow, kLastSlow - 100);
    guests_.push_back(guest);
    for (const auto& soaked : soaked_) {
      row.topic = soaked->name + (kind == 1 ? "_nowhere" : "_guests");
      if (kind == 1) row.actuality_s = 20;
      std::string statements = insert_statement(soaked->name, row);
      const std::string id = std::to_string(guest);
      if (kind == 2) statements += "UPDATE " + soaked->name + " SET cron = '{\"format\": \"unix\"}' WHERE id = " + id + ";";
      if (kind == 3) statements += "UPDATE " + soaked->name + " SET timezone = 'Europe/Nowhere' WHERE id = " + id + ";";
      if (kind == 4) statements += "UPDATE " + soaked->name + " SET enabled = NOT coalesce(enabled, true) WHERE id > 10000;";
      if (guests_.size() > kGuestsMax) {
        statements += "DELETE FROM " + soaked->name + " WHERE id = " + std::to_string(guests_.front()) + ";";
      }
      statements += "UPDATE " + soaked->name + " SET name = 'edited for the " + id + "th time' WHERE id BETWEEN " +
                    std::to_string(first) + " AND " + std::to_string(first + 99);
      postgres_.exec(statements);
    }
    if (guests_.size() > kGuestsMax) guests_.pop_front();
  }

  std::vector<std::pair<std::string, std::function<void()>>> all_faults() {
    return {{"Kafka's connections cut", [&] { kafka_proxy_.cut(); }},
            {"Kafka silent for 15 s", [&] { for_a_while(kafka_proxy_, 15, [](TcpProxy& proxy) { proxy.freeze(true); }); }},
            {"Kafka refuses connections for 15 s",
             [&] {
               for_a_while(kafka_proxy_, 15, [](TcpProxy& proxy) {
                 proxy.refuse(true);
                 proxy.cut();
               });
             }},
            {"Kafka killed",
             [&] {
               kafka_.kill();
               live_for(5);
               kafka_.start();
             }},
            {"Postgres' connections cut", [&] { postgres_proxy_.cut(); }},
            {"Postgres silent for 15 s", [&] { for_a_while(postgres_proxy_, 15, [](TcpProxy& proxy) { proxy.freeze(true); }); }},
            {"Postgres restarted",
             [&] {
               postgres_runs_ = false;
               postgres_.stop();
               live_for(10);
               postgres_.start();
               postgres_runs_ = true;
             }},
            {"a topic deleted",
             [&] {
               for (const auto& soaked : soaked_) testing::delete_kafka_topic(kafka_.address(), soaked->name + "_guests");
               live_for(20);
               for (const auto& soaked : soaked_) testing::create_kafka_topic(kafka_.address(), soaked->name + "_guests");
             }},
            {"SIGSTOP for 15 s",
             [&] {
               for (const auto& soaked : soaked_) soaked->subject.signal(SIGSTOP);
               live_for(15);
               for (const auto& soaked : soaked_) soaked->subject.signal(SIGCONT);
             }},
            {"all rows edited at once", [&] {
               for (const auto& soaked : soaked_) postgres_.exec("UPDATE " + soaked->name + " SET key = 'k' || id");
             }}};
  }

  void for_a_while(TcpProxy& proxy, std::int64_t seconds, const std::function<void(TcpProxy&)>& begin) {
    begin(proxy);
    live_for(seconds);
    proxy.heal();
  }

  // Each scheduler fires for an instant from now on.
  void fires(const std::string& when) {
    const std::int64_t begin_ms = now_ms();
    for (const auto& soaked : soaked_) {
      while (fine_ && soaked->watcher->latest_of_all_s(soaked->actions) < begin_ms / 1000) {
        if (!soaked->subject.running() || now_ms() - begin_ms > kPatienceMs) {
          soaked->complain((soaked->subject.running() ? "does not fire " : "has ended by itself ") + when);
          fine_ = false;
        }
        live_for(1);
      }
    }
  }

  Part end(Soaked& soaked, Span due) {
    soaked.subject.terminate();
    if (const auto code = soaked.subject.wait(20'000); code != 0) soaked.complain("SIGTERM at the end");
    if (const auto report = soaked.subject.sanitizer_report()) soaked.part.complaints.push_back(*report);
    std::vector<Expectation> expectations;
    for (const RowSpec& row : soaked.rows) expectations.push_back({row.id, row.period_s, row.merges, due, {}, {}, {}});
    testing::KafkaReader reader(kafka_.address());
    soaked.part.verdict =
        judge(soaked.part.promise, expectations, arrivals_of(reader.read_all(soaked.name, std::chrono::seconds(120))));
    soaked.part.seconds = static_cast<double>(now_ms() - begin_ms_) / 1000;
    struct Figure {
      const char* name;
      std::int64_t Sample::* value;
      std::int64_t growth_max;  // beyond a twentieth; below 0: it is not judged
    };
    const std::array figures{Figure{"memory in KiB", &Sample::rss_kib, 2048}, Figure{"of it its own", &Sample::own_kib, 1024},
                             Figure{"descriptors", &Sample::descriptors, 2}, Figure{"threads", &Sample::threads, 2},
                             Figure{"ledger in KiB", &Sample::ledger_kib, -1}};
    for (const auto& [name, value, growth_max] : figures) {
      const auto [second, second_most] = of_quarter(soaked.samples, 1, value);
      const auto [last, last_most] = of_quarter(soaked.samples, 3, value);
      std::ostringstream text;
      text << name << ", median and most: " << second << ", " << second_most << " in the second quarter; " << last << ", "
           << last_most << " in the last, of " << soaked.samples.size() << " samples";
      soaked.part.notes.push_back(text.str());
      if (growth_max >= 0 && last > second + second / 20 + growth_max) soaked.complain("it grows: " + text.str());
    }
    return std::move(soaked.part);
  }

  const SoakOptions options_;
  Chance chance_;
  TcpProxy kafka_proxy_;
  TcpProxy postgres_proxy_;
  testing::KafkaServer kafka_;
  testing::PostgresServer postgres_;
  std::vector<std::unique_ptr<Soaked>> soaked_;
  std::ofstream samples_;
  std::deque<int> guests_;
  int next_guest_ = kFirstGuest;
  std::int64_t begin_ms_ = 0;
  std::int64_t sample_at_ms_ = 0;
  bool postgres_runs_ = true;
  bool fine_ = true;  // false: something does not recover, and there is no use in going on
};

}  // namespace

std::vector<Part> torture_by_soak(const SoakOptions& options) { return Soak(options).run(); }

}  // namespace action_scheduler::torture
