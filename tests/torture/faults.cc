#include "tests/torture/faults.h"

#include <signal.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "tests/servers/kafka_reader.h"
#include "tests/torture/scene.h"

namespace action_scheduler::torture {
namespace {

constexpr std::int64_t kRecoveryMaxMs = 90'000;
// shutdown_timeout of the schedulers, and a second for a busy machine.
constexpr std::int64_t kShutdownMaxMs = 6000;
// The slowest row fires every 5 s.
constexpr std::int64_t kStandstillMaxS = 12;
// Parked fires are tried again with growing delays.
constexpr std::int64_t kParkedPatienceMs = 240'000;

class Run {
 public:
  explicit Run(const FaultsOptions& options) : options_(options), scene_(options.promises, options.seed) {
    for (const auto& make : {broker_faults, network_faults, topic_faults, postgres_faults, machine_faults, clock_faults}) {
      std::vector<Fault> made = make(scene_);
      std::ranges::move(made, std::back_inserter(faults_));
    }
    for (const std::string& part : options.only) {
      if (std::ranges::none_of(faults_, [&](const Fault& fault) { return fault.name.find(part) != std::string::npos; }))
        throw std::runtime_error("no fault has '" + part + "' in its name");
    }
    std::erase_if(faults_, [&](const Fault& fault) {
      return !options.only.empty() && std::ranges::none_of(options.only, [&](const std::string& part) {
        return fault.name.find(part) != std::string::npos;
      });
    });
    if (!program_is_our_own())
      std::cout << "skipped, a sanitizer needs them: no further memory, no further descriptor" << std::endl;
    if (!mounts_are_our_own()) std::cout << "skipped, mounting is not permitted: full and read-only disks" << std::endl;
  }

  std::vector<Part> run() {
    const std::int64_t begin_ms = now_ms();
    for (const auto& trial : scene_.trials) trial->subject.start();
    fine_ = recovered(begin_ms / 1000, "start") >= 0;
    for (const auto& trial : scene_.trials) trial->from_s = now_s();
    for (int round = 0; fine_ && now_ms() - begin_ms < options_.seconds_max * 1000 && (round == 0 || !options_.once); ++round) {
      scene_.chance.shuffle(faults_);
      for (const Fault& fault : faults_) {
        if (!fine_ || now_ms() - begin_ms >= options_.seconds_max * 1000) break;
        try {
          suffer(fault);
        } catch (const std::exception& error) {
          for (const auto& trial : scene_.trials) trial->complain(fault.name + ": the torture itself failed: " + error.what());
          fine_ = false;
        }
      }
    }
    const std::int64_t until_s = now_s();
    if (fine_) fine_ = recovered(until_s, "the end") >= 0;
    await_parked(until_s);
    for (const auto& trial : scene_.trials) stop(*trial, nullptr);
    std::vector<Part> parts;
    for (const auto& trial : scene_.trials) {
      trial->part.verdict = verdict_on(*trial, until_s);
      trial->part.kills = trial->subject.kills();
      if (const auto report = trial->subject.sanitizer_report()) trial->part.complaints.push_back(*report);
      trial->part.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
      parts.push_back(std::move(trial->part));
    }
    return parts;
  }

 private:
  void suffer(const Fault& fault) {
    std::int64_t length_ms = scene_.chance.between(fault.shortest_ms, fault.longest_ms);
    if (options_.lasting_s > 0 && fault.longest_ms > 0) length_ms = options_.lasting_s * 1000;
    const Meanwhile meanwhile = chosen_meanwhile();
    const bool shut_down = meanwhile == Meanwhile::shutdown;
    const bool killed = meanwhile == Meanwhile::kill;
    const bool disturbed = shut_down || killed;
    const bool start_meanwhile = scene_.chance.one_in(2) && !fault.stops_schedulers;
    const std::int64_t first_ms = scene_.chance.between(0, length_ms);
    std::cout << "fault: " << fault.name << ", " << length_ms << " ms"
              << (shut_down ? ", shut down meanwhile"
                  : killed  ? ", killed meanwhile"
                            : "")
              << std::endl;
    if (fault.loses_parked) await_parked(now_s() - 10);
    const std::int64_t begin_ms = now_ms();
    fault.begin();
    if (disturbed) {
      sleep_ms(first_ms);
      for (const auto& trial : scene_.trials) {
        if (killed) {
          if (!trial->subject.running() && !may_end(&fault)) trial->complain("had ended by itself, " + fault.name);
          trial->subject.kill();
        } else if (fault.stops_schedulers) {
          trial->subject.signal(SIGTERM);
        } else {
          stop(*trial, &fault);
        }
        if (start_meanwhile) trial->subject.start();
      }
      sleep_ms(std::max<std::int64_t>(0, length_ms - first_ms));
    } else {
      sleep_ms(length_ms);
    }
    const std::int64_t end_s = now_s();
    if (fault.fires_meanwhile && !disturbed) {
      for (const auto& trial : scene_.trials) {
        if (const std::int64_t behind_s = end_s - trial->latest_s(); behind_s > kStandstillMaxS * options_.patience) {
          trial->complain(fault.name + ": firing fell " + std::to_string(behind_s) + " s behind");
        }
      }
    }
    if (fault.ends_with && (!disturbed || start_meanwhile)) {
      for (const auto& trial : scene_.trials) await_end(*trial, fault);
    }
    fault.end();
    const std::int64_t ended_ms = now_ms();
    for (const auto& trial : scene_.trials) {
      if (shut_down && fault.stops_schedulers) await_stop(*trial, &fault, ended_ms);
      const bool away = (disturbed && !start_meanwhile) || (may_end(&fault) && !trial->subject.running());
      if (away) trial->subject.start();
      FaultRecord& record = trial->part.faults[fault.name];
      ++record.times;
      record.longest_ms = std::max(record.longest_ms, ended_ms - begin_ms);
    }
    // Not by what fired before it ended.
    const std::int64_t recovery_ms = recovered(ended_ms / 1000 + 1, fault.name);
    if (recovery_ms < 0) fine_ = false;
    for (const auto& trial : scene_.trials) {
      FaultRecord& record = trial->part.faults[fault.name];
      record.worst_recovery_ms = std::max(record.worst_recovery_ms, recovery_ms);
    }
    std::cout << "  recovered in " << recovery_ms << " ms" << std::endl;
    if (fine_ && fault.afterwards) fault.afterwards(disturbed ? now_s() : begin_ms / 1000);
  }

  static bool may_end(const Fault* fault) { return fault != nullptr && (fault->may_end || fault->ends_with); }

  Meanwhile chosen_meanwhile() {
    if (options_.meanwhile != Meanwhile::as_it_comes) return options_.meanwhile;
    const std::int64_t choice = scene_.chance.between(1, 6);
    return choice <= 2 ? Meanwhile::shutdown : choice == 3 ? Meanwhile::kill : Meanwhile::nothing;
  }

  // `fault`: that which lasts; null at the end of the run.
  void stop(Trial& trial, const Fault* fault) {
    if (!trial.subject.running()) {
      if (!may_end(fault)) trial.complain("had ended by itself, " + (fault != nullptr ? fault->name : "at the end"));
      return;
    }
    trial.subject.terminate();
    await_stop(trial, fault, now_ms());
  }

  // The scheduler heard its SIGTERM at `heard_ms`.
  void await_stop(Trial& trial, const Fault* fault, std::int64_t heard_ms) {
    const auto code = trial.subject.wait(kShutdownMaxMs * 3 * options_.patience);
    const std::int64_t took_ms = now_ms() - heard_ms;
    // It may have been about to end by itself.
    const bool fine_code = code == 0 || (code && fault != nullptr && fault->ends_with == code);
    if (!fine_code || took_ms > kShutdownMaxMs * options_.patience) {
      trial.complain("SIGTERM, " + (fault != nullptr ? fault->name : "at the end") + ": " +
                     (code ? "exit code " + std::to_string(*code) : std::string("no end")) + " after " + std::to_string(took_ms) +
                     " ms");
      trial.subject.kill();
    }
    if (fault == nullptr) return;
    FaultRecord& record = trial.part.faults[fault->name];
    ++record.shutdowns;
    record.longest_shutdown_ms = std::max(record.longest_shutdown_ms, took_ms);
  }

  void await_end(Trial& trial, const Fault& fault) {
    const auto code = trial.subject.wait(kShutdownMaxMs * options_.patience);
    if (code == fault.ends_with) return;
    trial.complain(fault.name + ": expected exit code " + std::to_string(*fault.ends_with) + ", got " +
                   (code ? std::to_string(*code) : std::string("none")));
    trial.subject.kill();
  }

  // Until each row of all schedulers has fired for an instant not before `second`. In how many milliseconds; -1 if it does not
  // come to that.
  std::int64_t recovered(std::int64_t second, const std::string& what) {
    const std::int64_t begin_ms = now_ms();
    bool all = true;
    for (const auto& trial : scene_.trials) {
      while (trial->latest_s() < second && trial->subject.running() && now_ms() - begin_ms < kRecoveryMaxMs * options_.patience)
        sleep_ms(20);
      if (trial->latest_s() >= second) continue;
      all = false;
      std::string which;
      for (const std::int64_t action : trial->actions) {
        if (trial->watcher->latest_s(action) < second) which += " " + std::to_string(action);
      }
      trial->complain(what + ": " + (trial->subject.running() ? "does not recover" : "has ended by itself") +
                      ", rows that do not fire:" + which);
    }
    return all ? now_ms() - begin_ms : -1;
  }

  // Fires may have been parked and come when they are tried again.
  void await_parked(std::int64_t until_s) {
    for (const auto& trial : scene_.trials) {
      const std::int64_t begin_ms = now_ms();
      while (fine_ && verdict_on(*trial, until_s).lost > 0 && now_ms() - begin_ms < kParkedPatienceMs) sleep_ms(2000);
      if (fine_) std::cout << trial->name << ": all parked fires had come after " << now_ms() - begin_ms << " ms" << std::endl;
    }
  }

  Verdict verdict_on(const Trial& trial, std::int64_t until_s) const {
    testing::KafkaReader reader(scene_.cluster.direct());
    std::vector<testing::ReadMessage> messages = trial.buried;
    for (const std::string& topic : {trial.name, trial.victim_topic}) {
      std::ranges::move(reader.read_all(topic, std::chrono::seconds(120)), std::back_inserter(messages));
    }
    std::vector<Arrival> arrivals = arrivals_of(messages);
    std::ranges::stable_sort(arrivals, {}, &Arrival::sent_ms);  // of several partitions
    std::vector<Expectation> expectations = trial.guests;
    const Span due{trial.from_s, until_s};
    for (const RowSpec& row : trial.rows)
      expectations.push_back({row.id, row.period_s, row.merges, due, trial.excused, {}, trial.repeats_excused});
    std::vector<Span> repeats = trial.repeats_excused;
    repeats.insert(repeats.end(), trial.victims_repeats_excused.begin(), trial.victims_repeats_excused.end());
    for (const RowSpec& row : trial.victims)
      expectations.push_back({row.id, row.period_s, row.merges, due, trial.victims_excused, {}, repeats});
    return judge(trial.subject.promise(), expectations, arrivals);
  }

  const FaultsOptions options_;
  Scene scene_;
  std::vector<Fault> faults_;
  bool fine_ = true;  // false: something does not recover, and there is no use in going on
};

}  // namespace

std::vector<Part> torture_by_faults(const FaultsOptions& options) { return Run(options).run(); }

}  // namespace action_scheduler::torture
