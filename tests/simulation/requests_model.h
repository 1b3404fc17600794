// What must, may and must not become of fires that somebody asked for, worked out from what was asked and answered alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "action_scheduler/plan.h"
#include "engine/requests.h"
#include "tests/simulation/history.h"

namespace action_scheduler::simulation {

// So much later than due is on time.
inline constexpr Seconds kPunctual{2};

// A fire that somebody asked for: its action, its fire time, and the instant of the request.
using RequestedFire = std::tuple<ActionId, Instant, Instant>;

// A message with such a fire, and the hand-over that it came with.
struct RequestedArrival {
  std::string reason;
  int attempt = 0;
  Instant at;
  std::size_t hand_over = 0;
  Instant step_began;
  std::int64_t began_ms = 0;
  int process = 0;
};

class RequestsModel {
 public:
  using Wrong = std::function<void(std::string)>;
  // From, until: whether nothing disturbed the scheduler.
  using Calm = std::function<bool(Instant, Instant)>;

  RequestsModel(const Setup& setup, Wrong wrong)
      : exactly_once_(setup.mode == Setup::Mode::exactly_once),
        torn_(setup.sqlite || setup.unheard_writes),
        wrong_(std::move(wrong)) {}

  // Somebody asks at `now`; `row` is what is scheduled (null: nothing is). With `calm` nothing excuses a refusal. answered() or
  // died() follows.
  void ask(const FireRequest& asked, const RowSpec* row, Instant now, std::int64_t ms, bool calm);
  void answered(const std::variant<AcceptedFires, Refused>& answer);
  void write_failed() { must_be_granted_ = false; }
  // The process has died: whoever asked knows nothing, and what was acknowledged may come again.
  void died(bool power_lost);
  void ledger_lost();

  void arrived(const RequestedFire& fire, const RequestedArrival& arrival);
  void acknowledged(const RequestedFire& fire, std::size_t hand_over);
  void settled();  // a durable write of the ledger went well
  // `gone_since`: whether the action was not scheduled for a moment since then.
  void noted(const NotedOutcome& outcome, Instant now, const std::function<bool(std::int64_t)>& gone_since);
  // Somebody asked to give it up, and was (`ms`) or was not answered; or to keep it beyond its actuality time.
  void dropped(const RequestedFire& fire, std::optional<std::int64_t> ms);
  void kept(const RequestedFire& fire);

  void judge_end(const Calm& calm, bool prompt);
  std::uint64_t accepted() const { return accepted_; }

 private:
  struct Request {
    FireRequest asked;
    std::vector<Instant> times;  // backfill
    Instant now;
    std::int64_t ms = 0;
    std::optional<Instant> at;                  // absent: nobody was told; it may be in the ledger or not
    std::optional<Seconds> actuality;           // if it is guessed, the longest and
    std::optional<Seconds> actuality_at_least;  // the shortest of those that it may be
    bool never = false;                         // it is not in the ledger
    bool guessed = false;                       // it may be another one of its second that was heard
    bool forgotten = false;                     // with its ledger, or nothing can be said of it
    bool shares_id = false;                     // only the latter: with one that was forgotten
  };
  struct Arrival {
    RequestedArrival arrival;
    bool acknowledged = false;
    bool settled = false;
    bool power_lost_since = false;
  };
  struct Record {
    std::size_t request = 0;
    std::vector<Arrival> arrivals;
    std::optional<NotedOutcome> noted;
    bool drop_asked = false;
    std::optional<std::int64_t> dropped_ms;
    bool kept = false;
  };
  using Records = std::map<RequestedFire, Record>;

  static std::string name(const RequestedFire& fire);
  static std::vector<Instant> times_of(const FireRequest& asked, const ScheduleSpec& schedule);
  bool is_same(const Request& known) const;
  Request* with_key(const std::string& key);
  Request* within_the_second();
  void take(std::size_t request, Instant at);
  void grant(const std::string& key, std::size_t request);
  void leave_open();
  Records::iterator find(const RequestedFire& fire, std::string_view reason);
  void answered_as_before(const AcceptedFires& answer);
  void answered_anew(const AcceptedFires& answer);

  const bool exactly_once_;
  const bool torn_;  // a write that the ledger calls an error may be there after a crash
  const Wrong wrong_;
  std::vector<Request> requests_;
  std::map<std::string, std::size_t> keys_;
  Records fires_;
  std::vector<std::pair<RequestedFire, std::size_t>> unsettled_;

  std::optional<Request> asking_;
  bool can_be_granted_ = false;
  bool must_be_granted_ = false;
  std::uint64_t accepted_ = 0;
};

}  // namespace action_scheduler::simulation
