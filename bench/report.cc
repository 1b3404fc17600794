#include "bench/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "action_scheduler/time.h"
#include "bench/machine.h"

namespace action_scheduler::bench {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) { return std::stod(std::fabs(value) >= 1000 ? digits(value) : std::to_string(value)); }

std::string in_words(const Asked& asked) {
  std::array<char, 32> bound{};
  (void)std::snprintf(bound.data(), bound.size(), "%g", asked.bound);
  switch (asked.of) {
    case Asked::Of::ratio:
      return std::string("ratio at least ") + bound.data();
    case Asked::Of::value:
      return std::string("at most ") + bound.data();
    case Asked::Of::difference:
      return std::string("at most ") + bound.data() + " more than the peer";
  }
  return {};
}

Json read(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Json::object();
  Json json = Json::parse(file, nullptr, false);
  return json.is_object() ? json : Json::object();
}

}  // namespace

bool Figure::met() const {
  if (!asked) return true;
  switch (asked->of) {
    case Asked::Of::ratio:
      return ratio && *ratio >= asked->bound;
    case Asked::Of::value:
      return value <= asked->bound;
    case Asked::Of::difference:
      return peer && value - *peer <= asked->bound;
  }
  return false;
}

void Report::print() const {
  std::size_t widest = name_.size();
  for (const Figure& figure : figures_) widest = std::max(widest, figure.what.size());
  const int width = static_cast<int>(widest);
  std::printf("\n%-*s  %14s", width, name_.c_str(), "");
  if (!peer_.empty()) std::printf("  %14s  %6s", peer_.c_str(), "ratio");
  std::printf("\n");
  for (const Figure& figure : figures_) {
    std::printf("%-*s  %14s", width, figure.what.c_str(), digits(figure.value).c_str());
    if (!peer_.empty()) {
      std::printf("  %14s  %6s", figure.peer ? digits(*figure.peer).c_str() : "",
                  figure.ratio ? digits(*figure.ratio).c_str() : "");
    }
    std::printf("  %s%s%s", figure.unit.c_str(), figure.note.empty() ? "" : "; ", figure.note.c_str());
    if (figure.asked) std::printf("; asked: %s, %s", in_words(*figure.asked).c_str(), figure.met() ? "met" : "MISSED");
    std::printf("\n");
  }
  (void)std::fflush(stdout);
}

void Report::save(const std::string& path) const {
  Json all = read(path);
  Json machine = Json::object();
  for (const auto& [fact, value] : describe_machine()) machine[fact] = value;
  Json figures = Json::array();
  for (const Figure& figure : figures_) {
    Json item = {{"what", figure.what}, {"value", rounded(figure.value)}, {"unit", figure.unit}};
    if (figure.peer) item["peer"] = rounded(*figure.peer);
    if (figure.ratio) item["ratio"] = rounded(*figure.ratio);
    if (!figure.note.empty()) item["note"] = figure.note;
    if (figure.asked) {
      item["asked"] = in_words(*figure.asked);
      item["met"] = figure.met();
    }
    figures.push_back(std::move(item));
  }
  Json report = {
      {"at", format_utc(floor_seconds(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())))},
      {"machine", std::move(machine)}};
  if (!peer_.empty()) report["peer"] = peer_;
  report["figures"] = std::move(figures);
  all[name_] = std::move(report);
  std::ofstream file(path);
  file << all.dump(2) << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::string digits(double value) {
  std::array<char, 64> text{};
  const int places = std::fabs(value) >= 100 || value == std::floor(value) ? 0 : std::fabs(value) >= 10 ? 1 : 2;
  (void)std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace action_scheduler::bench
