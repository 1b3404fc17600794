// What the scheduler's own machine does to it: stopped processes, disks, descriptors.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "tests/torture/scene.h"

namespace action_scheduler::torture {
namespace {

namespace fs = std::filesystem;

void limit_descriptors(pid_t pid, bool limited) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) throw std::runtime_error("cannot read the limits of the scheduler");
  const auto open = std::distance(fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd"), fs::directory_iterator());
  limit.rlim_cur = limited ? static_cast<rlim_t>(open) : limit.rlim_max;
  ::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr);
}

// Limited: it gets no more address space than it has.
void limit_memory(pid_t pid, bool limited) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_AS, nullptr, &limit) != 0) throw std::runtime_error("cannot read the limits of the scheduler");
  std::uint64_t pages = 0;
  std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> pages;
  limit.rlim_cur = limited ? pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) : limit.rlim_max;
  ::prlimit(pid, RLIMIT_AS, &limit, nullptr);
}

void spoil(const fs::path& file, Chance& chance) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::int64_t>(fs::file_size(file));
  for (int i = 0; i < 3; ++i) {
    bytes.seekp(i == 0 ? 0 : chance.between(0, std::max<std::int64_t>(0, size - 512)));
    for (int byte = 0; byte < 512; ++byte) bytes.put(static_cast<char>(chance.between(0, 255)));
  }
}

fs::path ledger_of(const Trial& trial) { return trial.subject.folder().path() / "disk" / "ledger.db"; }

// Kills, does something to the ledger's files, and starts again. With `goes_back` the ledger may be as it was a while ago, and
// know as parked what was delivered since.
Fault ledger_fault(const std::string& name, Scene& scene, const std::function<void(const fs::path&)>& harm,
                   bool goes_back = false) {
  Fault fault;
  fault.name = "machine: " + name;
  fault.shortest_ms = 0;
  fault.longest_ms = 3000;
  fault.loses_parked = true;
  const auto harmed_s = std::make_shared<Span>();
  fault.begin = [&scene, harm, harmed_s] {
    harmed_s->from_s = now_s();
    for (const auto& trial : scene.trials) {
      trial->subject.kill();
      if (fs::exists(ledger_of(*trial))) harm(ledger_of(*trial));
      trial->subject.start();
    }
    harmed_s->until_s = now_s();
  };
  fault.end = [] {};
  // Parked fires, and when nothing but the ledger tells what was done, that: nobody promised to remember.
  fault.afterwards = [&scene, goes_back, harmed_s](std::int64_t present_s) {
    const Span forgotten{harmed_s->from_s - 3, std::max(present_s, harmed_s->until_s) + kTakesEffectS};
    for (const auto& trial : scene.trials) {
      trial->victims_excused.push_back({std::max(trial->from_s, harmed_s->from_s - 600), forgotten.until_s});
      if (goes_back) trial->victims_repeats_excused.push_back(trial->victims_excused.back());
      if (trial->subject.promise() == Promise::exactly_once) continue;
      trial->excused.push_back(forgotten);
      trial->repeats_excused.push_back({harmed_s->from_s - 30, forgotten.until_s});
    }
  };
  return fault;
}

}  // namespace

std::vector<Fault> machine_faults(Scene& scene) {
  std::vector<Fault> faults;
  Fault stopped;
  stopped.name = "process: SIGSTOP, longer than every timeout";
  stopped.shortest_ms = 12'000;
  stopped.longest_ms = 20'000;
  stopped.stops_schedulers = true;
  stopped.begin = [&] {
    for (const auto& trial : scene.trials) trial->subject.signal(SIGSTOP);
  };
  stopped.end = [&] {
    for (const auto& trial : scene.trials) trial->subject.signal(SIGCONT);
  };
  faults.push_back(stopped);

  Fault flicker;
  flicker.name = "process: SIGSTOP and SIGCONT again and again";
  flicker.shortest_ms = 100;
  flicker.longest_ms = 3000;
  flicker.stops_schedulers = true;
  flicker.begin = [&] {
    for (std::int64_t end_ms = now_ms() + scene.chance.between(5000, 12'000); now_ms() < end_ms;) {
      for (const auto& trial : scene.trials) trial->subject.signal(SIGSTOP);
      sleep_ms(scene.chance.between(100, 3000));
      for (const auto& trial : scene.trials) trial->subject.signal(SIGCONT);
      sleep_ms(scene.chance.between(1, 500));
    }
    for (const auto& trial : scene.trials) trial->subject.signal(SIGSTOP);
  };
  flicker.end = [&] {
    for (const auto& trial : scene.trials) trial->subject.signal(SIGCONT);
  };
  faults.push_back(flicker);

  // Whoever wakes first finds the others asleep. The schedulers' monotonic clocks stood still meanwhile.
  Fault suspended;
  suspended.name = "machine: suspended, with all servers";
  suspended.shortest_ms = 8000;
  suspended.longest_ms = 20'000;
  suspended.stops_schedulers = true;
  const auto asleep_since_ms = std::make_shared<std::int64_t>(0);
  suspended.begin = [&, asleep_since_ms] {
    scene.take_clocks();
    *asleep_since_ms = now_ms();
    for (const auto& trial : scene.trials) trial->subject.signal(SIGSTOP);
    for (int id = 1; id <= Cluster::kNodes; ++id) scene.cluster.node(id).pause();
    scene.postgres.pause();
  };
  suspended.end = [&, asleep_since_ms] {
    for (const auto& trial : scene.trials) {
      trial->subject.sleep_through(now_ms() - *asleep_since_ms);
      trial->subject.clock_of_its_own(false);
    }
    std::vector<std::function<void()>> sleepers{[&] { scene.postgres.resume(); }};
    for (const auto& trial : scene.trials) sleepers.push_back([&subject = trial->subject] { subject.signal(SIGCONT); });
    for (int id = 1; id <= Cluster::kNodes; ++id) sleepers.push_back([&node = scene.cluster.node(id)] { node.resume(); });
    scene.chance.shuffle(sleepers);
    for (const auto& wake : sleepers) wake();
  };
  faults.push_back(suspended);

  Fault starved;
  starved.name = "machine: no further file descriptor";
  starved.shortest_ms = 3000;
  starved.longest_ms = 10'000;
  starved.begin = [&] {
    for (const auto& trial : scene.trials) limit_descriptors(trial->subject.pid(), true);
    for (int id = 1; id <= Cluster::kNodes; ++id) scene.cluster.proxy(id).cut();
    scene.postgres_proxy.cut();
  };
  starved.end = [&] {
    for (const auto& trial : scene.trials) {
      if (trial->subject.running()) limit_descriptors(trial->subject.pid(), false);
    }
  };
  // UndefinedBehaviorSanitizer looks at memory through a pipe, and where it gets none takes an object for a broken one.
  if (program_is_our_own()) faults.push_back(starved);

  // It may end by that.
  Fault cramped;
  cramped.name = "machine: no further memory";
  cramped.shortest_ms = 3000;
  cramped.longest_ms = 10'000;
  cramped.may_end = true;
  cramped.begin = [&] {
    for (const auto& trial : scene.trials) limit_memory(trial->subject.pid(), true);
    scene.sql(
        "INSERT INTO $T (id, name, command, cron, enabled) SELECT 100000 + i, 'large', repeat('x', 100000), '{}', true "
        "FROM generate_series(1, 200) AS i");
  };
  cramped.end = [&] {
    scene.sql("DELETE FROM $T WHERE id > 100000");
    for (const auto& trial : scene.trials) {
      if (trial->subject.running()) limit_memory(trial->subject.pid(), false);
    }
  };
  // A sanitizer wants more whenever it likes.
  if (program_is_our_own()) faults.push_back(cramped);

  faults.push_back(
      ledger_fault("ledger overwritten with random bytes", scene, [&](const fs::path& ledger) { spoil(ledger, scene.chance); }));
  faults.push_back(ledger_fault("ledger of length 0", scene, [](const fs::path& ledger) { fs::resize_file(ledger, 0); }));
  faults.push_back(ledger_fault(
      "ledger's WAL truncated", scene,
      [&](const fs::path& ledger) {
        const fs::path wal = ledger.string() + "-wal";
        if (!fs::exists(wal)) return;
        const auto size = static_cast<std::int64_t>(fs::file_size(wal));
        fs::resize_file(wal, static_cast<std::uintmax_t>(scene.chance.between(0, size)));
      },
      true));
  faults.push_back(ledger_fault("ledger lost", scene, [](const fs::path& ledger) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(ledger.string() + suffix);
  }));
  if (!mounts_are_our_own()) return faults;

  Fault full;
  full.name = "machine: ledger's disk full";
  full.shortest_ms = 3000;
  full.longest_ms = 10'000;
  full.begin = [&] {
    for (const auto& trial : scene.trials) trial->disk->fill();
  };
  full.end = [&] {
    for (const auto& trial : scene.trials) trial->disk->make_room();
  };
  faults.push_back(full);

  Fault read_only;
  read_only.name = "machine: ledger's disk read-only at start";
  read_only.shortest_ms = 0;
  read_only.longest_ms = 50;
  read_only.ends_with = 1;
  read_only.begin = [&] {
    for (const auto& trial : scene.trials) {
      trial->subject.kill();
      if (::mount(nullptr, trial->disk->path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
        throw std::runtime_error("cannot make the ledger's disk read-only");
      trial->subject.start();
    }
  };
  read_only.end = [&] {
    for (const auto& trial : scene.trials) {
      ::mount(nullptr, trial->disk->path().c_str(), nullptr, MS_REMOUNT, nullptr);
    }
  };
  faults.push_back(read_only);
  return faults;
}

}  // namespace action_scheduler::torture
