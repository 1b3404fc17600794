// Bytes as the texts of fields: the first says the format, each line after it is the text of one parameter. So the fuzzer need
// not learn JSON to meet the grammars of the fields.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "tests/core/fake_zones.h"
#include "tests/fuzz/fuzz_bytes.h"
#include "tests/fuzz/laws.h"

namespace action_scheduler::testing {
namespace {

constexpr std::array<std::string_view, 5> kUnix = {"value", "timezone", "start_date", "end_date", "jitter"};
constexpr std::array<std::string_view, 10> kApscheduler = {"day",    "month",  "day_of_week", "week",       "hour",
                                                           "minute", "second", "year",        "start_date", "end_date"};
constexpr std::array<std::string_view, 2> kDate = {"run_date", "timezone"};

std::string cron_of(FuzzBytes& bytes) {
  const char format = static_cast<char>(bytes.byte());
  std::string cron = "{\"format\":\"";
  const auto add = [&](std::string_view name, const auto& params) {
    cron.append(name).append("\",\"params\":{");
    bool first = true;
    for (const std::string_view param : params) {
      const std::string text = bytes.text_until('\n');
      if (text.empty() && param != params.front()) continue;  // not given
      if (!first) cron += ',';
      first = false;
      cron.append(json_quoted(param)).append(":").append(json_quoted(text));
    }
  };
  if (format == 'a') {
    add("apscheduler", kApscheduler);
  } else if (format == 'd') {
    add("date", kDate);
  } else {
    add("unix", kUnix);
  }
  return cron + "}}";
}

}  // namespace
}  // namespace action_scheduler::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace action_scheduler;
  static testing::FakeZones zones;
  testing::FuzzBytes bytes(data, size);
  const std::string cron = testing::cron_of(bytes);
  const Result<Trigger> trigger = parse_cron(cron, {.column = {}, .configured = "America/New_York"}, zones);
  if (!trigger) {
    testing::check_message(cron, trigger.error().message);
  } else {
    testing::check_laws(*trigger, {instant_from_unix(1772953200), instant_from_unix(4102444800)}, zones);
  }
  return 0;
}
