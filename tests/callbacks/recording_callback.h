// A hand-written receiver for tests: keeps what it got in memory and fails as it is told to. Held to the same conformance suite
// as the real callbacks (callback_conformance.h).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "action_scheduler/callback.h"

namespace action_scheduler::testing {

// What the process throws when a test lets it die in deliver(): nothing catches it but the test.
struct SimulatedDeath {};

// A fire as the receiver got it.
struct RecordedFire {
  Fire fire;
  std::string name;
  std::string command;
  std::string topic;  // empty: the default one
  std::uint64_t exception_batch = 0;
  int owner = 0;  // which callback object sent it: 1 for the first that claimed

  std::string id() const { return fire_id(fire); }
};

// The far side, which outlives the scheduler. Several RecordingCallbacks may share it, as several processes share a Kafka. Plain
// data that a test reads and writes; single-threaded.
struct RecordedReceiver {
  // What arrived, in order; with exactly_once only what was committed.
  std::vector<RecordedFire> fires;
  // The record that exactly_once keeps.
  std::optional<Position> position;
  std::uint64_t exception_batch = 0;
  int owner = 0;  // the newest claim; 0: none yet
  std::size_t claims = 0;
  std::size_t renewals = 0;
  std::size_t hand_overs = 0;  // calls of deliver(), failed ones too

  // While true nothing answers, for this reason.
  bool down = false;
  std::string down_reason = "the receiver does not answer";
  // Fires that are refused, for as long as it is set. Absent: not refused; the index is filled in.
  std::function<std::optional<Refusal>(const Fire&, const ActionText&)> refuse;

  // What the next calls of deliver() do, one entry a call. Empty: all goes well.
  enum class Step : std::uint8_t {
    deliver,
    unavailable,          // nothing arrives
    unavailable_halfway,  // half of the fires arrive; exactly_once: all transactions but the last
    arrives_in_doubt,     // everything arrives, the caller hears unavailable (exactly_once: and must claim again)
    lost_in_doubt,        // nothing arrives, the caller hears the same as above
    fenced,
    failed,
    die_before,   // SimulatedDeath, nothing arrived
    die_halfway,  // SimulatedDeath after the same
    die_after,    // SimulatedDeath, everything arrived
  };
  std::deque<Step> script;
  // Likewise for claim(): what the next calls fail with.
  std::deque<DeliveryStatus> claim_script;

  // The ids of what arrived, in order.
  std::vector<std::string> ids() const;
};

class RecordingCallback : public Callback {
 public:
  // `receiver` must outlive it. With exactly_once a batch is cut into transactions of `transaction_fires_max`.
  explicit RecordingCallback(RecordedReceiver& receiver, Delivery delivery = Delivery::at_least_once,
                             std::size_t transaction_fires_max = std::numeric_limits<std::size_t>::max());

  std::variant<Claim, ClaimFailure> claim() override;
  DeliveryReport deliver(const Batch& batch) override;
  DeliveryReport renew(Position position) override;
  // At once, whatever `grace` is: no call of this one waits.
  void interrupt(std::chrono::milliseconds grace) override {
    interrupted_ = true;
    grace_ = grace;
  }
  // What interrupt() was given last.
  std::chrono::milliseconds grace() const { return grace_; }
  bool interrupted() const { return interrupted_; }

 private:
  DeliveryReport fail(const Batch& batch, std::size_t from, DeliveryStatus status, std::string reason) const;
  // Takes fires [begin, end) in, but for the refused ones.
  void take(const Batch& batch, std::size_t begin, std::size_t end, const std::vector<Refusal>& refused);
  std::vector<Refusal> refusals(const Batch& batch, std::size_t begin, std::size_t end) const;
  // Where the transaction that begins at `begin` ends.
  std::size_t cut(const Batch& batch, std::size_t begin) const;

  RecordedReceiver& receiver_;
  const Delivery delivery_;
  const std::size_t transaction_fires_max_;
  int owner_ = 0;  // 0: not claimed
  bool must_claim_ = true;
  std::atomic<bool> interrupted_{false};
  std::atomic<std::chrono::milliseconds> grace_{std::chrono::milliseconds{0}};
};

}  // namespace action_scheduler::testing
