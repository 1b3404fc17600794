#include "tests/callbacks/batches.h"

#include <optional>

#include "action_scheduler/cron.h"
#include "action_scheduler/time.h"

namespace action_scheduler::testing {
namespace {

class NoZones : public ZoneSource {
 public:
  Result<const Zone*> find(std::string_view name) override {
    static const Zone utc("UTC", Seconds{0}, {}, Instant::max());
    if (name == "UTC") return &utc;
    return Error{"no such zone"};
  }
};

const Trigger& every_second() {
  static NoZones zones;
  static const Trigger trigger = parse_cron(R"({"format": "interval", "params": {"seconds": 1}})", {}, zones).value();
  return trigger;
}

}  // namespace

FireList& FireList::add(ActionId id, const std::string& command, const std::string& topic,
                        const std::vector<std::pair<std::string, std::string>>& headers, const char* key) {
  const std::string name = "action " + std::to_string(id);
  ActionText::Parts parts;
  parts.name = name;
  parts.command = command;
  if (!topic.empty()) parts.topic = topic;
  if (key != nullptr) parts.key = key;
  parts.headers = headers;
  Fire fire;
  fire.action = id;
  fire.time = fire.due = *parse_utc("2026-11-21T10:00:00Z") + Seconds{second_};
  fires.push_back(fire);
  actions.put(Action{id, ActionText(parts), {}, every_second()}, fire.time - Seconds{1});
  commands_.push_back(command);
  return *this;
}

}  // namespace action_scheduler::testing
