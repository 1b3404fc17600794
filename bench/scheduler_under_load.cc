#include "bench/scheduler_under_load.h"

#include <stdexcept>
#include <utility>

#include "bench/stopwatch.h"
#include "bench/sync_count.h"
#include "bench/test_ports.h"
#include "callbacks/kafka/kafka_callback.h"
#include "engine/engine.h"
#include "zones/system_zones.h"

namespace action_scheduler::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kSchedules = 40;
constexpr std::chrono::minutes kPeriod{1};

// Keeps the last fault.
class FaultLog : public Log {
 public:
  bool enabled(Level level) const override { return level >= Level::warning; }
  void write(Level, std::string_view event, std::span<const Field> fields) override {
    fault = event;
    for (const Field& field : fields) fault += " " + std::string(field.name) + "=" + field.value;
  }
  std::string fault;
};

// Notes when the receiver was done.
class TimedCallback : public Callback {
 public:
  explicit TimedCallback(Callback& callback) : callback_(callback) {}
  std::variant<Claim, ClaimFailure> claim() override { return callback_.claim(); }
  DeliveryReport deliver(const Batch& batch) override {
    if (visit) visit(batch);
    DeliveryReport report = callback_.deliver(batch);
    last_acknowledgement = Steady::now();
    return report;
  }
  DeliveryReport renew(Position position) override { return callback_.renew(position); }

  std::function<void(const Batch&)> visit;
  Steady::time_point last_acknowledgement;

 private:
  Callback& callback_;
};

void tell_row(std::size_t number, ChangeVisitor& visitor) {
  const std::string name = "nightly report " + std::to_string(number);
  const std::string command = "build-report --customer " + std::to_string(number) + " --format pdf";
  const std::string cron = R"({"format":"interval","params":{"minutes":1,"start_date":"2026-01-01T00:)" +
                           std::to_string(10 + number % kSchedules) + ":00Z\"}}";
  RowView row;
  row.id = static_cast<ActionId>(number);
  row[Column::name] = name;
  row[Column::command] = command;
  row[Column::cron] = cron;
  visitor.changed(row);
}

CallbackOptions callback_options(const std::string& address, const std::string& topic, const std::string& instance, Clock& clock,
                                 Log& log) {
  CallbackOptions options;
  options.instance = instance;
  options.kafka.servers = {address};
  options.kafka.topic = topic;
  options.kafka.delivery = KafkaOptions::DeliveryMode::exactly_once;
  options.kafka.source = "/action-scheduler/bench";
  options.clock = &clock;
  options.log = &log;
  return options;
}

std::unique_ptr<Callback> kafka(const CallbackOptions& options) {
  auto callback = make_kafka_callback(options);
  if (!callback) throw std::runtime_error(callback.error().message);
  return *std::move(callback);
}

std::unique_ptr<Callback> counter() {
  auto callback = std::make_unique<ReadyCallback>();
  callback->visit = [count = std::uint64_t{0}](const Batch& batch) mutable {
    for (const Fire& fire : batch.fires) {
      keep(fire);
      ++count;
    }
    keep(count);
  };
  return callback;
}

}  // namespace

struct SchedulerUnderLoad::Parts {
  Parts(const std::string& address, const std::string& topic, const std::string& instance, const std::string& folder)
      : ledger(ledger_in(folder)), receiver(kafka(callback_options(address, topic, instance, clock, log))), callback(*receiver) {}
  explicit Parts(const std::string& folder) : ledger(ledger_in(folder)), receiver(counter()), callback(*receiver) {}

  // Until there is nothing to do now.
  void run() {
    for (;;) {
      const Step step = engine.step();
      if (!step.error.message.empty()) throw std::runtime_error(step.error.message);
      if (step.kind == Step::Kind::idle) break;
    }
    if (!log.fault.empty()) throw std::runtime_error(log.fault);
  }

  SetClock clock;
  FaultLog log;
  SystemZones zones;
  RowParser parser{{}, zones};
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Callback> receiver;
  TimedCallback callback;
  Engine engine{{}, {clock, *ledger, callback, parser, log}};
};

SchedulerUnderLoad::SchedulerUnderLoad(const std::string& address, const std::string& topic, const std::string& instance,
                                       std::size_t count, const std::string& folder)
    : parts_(std::make_unique<Parts>(address, topic, instance, folder)) {
  load(count);
}

SchedulerUnderLoad::SchedulerUnderLoad(std::size_t count, const std::string& folder) : parts_(std::make_unique<Parts>(folder)) {
  load(count);
}

SchedulerUnderLoad::~SchedulerUnderLoad() = default;

void SchedulerUnderLoad::load(std::size_t count) {
  if (auto opened = parts_->engine.open(); !opened) throw std::runtime_error(opened.error().message);
  TableInMemory table(count, tell_row);
  RowsToRetry retry;
  Result<ChangeSet> changes = poll_changes(table, parts_->parser, retry, parts_->engine.knows_nothing());
  if (!changes) throw std::runtime_error(changes.error().message);
  parts_->engine.offer(*std::move(changes));
  parts_->run();
}

Tick SchedulerUnderLoad::next_tick() { return run_for(kPeriod - parts_->clock.read().wall.time_since_epoch() % kPeriod); }

Tick SchedulerUnderLoad::quiet_turn() {
  const Tick turn = run_for(std::chrono::seconds(1));
  if (turn.fires != 0) throw std::runtime_error("something was due between two ticks");
  return turn;
}

Tick SchedulerUnderLoad::run_for(std::chrono::milliseconds time) {
  Parts& parts = *parts_;
  parts.clock.advance(time);
  Tick tick;
  const std::uint64_t delivered = parts.engine.counters().delivered;
  const std::uint64_t syncs = syncs_so_far();
  const auto begin = Steady::now();
  parts.run();
  tick.to_settled = Steady::now() - begin;
  tick.to_last_acknowledgement = parts.callback.last_acknowledgement - begin;
  tick.syncs = syncs_so_far() - syncs;
  tick.fires = parts.engine.counters().delivered - delivered;
  return tick;
}

void SchedulerUnderLoad::on_batch(std::function<void(const Batch&)> visit) { parts_->callback.visit = std::move(visit); }

}  // namespace action_scheduler::bench
