// exactly_once: each transaction carries fires and the position behind them. Included only within this folder.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "action_scheduler/callback.h"
#include "callbacks/kafka/position_codec.h"
#include "callbacks/kafka/producer.h"

namespace action_scheduler::kafka {

// Calls of librdkafka are resumed this often, so that interrupt() is noticed.
inline constexpr int kSliceMs = 500;

// How an attempt to claim the instance ended.
struct ClaimAttempt {
  enum class Outcome {
    claimed,
    silent,   // no broker answers, or no client can be made at present
    refused,  // brokers answer, but transactions or rights are refused
    fenced,   // a newer owner has the instance
  };
  Outcome outcome = Outcome::claimed;
  std::string reason;       // one line, when not claimed
  bool unfinished = false;  // refused, perhaps because the last transaction of this id has not ended yet
};

// The transactional id and the group are both the instance. Who owns the instance stands in the position's metadata as a token
// that is made once for each object of this class. It is written by the claim itself, before anything is delivered, so that an
// owner whose producer was fenced can tell a newer owner (another token: stop) from its own transaction that timed out while it
// was stopped (its own token: go on).
//
// A transaction over a partition whose brokers went away cannot end before they are back, and its id is of no use until then. The
// owner, and only it, then goes on with a second id. So a newer owner fences both: the instance first, then, when its token is
// written, the spare; and reads the position again, which tells what the older one committed in between.
class TransactionalDelivery {
 public:
  explicit TransactionalDelivery(Producer& producer);

  // Fences older owners, ends their open transaction, reads the position and marks it as ours. If this object had the instance
  // before and another one has it now: fenced, without touching it. Waits a few seconds at most.
  ClaimAttempt claim();

  // What the last good claim read, or what was committed since.
  const StoredPosition& stored() const { return stored_; }

  DeliveryReport deliver(const Batch& batch);
  DeliveryReport renew(Position position);

 private:
  // What became of one transaction.
  struct Transaction {
    enum class Outcome {
      committed,
      aborted,  // nothing of it arrived; the same producer can go on
      lost,     // the producer is gone, its outcome is the position's to tell
      fenced,
    };
    Outcome outcome = Outcome::committed;
    std::string reason;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;  // of the call that failed, if one did
    bool in_doubt = false;
    bool smaller_batches = false;
    bool silent = false;  // messages were not acknowledged in time
    std::vector<Refusal> refused;
  };

  Transaction transact(const Batch* batch, const std::vector<Slot>& slots, const StoredPosition& position,
                       const std::function<void()>& meanwhile = {});
  Transaction abort(Transaction transaction);
  // After an error that the producer does not survive: who has the instance?
  Transaction lose(std::string reason, bool in_doubt);
  Transaction fail(const CallError& error, bool in_doubt);
  void judge_failures(const Batch& batch, const std::vector<Slot>& slots, const StoredPosition& position,
                      Transaction& transaction);
  CallError send_position(const StoredPosition& position, Deadline deadline);
  ClaimAttempt claim_with(const std::string& transactional_id);
  CallError init_transactions(Client& client, Deadline deadline) const;
  // Ends what an older owner does under the second id. Ok too where the rights let nobody use it.
  CallError fence_spare();
  // Marks `stored` as ours.
  ClaimAttempt sign(StoredPosition stored);
  ClaimAttempt refuse(const CallError& error, const std::string& what);
  // Whether the position carries another owner's token.
  bool is_anothers(const StoredPosition& stored) const { return !stored.owner.empty() && stored.owner != owner_; }
  std::string taken_over() const;

  Producer& producer_;
  const std::string& instance_;
  const std::string spare_;  // the second transactional id
  const std::string owner_;
  StoredPosition stored_;
  bool had_instance_ = false;
  std::string connected_as_;  // the id of the present producer
  bool initialized_ = false;  // the present producer, or one that is gone, was given to init_transactions
  bool ready_ = false;
};

}  // namespace action_scheduler::kafka
