#include "bench/machine.h"

#include <librdkafka/rdkafka.h>
#include <sys/sysinfo.h>

#include <fstream>
#include <thread>

namespace action_scheduler::bench {
namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string memory_gib() {
  struct sysinfo info{};
  if (sysinfo(&info) != 0) return "unknown";
  return std::to_string((info.totalram * info.mem_unit + (1ULL << 29U)) >> 30U);
}

std::string system() {
  std::ifstream file("/etc/os-release");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("PRETTY_NAME=\"")) return line.substr(13, line.size() - 14);
  }
  return "unknown";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
  return {{"processor", processor()},       {"cores", std::to_string(std::thread::hardware_concurrency())},
          {"memory_gib", memory_gib()},     {"system", system()},
          {"compiler", "g++ " __VERSION__}, {"librdkafka", rd_kafka_version_str()}};
}

}  // namespace action_scheduler::bench
