#include "bench/peers.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/schedule_cases.h"

namespace action_scheduler::bench {
namespace {

using Json = nlohmann::json;

Json text_or_null(const char* text) { return text == nullptr ? Json() : Json(text); }

Json question_json(const PeerQuestion& question) {
  Json cases = Json::array();
  for (const char* zone : kZones) {
    for (const ScheduleCase& of : kScheduleCases) {
      cases.push_back({{"name", case_name(of, zone)},
                       {"zone", zone},
                       {"robfig", text_or_null(of.robfig)},
                       {"apscheduler", of.apscheduler == nullptr ? Json() : Json::parse(of.apscheduler)},
                       {"croniter", text_or_null(of.croniter)},
                       {"either_day", of.either_day}});
    }
  }
  return {{"start", question.start}, {"instants", question.instants}, {"min_ms", question.least_ms}, {"cases", std::move(cases)}};
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), [](FILE* file) { return ::pclose(file); });
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe.get())) > 0;) text.append(part.data(), n);
  return text;
}

}  // namespace

PeerAnswers ask_peer(const std::string& command, const PeerQuestion& question) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("bench_peers." + std::to_string(::getpid()) + ".json");
  std::ofstream(file) << question_json(question);
  const std::string text = output_of(command + " " + file.string());
  std::filesystem::remove(file);
  const Json found = Json::parse(text, nullptr, false);
  if (!found.is_object()) throw std::runtime_error(command + " failed");
  PeerAnswers answers;
  for (const auto& [peer, cases] : found.items()) {
    for (const auto& [name, answer] : cases.items()) {
      answers[peer][name] = {answer.at("chained"), answer.at("random"), answer.at("fires")};
    }
  }
  return answers;
}

}  // namespace action_scheduler::bench
