#include "engine/schedule.h"

#include <algorithm>
#include <unordered_set>

#include "action_scheduler/row_pack.h"

namespace action_scheduler {

namespace {

Instant settled_instant(Position cursor) {
  return cursor.last_action == Position::kWholeInstant ? cursor.instant : cursor.instant - Seconds{1};
}

// Behind it lies every fire time that may be due behind `position`; what is due before, the position itself tells.
Instant adopted_instant(Position position, const Trigger& trigger) { return settled_instant(position) - trigger.jitter(); }

// A set of triggers.
class TriggerMarks {
 public:
  void insert(TriggerId id) {
    if (id >= is_marked_.size()) is_marked_.resize(std::max<std::size_t>(id + std::size_t{1}, 2 * is_marked_.size()));
    if (is_marked_[id]) return;
    is_marked_[id] = true;
    marked_.push_back(id);
  }
  const std::vector<TriggerId>& marked() const { return marked_; }

 private:
  std::vector<bool> is_marked_;
  std::vector<TriggerId> marked_;
};

// What counts from further ahead of `latest` than `ahead_max` counts from there. What the next process finds of it must not be
// silent until the time of before has come again.
Result<void> limit_counts_from(Ledger& ledger, Instant latest, Seconds ahead_max) {
  bool limited = false;
  std::vector<RowPack> packs;
  RowPacker packer;
  Result<void> read = ledger.load_rows([&](const KnownRow& known) {
    const bool ahead = known.counts_from > latest + ahead_max;
    limited |= ahead;
    packer.add({known.row, ahead ? latest : known.counts_from});
    if (packer.full()) packs.push_back(packer.take());
  });
  if (!read || !limited) return read;
  if (packer.rows() > 0) packs.push_back(packer.take());
  return ledger.replace_rows(packs, {});
}

}  // namespace

// What a change set does to what is scheduled, decided before anything is touched.
struct Schedule::Staged {
  struct Upsert {
    Instant counts_from;
    std::uint32_t index;
    bool known;  // the action was there
    bool reset;  // with another schedule
  };
  std::vector<Upsert> upserts;

  // Refers to both.
  KnownRows rows(const ChangeSet& changes) const {
    return {upserts.size(),
            [this, &changes](std::size_t i) { return KnownRow{changes.rows[upserts[i].index], upserts[i].counts_from}; }};
  }
  struct Ending {
    ActionId id;
    std::string_view reason;
  };
  std::vector<Ending> endings;
  std::vector<ActionId> ending_ids;
};

Schedule::Schedule(Log& log, RowParser& parser) : log_(log), parser_(parser) {}

Result<void> Schedule::restore(Ledger& ledger, Position cursor, Instant now, Seconds ahead_max) {
  TriggerMarks touched;
  const Instant latest = std::max(now, cursor.instant);
  Result<void> read = ledger.load_rows([&](const KnownRow& known) {
    knows_nothing_ = false;
    ParsedRow parsed = parser_.parse(known.row);
    const bool ahead = known.counts_from > latest + ahead_max;
    const Instant counts_from = ahead ? latest : known.counts_from;
    if (ahead) unwritten_limit_ = {latest, ahead_max};
    // A row that this configuration cannot schedule is reported when the table shows it again.
    if (auto* action = std::get_if<Action>(&parsed)) {
      restored_[known.row.id] = fingerprint(known.row);
      touched.insert(actions_.put(std::move(*action), counts_from));
    } else if (const auto* fault = std::get_if<RowFault>(&parsed); fault != nullptr && fault->passing) {
      unread_[known.row.id] = {fingerprint(known.row), counts_from};
    }
  });
  if (!read) return read;
  actions_.fit();
  for (const TriggerId id : touched.marked()) timeline_.set(id, next_due(actions_, id, settled_instant(cursor)));
  return {};
}

Result<void> Schedule::write_limit(Ledger& ledger) {
  if (!unwritten_limit_) return {};
  const auto [latest, ahead_max] = *unwritten_limit_;
  if (auto limited = limit_counts_from(ledger, latest, ahead_max); !limited) return limited;
  unwritten_limit_.reset();
  return {};
}

std::optional<Instant> Schedule::earliest_count() const {
  std::optional<Instant> earliest = actions_.earliest_count();
  for (const auto& [id, unread] : unread_) earliest = std::min(earliest.value_or(unread.counts_from), unread.counts_from);
  return earliest;
}

Schedule::Staged Schedule::stage(ChangeSet& changes, const ScheduleMoment& moment) const {
  Staged staged;
  const auto end = [&](ActionId id, std::string_view reason) {
    if (actions_.find(id) == nullptr) return;
    staged.endings.push_back({id, reason});
    staged.ending_ids.push_back(id);
  };
  const bool may_end = changes.complete && actions_.size() > 0;
  std::unordered_set<ActionId> listed;
  if (may_end) listed.reserve(changes.parsed.size());
  staged.upserts.reserve(changes.parsed.size());
  for (std::size_t i = 0; i < changes.parsed.size(); ++i) {
    const ActionId id = changes.rows.id(i);
    if (may_end) listed.insert(id);
    if (std::holds_alternative<RowFault>(changes.parsed[i])) {
      end(id, "its row has a fault");
    } else if (std::holds_alternative<Disabled>(changes.parsed[i])) {
      end(id, "disabled");
    } else {
      const auto& action = std::get<Action>(changes.parsed[i]);
      const ScheduledAction* known = actions_.find(id);
      if (known != nullptr) {
        const auto restored = restored_.find(id);
        if (restored != restored_.end() && restored->second == fingerprint(changes.rows[i])) continue;
      }
      const bool same_schedule = known != nullptr && actions_.trigger(known->trigger()) == action.trigger;
      const Instant new_from = adopted_from_ ? adopted_instant(*adopted_from_, action.trigger) : moment.seen;
      Instant counts_from = same_schedule ? known->counts_from() : new_from;
      if (const auto unread = unread_.find(id);
          unread != unread_.end() && unread->second.fingerprint == fingerprint(changes.rows[i])) {
        counts_from = unread->second.counts_from;
      }
      staged.upserts.push_back(
          {counts_from, static_cast<std::uint32_t>(i), known != nullptr, known != nullptr && !same_schedule});
    }
  }
  for (const ActionId id : changes.removed) end(id, "deleted");
  if (may_end) {
    for (TriggerId id = 0; id < actions_.trigger_limit(); ++id) {
      for (const ActionSet::Entry& entry : actions_.actions_of(id)) {
        if (!listed.contains(entry.id)) end(entry.id, "deleted");
      }
    }
  }
  return staged;
}

bool Schedule::changes_merging(const ChangeSet& changes) const {
  return actions_.size() > 0 && std::ranges::any_of(changes.parsed, [&](const ParsedRow& parsed) {
           const auto* action = std::get_if<Action>(&parsed);
           const ScheduledAction* known = action == nullptr ? nullptr : actions_.find(action->id);
           return known != nullptr && known->policy().merge != action->policy.merge &&
                  actions_.trigger(known->trigger()) == action->trigger;
         });
}

// All count from one instant. Where the receiver knows how far it went, it is early enough for each of their triggers: what is
// due before that position, the position itself tells.
Result<void> Schedule::load_first(FirstRows& rows, const ScheduleMoment& moment, Ledger& ledger) {
  if (rows.size() == 0) return {};
  Instant counts_from = moment.seen;
  if (adopted_from_) {
    counts_from = settled_instant(*adopted_from_);
    const ActionSet& actions = rows.actions();
    for (TriggerId id = 0; id < actions.trigger_limit(); ++id) {
      if (actions.has_trigger(id)) counts_from = std::min(counts_from, adopted_instant(*adopted_from_, actions.trigger(id)));
    }
  }
  rows.count_from(counts_from);
  if (auto saved = rows.save(ledger); !saved) return saved;
  actions_ = rows.take_actions();
  realign(moment.cursor);
  return {};
}

Result<void> Schedule::apply(ChangeSet& changes, const ScheduleMoment& moment, Ledger& ledger, std::vector<NotedOutcome>& ended) {
  if (changes.first) {
    if (auto loaded = load_first(*changes.first, moment, ledger); !loaded) return loaded;
  } else if (auto applied = change(changes, moment, ledger, ended); !applied) {
    return applied;
  }
  take_faults(changes);
  forget_unread(changes);
  restored_.clear();
  adopted_from_.reset();
  knows_nothing_ = false;
  return {};
}

Result<void> Schedule::change(ChangeSet& changes, const ScheduleMoment& moment, Ledger& ledger,
                              std::vector<NotedOutcome>& ended) {
  const Staged staged = stage(changes, moment);
  for (const auto& [id, reason] : staged.endings) end(id, moment, reason, ended);
  for (const auto& upsert : staged.upserts) {
    if (upsert.reset) end(changes.rows.id(upsert.index), moment, "its schedule was changed", ended);
  }
  if (!staged.upserts.empty() || !staged.ending_ids.empty()) {
    // First on disk: a fire of an action that is forgotten by a crash would be lost.
    if (auto saved = ledger.save_rows(staged.rows(changes), staged.ending_ids, ended); !saved) return saved;
  }

  TriggerMarks touched;
  actions_.reserve(actions_.size() + (actions_.size() == 0 ? staged.upserts.size() : 0));
  for (const auto& [id, reason] : staged.endings) {
    touched.insert(actions_.find(id)->trigger());
    actions_.erase(id);
  }
  for (const auto& [counts_from, index, known, reset] : staged.upserts) {
    auto& action = std::get<Action>(changes.parsed[index]);
    if (known) touched.insert(actions_.find(action.id)->trigger());
    touched.insert(actions_.put(std::move(action), counts_from));
  }
  for (const TriggerId id : touched.marked()) timeline_.set(id, next_due(actions_, id, settled_instant(moment.cursor)));
  return {};
}

// A fault is reported when it appears or changes, not at each poll.
void Schedule::take_faults(const ChangeSet& changes) {
  std::map<ActionId, RowFault> before;
  if (changes.complete) before.swap(faults_);
  for (const ActionId id : changes.removed) faults_.erase(id);
  for (std::size_t i = 0; i < changes.parsed.size(); ++i) {
    const auto* fault = std::get_if<RowFault>(&changes.parsed[i]);
    if (fault == nullptr) {
      if (!faults_.empty()) faults_.erase(changes.rows.id(i));
      continue;
    }
    RowFault& known = faults_[fault->id];
    const auto earlier = before.find(fault->id);
    if (known == *fault || (earlier != before.end() && earlier->second == *fault)) {
      known = *fault;
      continue;
    }
    known = *fault;
    log_.error(
        "action cannot be scheduled",
        {{"action", fault->id}, {"name", fault->name}, {"column", column_name(fault->column)}, {"reason", fault->message}});
  }
}

void Schedule::forget_unread(const ChangeSet& changes) {
  if (unread_.empty()) return;
  std::unordered_map<ActionId, Unread> still;
  for (std::size_t i = 0; i < changes.parsed.size(); ++i) {
    const auto found = unread_.find(changes.rows[i].id);
    if (found == unread_.end()) continue;
    const auto* fault = std::get_if<RowFault>(&changes.parsed[i]);
    if (fault != nullptr && fault->passing) still.insert(*found);
    unread_.erase(found);
  }
  for (const ActionId id : changes.removed) unread_.erase(id);
  if (changes.complete) unread_.clear();
  unread_.merge(still);
}

void Schedule::end(ActionId id, const ScheduleMoment& moment, std::string_view reason, std::vector<NotedOutcome>& ended) {
  auto outcome = unsettled(actions_, *actions_.find(id), moment.window, moment.cursor, moment.seen, moment.exceptions);
  if (!outcome) return;
  outcome->reason = reason;
  ended.push_back(std::move(*outcome));
}

void Schedule::advance(const std::vector<TriggerId>& triggers, Position cursor) {
  for (const TriggerId id : triggers) timeline_.set(id, next_due(actions_, id, settled_instant(cursor)));
}

void Schedule::realign(Position cursor) {
  for (TriggerId id = 0; id < actions_.trigger_limit(); ++id) {
    timeline_.set(id, next_due(actions_, id, settled_instant(cursor)));
  }
}

Result<void> Schedule::rewind(Instant now, Ledger& ledger) {
  if (auto limited = limit_counts_from(ledger, now, Seconds{0}); !limited) return limited;
  for (auto& [id, unread] : unread_) unread.counts_from = std::min(unread.counts_from, now);
  if (adopted_from_ && adopted_from_->instant > now) adopted_from_ = Position{now};
  actions_.limit_counts_from(now);
  realign({now});
  return {};
}

}  // namespace action_scheduler
