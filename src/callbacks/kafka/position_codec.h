// The position as Kafka keeps it: a committed offset and its metadata text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "action_scheduler/fire.h"

namespace action_scheduler::kafka {

// What stands at the committed offset of the instance's group. The offset is Position::instant in ms since the epoch, the
// metadata `v1 owner=<hex> [after=<action id>] [batch=<number>]`, or `v1 owner=<hex> unset` when an owner claimed the instance
// before anything was delivered.
struct StoredPosition {
  std::optional<Position> position;
  std::uint64_t exception_batch = 0;
  std::string owner;  // empty: not written by a scheduler
};

// Instants before 1970 are written as 1970: Kafka has no negative offsets.
std::int64_t offset_of(const StoredPosition& stored);
std::string metadata_of(const StoredPosition& stored);

// Metadata that is empty or not ours (a person has set the offset with Kafka's tools) means the whole instant; an instant before
// the year 2000 then means no position.
StoredPosition decode_position(std::int64_t offset, std::string_view metadata);

}  // namespace action_scheduler::kafka
