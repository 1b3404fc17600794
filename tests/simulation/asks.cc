// What operators ask the simulated process for, between two steps, as the service does for its HTTP server.
#include <cstdio>

#include "tests/simulation/process.h"

namespace action_scheduler::simulation {

void World::take_asks() {
  while (!asks_.empty() && !is_rival_) {
    const Event& event = *asks_.front();
    asks_.pop_front();
    ask(event);
  }
}

// The model hears what is asked before the engine does: should the process die at it, nobody is answered. If it is taken over at
// it, its answer is that of a scheduler whose ledger counts no more.
void World::ask(const Event& event) {
  ++account_.requests;
  Engine& engine = *process_->engine;
  const auto tell = [&](const auto& answer) {
    if (is_rival_ || !verbose_) return;
    const auto* refused = std::get_if<Refused>(&answer);
    std::printf("%s   %s: %s\n", format_utc(second()).c_str(), std::string(to_string(event.kind)).c_str(),
                refused != nullptr ? refused->message.c_str() : "granted");
  };
  switch (event.kind) {
    case EventKind::fire_by_hand:
    case EventKind::backfill: {
      FireRequest asked;
      asked.action = event.row.id;
      asked.key = event.key;
      asked.asked = "operator";
      if (event.kind == EventKind::backfill) {
        asked.kind = FireReason::backfill;
        asked.from = second() - Seconds{event.amount};
        asked.to = asked.from + Seconds{event.count};
      }
      model_.ask(asked, second(), now_ms_, disk_->works());
      const auto answer = engine.request(asked);
      tell(answer);
      if (!is_rival_) model_.answered(answer);
      return;
    }
    case EventKind::retry_parked:
    case EventKind::drop_parked: {
      ParkedRequest asked;
      asked.kind = event.kind == EventKind::drop_parked ? ParkedRequest::Kind::drop : ParkedRequest::Kind::retry;
      if (event.row.id != 0) asked.ids.push_back(std::to_string(event.row.id));
      asked.late = event.count == 1;
      asked.asked = "operator";
      model_.ask(asked, second(), disk_->works());
      const auto answer = engine.repair_parked(asked);
      tell(answer);
      if (!is_rival_) model_.answered(answer, now_ms_);
      return;
    }
    default: {
      SettleRequest asked;
      if (event.amount != 0) asked.until = second() - Seconds{event.amount};
      asked.asked = "operator";
      model_.ask(asked, second(), disk_->works() && !nothing_known_since_);
      const auto answer = engine.settle(asked);
      tell(answer);
      if (!is_rival_) model_.answered(answer, now_ms_);
      return;
    }
  }
}

}  // namespace action_scheduler::simulation
