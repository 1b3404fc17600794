// What an operator may ask for beside the service: the commands that look at the table and the ledger, or write into them.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "action_scheduler/row.h"
#include "action_scheduler/time.h"
#include "config/settings.h"
#include "operations/table_writing.h"

namespace action_scheduler {

struct ListOptions {
  std::int64_t limit = 50;        // 1 to kListedMax
  std::optional<ActionId> after;  // only greater ids
  std::string search;             // in name or command; empty: any
  bool faults = false;            // only rows that cannot be scheduled
  bool json = false;
};

struct ShowOptions {
  ActionId id = 0;
  bool json = false;
};

// `add`, `edit`, `enable`, `disable`, `remove`.
struct WriteOptions {
  using Kind = WriteRequest::Kind;

  Kind kind = Kind::add;
  std::optional<ActionId> id;                            // absent with `add` alone: the table gives one
  std::map<Column, std::optional<std::string>> cells{};  // what to write; nullopt is NULL
  bool dry_run = false;
  bool json = false;
};

// `fire` and `backfill`.
struct FireOptions {
  ActionId id = 0;
  bool backfill = false;
  std::string from;  // backfill: times as the user wrote them
  std::string to;
  std::string reason;
  bool dry_run = false;
  bool json = false;
};

struct HealthOptions {
  bool ready = false;  // whether it is ready, not only alive
  bool json = false;
};

struct FiresOptions {
  std::int64_t limit = 50;  // 1 to kListedMax
  std::int64_t skip = 0;    // so many of the newest are left out, 0 to kListedMax
  std::optional<ActionId> action;
  std::string outcome;  // delivered, merged, expired, failed, disabled, parked; empty: all of them
  bool json = false;
};

struct SettleOptions {
  std::string until;  // a time as the user wrote it, or `now`
  bool dry_run = false;
  bool json = false;
  std::string reason{};
};

struct ParkedOptions {
  enum class Kind : std::uint8_t { list, retry, drop };

  Kind kind = Kind::list;
  std::vector<std::string> ids{};  // of actions or of fires; none: every parked fire (`drop` wants `all` for that)
  bool all = false;
  bool late = false;  // retry: beyond their actuality time too
  bool dry_run = false;
  bool json = false;
  std::string reason{};
};

inline constexpr std::int64_t kListedMax = 100'000;

using OperatorCommand =
    std::variant<ListOptions, ShowOptions, WriteOptions, FiresOptions, SettleOptions, ParkedOptions, FireOptions, HealthOptions>;

// Where a command prints, when, and for whom.
struct OperatorConsole {
  std::ostream& out;
  std::ostream& err;
  Instant now;
  std::size_t width = 0;       // columns of the terminal; 0: lines are not cut
  bool show_progress = false;  // `err` is a terminal
  std::string user;            // who asks, for the ledger's reasons
};

// Does what is asked and gives the exit code.
int operate(const Settings& settings, const OperatorCommand& command, const OperatorConsole& console);

}  // namespace action_scheduler
