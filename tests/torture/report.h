// What a torture found: a table for people, JSON for machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/torture/oracle.h"

namespace action_scheduler::torture {

// One fault that was tried, or several of a kind.
struct FaultRecord {
  std::uint64_t times = 0;
  std::int64_t longest_ms = 0;         // for how long it lasted
  std::int64_t worst_recovery_ms = 0;  // from its end until all fires were on time again
  std::uint64_t shutdowns = 0;         // clean ends of the scheduler while it lasted
  std::int64_t longest_shutdown_ms = 0;
};

// One scheduler's part.
struct Part {
  std::string name;
  Promise promise = Promise::exactly_once;
  std::uint64_t kills = 0;
  std::map<std::string, FaultRecord> faults;
  Verdict verdict;
  double seconds = 0;
  std::vector<std::string> complaints;  // beyond those of the verdict
  std::vector<std::string> notes;       // figures for people

  std::uint64_t fault_count() const;
  // Nothing lost, nothing twice, no complaint.
  bool clean() const;
};

struct Report {
  std::uint64_t seed = 0;
  std::string what;  // the arguments that bring the same again
  std::vector<Part> parts;

  bool clean() const;
  // All in one line: fires, kills, faults, lost, twice, worst lateness.
  std::string line() const;
  // The table, each fault's figures, and each complaint.
  std::string text() const;
  std::string json() const;
};

}  // namespace action_scheduler::torture
