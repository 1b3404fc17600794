#include "bench/machine.h"

#include <librdkafka/rdkafka.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "bench/memory.h"

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

std::string kernel() {
  struct utsname names{};
  return ::uname(&names) == 0 ? names.release : "unknown";
}

// The first line that a command writes; empty if it fails.
std::string said_by(const std::string& command) {
  FILE* const output = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (output == nullptr) return {};
  std::array<char, 256> line{};
  const bool read = std::fgets(line.data(), line.size(), output) != nullptr;
  if (::pclose(output) != 0 || !read) return {};
  const std::string text = line.data();
  return text.substr(0, text.find('\n'));
}

// Of the server that tests/servers starts: the newest as Debian lays them out, or else the one on PATH.
std::string postgres() {
  int newest = 0;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    if (!std::filesystem::exists(version.path() / "bin" / "initdb")) continue;
    newest = std::max(newest, std::atoi(version.path().filename().c_str()));
  }
  const std::string folder = newest == 0 ? "" : "/usr/lib/postgresql/" + std::to_string(newest) + "/bin/";
  const std::string version = said_by(folder + "postgres --version");  // "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"
  std::istringstream words(version);
  std::string word;
  words >> word >> word >> word;
  return word;
}

// As the name of its jar has it, behind Scala's version: kafka_2.13-4.0.0.jar.
std::string kafka() {
  std::error_code none;
  for (const auto& jar : std::filesystem::directory_iterator(BENCH_KAFKA_JARS, none)) {
    const std::string name = jar.path().stem().string();
    const auto dash = name.find('-');
    if (name.starts_with("kafka_") && dash != name.npos) return name.substr(dash + 1);
  }
  return {};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
  std::vector<std::pair<std::string, std::string>> facts{
      {"processor", processor()},
      {"cores", std::to_string(std::thread::hardware_concurrency())},
      {"memory_gib", memory_gib()},
      {"system", system()},
      {"kernel", kernel()},
      {"compiler", "g++ " __VERSION__},
      {"allocator", allocator()},
      {"librdkafka", rd_kafka_version_str()},
      {"postgres", postgres()},
      {"kafka", kafka()},
      {"commit", said_by("git -C '" BENCH_SOURCE_FOLDER "' rev-parse --short HEAD")},
  };
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

}  // namespace action_scheduler::bench
