#include "tests/simulation/model.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace action_scheduler::simulation {

namespace {

// Nothing of the scheduler's own work takes longer.
constexpr Seconds kLateForCertain{120};

// The finalizer of SplitMix64, twice; written anew, because fires that are due across an upgrade stand on it.
std::uint64_t scramble(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

std::string name(ActionId id, Instant time) { return std::to_string(id) + "@" + format_utc(time); }

std::string_view header(const Message& message, std::string_view wanted) {
  std::string_view rest = message.headers;
  while (!rest.empty()) {
    const std::string_view key = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(key.size() + 1);
    const std::string_view value = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(value.size() + 1);
    if (key == wanted) return value;
  }
  return {};
}

std::string describe(const Message& message) {
  return std::string(header(message, "ce_id")) + " " + std::string(header(message, "ce_reason")) + ", attempt " +
         std::string(header(message, "ce_attempt")) + " " + message.value + " to " + message.topic;
}

template <class Number>
Number number(std::string_view text, Number otherwise) {
  Number value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Instant Model::due(ActionId id, const Epoch& epoch, Instant time) {
  const std::int64_t jitter = epoch.policies.front().row->schedule.jitter_s;
  if (jitter == 0) return time;
  const std::uint64_t hash = scramble(scramble(static_cast<std::uint64_t>(id)) ^ static_cast<std::uint64_t>(unix_seconds(time)));
  return time + Seconds{static_cast<std::int64_t>(hash % (static_cast<std::uint64_t>(jitter) + 1))};
}

// Whether `time`, a fire time of its schedule, is the epoch's.
bool Model::holds(ActionId id, const Epoch& epoch, Instant time) {
  if (time <= epoch.from || (epoch.until && time > *epoch.until)) return false;
  if (!epoch.behind && !epoch.through) return true;
  const Position position{due(id, epoch, time), id};
  return (!epoch.behind || position > *epoch.behind) && (!epoch.through || position <= *epoch.through);
}

void Model::process_began(Instant now) {
  ++process_;
  if (set_back_ && !set_back_->next_process) set_back_->next_process = now;
}

void Model::ledger_lost(Instant highest, std::int64_t ms) {
  awaits_position_ = true;
  adopted_.reset();
  requests_.ledger_lost();
  set_back_.reset();
  held_.clear();
  for (Settled& settled : settled_) settled.answered_ms.reset();
  for (auto& [id, record] : actions_) {
    for (auto& [time, dropped] : record.dropped) dropped.reset();
    record.parked_forgotten = record.parked;
    Epoch* live = live_epoch(id);
    if (live == nullptr) continue;
    live->until = highest;
    live->ended_ms = ms;
    live->ledger_lost = live->awaits_position = true;
  }
}

void Model::took_over(std::optional<Position> position) {
  awaits_position_ = false;
  adopted_ = position;
  for (auto& [id, record] : actions_) {
    std::vector<const Epoch*> ended_with_it;
    for (Epoch& epoch : record.epochs) {
      if (!std::exchange(epoch.awaits_position, false)) continue;
      epoch.through = position;
      ended_with_it.push_back(&epoch);
    }
    if (!position) continue;
    // What the lost ledger said of fires that the position has not passed, the next one finds out anew, but not of those whose
    // action had ended before.
    const auto is_ahead = [&](Instant time) {
      return std::ranges::any_of(ended_with_it, [&](const Epoch* epoch) {
        return epoch->from < time && time <= *epoch->until && Position{due(id, *epoch, time), id} > *position;
      });
    };
    for (Noted& noted : record.outcomes) {
      if (noted.forgotten || !is_ahead(noted.outcome.last)) continue;
      // Where the clock repeated itself it speaks of what the position has passed, too.
      noted.forgotten = !is_tainted(record, noted.outcome.last);
      record.outcome_places.erase({noted.outcome.outcome, noted.outcome.first});
    }
    record.decided.clear();
  }
}

void Model::process_died(bool power_lost) {
  unsettled_arrivals_.clear();
  requests_.died(power_lost);
  repairing_.reset();
  if (!power_lost) return;
  for (auto& [id, record] : actions_) {
    for (Arrival& arrival : record.arrivals) arrival.power_lost_since = true;
  }
}

void Model::offered(Instant seen, Instant highest, Snapshot snapshot) {
  if (!offers_.empty() && offers_.back().process == process_ && offers_.back().snapshot == snapshot) return;
  for (const auto& [id, row] : snapshot) versions_[row->version] = row;
  offers_.push_back({seen, highest, std::move(snapshot), process_});
}

// The first offer of the process that was running which shows `id` in version `wanted`; 0: not schedulable.
std::optional<std::size_t> Model::find_offer(std::size_t from, ActionId id, int wanted) const {
  for (std::size_t i = from; i < offers_.size(); ++i) {
    if (offers_[i].process != offers_.back().process) continue;
    const auto shown = offers_[i].snapshot.find(id);
    const bool scheduled = shown != offers_[i].snapshot.end() && shown->second->schedulable();
    if (wanted == 0 ? !scheduled : scheduled && shown->second->version == wanted) return i;
  }
  return std::nullopt;
}

Model::Epoch* Model::live_epoch(ActionId id) {
  auto& epochs = actions_[id].epochs;
  return epochs.empty() || epochs.back().until ? nullptr : &epochs.back();
}

void Model::take_version(ActionId id, const RowSpec* row, std::size_t offer, std::int64_t ms, bool open) {
  ActionRecord& record = actions_[id];
  record.taken_from_offer = offer;
  const Instant seen = offers_[offer].seen;
  if (Epoch* live = live_epoch(id)) {
    if (live->policies.front().row->schedule == row->schedule) {
      const RowSpec& before = *live->policies.back().row;
      if (open && (before.merge != row->merge || before.actuality() != row->actuality())) live->policy_from = seen;
      live->policies.push_back({ms, row});
      return;
    }
    end_epoch(id, *live, offers_[offer], ms);
  }
  taint(id, offers_[offer]);
  Epoch& epoch = record.epochs.emplace_back();
  epoch.from = seen;
  epoch.seen_again = offers_[offer].highest > seen;
  const bool is_first_offer = offer == 0 || offers_[offer - 1].process != offers_[offer].process;
  if (adopted_ && is_first_offer) {
    epoch.behind = adopted_;
    epoch.from = std::min(seen, adopted_->instant - Seconds{row->schedule.jitter_s + 1});
    for (const Epoch& earlier : record.epochs) {
      // What ended meanwhile, as far as the lost ledger knew, may begin again.
      if (!earlier.ledger_lost && earlier.until && *earlier.until > epoch.from) record.tainted.emplace_back(epoch.from, seen);
      // How old the action is only the lost ledger knew.
      if (earlier.ledger_lost && earlier.from > epoch.from) record.tainted.emplace_back(epoch.from, earlier.from);
      // Nor with which jitter what the position has passed was due.
      if (earlier.ledger_lost && !(earlier.policies.front().row->schedule == row->schedule)) {
        record.tainted.emplace_back(epoch.from, adopted_->instant);
      }
    }
  }
  epoch.began_ms = ms;
  epoch.policies.push_back({ms, row});
}

void Model::take_removal(ActionId id, std::int64_t ms) {
  Epoch* live = live_epoch(id);
  if (live == nullptr) return;
  const auto offer = find_offer(actions_[id].taken_from_offer, id, 0);
  if (!offer) return wrong("action " + std::to_string(id) + " was removed although each poll showed it");
  end_epoch(id, *live, offers_[*offer], ms);
}

// What is seen while the clock repeats itself is neither before nor after what was settled in its first run.
void Model::taint(ActionId id, const Offer& offer) {
  if (offer.highest > offer.seen) actions_[id].tainted.emplace_back(offer.seen, offer.highest);
}

void Model::end_epoch(ActionId id, Epoch& epoch, const Offer& offer, std::int64_t ms) {
  taint(id, offer);
  epoch.until = offer.seen;
  epoch.ended_ms = ms;
}

void Model::rows_saved(const std::vector<int>& versions, const std::vector<ActionId>& removed, std::int64_t ms, bool open) {
  take_rows(versions, removed, ms, open);
  if (!versions.empty()) adopted_.reset();
}

void Model::take_rows(const std::vector<int>& versions, const std::vector<ActionId>& removed, std::int64_t ms, bool open) {
  for (const int number : versions) {
    const auto known = versions_.find(number);
    const auto offer = known == versions_.end() ? std::nullopt : find_offer(0, known->second->id, number);
    if (!offer) {
      wrong("the ledger was given row version " + std::to_string(number) + ", which no poll of this process showed");
    } else {
      take_version(known->second->id, known->second, *offer, ms, open);
    }
  }
  for (const ActionId id : removed) take_removal(id, ms);
}

void Model::rows_found(const std::map<ActionId, int>& versions, std::int64_t ms) {
  const std::map<ActionId, int> known = followed();
  for (const auto& [id, number] : versions) {
    const auto same = known.find(id);
    if (same == known.end() || same->second != number) take_rows({number}, {}, ms, true);
  }
  for (const auto& [id, number] : known) {
    if (!versions.contains(id)) take_removal(id, ms);
  }
  if (!versions.empty()) adopted_.reset();
}

void Model::noted(const NotedOutcome& outcome, Instant now) {
  if (outcome.requested != Instant{}) {
    return requests_.noted(outcome, now, [&](std::int64_t ms) { return gone_since(outcome.action, ms); });
  }
  ActionRecord& record = actions_[outcome.action];
  const std::pair key{outcome.outcome, outcome.first};
  if (const auto decided = record.decided.find(key); decided != record.decided.end()) {
    now = std::max(now, decided->second);
    record.decided.erase(decided);
  }
  const auto [place, is_new] = record.outcome_places.try_emplace(key, record.outcomes.size());
  if (is_new) {
    record.outcomes.push_back({outcome, now, ++ended_count_});
  } else {
    record.outcomes[place->second] = {outcome, now, ++ended_count_};
  }
}

void Model::decided(const NotedOutcome& outcome, Instant now) {
  if (outcome.requested != Instant{}) return;
  Instant& known = actions_[outcome.action].decided[{outcome.outcome, outcome.first}];
  known = std::max(known, now);
}

void Model::found_noted(const NotedOutcome& outcome) {
  if (outcome.requested != Instant{}) return noted(outcome, outcome.noted_at);
  const ActionRecord& record = actions_[outcome.action];
  const auto place = record.outcome_places.find({outcome.outcome, outcome.first});
  if (place == record.outcome_places.end() || record.outcomes[place->second].outcome != outcome) noted(outcome, outcome.noted_at);
}

void Model::settled() {
  requests_.settled();
  // What the watermark cannot pass yet, because something of the same instant is open, is not settled with it.
  std::erase_if(unsettled_arrivals_, [&](const auto& unsettled) {
    const auto [id, index] = unsettled;
    Arrival& arrival = actions_[id].arrivals[index];
    const Epoch* epoch = epoch_of(id, arrival.time);
    arrival.settled = hand_overs_[arrival.hand_over].exceptions || epoch == nullptr ||
                      Position{due(id, *epoch, arrival.time), id} <= watermark_;
    return arrival.settled;
  });
}

std::size_t Model::hand_over(bool exceptions, Instant step_began, std::int64_t ms) {
  hand_overs_.push_back({exceptions, step_began, ms, process_, {}});
  return hand_overs_.size() - 1;
}

void Model::hand_over_ended(std::size_t number, const std::set<RequestedFire>& acknowledged) {
  if (exactly_once_) return;
  for (const RequestedFire& fire : acknowledged) {
    const auto& [id, time, requested] = fire;
    if (requested != Instant{}) {
      requests_.acknowledged(fire, number);
      continue;
    }
    ActionRecord& record = actions_[id];
    const auto found = record.last_arrival.find(unix_seconds(time));
    if (found == record.last_arrival.end() || record.arrivals[found->second].hand_over != number) {
      wrong(name(id, time) + " was reported as delivered but did not arrive");
      continue;
    }
    record.arrivals[found->second].acknowledged = true;
    unsettled_arrivals_.emplace_back(id, found->second);
  }
}

Model::Epoch* Model::epoch_of(ActionId id, Instant time) {
  const auto found = actions_.find(id);
  if (found == actions_.end()) return nullptr;
  // Around a lost ledger the former schedule and its successor may lie across each other.
  Epoch* other = nullptr;
  for (Epoch& epoch : found->second.epochs) {
    if (!holds(id, epoch, time)) continue;
    if (epoch.policies.front().row->schedule.next(unix_seconds(time) - 1) == unix_seconds(time)) return &epoch;
    if (other == nullptr) other = &epoch;
  }
  return other;
}

void Model::arrived(const Message& message, Instant now) {
  ++arrival_count_;
  if (verbose_) std::printf("%s   arrived: %s\n", format_utc(now).c_str(), describe(message).c_str());
  const std::string_view fire_id = header(message, "ce_id");
  const std::size_t sign = fire_id.find('@');
  const std::size_t plus = fire_id.find('+');
  const auto time = sign == fire_id.npos ? std::nullopt : parse_utc(fire_id.substr(sign + 1, plus - sign - 1));
  const auto requested = plus == fire_id.npos ? std::optional(Instant{}) : parse_utc(fire_id.substr(plus + 1));
  if (!time || !requested) return wrong("a message arrived without a fire id: \"" + std::string(fire_id) + "\"");
  const auto id = number<ActionId>(fire_id.substr(0, sign), 0);
  if (plus != fire_id.npos) return requested_arrived({id, *time, *requested}, message, now);
  Arrival arrival{*time,
                  message.hand_over,
                  message.topic,
                  std::string(header(message, "ce_reason")),
                  number<std::uint64_t>(header(message, "ce_mergedcount"), 0),
                  parse_utc(header(message, "ce_firstmissed")),
                  number(header(message, "ce_attempt"), 0),
                  now,
                  ++ended_count_,
                  false,
                  false,
                  false,
                  kNone};
  ActionRecord& record = actions_[id];
  Epoch* epoch = epoch_of(id, *time);
  const auto [last, first] = record.last_arrival.try_emplace(unix_seconds(*time), record.arrivals.size());
  if (!first) arrival.before = std::exchange(last->second, record.arrivals.size());
  if (is_tainted(record, *time)) {
    // It may come twice, or count from another instant.
  } else if (epoch == nullptr || epoch->policies.front().row->schedule.next(unix_seconds(*time) - 1) != unix_seconds(*time)) {
    wrong(name(id, *time) + " arrived, but is no fire time of the action");
  } else {
    judge_arrival(id, *epoch, record, arrival, message);
  }
  record.arrivals.push_back(std::move(arrival));
}

void Model::requested_arrived(const RequestedFire& fire, const Message& message, Instant now) {
  const HandOver& hand_over = hand_overs_[message.hand_over];
  const ActionId id = std::get<0>(fire);
  const std::string which(header(message, "ce_id"));
  requests_.arrived(fire, {std::string(header(message, "ce_reason")), number(header(message, "ce_attempt"), 0), now,
                           message.hand_over, hand_over.step_began, hand_over.began_ms, hand_over.process});
  if (!hand_over.exceptions) wrong(which + " was handed over with the fires of the schedule");
  const RowSpec* row = row_at(id, hand_over.began_ms);
  if (row == nullptr) return wrong(which + " was handed over although its action is not scheduled");
  if (message.value != "{\"command\": \"" + row->command() + "\"}") wrong(which + " carries " + message.value);
  if (message.topic != (row->topic.empty() ? kDefaultTopic : std::string_view(row->topic))) {
    wrong(which + " went to topic " + message.topic);
  }
}

void Model::judge_arrival(ActionId id, Epoch& epoch, ActionRecord& record, Arrival& arrival, const Message& message) {
  const std::string fire = name(id, arrival.time);
  HandOver& hand_over = hand_overs_[arrival.hand_over];
  const Instant due_at = due(id, epoch, arrival.time);
  if (hand_over.step_began < due_at) wrong(fire + " was handed over before it was due, at " + format_utc(hand_over.step_began));
  if (epoch.until && epoch.ended_ms < hand_over.began_ms) wrong(fire + " was handed over after its action had ended or changed");
  const auto dropped = record.dropped.find(arrival.time);
  if (dropped != record.dropped.end() && dropped->second && *dropped->second < hand_over.began_ms) {
    wrong(fire + " was handed over although it was given up");
  }
  if (!hand_over.exceptions && settled_by_hand(due_at, hand_over.began_ms)) {
    wrong(fire + " was handed over although it was settled by hand");
  }

  const RowSpec* current = nullptr;
  bool never_expires = false;
  std::int64_t longest = -1;
  for (const Policy& policy : epoch.policies) {
    if (policy.since_ms <= hand_over.began_ms) current = policy.row;
    never_expires |= !policy.row->actuality();
    longest = std::max(longest, policy.row->actuality().value_or(-1));
  }
  if (current != nullptr && message.value != "{\"command\": \"" + current->command() + "\"}") {
    wrong(fire + " carries " + message.value + " instead of " + current->command());
  }
  if (current != nullptr && arrival.topic != (current->topic.empty() ? kDefaultTopic : std::string_view(current->topic))) {
    wrong(fire + " went to topic " + arrival.topic);
  }
  // What an intent repeats says what it said at first.
  if (prompt_ && arrival.reason == "on_time" && arrival.attempt == 1 && hand_over.step_began > due_at + kLateForCertain &&
      !is_stalled(due_at)) {
    wrong(fire + " was missed but says on_time, handed over at " + format_utc(hand_over.step_began));
  }
  if (!never_expires && !record.kept.contains(arrival.time) && hand_over.step_began > due_at + Seconds{longest}) {
    wrong(fire + " was handed over although it had expired, at " + format_utc(hand_over.step_began));
  }

  for (std::size_t index = arrival.before; index != kNone; index = record.arrivals[index].before) {
    const Arrival& earlier = record.arrivals[index];
    if (exactly_once_) {
      wrong(fire + " arrived twice");
    } else if (earlier.settled) {
      wrong(fire + " arrived again although it was acknowledged and settled");
    } else if (earlier.acknowledged && hand_overs_[earlier.hand_over].process == hand_over.process) {
      wrong(fire + " arrived again although it was acknowledged");
    } else if (arrival.attempt < 2 && !earlier.power_lost_since) {
      wrong(fire + " arrived again without a mark");
    }
  }
  if (!hand_over.exceptions && arrival.reason != "on_time" && current != nullptr && current->merge.value_or(false)) {
    const auto [other, first] = hand_over.late_of_merging.try_emplace(id, arrival.time);
    if (!first && other->second != arrival.time) {
      wrong(fire + " was missed and not merged, " + name(id, other->second) + " was handed over with it");
    }
  }
  if (exactly_once_ && !hand_over.exceptions) {
    const std::pair<Instant, ActionId> place{due_at, id};
    // A transaction is seen as a whole, so there is no order between topics.
    auto& last = last_in_order_.try_emplace(arrival.topic, Instant::min(), 0).first->second;
    if (place < last) wrong(fire + " came out of order");
    last = place;
  }
}

void Model::troubled(Instant from, Instant until) {
  if (!trouble_.empty() && trouble_.back().first <= from && from <= trouble_.back().second) {
    trouble_.back().second = std::max(trouble_.back().second, until);
  } else {
    trouble_.emplace_back(from, until);
  }
}

bool Model::is_calm(Instant from, Instant until) const {
  return std::ranges::none_of(trouble_, [&](const auto& span) { return span.first <= until && from <= span.second; });
}

void Model::clock_set_back_for_good(Instant now, Instant was) {
  constexpr Seconds kMargin{3600};
  tainted_.emplace_back(now - kMargin, was + kMargin);
  last_in_order_.clear();
}

bool Model::is_stalled(Instant due_at) const {
  return std::ranges::any_of(stalled_, [&](const auto& span) { return span.first <= due_at && due_at <= span.second; });
}

bool Model::is_tainted(const ActionRecord& record, Instant time) const {
  const auto holds = [&](const auto& span) { return span.first <= time && time <= span.second; };
  return std::ranges::any_of(tainted_, holds) || std::ranges::any_of(record.tainted, holds);
}

std::map<ActionId, int> Model::followed() const {
  std::map<ActionId, int> rows;
  for (const auto& [id, record] : actions_) {
    if (!record.epochs.empty() && !record.epochs.back().until) rows[id] = record.epochs.back().policies.back().row->version;
  }
  return rows;
}

std::uint64_t Model::ended_otherwise() const {
  std::uint64_t count = 0;
  for (const auto& [id, record] : actions_) {
    for (const Noted& noted : record.outcomes) count += noted.outcome.count;
  }
  return count;
}

}  // namespace action_scheduler::simulation
