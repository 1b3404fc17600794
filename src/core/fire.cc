#include "action_scheduler/fire.h"

namespace action_scheduler {

namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

std::string fire_id(ActionId action, Instant fire_time) {
  std::string id = std::to_string(action);
  id += '@';
  id += format_utc(fire_time);
  return id;
}

std::string fire_id(const Fire& fire) {
  std::string id = fire_id(fire.action, fire.time);
  if (is_requested(fire)) id += '+' + format_utc(fire.requested);
  return id;
}

// Never change the hash: fires that are due across an upgrade would be lost or repeated.
Instant due_instant(ActionId action, Instant fire_time, Seconds jitter) {
  if (jitter <= Seconds{0}) return fire_time;
  const std::uint64_t hash = mix(mix(static_cast<std::uint64_t>(action)) ^ static_cast<std::uint64_t>(unix_seconds(fire_time)));
  return fire_time + Seconds{static_cast<std::int64_t>(hash % (static_cast<std::uint64_t>(jitter.count()) + 1))};
}

std::string_view to_string(FireReason reason) {
  switch (reason) {
    case FireReason::on_time:
      return "on_time";
    case FireReason::late:
      return "late";
    case FireReason::merged:
      return "merged";
    case FireReason::manual:
      return "manual";
    case FireReason::backfill:
      return "backfill";
  }
  return "";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return "delivered";
    case Outcome::merged:
      return "merged";
    case Outcome::expired:
      return "expired";
    case Outcome::failed:
      return "failed";
    case Outcome::disabled:
      return "disabled";
  }
  return "";
}

}  // namespace action_scheduler
