// Real faults on a real Kafka, a real Postgres and the real program.
//
//   torture [kills|owners|rights|hours|secrets|faults|soak]... [--delivery exactly_once|at_least_once|both] [--seed N]
//           [--minutes N | --seconds N] [--kills N] [--brokers 1|3] [--patience N] [--report FILE.json] [--samples FILE.csv]
//           [--program PATH] [--only PART_OF_A_FAULT'S_NAME]... [--once] [--lasting SECONDS] [--meanwhile nothing|shutdown|kill]
//
// All sections but the soak, unless some are named. --brokers is for kills. From --only on all is for faults: which ones, each
// only once, for how long each, and what happens to the scheduler in the middle of each.
//
// --program tortures another build, such as one with a sanitizer, whose reports count as faults; what ASAN_OPTIONS and the like
// say is passed on to it, and it is not killed at the named points. Give it patience.
//
// Ends with a report; exit code 1 if anything was lost, came twice, or did not recover.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <set>

#include "tests/torture/faults.h"
#include "tests/torture/hours.h"
#include "tests/torture/kills.h"
#include "tests/torture/owners.h"
#include "tests/torture/report.h"
#include "tests/torture/rights.h"
#include "tests/torture/secrets.h"
#include "tests/torture/soak.h"
#include "tests/torture/subject.h"
#include "tests/torture/world.h"

namespace action_scheduler::torture {
namespace {

struct Arguments {
  std::set<std::string> sections;
  std::vector<Promise> promises{Promise::exactly_once, Promise::at_least_once};
  std::uint64_t seed = static_cast<std::uint64_t>(now_ms());
  std::int64_t seconds = 120;
  std::uint64_t kills = 0;
  int brokers = 1;
  FaultsOptions faults;
  std::string report;
  std::string samples;
};

[[noreturn]] void usage(const std::string& complaint) {
  std::cerr << "torture: " << complaint
            << "\nusage: torture [kills|owners|rights|hours|secrets|faults|soak]... [--delivery exactly_once|at_least_once|both] "
               "[--seed N] [--minutes N | --seconds N] [--kills N] [--brokers 1|3] [--patience N] [--report FILE.json] "
               "[--samples FILE.csv] [--program PATH] "
               "[--only PART_OF_A_FAULT'S_NAME]... [--once] [--lasting SECONDS] [--meanwhile nothing|shutdown|kill]\n";
  std::exit(2);
}

Arguments arguments_of(int argc, char** argv) {
  Arguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      if (!std::set<std::string>{"kills", "owners", "rights", "hours", "secrets", "faults", "soak"}.contains(word))
        usage("no section is named '" + word + "'");
      result.sections.insert(word);
      continue;
    }
    if (word == "--once") {
      result.faults.once = true;
      continue;
    }
    if (i + 1 == argc) usage(word + " wants a value");
    const std::string value = argv[++i];
    const std::uint64_t number = std::strtoull(value.c_str(), nullptr, 10);
    if (word == "--seed") {
      result.seed = number;
    } else if (word == "--minutes") {
      result.seconds = static_cast<std::int64_t>(number) * 60;
    } else if (word == "--seconds") {
      result.seconds = static_cast<std::int64_t>(number);
    } else if (word == "--kills") {
      result.kills = number;
    } else if (word == "--brokers") {
      if (number != 1 && number != Cluster::kNodes) usage("--brokers " + value);
      result.brokers = static_cast<int>(number);
    } else if (word == "--patience") {
      result.faults.patience = std::max(1, static_cast<int>(number));
    } else if (word == "--only") {
      result.faults.only.push_back(value);
    } else if (word == "--lasting") {
      result.faults.lasting_s = static_cast<std::int64_t>(number);
    } else if (word == "--meanwhile") {
      const std::map<std::string, Meanwhile> known{
          {"nothing", Meanwhile::nothing}, {"shutdown", Meanwhile::shutdown}, {"kill", Meanwhile::kill}};
      if (!known.contains(value)) usage("--meanwhile " + value);
      result.faults.meanwhile = known.at(value);
    } else if (word == "--report") {
      result.report = value;
    } else if (word == "--program") {
      if (::access(value.c_str(), X_OK) != 0) usage("--program " + value + ": cannot be run");
      use_program(std::filesystem::absolute(value).string());
    } else if (word == "--samples") {
      result.samples = value;
    } else if (word == "--delivery") {
      if (value == "exactly_once") {
        result.promises = {Promise::exactly_once};
      } else if (value == "at_least_once") {
        result.promises = {Promise::at_least_once};
      } else if (value != "both") {
        usage("--delivery " + value);
      }
    } else {
      usage("unknown option " + word);
    }
  }
  if (result.sections.empty()) result.sections = {"kills", "owners", "rights", "hours", "secrets", "faults"};
  return result;
}

// Each promise in a thread of its own.
void run_in_threads(const Arguments& arguments, const std::function<Part(Promise)>& torture, Report& report) {
  std::vector<std::future<Part>> parts;
  for (const Promise promise : arguments.promises) parts.push_back(std::async(std::launch::async, torture, promise));
  for (auto& part : parts) report.parts.push_back(part.get());
}

void run_kills_on_a_cluster(const Arguments& arguments, std::int64_t seconds, Report& report) {
  const testing::PostgresServer postgres;
  const Cluster cluster;
  run_in_threads(
      arguments,
      [&](Promise promise) {
        return torture_by_kills(promise, postgres, cluster.direct(), Cluster::kNodes, {arguments.seed, arguments.kills, seconds});
      },
      report);
}

// One broker will do.
void run_on_one_broker(const Arguments& arguments, const std::string& section, std::int64_t seconds, Report& report) {
  const testing::PostgresServer postgres;
  testing::KafkaServerOptions options;
  options.secured = section == "rights";
  testing::KafkaServer kafka(options);
  const auto torture = [&](Promise promise) {
    if (section == "kills")
      return torture_by_kills(promise, postgres, kafka.address(), 1, {arguments.seed, arguments.kills, seconds});
    if (section == "owners") return torture_by_owners(promise, postgres, kafka, {arguments.seed, seconds});
    if (section == "hours") return torture_by_hours(promise, postgres, kafka, {arguments.seed, seconds});
    return torture_by_rights(promise, postgres, kafka, {arguments.seed, seconds});
  };
  run_in_threads(arguments, torture, report);
}

int run(int argc, char** argv) {
  const Arguments arguments = arguments_of(argc, argv);
  Report report;
  report.seed = arguments.seed;
  for (int i = 0; i < argc; ++i) report.what.append(i > 0 ? " " : "").append(argv[i]);
  if (report.what.find("--seed") == std::string::npos) report.what += " --seed " + std::to_string(arguments.seed);
  std::cout << "again: " << report.what << std::endl;
  const std::int64_t each = arguments.seconds / static_cast<std::int64_t>(arguments.sections.size());
  for (const char* section : {"kills", "owners", "rights", "hours"}) {
    if (!arguments.sections.contains(section)) continue;
    if (section == std::string("kills") && arguments.brokers > 1) {
      run_kills_on_a_cluster(arguments, each, report);
    } else {
      run_on_one_broker(arguments, section, each, report);
    }
  }
  if (arguments.sections.contains("secrets")) {
    for (Part& part : torture_by_secrets({arguments.seed, arguments.promises, each})) report.parts.push_back(std::move(part));
  }
  if (arguments.sections.contains("faults")) {
    FaultsOptions options = arguments.faults;
    options.seed = arguments.seed;
    options.promises = arguments.promises;
    options.seconds_max = each;
    for (Part& part : torture_by_faults(options)) report.parts.push_back(std::move(part));
  }
  if (arguments.sections.contains("soak")) {
    for (Part& part : torture_by_soak({arguments.seed, arguments.promises, each, arguments.samples})) {
      report.parts.push_back(std::move(part));
    }
  }
  std::cout << report.text();
  if (!arguments.report.empty()) std::ofstream(arguments.report) << report.json();
  std::cout << report.line() << '\n';
  return report.clean() ? 0 : 1;
}

}  // namespace
}  // namespace action_scheduler::torture

int main(int argc, char** argv) {
  try {
    return action_scheduler::torture::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "torture: " << error.what() << '\n';
    return 1;
  }
}
