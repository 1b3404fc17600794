// The end of a history: has each fire time ended, once, and rightly?
#include <algorithm>

#include "tests/simulation/model.h"

namespace action_scheduler::simulation {

// All fire times of one action, and what is known of each.
class Model::ActionVerdict {
 public:
  ActionVerdict(Model& model, ActionId id, const ActionRecord& record, Instant end, Instant latest)
      : model_(model), id_(id), record_(record), end_(end) {
    for (const Epoch& epoch : record.epochs) {
      const ScheduleSpec& schedule = epoch.policies.front().row->schedule;
      const Instant until = std::min(epoch.until.value_or(latest), latest);
      for (auto t = schedule.next(unix_seconds(epoch.from)); t && *t <= unix_seconds(until); t = schedule.next(*t)) {
        const Instant time = instant_from_unix(*t);
        if (!Model::holds(id, epoch, time)) continue;
        fires_.push_back({time, due(id, epoch, time), &epoch, model.is_tainted(record, time)});
      }
    }
    // Where the clock repeated itself epochs may overlap.
    std::ranges::stable_sort(fires_, {}, &Fire::time);
    const auto repeated = std::ranges::unique(fires_, {}, &Fire::time);
    fires_.erase(repeated.begin(), repeated.end());
  }

  void judge() {
    for (const Arrival& arrival : record_.arrivals) {
      if (Fire* fire = find(arrival.time)) {
        fire->arrival = &arrival;
        fire->surely_arrived |= model_.exactly_once_ || arrival.settled;
      }
    }
    for (const Noted& noted : record_.outcomes) {
      if (!noted.forgotten) take(noted);
    }
    for (const Vague& vague : vague_) take(vague);
    for (Fire& fire : fires_) {
      if (!fire.tainted) judge(fire);
    }
    judge_merged_counts();
    judge_set_back();
  }

 private:
  struct Fire {
    Instant time;
    Instant due;
    const Epoch* epoch;
    bool tainted = false;
    const Arrival* arrival = nullptr;
    bool surely_arrived = false;
    const Noted* noted = nullptr;  // the outcome that speaks of it for certain
    bool vaguely = false;          // one does that leaves out some of its range
  };
  // An outcome that leaves out some fire times of its range.
  struct Vague {
    const Noted* noted;
    std::size_t begin;
    std::size_t end;
  };

  std::string name(Instant time) const { return std::to_string(id_) + "@" + format_utc(time); }
  std::string describe(const Noted& noted) const {
    const NotedOutcome& outcome = noted.outcome;
    return std::string(to_string(outcome.outcome)) + " of " + std::to_string(outcome.count) + " from " + name(outcome.first) +
           " to " + format_utc(outcome.last) + ", noted at " + format_utc(noted.at) + ", " + outcome.reason;
  }

  Fire* find(Instant time) {
    const auto found = std::ranges::lower_bound(fires_, time, {}, &Fire::time);
    return found == fires_.end() || found->time != time ? nullptr : &*found;
  }

  void take(const Noted& noted) {
    const NotedOutcome& outcome = noted.outcome;
    if (outcome.outcome == Outcome::delivered ||
        (outcome.outcome == Outcome::failed && !outcome.reason.starts_with("more than 100000 fires") && !is_dropped(noted))) {
      return model_.wrong("an outcome that cannot be: " + describe(noted));
    }
    if (model_.is_tainted(record_, outcome.first) || model_.is_tainted(record_, outcome.last)) {
      for (Fire& fire : fires_) fire.vaguely |= outcome.first <= fire.time && fire.time <= outcome.last;
      return;
    }
    const auto begin = std::ranges::lower_bound(fires_, outcome.first, {}, &Fire::time);
    const auto end = std::ranges::upper_bound(fires_, outcome.last, {}, &Fire::time);
    if (begin >= end || begin->time != outcome.first || (end - 1)->time != outcome.last) {
      return model_.wrong("an outcome of what is no fire time: " + describe(noted));
    }
    if (static_cast<std::uint64_t>(end - begin) < outcome.count) {
      return model_.wrong("an outcome of more fire times than there are: " + describe(noted));
    }
    judge(noted, *(end - 1));
    if (static_cast<std::uint64_t>(end - begin) > outcome.count) {
      vague_.push_back(
          {&noted, static_cast<std::size_t>(begin - fires_.begin()), static_cast<std::size_t>(end - fires_.begin())});
      return;
    }
    for (auto fire = begin; fire != end; ++fire) speak(*fire, noted);
  }

  bool is_dropped(const Noted& noted) const {
    return noted.outcome.reason.starts_with("dropped by hand") && record_.dropped.contains(noted.outcome.first);
  }
  static bool is_settled_by_hand(const Noted& noted) { return noted.outcome.reason.starts_with("settled by hand"); }

  void speak(Fire& fire, const Noted& noted) {
    if (fire.noted != nullptr && !fire.tainted) {
      model_.wrong(name(fire.time) + " ended twice: " + describe(*fire.noted) + "; " + describe(noted));
    }
    fire.noted = &noted;
  }

  // Of the fire times in its range it must speak of those that did not end otherwise, and of no more than those.
  void take(const Vague& vague) {
    std::uint64_t open = 0;
    std::uint64_t perhaps = 0;
    for (std::size_t i = vague.begin; i < vague.end; ++i) {
      Fire& fire = fires_[i];
      const bool judged_anew = fire.due <= fire.epoch->policy_from;
      if (fire.noted != nullptr || (fire.surely_arrived && !may_have_arrived(*vague.noted) && !judged_anew)) continue;
      ++(fire.arrival != nullptr || fire.vaguely || fire.tainted || fire.epoch->ledger_lost ||
                 record_.parked_forgotten.contains(fire.time) || judged_anew
             ? perhaps
             : open);
      fire.vaguely = true;
    }
    if (vague.noted->outcome.count > open + perhaps) {
      model_.wrong("an outcome counts fire times that ended otherwise: " + describe(*vague.noted));
    } else if (vague.noted->outcome.count < open) {
      // What it leaves out may be another such outcome's.
      std::uint64_t others = 0;
      for (const Vague& other : vague_) {
        if (&other != &vague && other.begin < vague.end && vague.begin < other.end) others += other.noted->outcome.count;
      }
      if (vague.noted->outcome.count + others < open) {
        model_.wrong("fire times are in no outcome although others around them are: " + describe(*vague.noted));
      }
    }
  }

  // Whether this outcome was right at its time; `last` is the last that it speaks of.
  void judge(const Noted& noted, const Fire& last) {
    const Policy* shortest = nullptr;
    bool merges = false;
    for (const Policy& policy : last.epoch->policies) {
      const auto actuality = policy.row->actuality();
      if (actuality && (shortest == nullptr || *actuality < *shortest->row->actuality())) shortest = &policy;
      merges |= policy.row->merge.value_or(false);
    }
    switch (noted.outcome.outcome) {
      case Outcome::expired:
        if (is_settled_by_hand(noted)) {
          if (!model_.settled_by_hand(last.due, std::nullopt)) model_.wrong("nobody settled so far: " + describe(noted));
        } else if (shortest == nullptr) {
          model_.wrong("it never expires: " + describe(noted));
        } else if (noted.at <= last.due + Seconds{*shortest->row->actuality()}) {
          model_.wrong("expired before its time: " + describe(noted));
        }
        return;
      case Outcome::merged:
        if (!merges) model_.wrong("it does not merge: " + describe(noted));
        if (model_.is_calm(last.due, last.due + kPunctual)) model_.wrong("merged although it was not missed: " + describe(noted));
        return;
      case Outcome::disabled:
        if (!last.epoch->until) model_.wrong("it was never disabled: " + describe(noted));
        return;
      case Outcome::delivered:
      case Outcome::failed:
        return;
    }
  }

  // A commit whose outcome is not known yet does not keep an action from ending; its fires may prove delivered later.
  bool may_have_arrived(const Noted& noted) const {
    if (model_.is_calm(noted.at, noted.at)) return false;
    const std::string& reason = noted.outcome.reason;
    return noted.outcome.outcome == Outcome::disabled || reason.find("; some may have been delivered") != std::string::npos ||
           reason.find("; it may have been sent all the same") != std::string::npos;
  }
  bool may_have_arrived(Instant time) const {
    return std::ranges::any_of(record_.outcomes, [&](const Noted& noted) {
      return noted.outcome.first <= time && time <= noted.outcome.last && may_have_arrived(noted);
    });
  }

  void judge(const Fire& fire) {
    // Of what was taken in the end the policy of now is asked for how it ended.
    const bool judged_anew = fire.due <= fire.epoch->policy_from;
    if (fire.surely_arrived && fire.noted != nullptr && !may_have_arrived(*fire.noted) && !judged_anew) {
      model_.wrong(name(fire.time) + " was delivered, but is counted as " + describe(*fire.noted));
    }
    const bool ended = judged_anew || fire.arrival != nullptr || fire.noted != nullptr || fire.vaguely ||
                       record_.parked_forgotten.contains(fire.time);
    if (!ended && (fire.epoch->until || fire.due <= end_) && (!fire.epoch->ledger_lost || is_certain(fire))) {
      model_.wrong(name(fire.time) + " is lost: it neither arrived nor has an outcome");
      return;
    }
    if (fire.due > end_ || (fire.epoch->until && *fire.epoch->until < fire.due + kPunctual)) return;
    if (!model_.is_calm(fire.due, fire.due + kPunctual)) return;
    if (fire.arrival == nullptr) {
      const bool brief = std::ranges::any_of(fire.epoch->policies, [](const Policy& policy) {
        return policy.row->actuality().value_or(kPunctual.count()) < kPunctual.count();
      });
      const bool by_hand = std::ranges::any_of(record_.outcomes, [&](const Noted& noted) {
        return noted.outcome.first <= fire.time && fire.time <= noted.outcome.last &&
               (is_settled_by_hand(noted) || is_dropped(noted));
      });
      if (ended && !brief && !by_hand) model_.wrong(name(fire.time) + " was not delivered although nothing was in the way");
    } else if (fire.arrival->at > fire.due + kPunctual) {
      model_.wrong(name(fire.time) + " came late although nothing was in the way, at " + format_utc(fire.arrival->at));
    } else if (fire.arrival->reason != "on_time" || fire.arrival->attempt != 1) {
      model_.wrong(name(fire.time) + " came on time but says " + fire.arrival->reason + ", attempt " +
                   std::to_string(fire.arrival->attempt));
    }
  }

  // Of a lost ledger's actions: whether the receiver's position, which has passed the fire, means that it was delivered.
  bool is_certain(const Fire& fire) const {
    if (!fire.epoch->ledger_lost || !fire.epoch->through || record_.parked.contains(fire.time)) return false;
    return std::ranges::none_of(fire.epoch->policies, [](const Policy& policy) {
      return policy.row->actuality().has_value() || policy.row->merge.value_or(false);
    });
  }

  // What messages say of merging is what the ledger says.
  void judge_merged_counts() {
    if (!model_.exactly_once_) return;
    if (std::ranges::any_of(record_.epochs, &Epoch::ledger_lost)) return;
    // A window that was settled by hand leaves open what its messages told of.
    if (std::ranges::any_of(record_.outcomes, is_settled_by_hand)) return;
    std::uint64_t told = 0;
    bool untold = !record_.parked_forgotten.empty();
    for (const Arrival& arrival : record_.arrivals) {
      if (model_.is_tainted(record_, arrival.time)) return;
      if (arrival.merged == 0) continue;
      // In doubt when its policy changed: noted by the new one.
      if (const Fire* fire = find(arrival.time); fire != nullptr && fire->due <= fire->epoch->policy_from) return;
      if (may_have_arrived(arrival.time)) {
        untold = true;
        continue;
      }
      told += arrival.merged;
      judge_first_missed(arrival);
    }
    std::uint64_t noted_count = 0;
    std::uint64_t into_none = 0;
    for (const Noted& noted : record_.outcomes) {
      if (model_.is_tainted(record_, noted.outcome.first)) return;
      if (noted.outcome.outcome == Outcome::merged) {
        noted_count += noted.outcome.count;
        // What waits for a later one when merging ends for all, because one row changes its mind or the clock is set back for
        // good.
        if (noted.outcome.reason == "merged into a later one") into_none += noted.outcome.count;
      } else {
        // The one that stood for others may have been parked, and have ended so.
        untold |= std::ranges::any_of(record_.parked,
                                      [&](Instant time) { return noted.outcome.first <= time && time <= noted.outcome.last; });
      }
    }
    // Those that were missed when merging ended are merged into none in particular.
    untold |= std::ranges::any_of(record_.epochs, [](const Epoch& epoch) {
      return std::ranges::any_of(epoch.policies, [&](const Policy& policy) {
        return policy.row->merge.value_or(false) != epoch.policies.front().row->merge.value_or(false);
      });
    });
    if (told > noted_count || (told + into_none < noted_count && !untold)) {
      model_.wrong("messages of action " + std::to_string(id_) + " speak of " + std::to_string(told) + " merged fire times, " +
                   std::to_string(noted_count) + " are noted");
    }
  }

  // Where the clock repeats itself fires may come again, but those of its second run must end, too.
  void judge_set_back() {
    const Epoch& epoch = record_.epochs.back();
    if (!model_.set_back_ || !model_.set_back_->goes_on_from || epoch.until || epoch.behind) return;
    const SetBack& set_back = *model_.set_back_;
    // Whether what is seen while the clock repeats itself was there before, only the scheduler knows.
    if (epoch.seen_again) return;
    Instant from = *set_back.goes_on_from;
    // As of a watermark, so of an action's beginning: what is not further ahead is waited for.
    constexpr Seconds kWaitedFor{3 * 3600 + 60};
    if (epoch.began_ms > set_back.ms || epoch.from <= from + kWaitedFor) {
      from = std::max(from, epoch.from);
    } else if (set_back.next_process) {
      // When it was seen by the right clock nobody knows.
      from = std::max(from, *set_back.next_process);
    }
    const ScheduleSpec& schedule = epoch.policies.front().row->schedule;
    // What is merged may go with a fire that was parked in the first run.
    Instant stood_for = kFirstInstant;
    if (std::ranges::any_of(epoch.policies, [](const Policy& policy) { return policy.row->merge.value_or(false); })) {
      for (const Arrival& arrival : record_.arrivals) {
        if (arrival.number > set_back.number) stood_for = std::max(stood_for, due(id_, epoch, arrival.time));
      }
    }
    for (auto t = schedule.next(unix_seconds(from)); t && *t <= unix_seconds(end_); t = schedule.next(*t)) {
      const Instant time = instant_from_unix(*t);
      const Instant due_at = due(id_, epoch, time);
      if (due_at > end_ || due_at <= epoch.policy_from || due_at <= stood_for || record_.parked.contains(time)) continue;
      const auto last = record_.last_arrival.find(*t);
      if (last != record_.last_arrival.end() && record_.arrivals[last->second].number > set_back.number) continue;
      if (std::ranges::any_of(record_.outcomes, [&](const Noted& noted) {
            return noted.number > set_back.number && noted.outcome.first <= time && time <= noted.outcome.last;
          })) {
        continue;
      }
      model_.wrong(name(time) + " is lost behind a clock that was set back: it neither arrived nor has an outcome");
    }
  }

  void judge_first_missed(const Arrival& arrival) {
    if (arrival.first_missed && model_.is_tainted(record_, *arrival.first_missed)) return;
    const Fire* first = arrival.first_missed ? find(*arrival.first_missed) : nullptr;
    const Fire* fire = find(arrival.time);
    // Of those that jitter delays the last to be due stands for the others, whatever their fire times.
    if (fire == nullptr || first == nullptr || first == fire || first->due > fire->due ||
        (!first->vaguely && (first->noted == nullptr || first->noted->outcome.outcome != Outcome::merged))) {
      model_.wrong(name(arrival.time) + " says that " + (first == nullptr ? "nothing" : name(first->time)) +
                   " was merged into it at first");
    }
  }

  Model& model_;
  const ActionId id_;
  const ActionRecord& record_;
  const Instant end_;
  std::vector<Fire> fires_;
  std::vector<Vague> vague_;
};

std::vector<std::string> Model::verdict(Instant end, Instant latest) {
  for (const auto& [id, record] : actions_) {
    if (!record.epochs.empty()) ActionVerdict(*this, id, record, end, latest).judge();
    for (const auto& [time, answered_ms] : record.dropped) {
      if (!answered_ms || is_tainted(record, time) || record.outcome_places.contains({Outcome::failed, time})) continue;
      wrong(std::to_string(id) + "@" + format_utc(time) + " was given up, but is not noted so");
    }
  }
  requests_.judge_end([this](Instant from, Instant until) { return is_calm(from, until); }, prompt_);
  return wrong_;
}

}  // namespace action_scheduler::simulation
