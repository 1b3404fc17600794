// Zones made by hand, so that tests of the core need no tz database.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/zone.h"

namespace action_scheduler::testing {

// What a Zone is made of, kept for reference implementations that must not ask Zone.
struct ZoneData {
  Seconds first_offset{0};
  std::vector<ZoneTransition> transitions;
  Instant periodic_from = Instant::max();

  // Walks the list.
  Seconds offset_at(Instant t) const;
};

// Knows UTC and, of today's rules or from the years of the tests, Europe/Berlin, America/New_York, Australia/Lord_Howe,
// Pacific/Apia and America/Sao_Paulo. More can be added.
class FakeZones final : public ZoneSource {
 public:
  FakeZones();

  // Replaces a zone of the same name only if nobody asked for it yet.
  void add(const std::string& name, ZoneData data);
  const ZoneData& data(const std::string& name) const { return data_.at(name); }

  Result<const Zone*> find(std::string_view name) override;

 private:
  std::map<std::string, ZoneData, std::less<>> data_;
  std::map<std::string, Zone, std::less<>> zones_;
};

}  // namespace action_scheduler::testing
