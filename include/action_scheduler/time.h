// Instants. The core never asks what time it is: the instant is always an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace action_scheduler {

// A point on the UTC time line in whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
// Fire times, due instants and watermarks are Instants.
using Instant = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;

// A reading of the wall clock. Only lateness and logs need the milliseconds.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// The last whole second at or before `t`.
inline Instant floor_seconds(WallTime t) { return std::chrono::floor<Seconds>(t); }

inline constexpr Instant instant_from_unix(std::int64_t seconds) { return Instant{Seconds{seconds}}; }
inline constexpr std::int64_t unix_seconds(Instant t) { return t.time_since_epoch().count(); }

// The instants that the scheduler works in: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
inline constexpr Instant kFirstInstant = instant_from_unix(-62135596800);
inline constexpr Instant kLastInstant = instant_from_unix(253402300799);

// "2026-11-21T10:00:00Z". `t` lies within kFirstInstant..kLastInstant.
std::string format_utc(Instant t);

// Reads RFC 3339 to whole seconds: "2026-11-21T10:00:00Z", "2026-11-21T13:00:00+03:00", a blank in place of "T", a fraction
// of a second (dropped). Absent if the text is anything else.
std::optional<Instant> parse_utc(std::string_view text);

}  // namespace action_scheduler
