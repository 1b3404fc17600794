// So many actions due in the same second, to a real Kafka: the whole scheduler against a bare librdkafka loop that sends the same
// bytes in transactions of the same size, in turn, in the same process.
//
//   bench_burst [--fires 10000,100000,1000000] [--rounds 21] [--peers FOLDER] [--json FILE]
//
// With the folder that peers/prepare.sh has filled, also what APScheduler with kafka-python, Celery beat and robfig/cron make of
// such a burst.
// From 100,000 fires on there are fewer rounds, five at least: each lasts that much longer.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/bare_producer.h"
#include "bench/report.h"
#include "bench/scheduler_under_load.h"
#include "bench/temporary_folder.h"
#include "callbacks/options.h"
#include "tests/servers/kafka_reader.h"
#include "tests/servers/kafka_server.h"

namespace action_scheduler::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kComparedMax = 10'000;

constexpr double kSyncsAsked = 1;  // a tick

// How close to the bare loop's rate a burst is asked to come.
std::optional<Asked> asked_of_rate(std::size_t fires) {
  if (fires == 1'000'000) return ratio_at_least(0.9);
  if (fires == 10'000 || fires == 100'000) return ratio_at_least(0.85);
  return std::nullopt;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What a consumer would tell the two apart by.
std::multimap<std::string, std::string> contents(const std::string& address, const std::string& topic) {
  std::multimap<std::string, std::string> contents;
  for (const testing::ReadMessage& message : testing::KafkaReader(address).read_all(topic)) {
    std::string text = message.value.value_or("");
    for (const auto& [name, value] : message.headers) text.append("\n").append(name).append(": ").append(value);
    contents.emplace(message.key.value_or(""), text);
  }
  return contents;
}

struct Series {
  std::vector<double> rate;  // messages a second
  std::vector<double> cpu;   // microseconds of this process for a message

  void add(std::size_t messages, double seconds, double cpu_s) {
    rate.push_back(static_cast<double>(messages) / seconds);
    cpu.push_back(cpu_s * 1e6 / static_cast<double>(messages));
  }
};

void measure(const std::string& address, std::size_t fires, std::size_t rounds, Report& report) {
  const std::string suffix = std::to_string(fires);
  const std::string ours_topic = "ours-" + suffix;
  const std::string bare_topic = "bare-" + suffix;
  testing::create_kafka_topic(address, ours_topic);
  testing::create_kafka_topic(address, bare_topic);
  const TemporaryFolder folder;
  SchedulerUnderLoad scheduler(address, ours_topic, "ours-" + suffix, fires, folder.path());
  BareProducer bare(address, bare_topic, "bare-" + suffix);
  const std::size_t transaction = KafkaOptions{}.transaction_fires_max;

  // The first round warms both up, and shows that they send the same.
  Corpus corpus;
  scheduler.on_batch([&corpus](const Batch& batch) { corpus = Corpus(batch, "/action-scheduler/bench"); });
  (void)scheduler.next_tick();
  scheduler.on_batch(nullptr);
  if (corpus.messages().size() != fires) throw std::runtime_error("not every action fired");
  bare.send(corpus, transaction);
  if (fires <= kComparedMax && contents(address, ours_topic) != contents(address, bare_topic)) {
    throw std::runtime_error("the bare loop sends something else than the scheduler");
  }

  Series ours;
  Series theirs;
  std::vector<double> settled_ms;
  std::vector<double> syncs;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto run_ours = [&] {
      const double cpu = cpu_seconds();
      const Tick tick = scheduler.next_tick();
      if (tick.fires != fires) throw std::runtime_error("not every action fired");
      ours.add(fires, tick.to_last_acknowledgement.count(), cpu_seconds() - cpu);
      settled_ms.push_back((tick.to_settled - tick.to_last_acknowledgement).count() * 1000);
      syncs.push_back(static_cast<double>(tick.syncs));
    };
    const auto run_bare = [&] {
      const double cpu = cpu_seconds();
      const auto begin = Steady::now();
      bare.send(corpus, transaction);
      theirs.add(fires, std::chrono::duration<double>(Steady::now() - begin).count(), cpu_seconds() - cpu);
    };
    if (round % 2 == 0) {
      run_ours();
      run_bare();
    } else {
      run_bare();
      run_ours();
    }
    ratios.push_back(ours.rate.back() / theirs.rate.back());
    std::fprintf(stderr, "%zu fires, round %zu of %zu: %.0f/s, bare %.0f/s, ratio %.2f; CPU %.2f us, bare %.2f us\n", fires,
                 round + 1, rounds, ours.rate.back(), theirs.rate.back(), ratios.back(), ours.cpu.back(), theirs.cpu.back());
  }
  const std::string what = suffix + " fires of one second: ";
  const auto [lowest, highest] = std::ranges::minmax(ratios);
  report.add({what + "rate to the last acknowledgement", median(ours.rate), "messages/s", median(theirs.rate), median(ratios),
              "ratio of each round " + std::to_string(lowest).substr(0, 4) + " to " + std::to_string(highest).substr(0, 4),
              asked_of_rate(fires)});
  report.add({what + "CPU of the process", median(ours.cpu), "us/message", median(theirs.cpu),
              median(theirs.cpu) / median(ours.cpu), ""});
  report.add({what + "from then to settled", median(settled_ms), "ms", {}, {}, ""});
  report.add({what + "fsync", median(syncs), "a tick", {}, {}, "", at_most(kSyncsAsked)});
}

// What a program prints that measures a peer: how many a second.
double rate_told_by(const std::string& command) {
  std::fprintf(stderr, "%s\n", command.c_str());
  FILE* const output = ::popen(command.c_str(), "r");
  double rate = 0;
  const bool read = output != nullptr && std::fscanf(output, "%lf", &rate) == 1;
  if (output == nullptr || ::pclose(output) != 0 || !read) throw std::runtime_error("it failed: " + command);
  return rate;
}

// How fast others fire what is due at one instant. The Python program made a producer for each fire.
void measure_peers(const std::string& peers, const std::string& address, Report& report) {
  const std::string python = peers + "/venv/bin/python " PEERS_SOURCE_FOLDER "/python/";
  const auto kafka_python = [&](std::size_t fires, const std::string& producers) {
    const std::string topic = "python-" + producers;
    testing::create_kafka_topic(address, topic);
    return rate_told_by(python + "burst.py " + address + " " + topic + " " + std::to_string(fires) + " " + producers);
  };
  const std::string fires = "fires of one second: ";
  report.add(
      {"300 " + fires + "APScheduler, kafka-python, a producer a fire", kafka_python(300, "a-fire"), "messages/s", {}, {}, ""});
  report.add(
      {"10000 " + fires + "APScheduler, kafka-python, one producer", kafka_python(10'000, "for-all"), "messages/s", {}, {}, ""});
  const std::string no_kafka = "no Kafka behind";
  report.add({"1000 " + fires + "Celery beat", rate_told_by(python + "celery_burst.py 1000"), "messages/s", {}, {}, no_kafka});
  report.add({"1000000 " + fires + "robfig/cron", rate_told_by(peers + "/robfig burst 1000000"), "calls/s", {}, {}, no_kafka});
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler;
  try {
    const bench::Arguments arguments(argc, argv, {"fires", "rounds", "peers", "json"});
    testing::KafkaServerOptions kafka;
    kafka.properties = {{"num.partitions", "1"}, {"log.segment.bytes", "1073741824"}};
    testing::KafkaServer server(kafka);
    bench::Report report("burst", "bare librdkafka");
    for (const std::size_t fires : arguments.numbers("fires", "10000,100000,1000000")) {
      const std::size_t asked = arguments.numbers("rounds", "21").front();
      const std::size_t rounds = std::min(asked, std::max<std::size_t>(5, asked * 100'000 / fires));
      bench::measure(server.address(), fires, rounds, report);
    }
    if (const std::string peers = arguments.text("peers", ""); !peers.empty()) {
      bench::measure_peers(peers, server.address(), report);
    }
    report.print();
    if (const std::string path = arguments.text("json", ""); !path.empty()) report.save(path);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_burst: %s\n", error.what());
    return 1;
  }
}
