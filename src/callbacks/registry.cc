#include "callbacks/registry.h"

#include <algorithm>
#include <array>

#include "callbacks/kafka/check.h"
#include "callbacks/kafka/kafka_callback.h"
#include "callbacks/stdout_callback.h"

namespace action_scheduler {
namespace {

struct Registration {
  std::string_view name;
  Result<std::unique_ptr<Callback>> (*make)(const CallbackOptions& options);
  std::vector<CallbackFinding> (*check)(const CallbackOptions& options, std::span<const std::string> topics);
  bool uses_kafka;
};

std::vector<CallbackFinding> check_stdout(const CallbackOptions&, std::span<const std::string>) {
  return {{CallbackFinding::Kind::good, "standard output"}};
}

// A new callback is one file beside this one and one line here. The last two names are those of the Python program.
constexpr std::array kRegistrations{
    Registration{"kafka", make_kafka_callback, check_kafka_callback, true},
    Registration{"stdout", make_stdout_callback, check_stdout, false},
    Registration{"action_scheduler.callbacks:kafka_send", make_kafka_callback, check_kafka_callback, true},
    Registration{"action_scheduler.callbacks:print_command", make_stdout_callback, check_stdout, false},
};

const Registration* find(std::string_view name) {
  const auto* found = std::ranges::find(kRegistrations, name, &Registration::name);
  return found == kRegistrations.end() ? nullptr : found;
}

Error unknown(std::string_view name) {
  std::string message = "action.callback: there is no callback \"" + std::string(name) + "\", use one of";
  for (const Registration& registration : kRegistrations) message.append(" ").append(registration.name);
  return Error{std::move(message)};
}

}  // namespace

Result<std::unique_ptr<Callback>> make_callback(std::string_view name, const CallbackOptions& options) {
  if (const Registration* registration = find(name)) return registration->make(options);
  return unknown(name);
}

std::vector<CallbackFinding> check_callback(std::string_view name, const CallbackOptions& options,
                                            std::span<const std::string> topics) {
  if (const Registration* registration = find(name)) return registration->check(options, topics);
  return {{CallbackFinding::Kind::fault, unknown(name).message}};
}

std::vector<std::string_view> callback_names() {
  std::vector<std::string_view> names;
  for (const Registration& registration : kRegistrations) names.push_back(registration.name);
  return names;
}

bool callback_uses_kafka(std::string_view name) {
  const Registration* registration = find(name);
  return registration != nullptr && registration->uses_kafka;
}

}  // namespace action_scheduler
