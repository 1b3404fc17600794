// What the second generation of histories adds to the first: what operators ask for, most of it around faults, and faults that
// meet.
#include <algorithm>

#include "tests/simulation/draw.h"

namespace action_scheduler::simulation {

namespace {

class RequestsAdder : private Adder {
 public:
  explicit RequestsAdder(History& history) : Adder(history, history.seed * 0xd1342543de82ef95U + 3) {
    for (const Event& event : history.events) {
      if (event.kind != EventKind::put) continue;
      version_ = std::max(version_, event.row.version);
      puts_.push_back(event);
    }
  }

  void run() {
    if (chance(2)) ask();
    if (chance(2)) {
      for (auto i = pick({1, 1, 2, 4}); i > 0; --i) meet();
    }
    if (std::ranges::any_of(history_.events, is_far_back) && chance(2)) {
      history_.clock_stays = true;
      history_.end_ms += 3 * 3'600'000 + 600'000;  // as long as a clock is waited for
    }
    std::ranges::stable_sort(history_.events, {}, &Event::at_ms);
  }

 private:
  static bool is_far_back(const Event& event) { return event.kind == EventKind::clock_step && event.amount <= -40'000; }

  ActionId known_action() {
    return chance(12) ? 1 + below(14) : puts_[static_cast<std::size_t>(below(std::ssize(puts_)))].row.id;
  }

  void ask() {
    const std::int64_t asks = pick({1, 3, 8, 8});
    for (std::int64_t i = 0; i < asks; ++i) {
      const std::int64_t at_ms = instant();
      if (chance(4)) trouble(at_ms);
      switch (below(10)) {
        case 0:
        case 1:
          add(EventKind::settle, at_ms).amount = chance(2) ? 0 : pick({-10, 1, 5, 60, 600});
          break;
        case 2:
        case 3: {
          Event& event = add(chance(2) ? EventKind::drop_parked : EventKind::retry_parked, at_ms);
          event.row.id = chance(2) ? 0 : known_action();
          event.count = chance(2) ? 1 : 0;
          break;
        }
        default:
          fire(at_ms);
      }
    }
  }

  // Asked once, or again and again with the same key or none.
  void fire(std::int64_t at_ms) {
    Event asked;
    asked.kind = chance(3) ? EventKind::backfill : EventKind::fire_by_hand;
    asked.row.id = known_action();
    if (chance(2)) asked.key = "k" + std::to_string(chance(4) ? below(3) : 10 + below(1000));
    if (asked.kind == EventKind::backfill) {
      asked.amount = pick({10, 60, 600, 3600, 7200});
      asked.count = chance(10) ? asked.amount + 10 : std::max<std::int64_t>(1, asked.amount / pick({1, 1, 2}));
      asked.count = std::min<std::int64_t>(asked.count, 3600);
    }
    for (auto i = pick({1, 1, 2, 3}); i > 0 && at_ms < history_.faults_end_ms; --i) {
      Event again = asked;
      again.at_ms = at_ms;
      history_.events.push_back(again);
      const std::int64_t pause = pick({10, 900, 3000, 20'000, 200'000});
      // Until now, wherever the same times are asked for again.
      if (asked.kind == EventKind::backfill) asked.amount += pause / 1000;
      at_ms += pause;
    }
  }

  // At the very effects of what is asked.
  void trouble(std::int64_t at_ms) {
    switch (below(4)) {
      case 0:
        add(EventKind::ledger_fails, at_ms).count = pick({1, 2});
        return;
      case 1:
        add(EventKind::power_loss, at_ms).count = pick({1, 2, 3, 5});
        return;
      default: {
        Event& event = add(EventKind::kill, at_ms);
        event.count = pick({1, 2, 3, 5, 8});
        event.amount = pick({0, 900, 5000});
      }
    }
  }

  void meet() {
    const std::int64_t at_ms = instant();
    switch (below(6)) {
      case 0: {
        // The ledger does not take what a fault of the broker left.
        add(EventKind::broker_fault, at_ms).fault =
            pick<BrokerFault>({BrokerFault::messages_lost, BrokerFault::acknowledgements_lost, BrokerFault::producer_fatal,
                               BrokerFault::commit_reply_lost, BrokerFault::commit_later});
        Event& fails = add(EventKind::ledger_fails, at_ms);
        fails.amount = pick({1, 1, 2, 3});
        fails.count = pick({1, 1, 2});
        if (chance(2)) add(EventKind::die_young, at_ms).count = pick({1, 2, 4, 8, 20});
        return;
      }
      case 1: {
        // Long away, and again away half-way through what was missed; then a row changes its mind about merging.
        const std::int64_t away_ms = pick({60'000, 400'000, 1'000'000});
        add(EventKind::broker_down, at_ms).amount = away_ms;
        Event& again = add(EventKind::broker_down, at_ms + away_ms - 1);
        again.count = pick({2, 5, 10, 20, 40});
        again.amount = pick({12'000, 70'000, 400'000});
        change(at_ms + away_ms + pick({0, 5000, 30'000}), [this](RowSpec& row) { row.merge = !row.merge.value_or(false); });
        return;
      }
      case 2: {
        // Long away, and dead at once each time that it comes back.
        Event& away = add(EventKind::kill, at_ms);
        away.amount = pick({70'000, 400'000, 900'000});
        add(EventKind::die_young, at_ms + 1).count = 1 + below(pick({8, 40}));
        return;
      }
      case 3: {
        // An action becomes another one while its fires are parked.
        const RowSpec row = puts_[static_cast<std::size_t>(below(std::ssize(puts_)))].row;
        const std::int64_t away_ms = pick({40'000, 200'000, 1'000'000});
        Event& topic = add(
            pick<EventKind>({EventKind::topic_gone, EventKind::topic_forbidden, EventKind::topic_silent, EventKind::topic_small}),
            at_ms);
        topic.topic = row.topic.empty() ? std::string(kDefaultTopic) : row.topic;
        topic.amount = away_ms;
        const std::int64_t changed_ms = at_ms + std::min<std::int64_t>(away_ms, 120'000) * pick({1, 2, 3}) / 4;
        put(row, changed_ms, [this](RowSpec& other) {
          change_schedule(other.schedule);
          if (chance(2)) other.merge = true;
        });
        return;
      }
      case 4: {
        // A topic refuses some fires of a batch, the broker goes before the rest, and what is parked is given up.
        Event& topic = add(chance(2) ? EventKind::topic_forbidden : EventKind::topic_small, at_ms);
        topic.topic = chance(2) ? kDefaultTopic : kOtherTopics[below(2)];
        topic.amount = pick({40'000, 200'000});
        Event& away = add(EventKind::broker_down, at_ms + pick({0, 3000, 20'000}));
        away.count = pick({1, 2, 3, 5, 10});
        away.amount = pick({12'000, 70'000, 400'000});
        for (const std::int64_t after_ms : {3000, 12'000, 40'000}) {
          if (chance(2)) add(chance(4) ? EventKind::settle : EventKind::drop_parked, at_ms + after_ms);
        }
        return;
      }
      default: {
        Event& dies = add(EventKind::die_young, at_ms);
        dies.count = 1 + below(pick({8, 40}));
        Event& event = add(EventKind::kill, at_ms);
        event.count = pick({1, 3, 10});
        event.amount = pick({0, 900, 70'000});
      }
    }
  }

  void change_schedule(ScheduleSpec& schedule) {
    switch (schedule.format) {
      case ScheduleSpec::Format::interval:
        schedule.period_s += pick({0, 1, 7});
        schedule.phase_s = (schedule.phase_s + 1) % schedule.period_s;
        return;
      case ScheduleSpec::Format::unix_minutes:
        schedule.period_s = schedule.period_s == 60 ? 120 : 60;
        return;
      case ScheduleSpec::Format::unix_hourly:
      case ScheduleSpec::Format::unix_daily:
      case ScheduleSpec::Format::apscheduler_daily:
        schedule.phase_s = (schedule.phase_s + 60) % schedule.period_s;
        return;
      case ScheduleSpec::Format::date:
        schedule.phase_s += 60;
        return;
    }
  }

  template <class Change>
  void change(std::int64_t at_ms, const Change& how) {
    put(puts_[static_cast<std::size_t>(below(std::ssize(puts_)))].row, at_ms, how);
  }
  template <class Change>
  void put(RowSpec row, std::int64_t at_ms, const Change& how) {
    how(row);
    row.version = ++version_;
    add(EventKind::put, at_ms).row = std::move(row);
  }

  std::vector<Event> puts_;
  int version_ = 0;
};

}  // namespace

void add_requests(History& history) { RequestsAdder(history).run(); }

}  // namespace action_scheduler::simulation
