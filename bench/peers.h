// Other libraries, measured by programs of their own languages (bench/peers).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace action_scheduler::bench {

// What a peer found for one case.
struct PeerAnswer {
  double chained_ns = 0;
  double random_ns = 0;
  std::vector<std::int64_t> fires;  // the first five after the start
};

// By the peer's name with its version, then by case_name().
using PeerAnswers = std::map<std::string, std::map<std::string, PeerAnswer>>;

struct PeerQuestion {
  std::int64_t start = 0;
  std::vector<std::int64_t> instants;
  int least_ms = 20;  // for how long each case is repeated
};

// Runs the program behind `command`, which takes the name of a file with the cases. Throws std::runtime_error.
PeerAnswers ask_peer(const std::string& command, const PeerQuestion& question);

}  // namespace action_scheduler::bench
