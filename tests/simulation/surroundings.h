// What the simulated parts know of the world that they are in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace action_scheduler::simulation {

// Thrown where the simulated process dies. Nothing of the product catches it.
struct Death {};

// A message as a consumer that reads committed messages sees it.
struct Message {
  std::string topic;
  std::string key;
  std::string value;
  std::string headers;        // name NUL value NUL ...
  std::size_t hand_over = 0;  // which hand-over it was produced in, as Surroundings::hand_over() said then
};

class Surroundings {
 public:
  virtual ~Surroundings() = default;

  virtual std::int64_t monotonic_ms() const = 0;
  // Time passes while the process waits; whatever is to happen meanwhile happens. May throw Death.
  virtual void pass(std::int64_t ms) = 0;
  // Something durable is about to happen, or has just happened: a process that is to die at an effect dies here (Death).
  virtual void effect() = 0;
  // A fault was met: nothing is expected to go on time around now.
  virtual void disturbed() = 0;
  // The hand-over that is under way.
  virtual std::size_t hand_over() const = 0;
  virtual void arrived(const Message& message) = 0;
};

}  // namespace action_scheduler::simulation
