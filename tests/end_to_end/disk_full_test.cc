// The disk with the ledger is full for a while.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>

#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kActions = 20;
constexpr int kNew = kActions + 1;
constexpr const char* kStopped = "the ledger cannot be written; nothing fires until it can";

// Where a scheduler has its ledger. `fill` lets no file there grow any more.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual void fill(const SchedulerProcess& process) = 0;
  virtual void empty(const SchedulerProcess& process) = 0;
};

// The usual disk; files that the process writes to may not become larger than they are.
class LimitedFiles : public Disk {
 public:
  explicit LimitedFiles(const std::filesystem::path& folder) : folder_(folder) { std::filesystem::create_directory(folder); }
  void fill(const SchedulerProcess& process) override {
    process.limit_file_size(std::filesystem::file_size(folder_ / "ledger.db-wal"));
  }
  void empty(const SchedulerProcess& process) override { process.limit_file_size(std::nullopt); }

 private:
  const std::filesystem::path folder_;
};

// A file system of its own, which a large file fills. It is mounted for this thread and its children only, so it goes with them.
class SmallFileSystem : public Disk {
 public:
  static bool allowed() {
    return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }

  explicit SmallFileSystem(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directory(folder);
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=4m") != 0) throw std::runtime_error("cannot mount a tmpfs");
  }
  ~SmallFileSystem() override { ::umount2(folder_.c_str(), MNT_DETACH); }

  void fill(const SchedulerProcess&) override {
    const int file = ::open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (::write(file, block.data(), block.size()) > 0) continue;
    EXPECT_EQ(errno, ENOSPC);
    ::close(file);
  }
  void empty(const SchedulerProcess&) override { std::filesystem::remove(filler()); }

 private:
  std::filesystem::path filler() const { return folder_ / "filler"; }

  const std::filesystem::path folder_;
};

// One scheduler with its own topic, and its ledger on a disk of its own.
struct Trial {
  Trial(const Stage& stage, const std::string& disk_kind, const std::string& delivery) : topic(unique_name("disk")) {
    kafka().create_topic(topic);
    const auto path = folder.path() / "disk";
    if (disk_kind == "LimitedFiles") {
      disk = std::make_unique<LimitedFiles>(path);
    } else {
      disk = std::make_unique<SmallFileSystem>(path);
    }
    folder.write("config.yaml", stage.config(delivery));
    process = std::make_unique<SchedulerProcess>(
        folder, std::vector<std::string>{"--set", "kafka.topic=" + topic, "--set", "internal_db.database=disk/ledger.db"});
  }

  bool fires_beyond(const Stage& stage, Instant t, int action = 1) const {
    return eventually([&] { return stage.fired_in(topic).latest(action) > t; });
  }

  const std::string topic;
  const WorkFolder folder;
  std::unique_ptr<Disk> disk;
  std::unique_ptr<SchedulerProcess> process;
};

class DiskFull : public ::testing::TestWithParam<const char*> {};

TEST_P(DiskFull, NothingFiresUntilThereIsSpaceAndThenAllOfIt) {
  Stage stage;
  stage.create_table();
  for (int id = 1; id <= kActions; ++id) stage.sql(insert_row("$T", id, "a" + std::to_string(id), every(1)));
  const Trial trials[] = {Trial(stage, GetParam(), "exactly_once"), Trial(stage, GetParam(), "at_least_once")};
  for (const Trial& trial : trials) ASSERT_TRUE(trial.fires_beyond(stage, now())) << trial.process->err();

  for (const Trial& trial : trials) trial.disk->fill(*trial.process);
  for (const Trial& trial : trials) {
    EXPECT_TRUE(eventually([&] { return !lines_with(trial.process->err(), kStopped).empty(); })) << trial.process->err();
  }
  std::vector<std::size_t> before;
  for (const Trial& trial : trials) before.push_back(stage.fired_in(trial.topic).messages().size());
  stage.sql(insert_row("$T", kNew, "new", every(1)));
  const Instant full = now();
  EXPECT_TRUE(eventually([&] { return now() > full + Seconds{4}; })) << "fire times pass meanwhile";
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(trials[i].process->running()) << trials[i].process->err();
    EXPECT_THAT(stage.fired_in(trials[i].topic).messages(), SizeIs(before[i])) << "without an intent nothing fires";
  }

  for (const Trial& trial : trials) trial.disk->empty(*trial.process);
  const Instant space = now();
  for (const Trial& trial : trials) {
    SCOPED_TRACE(trial.topic);
    EXPECT_TRUE(trial.fires_beyond(stage, space + Seconds{1})) << trial.process->err();
    EXPECT_TRUE(trial.fires_beyond(stage, space + Seconds{1}, kNew)) << trial.process->err();
    EXPECT_EQ(trial.process->stop(), 0);
    EXPECT_THAT(lines_with(trial.process->err(), kStopped), SizeIs(1)) << "said once, not at each try";
    EXPECT_THAT(trial.process->err(), HasSubstr("the ledger works again"));
    const FiredList fired = stage.fired_in(trial.topic);
    for (int id = 1; id <= kNew; ++id) EXPECT_THAT(fired.gaps(id), IsEmpty());
    EXPECT_THAT(fired.repeated(), IsEmpty());
  }
}

// Where mounting is not permitted, limits on files alone must do.
std::vector<const char*> kinds_of_disk() {
  static const bool may_mount = SmallFileSystem::allowed();
  if (may_mount) return {"LimitedFiles", "SmallFileSystem"};
  return {"LimitedFiles"};
}

INSTANTIATE_TEST_SUITE_P(Of, DiskFull, ::testing::ValuesIn(kinds_of_disk()), [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace action_scheduler::testing
