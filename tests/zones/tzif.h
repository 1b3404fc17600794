// Time zones read straight from their files, by code that shares nothing with the adapter and its library.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/core/reference_schedule.h"

namespace action_scheduler::testing {

// The changes of offset of a TZif file (RFC 9636), those of its last rule up to the end of the year 2500. Changes that leave the
// offset as it is are left out. Throws std::runtime_error if the file cannot be read.
ReferenceZone read_tzif(const std::filesystem::path& path);

// The names of all zones of the tz database in `directory`: what tzdata.zi defines as zones and links. Ascending.
std::vector<std::string> tzdata_names(const std::filesystem::path& directory);

// $TZDIR, else /usr/share/zoneinfo.
std::filesystem::path tzdata_directory();

}  // namespace action_scheduler::testing
