// What the third generation of histories adds to the second: what happens although it was said to have failed, and a clock that
// is days away.
#include <algorithm>
#include <limits>

#include "tests/simulation/draw.h"

namespace action_scheduler::simulation {

namespace {

constexpr std::int64_t kDayS = 86'400;

class UnheardAdder : private Adder {
 public:
  explicit UnheardAdder(History& history) : Adder(history, history.seed * 0x2545f4914f6cdd1dU + 7) {}

  void run() {
    if (chance(2)) {
      for (auto i = pick({1, 1, 2, 4}); i > 0; --i) unheard();
    }
    if (chance(8)) leap();
    std::ranges::stable_sort(history_.events, {}, &Event::at_ms);
  }

 private:
  void unheard() {
    const std::int64_t at_ms = instant();
    if (chance(2)) {
      add(EventKind::broker_fault, at_ms).fault =
          pick<BrokerFault>({BrokerFault::init_reply_lost, BrokerFault::offsets_reply_lost, BrokerFault::abort_reply_lost});
      // Only what goes wrong is aborted, and only who comes anew claims.
      if (chance(2)) {
        add(EventKind::broker_fault, at_ms).fault =
            pick<BrokerFault>({BrokerFault::offsets_abortable, BrokerFault::commit_abortable, BrokerFault::message_rejected,
                               BrokerFault::begin_fatal});
      }
      return;
    }
    history_.setup.unheard_writes = true;
    Event& fails = add(EventKind::ledger_unheard, at_ms);
    fails.amount = pick({0, 0, 1, 2, 3});
    fails.count = pick({1, 1, 2});
    // Only a later process finds it.
    if (chance(4)) return;
    Event& dies = add(chance(3) ? EventKind::power_loss : EventKind::kill, at_ms + pick({0, 10, 700, 3000}));
    dies.count = pick({0, 1, 2, 4, 8, 20});
    dies.amount = pick({0, 900, 5000, 70'000});
  }

  // What fires often is not to do so for days.
  void leap() {
    std::int64_t period_s = std::numeric_limits<std::int64_t>::max();
    for (const Event& event : history_.events) {
      if (event.kind == EventKind::put) period_s = std::min(period_s, event.row.schedule.period_s);
    }
    if (period_s < 300) return;
    const std::int64_t days = period_s < 3600 ? 3 : pick({3, 10});
    add(EventKind::clock_step, instant()).amount = days * kDayS;
    if (chance(2)) add(EventKind::clock_step, instant()).amount = -days * kDayS;
  }
};

}  // namespace

void add_unheard(History& history) { UnheardAdder(history).run(); }

}  // namespace action_scheduler::simulation
