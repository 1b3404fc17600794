// Bytes as a zone, a valid schedule and instants: the laws of next(), previous() and count().
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/core/fake_zones.h"
#include "tests/fuzz/fuzz_bytes.h"
#include "tests/fuzz/laws.h"

namespace action_scheduler::testing {
namespace {

// "*", "*/7", "3", "3-9", "3-9/2", or a list of them. A single value takes a step in `apscheduler` only.
std::string field_text(FuzzBytes& bytes, int least, int greatest, bool open_steps) {
  std::string text;
  do {
    if (!text.empty()) text += ',';
    const int kind = bytes.number(0, 5);
    const int first = bytes.number(least, greatest);
    const int last = bytes.number(first, greatest);
    if (kind == 0) {
      text += '*';
    } else if (kind == 1) {
      text += "*/" + std::to_string(bytes.number(1, greatest - least));
    } else if (kind == 2 && open_steps && first < greatest) {
      text += std::to_string(first) + '/' + std::to_string(bytes.number(1, greatest - first));
    } else if (kind == 3) {
      text += std::to_string(first) + '-' + std::to_string(last);
    } else if (kind == 4 && last > first) {
      text += std::to_string(first) + '-' + std::to_string(last) + '/' + std::to_string(bytes.number(1, last - first));
    } else {
      text += std::to_string(first);
    }
  } while (bytes.number(0, 3) == 3);
  return text;
}

std::string unix_params(FuzzBytes& bytes) {
  std::string value = field_text(bytes, 0, 59, false);
  value += ' ' + field_text(bytes, 0, 23, false);
  value += ' ' + field_text(bytes, 1, 31, false);
  value += ' ' + field_text(bytes, 1, 12, false);
  value += ' ' + field_text(bytes, 0, 7, false);
  return "\"value\":\"" + value + '"';
}

std::string apscheduler_params(FuzzBytes& bytes) {
  struct Field {
    std::string_view name;
    int least;
    int greatest;
  };
  constexpr Field kFields[] = {{"year", 1970, 9999}, {"month", 1, 12},  {"week", 1, 53},  {"day_of_week", 0, 6},
                               {"hour", 0, 23},      {"minute", 0, 59}, {"second", 0, 59}};
  constexpr std::string_view kPositions[] = {"1st", "2nd", "3rd", "4th", "5th", "last"};
  constexpr std::string_view kWeekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string day;
  switch (bytes.number(0, 3)) {
    case 0:
      day = field_text(bytes, 1, 31, true);
      break;
    case 1:
      day = "last";
      break;
    case 2:
      day = std::string(kPositions[bytes.number(0, 5)]) + ' ' + std::string(kWeekdays[bytes.number(0, 6)]);
      break;
    default:
      day = field_text(bytes, 1, 31, true) + ", last, " + std::string(kPositions[bytes.number(0, 5)]) + " fri";
  }
  std::string params = "\"day\":\"" + day + '"';
  const std::uint8_t given = bytes.byte();
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if ((given >> i & 1) == 0) continue;
    params +=
        ",\"" + std::string(kFields[i].name) + "\":\"" + field_text(bytes, kFields[i].least, kFields[i].greatest, true) + '"';
  }
  return params;
}

// The zone that the bytes describe, and no other.
class OneZone final : public ZoneSource {
 public:
  explicit OneZone(const ZoneData& data) : zone_("Fuzzed", data.first_offset, data.transitions, data.periodic_from) {}

  Result<const Zone*> find(std::string_view name) override {
    if (name != zone_.name()) return Error{"unknown time zone"};
    return &zone_;
  }

 private:
  Zone zone_;
};

// Changes of up to a day in either direction, hours to months apart.
ZoneData zone_of(FuzzBytes& bytes) {
  ZoneData zone;
  int offset = bytes.number(-56, 56);
  zone.first_offset = Seconds{offset * 900};
  Instant t = instant_from_unix(1767225600);  // 2026
  for (int i = bytes.number(0, 12); i > 0; --i) {
    t += Seconds{bytes.number(24, 20000) * 900LL};
    int changed = bytes.number(-56, 56);
    if (changed == offset) changed = offset > 0 ? offset - 4 : offset + 4;
    zone.transitions.push_back({t, Seconds{changed * 900}});
    offset = changed;
  }
  return zone;
}

std::vector<Instant> instants_of(FuzzBytes& bytes, const ZoneData& zone) {
  std::vector<Instant> instants;
  for (int i = bytes.number(1, 6); i > 0; --i) {
    const int kind = bytes.number(0, 3);
    if (kind == 0) {
      instants.push_back(instant_from_unix(bytes.wide_number(unix_seconds(kFirstInstant), unix_seconds(kLastInstant))));
    } else if (kind == 1 || zone.transitions.empty()) {
      instants.push_back(instant_from_unix(1735689600 + bytes.wide_number(0, 315360000)));  // 2025 to 2034
    } else {
      const int change = bytes.number(0, static_cast<int>(zone.transitions.size()) - 1);
      instants.push_back(zone.transitions[static_cast<std::size_t>(change)].at + Seconds{bytes.number(-30000, 30000)});
    }
  }
  return instants;
}

std::string date_text(FuzzBytes& bytes) {
  return format_utc(instant_from_unix(bytes.wide_number(unix_seconds(kFirstInstant), unix_seconds(kLastInstant))));
}

std::string cron_of(FuzzBytes& bytes) {
  std::string params;
  std::string_view format = "unix";
  switch (bytes.number(0, 4)) {
    case 0:
    case 1:
      params = unix_params(bytes);
      break;
    case 2:
      format = "interval";
      params = "\"seconds\":" + std::to_string(1 + bytes.wide_number(0, 400000000));
      break;
    default:
      format = "apscheduler";
      params = apscheduler_params(bytes);
  }
  const std::uint8_t more = bytes.byte();
  if ((more & 3) == 3) params += ",\"start_date\":\"" + date_text(bytes) + '"';
  if ((more & 12) == 12) params += ",\"end_date\":\"" + date_text(bytes) + '"';
  if ((more & 16) != 0) params += ",\"jitter\":" + std::to_string(bytes.number(0, 86400));
  return "{\"format\":\"" + std::string(format) + "\",\"params\":{" + params + ",\"timezone\":\"Fuzzed\"}}";
}

}  // namespace
}  // namespace action_scheduler::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace action_scheduler;
  testing::FuzzBytes bytes(data, size);
  const testing::ZoneData zone = testing::zone_of(bytes);
  testing::OneZone zones(zone);
  const std::string cron = testing::cron_of(bytes);
  const Result<Trigger> trigger = parse_cron(cron, {}, zones);
  if (!trigger) testing::broken("a valid schedule is taken", cron + ": " + trigger.error().message);
  testing::check_laws(*trigger, testing::instants_of(bytes, zone), zones);
  return 0;
}
