// Bytes as the text of a `cron` cell.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/core/fake_zones.h"
#include "tests/fuzz/laws.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace action_scheduler;
  static testing::FakeZones zones;
  const std::string_view cron(reinterpret_cast<const char*>(data), size);
  const Result<Trigger> trigger = parse_cron(cron, {.column = {}, .configured = "Europe/Berlin"}, zones);
  if (!trigger) {
    testing::check_message(cron, trigger.error().message);
  } else {
    testing::check_laws(*trigger, {instant_from_unix(1774745999), instant_from_unix(4102444800)}, zones);
  }
  return 0;
}
