#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>

#include "callbacks/kafka/monotonic.h"
#include "tests/simulation/librdkafka.h"
#include "tests/simulation/process.h"

namespace action_scheduler {

namespace {

const std::int64_t* simulated_now_ms = nullptr;

}  // namespace

// In place of the real one: time is the world's.
kafka::MonotonicTime kafka::monotonic_now() { return kafka::MonotonicTime{std::chrono::milliseconds{*simulated_now_ms + 1}}; }

namespace simulation {

namespace {

// The same for a topic's: a silent one is asked again after half an hour at most.
constexpr std::int64_t kTopicRecoveryMs = 2'000'000;
// A clock that is set back by more is not waited for.
constexpr std::int64_t kClockBackWaitS = 3 * 3600;

}  // namespace

World::World(const History& history, bool verbose)
    : history_(history),
      verbose_(verbose),
      model_(history.setup, verbose),
      cluster_(*this),
      clock_(std::make_unique<SimulatedClock>(*this)),
      log_(std::make_unique<SimulatedLog>(*this)) {
  simulated_now_ms = &now_ms_;
  connect_librdkafka(&cluster_, this);
  Surroundings& surroundings = *this;
  LedgerWitness& witness = *this;
  disk_ = std::make_unique<Disk>(history.setup.sqlite, surroundings, witness);
}

World::~World() {
  rival_.reset();
  process_.reset();
  connect_librdkafka(nullptr, nullptr);
}

Account World::live() {
  // Nothing is punctual before the first claim and the first poll.
  trouble_for(0);
  at(history_.faults_end_ms, [this] {
    faults_over_ = true;
    // Somebody sets the clock right, so that nothing is waited for any more.
    const Instant right = history_.clock_stays ? highest_accepted_ : highest_;
    if (second() < right) set_clock((right - second()).count());
    cluster_.heal();
    for (Disk* disk : {disk_.get(), rival_ ? rival_->disk.get() : nullptr}) {
      if (disk == nullptr) continue;
      disk->fail_next_writes(0, 0);
      disk->set_full(false);
    }
    polls_to_fail_ = 0;
    armed_.clear();
    dies_young_ = 0;
    stop_at_rest_ms_ = 0;
    if (process_) process_->away_ms = 0;
    start_at_ms_ = std::min(start_at_ms_, now_ms_);
    trouble_for(kTopicRecoveryMs);
  });
  while (now_ms_ < history_.end_ms) live_on();
  account_.wrong = judge_end();
  account_.arrivals = model_.arrivals();
  account_.ended_otherwise = model_.ended_otherwise();
  account_.requests_accepted = model_.requests_accepted();
  return account_;
}

void World::live_on() {
  try {
    if (rival_ && rival_->process && now_ms_ >= rival_->wake_at_ms) {
      run_rival();
    } else if (process_) {
      turn();
    } else if (now_ms_ < start_at_ms_) {
      const auto next = next_happening();
      pass(std::min(start_at_ms_, next.value_or(start_at_ms_)) - now_ms_);
    } else {
      disturbed();
      pass(0);
      begin_process();
    }
  } catch (const Death&) {
    bury();
  }
}

std::vector<std::string> World::judge_end() {
  if (!process_) {
    model_.wrong("no process runs at the end");
  } else {
    const Engine& engine = *process_->engine;
    if (!engine.receiver_answers()) model_.wrong("at the end the receiver is taken for down");
    std::size_t parked = 0;
    // What came due before the clock was set far back waits until it is due again.
    engine.parking().for_each(
        [&](const ParkedFire& one) { parked += is_requested(one.fire) || one.fire.due < second() ? 1 : 0; });
    if (parked > 0) model_.wrong("at the end " + std::to_string(parked) + " fires are parked");
    const Instant watermark = engine.watermark().instant;
    if (watermark < second() - Seconds{61} || watermark > second() + Seconds{1}) {
      model_.wrong("at the end the watermark stands at " + format_utc(watermark) + ", the clock at " + format_utc(second()));
    }
    std::map<ActionId, int> wanted;
    for (const auto& [id, row] : table_) {
      if (row->schedulable()) wanted[id] = row->version;
    }
    if (model_.followed() != wanted) model_.wrong("at the end the table is not what is scheduled");
    if (engine.schedule().actions().size() != wanted.size())
      model_.wrong("at the end the engine has other actions than the table");
  }
  return model_.verdict(second() - Seconds{3}, highest_);
}

void World::trouble_for(std::int64_t ms) {
  troubled_until_ms_ = std::max(troubled_until_ms_, now_ms_ + ms + kRecoveryMs);
  model_.troubled(second() - Seconds{2}, second() + Seconds{(ms + kRecoveryMs) / 1000});
}

void World::disturbed() { trouble_for(0); }

void World::happen(const Event& event) {
  if (verbose_) std::printf("%s * %s\n", format_utc(second()).c_str(), event.describe().c_str());
  // One that comes in the very millisecond in which faults end comes too late.
  if (faults_over_ && is_fault(event.kind)) return;
  const auto for_a_while = [&](auto set) {
    set(true);
    trouble_for(event.amount);
    at(now_ms_ + event.amount, [this, set] {
      set(false);
      trouble_for(0);
    });
  };
  switch (event.kind) {
    case EventKind::put:
    case EventKind::erase:
    case EventKind::truncate:
      return happen_to_table(event);
    case EventKind::poll_fails:
      polls_to_fail_ = event.count;
      return;
    case EventKind::poll_slow:
      slow_poll_ms_ = event.amount;
      return;
    case EventKind::kill:
    case EventKind::power_loss:
    case EventKind::stop_process:
    case EventKind::shutdown:
    case EventKind::lose_ledger:
    case EventKind::take_over:
    case EventKind::die_young:
      return happen_to_process(event);
    case EventKind::fire_by_hand:
    case EventKind::backfill:
    case EventKind::retry_parked:
    case EventKind::drop_parked:
    case EventKind::settle:
      // Who asks while no process runs is not heard.
      if (process_ && !is_rival_) asks_.push_back(&event);
      return;
    case EventKind::clock_step:
      return set_clock(event.amount);
    case EventKind::ledger_fails:
      trouble_for(0);
      return disk_->fail_next_writes(event.count, event.amount);
    case EventKind::ledger_unheard:
      trouble_for(0);
      return disk_->leave_next_writes_unheard(event.count, event.amount);
    case EventKind::disk_full:
      return for_a_while([this](bool on) { disk_->set_full(on); });
    case EventKind::broker_down:
      if (event.count > 0 && process_ && !is_rival_) {
        armed_.push_back({event.kind, event.count, event.amount});
        return;
      }
      return for_a_while([this](bool on) { cluster_.up = !on; });
    case EventKind::broker_fault:
      trouble_for(0);
      return cluster_.arm(event.fault);
    case EventKind::transactions_refused:
      return for_a_while([this](bool on) { cluster_.transactions_allowed = !on; });
    case EventKind::topic_gone:
      return happen_to_topic(event, [](TopicState& topic, bool on) { topic.exists = !on; });
    case EventKind::topic_forbidden:
      return happen_to_topic(event, [](TopicState& topic, bool on) { topic.allowed = !on; });
    case EventKind::topic_silent:
      return happen_to_topic(event, [](TopicState& topic, bool on) { topic.silent = on; });
    case EventKind::topic_small:
      return happen_to_topic(
          event, [](TopicState& topic, bool on) { topic.bytes_max = on ? 0 : std::numeric_limits<std::size_t>::max(); });
  }
}

void World::happen_to_topic(const Event& event, void (*change)(TopicState&, bool)) {
  change(cluster_.topic(event.topic), true);
  const auto trouble = [this](std::int64_t ms) { trouble_for(ms + kTopicRecoveryMs); };
  trouble(event.amount);
  at(now_ms_ + event.amount, [this, change, trouble, topic = event.topic] {
    change(cluster_.topic(topic), false);
    trouble(0);
  });
}

void World::happen_to_table(const Event& event) {
  const auto commit = [this, &event] {
    if (event.kind == EventKind::put) {
      table_[event.row.id] = &event.row;
    } else if (event.kind == EventKind::erase) {
      table_.erase(event.row.id);
    } else {
      table_.clear();
    }
  };
  if (event.amount > 0) {
    at(now_ms_ + event.amount, commit);
  } else {
    commit();
  }
}

void World::happen_to_process(const Event& event) {
  if (event.kind == EventKind::die_young) {
    dies_young_ = event.count;
    return;
  }
  if (!process_ || is_rival_) return;
  if (event.kind == EventKind::shutdown) {
    if (process_->stop_ordered_ms) return;
    trouble_for(event.amount);
    process_->stop_ordered_ms = now_ms_;
    process_->away_ms = event.amount;
    // As Service::stop() does.
    process_->callback->interrupt(std::chrono::milliseconds{9000});
    return;
  }
  if (event.count > 0) {
    armed_.push_back({event.kind, event.count, event.amount});
    return;
  }
  trouble_for(event.amount);
  if (event.kind == EventKind::stop_process) {
    stop_at_rest_ms_ = event.amount;
    return;
  }
  start_at_ms_ = now_ms_ + event.amount;
  power_lost_ = event.kind == EventKind::power_loss;
  volume_lost_ = event.kind == EventKind::lose_ledger;
  must_die_ = true;
}

void World::set_clock(std::int64_t seconds) {
  const Instant was = second();
  wall_ahead_ms_ += seconds * 1000;
  const Instant now = second();
  const std::int64_t left_ms = std::max(kRecoveryMs, troubled_until_ms_ - now_ms_);
  model_.troubled(std::min(was, now) - Seconds{2}, std::max(was, now) + Seconds{left_ms / 1000});
  // Which of several settings the scheduler saw, and from where it counted, is its own affair.
  if (seconds < 0 && (highest_ - now).count() > kClockBackWaitS) {
    model_.clock_set_back_for_good(now, highest_);
    if ((highest_accepted_ - now).count() > kClockBackWaitS) model_.set_back_is_accepted(now_ms_);
    former_position_.reset();
    if (cluster_.offset()) former_position_ = instant_from_unix(cluster_.offset()->offset / 1000);
    former_clock_ = was;
    highest_accepted_ = now;
  }
}

}  // namespace simulation
}  // namespace action_scheduler
