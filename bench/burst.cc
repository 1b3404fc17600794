// So many actions due in the same second, to a real Kafka: the whole scheduler against a bare librdkafka loop that sends the same
// bytes in transactions of the same size, in turn, in the same process.
//
//   bench_burst [--fires 10000,100000,1000000] [--rounds 21] [--peers FOLDER] [--json FILE]
//
// The bare loop is there twice, with librdkafka's own linger.ms and with the scheduler's: the one that is faster in the median
// counts. With the folder that peers/prepare.sh has filled, also what APScheduler with kafka-python, Celery beat and robfig/cron
// make of such a burst, beside what the scheduler does. From 100,000 fires on there are fewer rounds, five at least unless fewer
// are asked for: each lasts that much longer. What is measured with other numbers of fires has a report of its own.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/bare_producer.h"
#include "bench/memory.h"
#include "bench/peer_programs.h"
#include "bench/progress.h"
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

constexpr int kLibrdkafkaLinger_ms = 5;
constexpr int kSchedulerLinger_ms = 500;
constexpr int kTicksBesidePeers = 5;

constexpr const char* kUsualFires = "10000,100000,1000000";

// The bare loops send no more different messages, but these again and again: ten million ready made would take more memory than
// the scheduler does.
constexpr std::size_t kCorpusMax = 1'000'000;

constexpr double kSyncsAsked = 1;     // a tick
constexpr double kPeakAsked_gib = 8;  // with ten million fires at most
constexpr std::size_t kPeakAskedFires = 10'000'000;

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

// For so many messages at a time. Returns its name.
std::string new_topic(const std::string& address, const std::string& name, std::size_t messages) {
  std::map<std::string, std::string> config;
  // What was sent in earlier rounds is in nobody's way, but a disk may not have room for it.
  if (messages > kCorpusMax) config = {{"retention.bytes", "2147483648"}, {"file.delete.delay.ms", "1000"}};
  testing::create_kafka_topic(address, name, 1, config);
  return name;
}

// A bare loop, and what it did so far.
struct Bare {
  Bare(const std::string& address, std::size_t messages, int linger)
      : linger_ms(linger),
        topic(new_topic(address, "bare-" + std::to_string(linger) + "-" + std::to_string(messages), messages)),
        producer(address, topic, topic, linger) {}

  int linger_ms;
  std::string topic;
  BareProducer producer;
  Series series;
};

// Returns the scheduler's rate, in fires a second.
double measure(const std::string& address, std::size_t fires, std::size_t rounds, Report& report) {
  const std::string suffix = std::to_string(fires);
  const std::string ours_topic = new_topic(address, "ours-" + suffix, fires);
  const TemporaryFolder folder;
  SchedulerUnderLoad scheduler(address, ours_topic, ours_topic, fires, folder.path());
  std::array<Bare, 2> bare{{{address, fires, kLibrdkafkaLinger_ms}, {address, fires, kSchedulerLinger_ms}}};
  const std::size_t transaction = KafkaOptions{}.transaction_fires_max;

  ProgressLine progress = progress_line();
  const std::uint64_t runs = 3 * rounds;
  std::uint64_t runs_done = 0;

  // The first round warms all up, and shows that they send the same.
  Corpus corpus;
  scheduler.on_batch([&corpus](const Batch& batch) { corpus = Corpus(batch, "/action-scheduler/bench", kCorpusMax); });
  (void)scheduler.next_tick();
  scheduler.on_batch(nullptr);
  const std::size_t ready_made = corpus.messages().size();
  if (ready_made != std::min(fires, kCorpusMax)) throw std::runtime_error("not every action fired");
  for (Bare& loop : bare) loop.producer.send(corpus, transaction);
  if (fires <= kComparedMax) {
    const auto sent = contents(address, ours_topic);
    for (const Bare& loop : bare) {
      if (contents(address, loop.topic) != sent)
        throw std::runtime_error("the bare loop sends something else than the scheduler");
    }
  }

  Series ours;
  std::vector<double> settled_ms;
  std::vector<double> syncs;
  std::vector<double> quiet_syncs;
  const auto run_ours = [&] {
    const double cpu = cpu_seconds();
    const Tick tick = scheduler.next_tick();
    if (tick.fires != fires) throw std::runtime_error("not every action fired");
    ours.add(fires, tick.to_last_acknowledgement.count(), cpu_seconds() - cpu);
    settled_ms.push_back((tick.to_settled - tick.to_last_acknowledgement).count() * 1000);
    syncs.push_back(static_cast<double>(tick.syncs));
    quiet_syncs.push_back(static_cast<double>(scheduler.quiet_turn().syncs));
  };
  const auto run_bare = [&](Bare& loop) {
    const double cpu = cpu_seconds();
    const auto begin = Steady::now();
    std::size_t sent = 0;
    for (; sent < fires; sent += ready_made) loop.producer.send(corpus, transaction);
    loop.series.add(sent, std::chrono::duration<double>(Steady::now() - begin).count(), cpu_seconds() - cpu);
  };
  const auto run = [&](std::size_t who) {
    progress.part(suffix + " fires at once", runs_done++, runs);
    if (who < bare.size()) {
      run_bare(bare[who]);
    } else {
      run_ours();
    }
  };
  std::array<std::size_t, 3> order{0, 1, 2};  // the loops, and the scheduler last: in the next round another order of the six
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::size_t who : order) run(who);
    std::ranges::next_permutation(order);
    progress.finish();
    std::fprintf(stderr, "%zu fires, round %zu of %zu: %.0f/s, bare %.0f/s and %.0f/s; CPU %.2f us, bare %.2f us and %.2f us\n",
                 fires, round + 1, rounds, ours.rate.back(), bare[0].series.rate.back(), bare[1].series.rate.back(),
                 ours.cpu.back(), bare[0].series.cpu.back(), bare[1].series.cpu.back());
  }
  // Not in each round anew: of two that are equally fast the luckier one is faster than either.
  const Series& theirs = median(bare[0].series.rate) > median(bare[1].series.rate) ? bare[0].series : bare[1].series;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < rounds; ++round) ratios.push_back(ours.rate[round] / theirs.rate[round]);
  const std::string what = suffix + " fires of one second: ";
  const auto [lowest, highest] = std::ranges::minmax(ratios);
  std::string note = "median of the rounds' ratios, " + digits(lowest) + " to " + digits(highest);
  for (const Bare& loop : bare) {
    note += "; with linger.ms " + std::to_string(loop.linger_ms) + " " + digits(median(loop.series.rate));
  }
  report.add({what + "rate to the last acknowledgement", median(ours.rate), "messages/s", median(theirs.rate), median(ratios),
              note, asked_of_rate(fires)});
  report.add({what + "CPU of the process", median(ours.cpu), "us/message", median(theirs.cpu),
              median(theirs.cpu) / median(ours.cpu), ""});
  report.add({what + "from then to settled", median(settled_ms), "ms", {}, {}, ""});
  if (fires > kCorpusMax) {
    report.add({what + "peak memory, the bare loops' included",
                peak_gib(),
                "GiB",
                {},
                {},
                "",
                fires <= kPeakAskedFires ? std::optional(at_most(kPeakAsked_gib)) : std::nullopt});
  }
  report.add({what + "fsync", median(syncs), "a tick", {}, {}, ""});
  report.add({what + "fsync, most of a tick", std::ranges::max(syncs), "a tick", {}, {}, "", at_most(kSyncsAsked)});
  report.add(
      {what + "fsync, most of a turn in which nothing fires", std::ranges::max(quiet_syncs), "a turn", {}, {}, "", at_most(0)});
  return median(ours.rate);
}

// In fires a second.
double rate_of(SchedulerUnderLoad&& scheduler, std::size_t fires) {
  std::vector<double> rate;
  (void)scheduler.next_tick();  // warms it up
  for (int tick = 0; tick < kTicksBesidePeers; ++tick) {
    const Tick took = scheduler.next_tick();
    if (took.fires != fires) throw std::runtime_error("not every action fired");
    rate.push_back(static_cast<double>(fires) / took.to_last_acknowledgement.count());
  }
  return median(rate);
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

// How fast others fire what is due at one instant, beside the scheduler with as many. The Python program made a producer for each
// fire. `measured`: the scheduler's rate by number of fires, as far as it is known.
void measure_peers(const PeerPrograms& peers, const std::string& address, std::map<std::size_t, double> measured,
                   Report& report) {
  const auto ours = [&](std::size_t fires) {
    const auto [found, unknown] = measured.try_emplace(fires, 0);
    if (unknown) {
      const std::string topic = new_topic(address, "ours-" + std::to_string(fires), fires);
      const TemporaryFolder folder;
      found->second = rate_of(SchedulerUnderLoad(address, topic, topic, fires, folder.path()), fires);
    }
    return found->second;
  };
  const auto add = [&report](std::size_t fires, const std::string& peer, double own, double theirs, const std::string& note) {
    report.add({std::to_string(fires) + " fires of one second: " + peer, own, "a second", theirs, own / theirs, note});
  };
  if (!peers.python.empty()) {
    const std::string script = peers.python + " " PEERS_SOURCE_FOLDER "/python/";
    const auto kafka_python = [&](std::size_t fires, const std::string& producers) {
      const std::string topic = new_topic(address, "python-" + producers, fires);
      return rate_told_by(script + "burst.py " + address + " " + topic + " " + std::to_string(fires) + " " + producers);
    };
    add(300, "APScheduler, kafka-python, a producer a fire", ours(300), kafka_python(300, "a-fire"), "");
    add(10'000, "APScheduler, kafka-python, one producer", ours(10'000), kafka_python(10'000, "for-all"), "");
    add(1000, "Celery beat", ours(1000), rate_told_by(script + "celery_burst.py 1000"), "no Kafka behind the peer");
  }
  if (!peers.robfig.empty()) {
    constexpr std::size_t kFires = 1'000'000;
    const double theirs = rate_told_by(peers.robfig + " burst " + std::to_string(kFires));
    add(kFires, "robfig/cron", ours(kFires), theirs, "no Kafka behind the peer");
    const TemporaryFolder folder;
    add(kFires, "robfig/cron, neither with a receiver", rate_of(SchedulerUnderLoad(kFires, folder.path()), kFires), theirs, "");
  }
}

}  // namespace
}  // namespace action_scheduler::bench

int main(int argc, char** argv) {
  using namespace action_scheduler;
  try {
    const bench::Arguments arguments(argc, argv, {"fires", "rounds", "peers", "json"});
    testing::KafkaServerOptions kafka;
    kafka.properties = {
        {"num.partitions", "1"}, {"log.segment.bytes", "1073741824"}, {"log.retention.check.interval.ms", "10000"}};
    testing::KafkaServer server(kafka);
    const std::string all_fires = arguments.text("fires", bench::kUsualFires);
    const std::string name = all_fires == bench::kUsualFires ? "burst" : "burst of " + all_fires;
    bench::Report report(name, "bare librdkafka");
    const std::string json = arguments.text("json", "");
    std::map<std::size_t, double> rates;
    for (const std::size_t fires : arguments.numbers("fires", bench::kUsualFires)) {
      const std::size_t asked = arguments.numbers("rounds", "21").front();
      const std::size_t rounds = std::min(asked, std::max<std::size_t>(5, asked * 100'000 / fires));
      rates[fires] = bench::measure(server.address(), fires, rounds, report);
    }
    report.print();
    if (!json.empty()) report.save(json);
    const bench::PeerPrograms peers = bench::peers_in(arguments.text("peers", ""));
    if (peers.python.empty() && peers.robfig.empty()) return 0;
    bench::Report beside("burst beside peers", "peer");
    bench::measure_peers(peers, server.address(), rates, beside);
    beside.print();
    if (!json.empty()) beside.save(json);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_burst: %s\n", error.what());
    return 1;
  }
}
