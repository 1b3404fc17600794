// What operators ask the engine for, and what they are answered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// Why a request is not granted.
struct Refused {
  enum class Kind : std::uint8_t {
    not_found,      // there is no such thing
    not_scheduled,  // the action is unknown: disabled, at fault, not taken up yet, or there is none
    conflict,       // not as things are now
    bad_range,      // what it says of times cannot be taken
    unavailable,    // not now: the ledger cannot be written, or too much waits
  };
  Kind kind = Kind::conflict;
  std::string message;  // one line
};

// A fire now (`manual`), or those of the past again (`backfill`).
struct FireRequest {
  ActionId action = 0;
  FireReason kind = FireReason::manual;
  Instant from;  // backfill: fire times in [from, to), which has passed
  Instant to;
  std::string asked;  // who, and why
  std::string key;    // may be empty: asked again with the same key nothing new is fired
  bool dry_run = false;
};

struct AcceptedFires {
  Instant at;  // the ids of the fires end in it; nothing for a dry run
  std::uint64_t fires = 0;
  std::vector<Instant> times;  // fire times: all of them, or the first and the last if it was accepted before
  bool repeated = false;       // it was accepted before
};

inline constexpr std::size_t kBackfillMax = 10'000;   // fires of one request
inline constexpr std::size_t kRequestedMax = 20'000;  // fires that were asked for and wait

// Which of the parked fires: those of the ids, of actions ("42") or of fires ("42@2026-11-21T10:00:00Z"); all if there are none.
struct ParkedRequest {
  enum class Kind : std::uint8_t { retry, drop };
  Kind kind = Kind::retry;
  std::vector<std::string> ids;
  bool late = false;  // retry: those beyond their actuality time too
  std::string asked;  // who, and why
};

struct ParkedRepair {
  std::uint64_t done = 0;     // tried again now, or given up
  std::uint64_t expired = 0;  // retry: will expire instead
};

struct SettleRequest {
  std::optional<Instant> until;  // absent: now
  std::string asked;
  bool dry_run = false;
};

struct Settlement {
  Instant from;  // where the watermark was
  Instant until;
  std::uint64_t fires = 0;  // skipped
  std::uint64_t actions = 0;
  std::uint64_t parked = 0;  // these stay
};

// The newest accepted requests. Single-threaded.
class AcceptedRequests {
 public:
  void restore(std::vector<NotedRequest> requests) { requests_ = std::move(requests); }
  void add(NotedRequest request);

  // The instant of a request that comes now: later than all before if the clock was set back behind them.
  Instant instant_for(Instant now) const;

  // The one that `key`, which is not empty, was given to.
  const NotedRequest* with_key(const std::string& key) const;
  // One for the same action and of the same kind at this instant.
  const NotedRequest* at(Instant at, ActionId action, FireReason kind) const;
  // So many came at this instant that the earliest of them may be forgotten.
  bool full_at(Instant at) const { return requests_.size() >= kRequestsMax && requests_.front().at == at; }

 private:
  std::vector<NotedRequest> requests_;  // oldest first
};

// A window (from, until] of which nothing was delivered. All of it was missed: what was merged into a parked fire of it is
// settled.
PlanWindow untouched_window(Position from, Instant until);

// Which of `parked` the ids name; an Error if one names none.
Result<std::vector<ParkedFire>> parked_named(const std::vector<ParkedFire>& parked, const std::vector<std::string>& ids);

// Whether `fires` can be given up: an Error if one is ahead of `origin`, where the window under way begins. It would be planned
// again: with the rest of its batch that did not get through, or merged with what was missed around it.
Result<void> can_be_given_up(const std::vector<ParkedFire>& fires, Position origin);

// Describes that the fires are given up; `batch` is the last exception batch that was begun.
LedgerChange give_up_parked(const std::vector<ParkedFire>& fires, std::uint64_t batch, const std::string& asked, Instant now);

}  // namespace action_scheduler
