// Actions: rows that were understood, and the set of them that one engine schedules.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "action_scheduler/fire.h"
#include "action_scheduler/result.h"
#include "action_scheduler/row.h"
#include "action_scheduler/time.h"
#include "action_scheduler/trigger.h"
#include "action_scheduler/zone.h"

namespace action_scheduler {

// What becomes of missed fires.
struct MissedPolicy {
  bool merge = false;                // merge_missed
  std::optional<Seconds> actuality;  // actuality_time; absent: for ever

  friend bool operator==(const MissedPolicy&, const MissedPolicy&) = default;
};

using HeaderView = std::pair<std::string_view, std::string_view>;

// The texts of an action in one allocation. Movable, not copyable.
class ActionText {
 public:
  struct Parts {
    std::string_view name;
    std::string_view command;
    std::optional<std::string_view> topic;
    std::optional<std::string_view> key;
    std::span<const std::pair<std::string, std::string>> headers;
  };

  ActionText() = default;
  explicit ActionText(const Parts& parts);

  // All but the headers, for who needs several: each of the functions below reads the packed form from its beginning.
  struct Texts {
    std::string_view name;
    std::string_view command;
    std::optional<std::string_view> topic;
    std::optional<std::string_view> key;
    bool has_headers = false;
  };

  // Views that live as long as this object.
  Texts texts() const;
  std::string_view name() const;
  std::string_view command() const;
  std::optional<std::string_view> topic() const;
  std::optional<std::string_view> key() const;
  std::vector<HeaderView> headers() const;
  bool has_headers() const;

 private:
  std::optional<std::string_view> part(std::size_t index) const;
  std::unique_ptr<char[]> packed_;
};

// A parsed row, not yet part of a set.
struct Action {
  ActionId id = 0;
  ActionText text;
  MissedPolicy policy;
  Trigger trigger;
};

// Why a row cannot be scheduled.
struct RowFault {
  ActionId id = 0;
  std::string name;
  Column column = Column::cron;
  std::string message;   // offending text and what is allowed; without row and column
  bool passing = false;  // the row itself may be good: it is worth another look later, unchanged

  // `row 42 ("nightly"), column cron: ...`
  std::string describe() const;

  friend bool operator==(const RowFault&, const RowFault&) = default;
};

// A row is one of three things.
struct Disabled {};
using ParsedRow = std::variant<Action, RowFault, Disabled>;

// Turns rows into actions. Rows with the same schedule text share one trigger, which is parsed once. Not thread safe; one per
// thread that parses.
class RowParser {
 public:
  struct Defaults {
    MissedPolicy policy;
    std::string timezone;  // empty: UTC
  };

  // `zones` must outlive the parser and every trigger that it made.
  RowParser(Defaults defaults, ZoneSource& zones);

  // Never throws for bad input: that is a RowFault.
  ParsedRow parse(const RowView& row);

 private:
  struct ScheduleText {
    std::string_view cron;
    std::string_view timezone;  // empty: none is given

    friend bool operator==(const ScheduleText&, const ScheduleText&) = default;
  };
  struct ScheduleHash {
    std::size_t operator()(const ScheduleText& text) const;
  };

  Result<Trigger> trigger_of(std::string_view cron, std::string_view timezone);

  Defaults defaults_;
  ZoneSource& zones_;
  // Bounded: emptied when it is full. The keys are views of the texts, which never move.
  std::unordered_map<ScheduleText, Result<Trigger>, ScheduleHash> triggers_by_text_;
  std::deque<std::string> schedule_texts_;
};

// Index of a trigger in an ActionSet. Reused after its last action is gone.
using TriggerId = std::uint32_t;

// An action in a set.
class ScheduledAction {
 public:
  ActionId id() const { return id_; }
  TriggerId trigger() const { return trigger_; }
  MissedPolicy policy() const;
  // Only fire times strictly after this instant count.
  Instant counts_from() const { return counts_from_; }
  const ActionText& text() const { return text_; }

 private:
  friend class ActionSet;
  ActionId id_ = 0;
  Instant counts_from_;
  ActionText text_;
  // Of 32 bytes, which is what an allocator gives: one more, and it gives 48.
  static constexpr std::uint32_t kMerge = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kForEver = kMerge - 1;
  void set_policy(MissedPolicy policy);
  std::uint32_t policy_ = kForEver;  // the actuality time in seconds, and whether missed ones are merged
  TriggerId trigger_ = 0;
};
static_assert(sizeof(ScheduledAction) == 32);

// The actions of one engine, grouped by trigger: equal triggers are held once. Single-threaded.
class ActionSet {
 public:
  struct Entry {
    ActionId id = 0;
    const ScheduledAction* action = nullptr;
  };

  // Adds or replaces an action. `counts_from` is as given. Returns the trigger's id; references to the action's former self end.
  TriggerId put(Action action, Instant counts_from);
  // The same for one whose id is not there: faster where there are very many.
  TriggerId put_new(Action action, Instant counts_from);

  // Makes room for so many actions at once.
  void reserve(std::size_t actions);
  // Gives back the room that it has not grown into, but for an eighth more actions.
  void fit();

  // False if there is none of this id.
  bool erase(ActionId id);

  // Makes every action count from there. Since it visits all of them, it does what fit() does, too.
  void count_from(Instant instant);

  // Makes every action that counts from later than `latest` count from there.
  void limit_counts_from(Instant latest);

  // The earliest instant from which one of the actions counts; absent if there are none.
  std::optional<Instant> earliest_count() const;

  // Null if there is none. Valid until the action is replaced or erased.
  const ScheduledAction* find(ActionId id) const;

  std::size_t size() const { return size_; }

  // Every trigger's id is below trigger_limit(); has_trigger() is false for those that no action uses.
  TriggerId trigger_limit() const { return static_cast<TriggerId>(groups_.size()); }
  bool has_trigger(TriggerId id) const { return id < groups_.size() && groups_[id].trigger.has_value(); }
  std::size_t trigger_count() const { return by_trigger_.size(); }
  const Trigger& trigger(TriggerId id) const { return *groups_[id].trigger; }

  // The actions of a trigger, in ascending order of id.
  std::span<const Entry> actions_of(TriggerId id) const;

 private:
  // `entries` ascend by id up to `sorted`; what was put since stands behind, what was erased is null until the next tidy().
  struct Group {
    std::optional<Trigger> trigger;
    std::vector<Entry> entries;
    std::size_t sorted = 0;
    std::size_t erased = 0;
  };

  struct TriggerHash {
    std::size_t operator()(const Trigger& trigger) const { return trigger.hash(); }
  };

  TriggerId intern(Trigger trigger);
  void leave_group(const ScheduledAction& action);
  static void tidy(Group& group);
  std::size_t home_of(ActionId id) const;
  std::size_t slot_of(ActionId id) const;
  std::size_t free_slot_of(ActionId id) const;
  TriggerId put_into(std::size_t place, Action action, Instant counts_from);
  std::size_t next(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }
  std::size_t behind(std::size_t slot, std::size_t from) const;
  // And makes all count from `counts_from`, if it is given.
  void resize(std::size_t slots, std::optional<Instant> counts_from = {});
  std::size_t fitting_slots() const;

  // A hash table with open addressing and linear probing, of a multiple of eight slots: the action's own id is the key, so an
  // action costs it 12 bytes or so, up to 21 while it grows.
  std::vector<std::unique_ptr<ScheduledAction>> slots_;
  std::size_t size_ = 0;
  mutable std::vector<Group> groups_;
  std::vector<TriggerId> free_;
  std::unordered_map<Trigger, TriggerId, TriggerHash> by_trigger_;
  std::array<TriggerId, 256> latest_by_identity_{};  // a guess: what the group says counts
};

}  // namespace action_scheduler
