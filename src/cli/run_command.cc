#include "cli/run_command.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "callbacks/kafka/fault_topic.h"
#include "callbacks/registry.h"
#include "cli/exit_codes.h"
#include "cli/loading_progress.h"
#include "cli/logging.h"
#include "cli/prepared_source.h"
#include "cli/service_manager.h"
#include "config/sample_actions.h"
#include "engine/service.h"
#include "engine/system_clock.h"
#include "http/http_service.h"
#include "http/probes.h"
#include "operations/assembly.h"
#include "zones/system_zones.h"

namespace action_scheduler {

namespace {

constexpr int kListedFiresMax = 1000;

// SIGTERM and SIGINT. They are blocked in every thread and waited for in one, so no handler runs anywhere.
sigset_t block_stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader of standard output that went away is an error of the callback, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that reached a limit on its size (ulimit -f): the ledger waits it out like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  return set;
}

// While it lives, a stop signal stops the service.
class StopOnSignal {
 public:
  StopOnSignal(const sigset_t& signals, Service& service, const ServiceManager& manager, Log& log)
      : thread_([this, signals, &service, &manager, &log] {
          int signal = 0;
          // The first memory that a thread asks for takes more than it gets, and there may be none left when the signal comes.
          std::string name;
          name.reserve(kNameBytes);
          sigwait(&signals, &signal);
          if (ending_) return;
          name = signal == SIGINT ? "SIGINT" : "SIGTERM";
          log.info("stopping", {{"signal", name}});
          manager.stopping();
          service.stop();
        }) {}

  // The thread may wait still: a signal of our own ends it.
  ~StopOnSignal() {
    ending_ = true;
    pthread_kill(thread_.native_handle(), SIGINT);
    thread_.join();
  }

 private:
  static constexpr std::size_t kNameBytes = 64;

  std::atomic<bool> ending_{false};
  std::thread thread_;
};

Result<std::vector<Row>> sample_rows() {
  for (const std::string path : {"sample_actions.yaml", ACTION_SCHEDULER_DATA_DIR "/sample_actions.yaml"}) {
    std::ifstream file(path);
    if (!file) continue;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return read_sample_actions(text, path);
  }
  return Error{"test.write_sample_actions_to_db is true, but there is no sample_actions.yaml in the working directory"};
}

// What the service manager is told.
ServiceManager::Health health_of(const ServiceStatus& status, ClockReading now, const ProbeLimits& limits) {
  if (status.turned.count() == 0) return {true, "starting"};
  if (std::string stuck = why_not_alive(status, now, limits); !stuck.empty()) return {false, std::move(stuck)};
  const std::vector<std::string> missing = why_not_ready(status, now, limits);
  if (!missing.empty()) return {true, missing.front()};
  return {true, std::to_string(status.engine.actions) + " actions, settled to " + format_utc(status.engine.watermark)};
}

// test.print_apscheduler_jobs
void list_jobs(const Schedule& schedule, Instant now, Log& log) {
  int listed = 0;
  const ActionSet& actions = schedule.actions();
  for (TriggerId id = 0; id < actions.trigger_limit(); ++id) {
    for (const ActionSet::Entry& entry : actions.actions_of(id)) {
      if (++listed > kListedFiresMax) return;
      const auto next = actions.trigger(id).next(std::max(now, entry.action->counts_from()));
      log.info("job", {{"action", entry.id},
                       {"name", entry.action->text().name()},
                       {"next", next ? format_utc(*next) : std::string("never")}});
    }
  }
}

int run_with(const Settings& settings, const std::string& effective_config, Log& log, const sigset_t& stop_signals) {
  std::vector<Row> samples;
  if (settings.test.write_sample_actions_to_db) {
    Result<std::vector<Row>> read = sample_rows();
    if (!read) {
      log.error("the sample actions cannot be read", {{"reason", read.error().message}});
      return kExitFailed;
    }
    samples = *std::move(read);
  }

  auto opening = open_ledger(settings);
  if (const auto* failure = std::get_if<LedgerOpenFailure>(&opening)) {
    const bool locked = failure->kind == LedgerOpenFailure::Kind::locked;
    log.error(locked ? "another scheduler is running on this ledger" : "the ledger cannot be opened",
              {{"reason", failure->error.message}});
    return locked ? kExitAlreadyRunning : kExitFailed;
  }
  auto& opened = std::get<OpenedLedger>(opening);
  if (!opened.moved_aside.empty()) log.error("the ledger was unusable", {{"reason", opened.moved_aside}});
  if (!settings.internal_db) {
    log.warning("internal_db is not configured: missed runs do not survive a restart");
  }
  const Result<LedgerState> state = opened.ledger->load();
  if (!state) {
    log.error("the ledger cannot be read", {{"reason", state.error().message}});
    return kExitFailed;
  }

  SystemClock clock;
  SystemZones zones;
  CallbackOptions callback_settings = callback_options(settings);
  callback_settings.clock = &clock;
  callback_settings.log = &log;
  callback_settings.exactly_once_used = state->exactly_once_used;
  constexpr int kStatisticsIntervalMs = 10'000;
  if (settings.http.listen) callback_settings.kafka.statistics_interval_ms = kStatisticsIntervalMs;
  Result<std::unique_ptr<Callback>> callback = make_callback(settings.action.callback, callback_settings);
  if (!callback) {
    log.error("the callback cannot be made", {{"reason", callback.error().message}});
    return kExitUsage;
  }

  RowParser parser(row_defaults(settings), zones);
  PreparedSource source(std::make_unique<LoadingProgress>(make_source(settings), std::cerr, ::isatty(STDERR_FILENO) == 1),
                        make_action_table(settings), std::move(samples), log);
  Engine engine({}, {clock, *opened.ledger, **callback, parser, log});
  if (auto restored = engine.open(); !restored) {
    log.error("the ledger cannot be read", {{"reason", restored.error().message}});
    return kExitFailed;
  }

  Service::Options options;
  options.poll_period = settings.track_changes_period;
  options.shutdown_timeout = settings.shutdown_timeout;
  Service::AfterPoll after_poll;
  if (settings.test.print_apscheduler_jobs) {
    after_poll = [&log](const Schedule& schedule, Instant now) { list_jobs(schedule, now, log); };
  }
  Service service(options, {clock, **callback, source, parser, log}, engine, after_poll);
  std::unique_ptr<HttpService> http;
  if (settings.http.listen) {
    auto started = HttpService::start(settings, effective_config, service, {clock, **callback, zones, log});
    if (!started) {
      log.error("the HTTP server cannot start", {{"reason", started.error().message}});
      return kExitFailed;
    }
    http = *std::move(started);
  }
  const ProbeLimits limits = probe_limits(settings);
  ServiceManager manager(manager_from_environment(), [&] { return health_of(service.status(), clock.read(), limits); });
  const StopOnSignal stop_on_signal(stop_signals, service, manager, log);
  log.info("started", {{"version", ACTION_SCHEDULER_VERSION},
                       {"callback", settings.action.callback},
                       {"instance", settings.instance},
                       {"watermark", format_utc(engine.watermark().instant)}});
  manager.ready();
  const Service::End end = service.run();
  log.info("stopped", {{"watermark", format_utc(engine.watermark().instant)}});
  switch (end) {
    case Service::End::stopped:
      return kExitDone;
    case Service::End::fenced:
      return kExitFenced;
    case Service::End::failed:
      return kExitFailed;
  }
  return kExitFailed;
}

}  // namespace

int run_service(const Settings& settings, const std::string& effective_config) {
  const sigset_t stop_signals = block_stop_signals();
  const std::unique_ptr<Log> log = make_log(settings.log);
  if (!settings.kafka || settings.kafka->faults_topic.empty()) return run_with(settings, effective_config, *log, stop_signals);
  SystemClock clock;
  CallbackOptions options = callback_options(settings);
  options.clock = &clock;
  const auto fault_topic = make_fault_topic(options, settings.kafka->faults_topic, *log);
  if (!fault_topic) {
    log->error("the topic of faults cannot be used", {{"reason", fault_topic.error().message}});
    return kExitUsage;
  }
  return run_with(settings, effective_config, **fault_topic, stop_signals);
}

}  // namespace action_scheduler
