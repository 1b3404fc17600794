// The listed exceptions: fires that the watermark has passed although they are not settled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/ledger.h"
#include "action_scheduler/plan.h"

namespace action_scheduler {

// Parked fires by due order, with the instant of their next try. Every change is first described in a LedgerChange: call
// commit-like methods (those without one) after the ledger has taken it. Single-threaded.
class Parking {
 public:
  static constexpr std::size_t kParkedMax = 100'000;
  static constexpr Seconds kRetryFirst{5};
  static constexpr Seconds kRetryMax{60};

  void restore(std::vector<ParkedFire> parked, Instant now);

  // The clock was set back to `now`: what was decided together with a fire that is due after that comes again, for itself.
  void describe_rewind(Instant now, LedgerChange& change) const;

  // Describes the parking of `fires` in `change`: of a merging action those that were parked before, as far as everything is
  // `settled`, are merged into the one that is parked now, which counts them; and beyond kParkedMax the oldest fail. Both are
  // noted as outcomes.
  void describe_parking(const std::vector<ParkedFire>& fires, const ActionSet& actions, Position settled, Instant now,
                        LedgerChange& change) const;

  // Describes in `change` that the receiver took the fire. What somebody asked for is noted, with who and why.
  void describe_taken(const Fire& fire, Instant now, LedgerChange& change) const;

  // Makes the set what `change` describes. Newly parked fires are due for another try after `now` plus a delay that doubles;
  // those that somebody asked for are due now.
  void take(const LedgerChange& change, Instant now);

  // What to do at `now` with parked fires whose time has come.
  struct Retry {
    std::vector<Fire> fires;  // to be handed over, ascending by (due, action id)
    LedgerChange ended;       // expired ones, and those whose action is gone or another one now
  };
  Retry due(const ActionSet& actions, Instant now, std::size_t fires_max) const;

  // The fires were not taken: try again later.
  void postpone(const std::vector<Fire>& fires, Instant now);

  // The fire may have reached the receiver all the same: the next attempt is marked. A restart marks it anyway.
  void mark_in_doubt(const Fire& fire);

  // The fire is tried again at once, or when it is due if the clock was set back.
  void hurry(const Fire& fire, Instant now);

  // After the clock was set back: no fire waits for longer than it would have, unless it is due only then.
  void limit_waits(Instant now);

  std::optional<Instant> next_retry() const;
  const ParkedFire* find(const Fire& fire) const;
  std::size_t size() const { return parked_.size(); }
  // Those that somebody asked for.
  std::size_t requested() const { return requested_; }
  // Calls `visit` with each, ascending by action and fire time.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& [key, held] : parked_) visit(held.parked);
  }
  // The parked fires, for the planner.
  const ExceptionSet& exceptions() const { return exceptions_; }
  // Parked fires that were last handed over in `batch` (0: none). Those of an earlier batch were seen not to be taken, or are
  // gone.
  std::vector<Fire> handed_over_in(std::uint64_t batch) const;

 private:
  using Key = std::tuple<ActionId, Instant, Instant>;  // action, fire time, when it was asked for
  static Key key_of(const Fire& fire) { return {fire.action, fire.time, is_requested(fire) ? fire.requested : Instant{}}; }
  struct Held {
    ParkedFire parked;
    Instant retry_at;
    Seconds delay{0};
  };
  // The next try is at `at`, or when the fire is due if that is later.
  void set_retry(const Key& key, Held& held, Instant at);
  void postpone(const Key& key, Held& held, Instant now);
  void note_held(const Fire& fire);
  void remove(const Fire& fire);

  std::map<Key, Held> parked_;
  std::set<std::pair<Instant, Key>> by_retry_;
  ExceptionSet exceptions_;  // without those that somebody asked for: they have no place in the schedule
  std::size_t requested_ = 0;
};

}  // namespace action_scheduler
