// Port: the receiver of fires. Adapters: src/callbacks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/batch_fires.h"
#include "action_scheduler/fire.h"
#include "action_scheduler/result.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// Which guarantee a receiver gives. With `exactly_once` the receiver keeps the position itself, moved together with the fires.
enum class Delivery : std::uint8_t { at_least_once, exactly_once };
inline std::string_view to_string(Delivery delivery) {
  return delivery == Delivery::exactly_once ? "exactly_once" : "at_least_once";
}

// What claiming an instance gave.
struct Claim {
  Delivery delivery = Delivery::at_least_once;
  // How far the receiver's own record goes; absent when it keeps none or has none yet.
  std::optional<Position> position;
  // The last batch of exceptions (see Batch::exception_batch) that the receiver took in; 0: none.
  std::uint64_t exception_batch = 0;
};

// Fires for one hand-over, ascending by (due, action id) unless they are exceptions. Everything in it is valid during the call.
struct Batch {
  BatchFires fires;
  // The actions of these fires, by id. Every fire's action is in it.
  const ActionSet& actions;
  // What is settled once all fires of the batch are: at or behind the last fire. A receiver that cuts the batch uses
  // position_after(last fire of the cut) for all cuts but the last, and never cuts between two fires of one action and instant.
  Position position;
  // Not 0: these fires are listed exceptions that are sent again outside of the order. `position` is then where the schedule
  // stands and does not move; the receiver records this number with them instead.
  std::uint64_t exception_batch = 0;
};

// A fire that the receiver cannot take although it answers.
struct Refusal {
  std::size_t index = 0;     // into Batch::fires
  std::string reason;        // one line for people
  bool whole_topic = false;  // every fire of this topic meets the same, until it is mended
  bool in_doubt = false;     // it may have reached the receiver all the same: mark the next attempt
};

enum class DeliveryStatus : std::uint8_t {
  settled,      // every fire is acknowledged, or refused
  refused,      // some are refused and the caller must note them before the rest is handed over again
  unavailable,  // the receiver does not answer: try again later
  fenced,       // a newer owner of this instance exists: stop for good
  failed,       // cannot work at all until somebody acts: stop
};

struct DeliveryReport {
  DeliveryStatus status = DeliveryStatus::settled;
  // Fires (indexes, ascending) that are neither acknowledged nor refused. Empty when settled.
  std::vector<std::size_t> unsent;
  // Of the unsent, at least one may have reached the receiver all the same: mark the next attempt.
  bool in_doubt = false;
  // With status `unavailable` or `refused`: the receiver's record must be read again before anything else is handed over. The
  // caller calls claim() until it succeeds and goes on from Claim::position and Claim::exception_batch, which decide what of this
  // batch is settled; `unsent` is only what is known so far. Happens with `exactly_once` alone.
  bool reclaim = false;
  // Ascending by index. May accompany `settled`, `refused` and `unavailable`.
  std::vector<Refusal> refused;
  Error error;  // for unavailable, fenced, failed
};

// A number that a receiver tells of its connection, for metrics.
struct Measurement {
  std::string_view name;  // of lower case letters and _, with its unit last: "kafka_queue_bytes"; outlives the receiver
  std::string_view help;  // a sentence; likewise
  bool ascends = false;   // it counts since the start
  double value = 0;
};

// Owns its connection for the life of the process. All calls come from one thread, except interrupt() and
// measurements().
class Callback {
 public:
  virtual ~Callback() = default;

  struct ClaimFailure {
    Error error;
    DeliveryStatus status = DeliveryStatus::unavailable;  // unavailable (try again), fenced or failed
  };

  // Connects and claims the instance: an older owner is fenced from here on. Called until it succeeds before anything is
  // delivered, and again after a report with `reclaim`; a claim that is repeated by the same object gives `fenced` instead of
  // taking the instance back from a newer owner. Blocks a few seconds at most. Never throws.
  virtual std::variant<Claim, ClaimFailure> claim() = 0;

  // Hands the fires over and waits for every acknowledgement, a bounded time. Never throws.
  // `refused` is reported before anything of the refused fires' part of the batch went out (`exactly_once`: the caller must note
  // them first, because the position passes them); a receiver that keeps no position reports refusals together with `settled`.
  virtual DeliveryReport deliver(const Batch& batch) = 0;

  // Records `position` with the receiver although nothing fired, so that it is not forgotten. A no-op where none is kept.
  virtual DeliveryReport renew(Position position) = 0;

  // `grace` from now a running claim(), deliver() or renew(), and every later one, returns at once with `unavailable` (unsent
  // fires stay unsent); until then none begins to wait for anything beyond that instant. For the end of the process: there is no
  // way back, and of several calls the earliest end counts. Thread safe.
  virtual void interrupt(std::chrono::milliseconds /*grace*/) {}

  // Called now and then while there is nothing to hand over, so that what the receiver's library has to say does not pile up.
  // Waits for nothing.
  virtual void tend() {}

  // The latest numbers of the connection, always the same ones in the same order; none where there is nothing to tell yet. Waits
  // for nobody. Thread safe.
  virtual std::vector<Measurement> measurements() const { return {}; }
};

}  // namespace action_scheduler
