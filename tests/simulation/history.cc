#include "tests/simulation/history.h"

#include <algorithm>
#include <array>

#include "tests/simulation/draw.h"

namespace action_scheduler::simulation {

namespace {

constexpr std::array<std::string_view, 28> kKinds{
    "put",          "erase",           "truncate",       "poll_fails",   "poll_slow",
    "kill",         "power_loss",      "stop_process",   "shutdown",     "clock_step",
    "ledger_fails", "disk_full",       "broker_down",    "broker_fault", "transactions_refused",
    "topic_gone",   "topic_forbidden", "topic_silent",   "topic_small",  "lose_ledger",
    "take_over",    "die_young",       "ledger_unheard", "fire_by_hand", "backfill",
    "retry_parked", "drop_parked",     "settle"};

std::string iso(std::int64_t seconds) { return format_utc(instant_from_unix(seconds)); }

}  // namespace

std::string_view to_string(EventKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string ScheduleSpec::cron() const {
  std::string format_name = "interval";
  std::string params;
  switch (format) {
    case Format::interval:
      params = "\"seconds\":" + std::to_string(period_s);
      if (phase_s != 0) params += R"(,"start_date":")" + iso(phase_s) + '"';
      break;
    case Format::unix_minutes:
      format_name = "unix";
      params = R"("value":"*/)" + std::to_string(period_s / 60) + R"( * * * *")";
      break;
    case Format::unix_hourly:
      format_name = "unix";
      params = R"("value":")" + std::to_string(phase_s / 60) + R"( * * * *")";
      break;
    case Format::unix_daily:
      format_name = "unix";
      params = R"("value":")" + std::to_string(phase_s / 60 % 60) + ' ' + std::to_string(phase_s / 3600) + R"( * * *")";
      break;
    case Format::apscheduler_daily:
      format_name = "apscheduler";
      params = R"("hour":)" + std::to_string(phase_s / 3600) + R"(,"minute":)" + std::to_string(phase_s / 60 % 60) +
               R"(,"second":")" + std::to_string(phase_s % 60) + '"';
      break;
    case Format::date:
      format_name = "date";
      params = R"("run_date":")" + iso(phase_s) + '"';
      break;
  }
  if (end_at) params += R"(,"end_date":")" + iso(*end_at) + '"';
  if (jitter_s > 0) params += R"(,"jitter":)" + std::to_string(jitter_s);
  return R"({"format":")" + format_name + R"(","params":{)" + params + "}}";
}

std::optional<std::int64_t> ScheduleSpec::next(std::int64_t t) const {
  if (format == Format::date) return phase_s > t ? std::optional(phase_s) : std::nullopt;
  const std::int64_t into = ((t - phase_s) % period_s + period_s) % period_s;
  const std::int64_t time = t - into + period_s;
  if (end_at && time > *end_at) return std::nullopt;
  return time;
}

Row RowSpec::row() const {
  Row row;
  row.id = id;
  row[Column::name] = "action " + std::to_string(id);
  row[Column::command] = command();
  row[Column::cron] = bad ? R"({"format":"unix","params":{"value":"no schedule"}})" : schedule.cron();
  if (merge) row[Column::merge_missed] = *merge ? "t" : "f";
  if (actuality_s) row[Column::actuality_time] = std::to_string(*actuality_s);
  if (enabled) row[Column::enabled] = *enabled ? "t" : "f";
  if (!topic.empty()) row[Column::topic] = topic;
  return row;
}

std::string Event::describe() const {
  std::string text = format_utc(kBegin + Seconds{at_ms / 1000}) + " " + std::string(to_string(kind));
  if (kind == EventKind::put || kind == EventKind::erase) {
    text += " id " + std::to_string(row.id);
    if (kind == EventKind::put) {
      text += " " + row.command() + " " + (row.bad ? "bad" : row.schedule.cron());
      if (row.merge) text += *row.merge ? " merge" : " no merge";
      if (row.actuality_s) text += " actuality " + std::to_string(*row.actuality_s);
      if (row.enabled) text += *row.enabled ? " enabled" : " disabled";
      if (!row.topic.empty()) text += " topic " + row.topic;
    }
  }
  if (kind == EventKind::broker_fault) text += " " + std::string(to_string(fault));
  if (!topic.empty()) text += " " + topic;
  const bool of_action = kind == EventKind::fire_by_hand || kind == EventKind::backfill || kind == EventKind::retry_parked ||
                         kind == EventKind::drop_parked;
  if (of_action) text += " id " + std::to_string(row.id);
  if (!key.empty()) text += " key " + key;
  if (count != 0) text += " count " + std::to_string(count);
  if (amount != 0) text += " amount " + std::to_string(amount);
  return text;
}

std::string Setup::describe() const {
  constexpr std::array<std::string_view, 3> modes{"exactly_once", "at_least_once", "auto"};
  return std::string(modes[static_cast<std::size_t>(mode)]) + (sqlite ? ", SQLite" : ", memory ledger") + ", transactions of " +
         std::to_string(transaction_fires_max) + ", pieces of " + std::to_string(piece_fires_max) + ", polls every " +
         std::to_string(poll_period_s) + " s";
}

namespace {

class Generator : private Draw {
 public:
  explicit Generator(std::uint64_t seed) : Draw(seed * 0x9e3779b97f4a7c15U + 1) { history_.seed = seed; }

  History run() {
    Setup& setup = history_.setup;
    setup.mode = chance(10) ? Setup::Mode::automatic : chance(2) ? Setup::Mode::at_least_once : Setup::Mode::exactly_once;
    setup.sqlite = chance(12);
    setup.transaction_fires_max = pick<std::size_t>({1, 2, 3, 7, 1000});
    setup.piece_fires_max = pick<std::size_t>({1, 4, 20, 100'000, 100'000});
    setup.poll_period_s = pick({5, 30, 30, 120});
    // What this history is made of: each seed likes some kinds of trouble and knows nothing of others.
    for (bool& liked : liked_) liked = chance(2);
    several_topics_ = chance(2);
    brisk_ = chance(3);

    const auto actions = pick<ActionId>({1, 2, 4, 12});
    for (ActionId id = 1; id <= actions; ++id) put(fresh_row(id), 0);
    const auto events = pick({3, 6, 12, 25, 40});
    for (std::int64_t i = 0; i < events; ++i) {
      now_ms_ += brisk_ ? pick({0, 10, 700, 3000, 3000, 10'000, 30'000})
                        : pick({0, 10, 700, 3000, 30'000, 30'000, 200'000, 200'000, 1'000'000});
      now_ms_ += pick({0, 0, 137, 500});
      something();
    }
    history_.faults_end_ms = now_ms_ + (brisk_ ? pick({100, 3000, 60'000}) : pick({100, 3000, 60'000, 600'000}));
    end_frequent_schedules();
    // Topics that kept silent are asked again after half an hour at most.
    history_.end_ms = history_.faults_end_ms + 2'400'000;
    std::ranges::stable_sort(history_.events, {}, &Event::at_ms);
    return std::move(history_);
  }

 private:
  enum Liking : std::uint8_t { kTable, kPolls, kDeaths, kClock, kLedger, kBroker, kFaults, kTopics, kLikings };

  std::int64_t now_s() const { return unix_seconds(kBegin) + now_ms_ / 1000; }

  ScheduleSpec fresh_schedule() {
    using Format = ScheduleSpec::Format;
    ScheduleSpec schedule;
    switch (below(8)) {
      case 0:
        schedule.format = Format::unix_minutes;
        schedule.period_s = 60 * pick({1, 2, 5, 15});
        break;
      case 1:
        schedule.format = Format::unix_hourly;
        schedule.period_s = 3600;
        schedule.phase_s = 60 * below(60);
        break;
      case 2:
        schedule.format = chance(2) ? Format::unix_daily : Format::date;
        schedule.period_s = 86400;
        schedule.phase_s = (now_s() + pick({10, 400, 1800, 3000})) / 60 * 60;
        if (schedule.format == Format::unix_daily) schedule.phase_s %= 86400;
        break;
      default:
        schedule.period_s = brisk_ ? pick({1, 1, 2, 7, 30}) : pick({7, 30, 60, 60, 300, 300, 600, 900});
        if (chance(3)) schedule.phase_s = below(schedule.period_s);
    }
    if (chance(4)) schedule.jitter_s = pick({1, 5, 20, 90, 400});
    if (chance(10) && schedule.format != Format::date) schedule.end_at = now_s() + pick({30, 600, 3000});
    return schedule;
  }

  RowSpec fresh_row(ActionId id) {
    RowSpec row;
    row.id = id;
    row.schedule = fresh_schedule();
    policy(row);
    if (several_topics_ && chance(2)) row.topic = kOtherTopics[below(2)];
    if (chance(12)) row.bad = true;
    if (chance(12)) row.enabled = false;
    return row;
  }

  void policy(RowSpec& row) {
    row.merge.reset();
    row.actuality_s.reset();
    if (chance(2)) row.merge = chance(2);
    if (chance(2)) row.actuality_s = pick({-1, 0, 1, 5, 60, 300});
  }

  // What fires each few seconds does so while there is trouble, not long after it: histories are to be cheap.
  void end_frequent_schedules() {
    constexpr std::int64_t frequent_s = 7;
    std::int64_t ahead_s = 0;
    std::int64_t most_ahead_s = 0;
    for (const Event& event : history_.events) {
      if (event.kind == EventKind::clock_step) most_ahead_s = std::max(most_ahead_s, ahead_s += event.amount);
    }
    const std::int64_t end_at = unix_seconds(kBegin) + history_.faults_end_ms / 1000 + most_ahead_s + 120;
    for (Event& event : history_.events) {
      ScheduleSpec& schedule = event.row.schedule;
      if (event.kind == EventKind::put && schedule.period_s <= frequent_s && !schedule.end_at) schedule.end_at = end_at;
    }
  }

  Event& add(EventKind kind) {
    Event& event = history_.events.emplace_back();
    event.at_ms = now_ms_;
    event.kind = kind;
    return event;
  }

  void put(RowSpec row, std::int64_t commit_delay_ms) {
    row.version = ++version_;
    rows_[row.id] = row;
    Event& event = add(EventKind::put);
    event.row = std::move(row);
    event.amount = commit_delay_ms;
  }

  void something() {
    const auto liking = static_cast<Liking>(below(kLikings));
    if (!liked_[liking]) return;
    switch (liking) {
      case kTable:
        return edit();
      case kPolls: {
        Event& event = add(chance(2) ? EventKind::poll_fails : EventKind::poll_slow);
        event.count = pick({1, 2, 5});
        event.amount = pick({1000, 8000, 40'000, 200'000});
        return;
      }
      case kDeaths:
        return death();
      case kClock:
        add(EventKind::clock_step).amount = brisk_ ? pick({1, 3, 6, 10, 100, 100, chance(4) ? 1000 : 6, chance(20) ? 7200 : 3, -1,
                                                           -2, -5, -60, -600, -3600, -11'000})
                                                   : pick({1, 3, 6, 10, 100, 1000, 7200, chance(4) ? 90'000 : 1000, -1, -2, -5,
                                                           -60, -600, -3600, -10'799, -11'000, -40'000});
        return;
      case kLedger:
        if (chance(2)) {
          add(EventKind::ledger_fails).count = pick({1, 1, 2, 3, 8});
        } else {
          add(EventKind::disk_full).amount = pick({500, 5000, 60'000, 400'000});
        }
        return;
      case kBroker:
        add(chance(8) ? EventKind::transactions_refused : EventKind::broker_down).amount =
            pick({30, 500, 3000, 12'000, 70'000, 400'000, 4'000'000});
        return;
      case kFaults:
        add(EventKind::broker_fault).fault = static_cast<BrokerFault>(below(kBrokerFaultsAtFirst));
        // Faults meet each other when one follows at once.
        if (chance(4)) add(EventKind::broker_fault).fault = static_cast<BrokerFault>(below(kBrokerFaultsAtFirst));
        return;
      case kTopics: {
        Event& event = add(pick<EventKind>(
            {EventKind::topic_gone, EventKind::topic_forbidden, EventKind::topic_silent, EventKind::topic_small}));
        event.topic = several_topics_ && !chance(3) ? kOtherTopics[below(2)] : kDefaultTopic;
        event.amount = pick({500, 8000, 40'000, 200'000, 1'000'000});
        return;
      }
      case kLikings:
        return;
    }
  }

  void death() {
    // A volume is lost and an instance taken over where the position is the receiver's, or nobody's.
    const Setup::Mode mode = history_.setup.mode;
    const EventKind loss = mode != Setup::Mode::automatic ? EventKind::lose_ledger : EventKind::kill;
    const EventKind take_over = mode == Setup::Mode::exactly_once ? EventKind::take_over : EventKind::kill;
    Event& event = add(pick<EventKind>({EventKind::kill, EventKind::kill, EventKind::kill, EventKind::kill, EventKind::power_loss,
                                        EventKind::stop_process, EventKind::shutdown, EventKind::kill, loss, take_over}));
    event.count = chance(3) ? 0 : 1 + below(pick({3, 10, 40}));
    event.amount = pick({0, 10, 900, 5000, 70'000, 900'000});
    if (event.kind == EventKind::stop_process) event.amount = pick({900, 5000, 70'000, 900'000});
    if (event.kind == EventKind::shutdown) event.count = 0;
    if (event.kind == EventKind::take_over) {
      event.count = std::max<std::int64_t>(event.count, 1);
      event.amount = pick({3000, 20'000, 90'000, 900'000});
    }
  }

  void edit() {
    const std::int64_t commit_delay_ms = chance(5) ? pick({3000, 40'000, 300'000}) : 0;
    const ActionId id = 1 + below(chance(4) ? 14 : std::max<std::int64_t>(1, static_cast<std::int64_t>(rows_.size())));
    const auto known = rows_.find(id);
    if (known == rows_.end()) return put(fresh_row(id), commit_delay_ms);
    RowSpec row = known->second;
    switch (below(9)) {
      case 0: {
        rows_.erase(known);
        Event& event = add(EventKind::erase);
        event.row.id = id;
        event.amount = commit_delay_ms;
        return;
      }
      case 1:
        if (chance(3)) {
          add(EventKind::truncate);
          rows_.clear();
          return;
        }
        row.bad = !row.bad;
        break;
      case 2:
        row.enabled = !row.enabled.value_or(true);
        break;
      case 3:
      case 4:
        policy(row);
        break;
      case 5:
        row.schedule = fresh_schedule();
        break;
      case 6:
        row = fresh_row(id);
        break;
      default:
        break;  // another command
    }
    put(std::move(row), commit_delay_ms);
  }

  History history_;
  std::array<bool, kLikings> liked_{};
  bool several_topics_ = false;
  bool brisk_ = false;  // seconds between events and fires, not minutes
  std::map<ActionId, RowSpec> rows_;
  int version_ = 0;
  std::int64_t now_ms_ = 0;
};

}  // namespace

History generate(std::uint64_t seed, Generation generation) {
  History history = Generator(seed).run();
  history.generation = generation;
  if (generation >= Generation::requests) add_requests(history);
  if (generation >= Generation::unheard) add_unheard(history);
  return history;
}

History year_of_a_hundred_actions() {
  using Format = ScheduleSpec::Format;
  History history;
  history.setup.poll_period_s = 3600;
  for (ActionId id = 1; id <= 100; ++id) {
    Event& event = history.events.emplace_back();
    event.kind = EventKind::put;
    event.row.id = id;
    event.row.version = static_cast<int>(id);
    event.row.merge = id % 2 == 0;
    ScheduleSpec& schedule = event.row.schedule;
    if (id <= 2) {
      schedule.format = Format::unix_minutes;
      schedule.period_s = 900;
    } else if (id <= 20) {
      schedule.format = Format::unix_hourly;
      schedule.period_s = 3600;
      schedule.phase_s = 60 * (id % 4 * 15);
    } else if (id <= 25) {
      schedule.format = Format::interval;
      schedule.period_s = 5400;
      schedule.phase_s = 7 * id;
    } else if (id <= 30) {
      schedule.format = Format::date;
      schedule.phase_s = unix_seconds(kBegin) + 86400 * 10 * id;
    } else {
      schedule.format = id % 3 == 0 ? Format::apscheduler_daily : Format::unix_daily;
      schedule.period_s = 86400;
      schedule.phase_s = 3600 * (id % 24) + 60 * (id % 12 * 5);
    }
    if (id % 10 == 0) schedule.jitter_s = 60;
  }
  history.faults_end_ms = history.end_ms = std::int64_t{365} * 86400 * 1000;
  return history;
}

}  // namespace action_scheduler::simulation
