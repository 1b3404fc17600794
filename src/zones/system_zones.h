// The time zones of the system's tz database.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/zone.h"

namespace action_scheduler {

// Reads TZif files (RFC 8536) below one directory. Only the exact name of a zone's file is a zone: no offsets, no POSIX rules,
// nothing below `right/` and `posix/`, neither `localtime` nor `posixrules`. `UTC` is there even where the directory is not.
// Thread safe; a zone is read once. What cannot be read (no descriptor, an I/O error) is a `passing` Error.
class SystemZones final : public ZoneSource {
 public:
  // The directory: $TZDIR if it is set, else /usr/share/zoneinfo.
  SystemZones();
  explicit SystemZones(std::filesystem::path directory);

  Result<const Zone*> find(std::string_view name) override;

  // The names of all zones, in ascending order. Reads the directory at each call.
  std::vector<std::string> names() const;

 private:
  Error unknown(std::string_view name);

  const std::filesystem::path directory_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<const Zone>, std::less<>> zones_;  // protected by mutex_
  std::size_t failed_loads_ = 0;                                           // likewise
  std::vector<std::string> suggested_;                                     // likewise: names(), once they were asked for
};

}  // namespace action_scheduler
