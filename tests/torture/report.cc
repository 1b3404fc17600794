#include "tests/torture/report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace action_scheduler::torture {
namespace {

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

using Number = unsigned long long;

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      result += c;
    } else {
      result += print("\\u%04x", static_cast<unsigned>(c));
    }
  }
  return result + '"';
}

template <class Items, class Text>
std::string joined(const Items& items, Text text_of) {
  std::string result;
  for (const auto& item : items) result += (result.empty() ? "" : ",") + text_of(item);
  return result;
}

std::string json_of(const Part& part) {
  const Verdict& verdict = part.verdict;
  std::string result = "{\"part\":" + quoted(part.name) +
                       ",\"delivery\":" + (part.promise == Promise::exactly_once ? "\"exactly_once\"" : "\"at_least_once\"");
  for (const auto& [name, value] : {std::pair<const char*, std::uint64_t>{"fires", verdict.fires},
                                    {"merged", verdict.merged},
                                    {"kills", part.kills},
                                    {"faults", part.fault_count()},
                                    {"lost", verdict.lost},
                                    {"twice", verdict.twice},
                                    {"repeated", verdict.repeated},
                                    {"worst_lateness_ms", static_cast<std::uint64_t>(verdict.worst_lateness_ms)},
                                    {"worst_on_time_lateness_ms", static_cast<std::uint64_t>(verdict.worst_on_time_lateness_ms)},
                                    {"seconds", static_cast<std::uint64_t>(part.seconds)}}) {
    result += print(",\"%s\":%llu", name, static_cast<Number>(value));
  }
  result += ",\"tried\":{" +
            joined(part.faults,
                   [](const auto& entry) {
                     const FaultRecord& record = entry.second;
                     return quoted(entry.first) +
                            print(
                                ":{\"times\":%llu,\"longest_ms\":%lld,\"worst_recovery_ms\":%lld,\"shutdowns\":%llu,\"longest_"
                                "shutdown_ms\":%lld}",
                                static_cast<Number>(record.times), static_cast<long long>(record.longest_ms),
                                static_cast<long long>(record.worst_recovery_ms), static_cast<Number>(record.shutdowns),
                                static_cast<long long>(record.longest_shutdown_ms));
                   }) +
            "},\"complaints\":[";
  std::vector<std::string> all = verdict.complaints;
  all.insert(all.end(), part.complaints.begin(), part.complaints.end());
  return result + joined(all, quoted) + "]}";
}

}  // namespace

std::uint64_t Part::fault_count() const {
  std::uint64_t count = 0;
  for (const auto& [what, record] : faults) count += record.times;
  return count;
}

bool Part::clean() const { return verdict.lost == 0 && verdict.twice == 0 && verdict.complaints.empty() && complaints.empty(); }

bool Report::clean() const {
  return std::ranges::all_of(parts, [](const Part& part) { return part.clean(); });
}

std::string Report::line() const {
  Verdict all;
  std::uint64_t kills = 0;
  std::uint64_t faults = 0;
  std::size_t complaints = 0;
  for (const Part& part : parts) {
    all.fires += part.verdict.fires;
    all.repeated += part.verdict.repeated;
    all.lost += part.verdict.lost;
    all.twice += part.verdict.twice;
    all.worst_lateness_ms = std::max(all.worst_lateness_ms, part.verdict.worst_lateness_ms);
    kills += part.kills;
    faults += part.fault_count();
    complaints += part.complaints.size();
  }
  return print(
      "%llu fires, %llu kills, %llu faults, %llu lost, %llu twice, %llu repeated as allowed, %zu complaints, worst lateness %.3f "
      "s",
      static_cast<Number>(all.fires), static_cast<Number>(kills), static_cast<Number>(faults), static_cast<Number>(all.lost),
      static_cast<Number>(all.twice), static_cast<Number>(all.repeated), complaints,
      static_cast<double>(all.worst_lateness_ms) / 1000);
}

std::string Report::text() const {
  std::string result = print("%-10s %-14s %9s %7s %6s %7s %5s %6s %9s %16s %16s\n", "part", "delivery", "fires", "merged",
                             "kills", "faults", "lost", "twice", "repeated", "worst lateness", "worst on time");
  for (const Part& part : parts) {
    const Verdict& verdict = part.verdict;
    result += print("%-10s %-14s %9llu %7llu %6llu %7llu %5llu %6llu %9llu %13.3f s %13.3f s\n", part.name.c_str(),
                    part.promise == Promise::exactly_once ? "exactly_once" : "at_least_once", static_cast<Number>(verdict.fires),
                    static_cast<Number>(verdict.merged), static_cast<Number>(part.kills), static_cast<Number>(part.fault_count()),
                    static_cast<Number>(verdict.lost), static_cast<Number>(verdict.twice), static_cast<Number>(verdict.repeated),
                    static_cast<double>(verdict.worst_lateness_ms) / 1000,
                    static_cast<double>(verdict.worst_on_time_lateness_ms) / 1000);
  }
  for (const Part& part : parts) {
    if (part.faults.empty()) continue;
    result += print("\n%s, %s:\n%-44s %5s %9s %12s %10s %12s\n", part.name.c_str(),
                    part.promise == Promise::exactly_once ? "exactly_once" : "at_least_once", "fault", "times", "longest",
                    "recovered in", "shutdowns", "longest");
    for (const auto& [name, record] : part.faults) {
      result += print("%-44s %5llu %7.1f s %10.1f s %10llu %10.1f s\n", name.c_str(), static_cast<Number>(record.times),
                      static_cast<double>(record.longest_ms) / 1000, static_cast<double>(record.worst_recovery_ms) / 1000,
                      static_cast<Number>(record.shutdowns), static_cast<double>(record.longest_shutdown_ms) / 1000);
    }
  }
  for (const Part& part : parts) {
    for (const std::string& note : part.notes) {
      result +=
          part.name + ", " + (part.promise == Promise::exactly_once ? "exactly_once" : "at_least_once") + ": " + note + '\n';
    }
  }
  for (const Part& part : parts) {
    for (const auto* complaints : {&part.verdict.complaints, &part.complaints}) {
      for (const std::string& complaint : *complaints) {
        result += "FAULT in " + part.name + ", " + (part.promise == Promise::exactly_once ? "exactly_once" : "at_least_once") +
                  ": " + complaint + '\n';
      }
    }
  }
  return result;
}

std::string Report::json() const {
  return print("{\"seed\":%llu,\"again\":", static_cast<Number>(seed)) + quoted(what) +
         ",\"ok\":" + (clean() ? "true" : "false") + ",\"parts\":[" + joined(parts, json_of) + "]}\n";
}

}  // namespace action_scheduler::torture
