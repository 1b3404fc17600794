#include "http/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

#include "http/probes.h"

namespace action_scheduler {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  void counter(const std::string& name, const std::string& help, double value) {
    add(name + "_total", help, MetricType::Counter).counter.value = value;
  }
  void gauge(const std::string& name, const std::string& help, double value) {
    add(name, help, MetricType::Gauge).gauge.value = value;
  }
  void gauge(const std::string& name, const std::string& help, bool value) { gauge(name, help, value ? 1.0 : 0.0); }

  // Another value of the metric that was added last.
  ClientMetric& more() { return families_.back().metric.emplace_back(); }

  ClientMetric& add(const std::string& name, const std::string& help, MetricType type) {
    families_.push_back({"action_scheduler_" + name, help, type, {}});
    return more();
  }

  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

double number(std::uint64_t value) { return static_cast<double>(value); }
double seconds(std::chrono::milliseconds value) { return static_cast<double>(value.count()) / 1000; }
double unix_time(Instant t) { return static_cast<double>(unix_seconds(t)); }

void add_outcomes(const Counters& counters, Families& families) {
  const std::pair<Outcome, std::uint64_t> outcomes[] = {{Outcome::delivered, counters.delivered},
                                                        {Outcome::merged, counters.merged},
                                                        {Outcome::expired, counters.expired},
                                                        {Outcome::failed, counters.failed},
                                                        {Outcome::disabled, counters.disabled}};
  bool first = true;
  for (const auto& [outcome, count] : outcomes) {
    ClientMetric& metric =
        first ? families.add("fires_total", "Fire times by how they ended.", MetricType::Counter) : families.more();
    first = false;
    metric.label = {{"outcome", std::string(to_string(outcome))}};
    metric.counter.value = number(count);
  }
}

void add_lateness(const LatenessHistogram& lateness, Families& families) {
  auto& histogram = families
                        .add("lateness_seconds",
                             "How late fires were that were not missed, from the instant at which they were due to their "
                             "acknowledgement.",
                             MetricType::Histogram)
                        .histogram;
  histogram.sample_count = lateness.count;
  histogram.sample_sum = seconds(lateness.sum);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < lateness.counts.size(); ++i) {
    cumulative += lateness.counts[i];
    const double bound = i < LatenessHistogram::kBounds_ms.size() ? static_cast<double>(LatenessHistogram::kBounds_ms[i]) / 1000
                                                                  : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({cumulative, bound});
  }
}

}  // namespace

std::string metrics_text(const ServiceStatus& status, const std::vector<Measurement>& receiver, Instant now) {
  const EngineStatus& engine = status.engine;
  const PollStatus& polls = status.polls;
  Families families;
  ClientMetric& build = families.add("build_info", "1; the program's version is its label.", MetricType::Gauge);
  build.label = {{"version", ACTION_SCHEDULER_VERSION}};
  build.gauge.value = 1;
  families.gauge("start_time_seconds", "When the service started, in Unix time.", unix_time(status.started_at));

  add_outcomes(engine.counters, families);
  add_lateness(engine.counters.lateness, families);
  families.gauge("lag_seconds", "The age of the earliest fire that is due and not settled; 0 in good times.",
                 static_cast<double>(lag(status, now).count()));
  families.gauge("pending",
                 "Actions with a fire that has been due for more than a second and is not settled; counted every five seconds.",
                 number(engine.pending));
  families.gauge("watermark_timestamp_seconds", "Everything due until then is settled or parked, in Unix time.",
                 unix_time(engine.watermark));
  families.gauge("actions", "Actions that are scheduled.", number(engine.actions));
  families.gauge("schedules", "Different schedules among them.", number(engine.schedules));
  families.gauge("faults", "Rows that cannot be scheduled.", number(engine.faults));
  families.gauge("parked", "Fires that the receiver did not take yet and that are tried again.", number(engine.parked));
  families.counter("hand_overs", "Batches of fires that were handed to the receiver.", number(engine.counters.hand_overs));
  families.gauge("receiver_up", "Whether the receiver takes fires.", engine.receiver_answers);

  families.counter("ledger_writes", "Durable writes of the ledger.", number(engine.counters.ledger_writes));
  families.gauge("ledger_up", "Whether the ledger takes writes; while it does not, nothing fires.", engine.ledger_writes);

  ClientMetric& good = families.add("polls_total", "Looks at the table by their result.", MetricType::Counter);
  good.label = {{"result", "good"}};
  good.counter.value = number(polls.good);
  ClientMetric& failed = families.more();
  failed.label = {{"result", "failed"}};
  failed.counter.value = number(polls.failed);
  families.gauge("table_up", "Whether the last look at the table was good.", polls.last_good && polls.failed_in_a_row == 0);
  families.gauge("table_rows", "Rows of the table, disabled and faulty ones too.", number(polls.rows));
  if (polls.last_good) {
    families.gauge("table_read_timestamp_seconds", "When the table was last read well, in Unix time.",
                   unix_time(*polls.last_good));
  }

  for (const Measurement& one : receiver) {
    const std::string name(one.name);
    const std::string help(one.help);
    one.ascends ? families.counter(name, help, one.value) : families.gauge(name, help, one.value);
  }
  return families.text();
}

}  // namespace action_scheduler
