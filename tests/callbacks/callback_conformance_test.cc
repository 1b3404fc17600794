#include "tests/callbacks/callback_conformance.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "action_scheduler/clock.h"
#include "callbacks/stdout_callback.h"
#include "tests/callbacks/recording_callback.h"
#include "tests/callbacks/zero_clock.h"

namespace action_scheduler::testing {
namespace {

class RecordingHarness : public CallbackHarness {
 public:
  explicit RecordingHarness(Delivery delivery) : delivery_(delivery) {
    receiver_.refuse = [](const Fire&, const ActionText& text) -> std::optional<Refusal> {
      if (text.topic() != "no-such-topic") return std::nullopt;
      return Refusal{0, "there is no topic no-such-topic", true, false};
    };
  }
  std::unique_ptr<Callback> make() override { return std::make_unique<RecordingCallback>(receiver_, delivery_); }
  Delivery delivery() const override { return delivery_; }
  std::vector<std::string> received() override {
    std::vector<std::string> commands;
    for (const RecordedFire& fire : receiver_.fires) commands.push_back(fire.command);
    return commands;
  }

 private:
  const Delivery delivery_;
  RecordedReceiver receiver_;
};

// Standard output that goes to a file.
class StdoutHarness : public CallbackHarness {
 public:
  StdoutHarness() {
    std::string name = (std::filesystem::temp_directory_path() / "stdout-XXXXXX").string();
    fd_ = ::mkstemp(name.data());
    file_ = name;
  }
  ~StdoutHarness() override {
    ::close(fd_);
    std::filesystem::remove(file_);
  }
  std::unique_ptr<Callback> make() override {
    CallbackOptions options;
    options.clock = &clock_;
    options.stdout_fd = fd_;
    return make_stdout_callback(options).value();
  }
  Delivery delivery() const override { return Delivery::at_least_once; }
  bool has_topics() const override { return false; }
  std::vector<std::string> received() override {
    std::vector<std::string> commands;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) commands.push_back(line.substr(line.find(" | ") + 3));
    return commands;
  }

 private:
  ZeroClock clock_;
  std::filesystem::path file_;
  int fd_ = -1;
};

INSTANTIATE_TEST_SUITE_P(Callbacks, CallbackConformance,
                         ::testing::Values(CallbackKind{"Stdout",
                                                        []() -> std::unique_ptr<CallbackHarness> {
                                                          return std::make_unique<StdoutHarness>();
                                                        }},
                                           CallbackKind{"RecordingAtLeastOnce",
                                                        []() -> std::unique_ptr<CallbackHarness> {
                                                          return std::make_unique<RecordingHarness>(Delivery::at_least_once);
                                                        }},
                                           CallbackKind{"RecordingExactlyOnce",
                                                        []() -> std::unique_ptr<CallbackHarness> {
                                                          return std::make_unique<RecordingHarness>(Delivery::exactly_once);
                                                        }}),
                         kind_name);

}  // namespace
}  // namespace action_scheduler::testing
