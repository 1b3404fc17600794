// Port: the durable memory of what is settled. Adapters: src/ledger.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "action_scheduler/fire.h"
#include "action_scheduler/plan.h"
#include "action_scheduler/result.h"
#include "action_scheduler/row.h"
#include "action_scheduler/row_pack.h"

namespace action_scheduler {

// A fire that the watermark has passed although it is not settled.
struct ParkedFire {
  Fire fire;
  std::string topic;   // where it should have gone; empty where topics have no meaning
  std::string reason;  // one line for people
  Instant parked_at;
  std::uint64_t batch = 0;  // the exception batch that it was last handed over in; 0: none yet
  std::string asked = {};   // who asked for it, and why; empty for fires of the schedule
};

// Fires that somebody asked for, as one request.
struct NotedRequest {
  Instant at;  // the ids of its fires end in it
  ActionId action = 0;
  FireReason kind = FireReason::manual;
  Instant first;  // first and last fire time
  Instant last;
  std::uint64_t fires = 1;
  std::string key;    // that the asker gave it, to ask again without asking twice; may be empty
  std::string asked;  // who, and why

  friend bool operator==(const NotedRequest&, const NotedRequest&) = default;
};

// What was handed to the callback and is perhaps not acknowledged: enough to plan exactly the same fires again.
struct Intent {
  PlanWindow window;
  std::uint16_t attempt = 1;

  friend bool operator==(const Intent&, const Intent&) = default;
};

// Known rows in a sequence, each made when it is asked for: a million of them at once would weigh more than the rows themselves.
class KnownRows {
 public:
  KnownRows() = default;
  // Refers to `rows`, which must outlive it.
  template <std::convertible_to<std::span<const KnownRow>> Rows>
  KnownRows(const Rows& rows)  // NOLINT(google-explicit-constructor): as std::span
      : KnownRows(std::span<const KnownRow>(rows).size(),
                  [all = std::span<const KnownRow>(rows)](std::size_t i) { return all[i]; }) {}
  // `row` is called with 0 to size - 1, each perhaps more than once.
  KnownRows(std::size_t size, std::function<KnownRow(std::size_t)> row) : size_(size), row_(std::move(row)) {}

  std::size_t size() const { return size_; }
  KnownRow operator[](std::size_t index) const { return row_(index); }

 private:
  std::size_t size_ = 0;
  std::function<KnownRow(std::size_t)> row_;
};

inline constexpr std::size_t kRequestsMax = 1000;

struct LedgerState {
  std::optional<Position> watermark;  // absent in a fresh ledger
  std::optional<Intent> intent;       // open: a crash came between hand-over and settling
  std::vector<ParkedFire> parked;
  std::uint64_t exception_batch = 0;  // the last one begun
  bool exactly_once_used = false;
  std::vector<NotedRequest> requests;  // the newest kRequestsMax, oldest first
};

// One durable change. All of it or none happens.
struct LedgerChange {
  std::optional<Position> watermark = {};
  std::optional<Intent> open_intent = {};
  bool close_intent = false;
  std::vector<NotedOutcome> outcomes = {};  // noting the same (action, outcome, first, requested) again replaces it
  std::vector<ParkedFire> park = {};        // parking the same (action, fire time, requested) again replaces it
  std::vector<Fire> unpark = {};            // by (action, fire time, requested)
  std::optional<std::uint64_t> exception_batch = {};
  bool mark_exactly_once_used = false;
  std::optional<NotedRequest> request = {};
};

enum class Durability : std::uint8_t {
  process_crash,  // survives kill -9, may be lost with the machine until the next write of the other kind; no fsync
  power_loss,     // on disk when the call returns; one fsync
};

// The ledger of one shard. One owner at a time, one thread at a time.
class Ledger {
 public:
  virtual ~Ledger() = default;

  virtual Result<LedgerState> load() = 0;

  // Calls `visit` for each known row, ascending by id. The views are valid during the call.
  virtual Result<void> load_rows(const std::function<void(const KnownRow&)>& visit) = 0;

  // Replaces and removes known rows, and notes how fires of theirs `ended` by that, all or nothing; durable (power_loss) when it
  // returns. An id that is in neither stays. On an Error as write().
  virtual Result<void> save_rows(const KnownRows& upserts, std::span<const ActionId> removals,
                                 std::span<const NotedOutcome> ended) = 0;

  // Makes these the known rows, instead of all that were known: those of `packs`, ascending by id from pack to pack, and
  // `others`. Durable as save_rows().
  virtual Result<void> replace_rows(std::span<const RowPack> packs, const KnownRows& others) = 0;

  // Applies `change`. On an Error nothing of it happened (disk full, I/O error); the same call may be tried again.
  virtual Result<void> write(const LedgerChange& change, Durability durability) = 0;

  // The newest `limit` outcomes, newest first; of one action if `action` is given.
  virtual Result<std::vector<NotedOutcome>> outcomes(std::optional<ActionId> action, std::size_t limit) = 0;
};

}  // namespace action_scheduler
