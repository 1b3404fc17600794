#include "tests/simulation/process.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace action_scheduler::simulation {

namespace {

constexpr std::int64_t kFirstPollWaitMs = 10'000;
constexpr std::int64_t kWaitMaxMs = 1000;
constexpr std::int64_t kShutdownTimeoutMs = 10'000;
constexpr int kStepsWithoutTimeMax = 100'000;

// Of the row, as its command says.
int version_of(const RowView& row) { return std::atoi(std::string(*row[Column::command]).c_str() + 1); }

SystemZones& zones() {
  static SystemZones zones;
  return zones;
}

}  // namespace

void World::SimulatedLog::write(Level level, std::string_view event, std::span<const Field> fields) {
  std::string line = format_utc(world_.second()) + "   " + std::string(to_string(level)) + ": " + std::string(event);
  for (const Field& field : fields) line += " " + std::string(field.name) + "=" + field.value;
  std::puts(line.c_str());
}

Result<PollSummary> World::Table::poll(ChangeVisitor& visitor) {
  RowDiff::Scan scan(diff_, visitor);
  std::size_t told = 0;
  const bool fails = world_.polls_to_fail_ > 0;
  for (const auto& [id, spec] : world_.table_) {
    if (fails && told++ >= world_.table_.size() / 2) break;
    const auto [known, is_new] = world_.rows_.try_emplace(spec);
    if (is_new) known->second = spec->row();
    scan.row(known->second.view());
  }
  if (fails) {
    --world_.polls_to_fail_;
    return Error{"table action: connection lost"};
  }
  return scan.finish("table action");
}

std::variant<Claim, Callback::ClaimFailure> World::Witnessed::claim() {
  auto result = callback_->claim();
  if (const auto* claim = std::get_if<Claim>(&result)) world_.claimed(claim->delivery);
  return result;
}

DeliveryReport World::Witnessed::deliver(const Batch& batch) {
  if (world_.is_rival_) return callback_->deliver(batch);
  const bool exceptions = batch.exception_batch != 0;
  if (!exceptions && !world_.intent_open_) world_.model_.wrong("fires are handed over without an intent");
  world_.hand_over_ = world_.model_.hand_over(exceptions, world_.step_began_, world_.now_ms_);
  const DeliveryReport report = callback_->deliver(batch);
  if (world_.history_.setup.mode != Setup::Mode::exactly_once) {
    std::set<RequestedFire> acknowledged;
    const auto key_of = [](const Fire& fire) {
      return RequestedFire{fire.action, fire.time, is_requested(fire) ? fire.requested : Instant{}};
    };
    for (const Fire& fire : batch.fires) acknowledged.insert(key_of(fire));
    const auto leave_out = [&](std::size_t index) { acknowledged.erase(key_of(batch.fires[index])); };
    for (const std::size_t index : report.unsent) leave_out(index);
    for (const Refusal& refusal : report.refused) leave_out(refusal.index);
    world_.model_.hand_over_ended(world_.hand_over_, acknowledged);
  }
  return report;
}

void World::begin_process() {
  auto process = std::make_unique<Process>();
  Result<std::unique_ptr<Ledger>> ledger = disk_->open();
  if (!ledger) {
    // As a supervisor does.
    start_at_ms_ = now_ms_ + 1000;
    disturbed();
    return;
  }
  process->number = ++processes_;
  process->started_ms = process->poll_at_ms = now_ms_;
  process->ledger = *std::move(ledger);

  std::map<ActionId, int> found;
  (void)process->ledger->load_rows([&](const KnownRow& known) {
    found[known.row.id] = std::atoi(std::string(known.row[Column::command].value_or("v0")).c_str() + 1);
  });
  model_.rows_found(found, now_ms_);
  const auto outcomes = process->ledger->outcomes(std::nullopt, 1'000'000);
  for (const NotedOutcome& outcome : *outcomes) model_.found_noted(outcome);
  const LedgerState state = *process->ledger->load();
  intent_open_ = state.intent.has_value();
  exactly_once_used_ |= state.exactly_once_used;
  if (state.watermark) model_.watermark_written(*state.watermark, second());
  model_.parked_found(state.parked);
  model_.process_began(second());

  using Mode = KafkaOptions::DeliveryMode;
  CallbackOptions options;
  options.instance = "simulated";
  options.kafka.servers = {"broker:9092"};
  options.kafka.topic = kDefaultTopic;
  options.kafka.delivery = history_.setup.mode == Setup::Mode::exactly_once    ? Mode::exactly_once
                           : history_.setup.mode == Setup::Mode::at_least_once ? Mode::at_least_once
                                                                               : Mode::automatic;
  options.kafka.transaction_fires_max = history_.setup.transaction_fires_max;
  options.clock = clock_.get();
  options.log = log_.get();
  options.exactly_once_used = exactly_once_used_;
  process->callback = std::make_unique<Witnessed>(*this, std::move(*make_kafka_callback(options)));
  process->parser = std::make_unique<RowParser>(RowParser::Defaults{}, zones());
  process->table = std::make_unique<Table>(*this);
  Engine::Options engine_options;
  engine_options.piece_fires_max = history_.setup.piece_fires_max;
  engine_options.head_fires = history_.setup.transaction_fires_max;
  process->engine = std::make_unique<Engine>(
      engine_options, Engine::Ports{*clock_, *process->ledger, *process->callback, *process->parser, *log_});
  process_ = std::move(process);
  if (dies_young_ > 0) armed_.push_back({EventKind::kill, std::exchange(dies_young_, 0), 0});
  if (const auto opened = process_->engine->open(); !opened) model_.wrong("the ledger cannot be read: " + opened.error().message);
  process_->nothing_known = process_->engine->knows_nothing();
  if (process_->nothing_known && !is_rival_ && !nothing_known_since_) nothing_known_since_ = second();
}

// What the service does in a loop (src/engine/service.cc), in one thread.
void World::turn() {
  Process& process = *process_;
  if (process.stop_ordered_ms) {
    if (now_ms_ - *process.stop_ordered_ms > kShutdownTimeoutMs) {
      model_.wrong("the shutdown took " + std::to_string(now_ms_ - *process.stop_ordered_ms) + " ms");
    }
    return end_process(process.away_ms);
  }
  if (stop_at_rest_ms_ > 0) {
    const std::int64_t stopped_ms = std::exchange(stop_at_rest_ms_, 0);
    const Instant from = second();
    trouble_for(stopped_ms);
    stop_for(stopped_ms);
    if (!process.at_rest) stalled_since(from);
  }
  take_asks();
  take_polls();
  if (process.first_poll_failed || now_ms_ - process.started_ms >= kFirstPollWaitMs) process.engine->go_on_without_table();

  process.steps_without_time = process.last_step_ms == now_ms_ ? process.steps_without_time + 1 : 0;
  process.last_step_ms = now_ms_;
  if (process.steps_without_time > kStepsWithoutTimeMax) {
    model_.wrong("the engine spins at " + format_utc(second()));
    now_ms_ = history_.end_ms;  // it would do nothing else
    return;
  }
  ++account_.steps;
  stepping_ = true;
  step_began_ = second();
  const Step step = process.engine->step();
  stepping_ = false;
  if (is_rival_) return rival_stepped(step);
  process.at_rest = step.kind == Step::Kind::idle;
  switch (step.kind) {
    case Step::Kind::again:
      return;
    case Step::Kind::idle:
      return rest(step.wake_at);
    case Step::Kind::fenced:
      model_.wrong("fenced although nobody took over: " + step.error.message);
      return end_process(1000);
    case Step::Kind::failed:
      model_.wrong("ended for good: " + step.error.message);
      return end_process(1000);
  }
}

void World::take_polls() {
  while (!process_->inbox.empty()) {
    Process::Poll poll = std::move(process_->inbox.front());
    process_->inbox.pop_front();
    if (!is_rival_) {
      model_.offered(second(), highest_, std::move(poll.snapshot));
      if (nothing_known_since_) {
        model_.troubled(*nothing_known_since_, second() + Seconds{kRecoveryMs / 1000});
        nothing_known_since_.reset();
      }
    }
    process_->engine->offer(*std::move(poll.changes));
  }
}

void World::rest(WallTime wake_at) {
  const bool failed_before = process_->first_poll_failed;
  do {
    if (!process_->inbox.empty() || !asks_.empty() || process_->stop_ordered_ms || process_->first_poll_failed != failed_before)
      return;
    if (stop_at_rest_ms_ > 0) return;
    std::int64_t wait = std::chrono::duration_cast<std::chrono::milliseconds>(wake_at - wall()).count();
    const std::int64_t waiting_since = now_ms_ - process_->started_ms;
    if (waiting_since < kFirstPollWaitMs) wait = std::min(wait, kFirstPollWaitMs - waiting_since);
    if (const auto next = next_happening()) wait = std::min(wait, *next - now_ms_);
    pass(std::max<std::int64_t>(wait, 1));
    if (waiting_since < kFirstPollWaitMs + kWaitMaxMs && now_ms_ - process_->started_ms >= kFirstPollWaitMs) return;
  } while (wall() < wake_at && now_ms_ < history_.end_ms);
}

void World::end_process(std::int64_t away_ms) {
  model_.process_died(false);
  process_.reset();
  armed_.clear();
  asks_.clear();
  start_at_ms_ = now_ms_ + away_ms;
  trouble_for(away_ms);
}

void World::die() {
  must_die_ = false;
  throw Death{};
}

void World::bury() {
  if (is_rival_) {
    process_.reset();
    swap_rival();
    is_rival_ = false;
    rival_.reset();
    return;
  }
  ++account_.deaths;
  stepping_ = frozen_ = false;
  stop_at_rest_ms_ = 0;
  disk_->freeze(true);
  process_.reset();
  disk_->freeze(false);
  if (power_lost_) disk_->lose_power(static_cast<std::uint64_t>(now_ms_) * 2654435761U + history_.seed);
  model_.process_died(power_lost_);
  if (volume_lost_) lose_ledger();
  power_lost_ = volume_lost_ = false;
  armed_.clear();
  asks_.clear();
}

void World::pass(std::int64_t ms) {
  const std::int64_t until = now_ms_ + std::max<std::int64_t>(ms, 0);
  for (;;) {
    const auto next = next_happening();
    if (!next || *next > until) break;
    now_ms_ = std::max(now_ms_, *next);
    note_clock();
    if (!timers_.empty() && timers_.begin()->first <= now_ms_) {
      const auto what = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      what();
    } else if (next_event_ < history_.events.size() && history_.events[next_event_].at_ms <= now_ms_) {
      happen(history_.events[next_event_++]);
    } else if (process_ && process_->polling) {
      Process::Poll poll = *std::move(process_->polling);
      process_->polling.reset();
      process_->poll_at_ms = now_ms_ + history_.setup.poll_period_s * 1000;
      if (poll.changes) {
        process_->inbox.push_back(std::move(poll));
      } else {
        process_->first_poll_failed = true;
      }
    } else if (process_) {
      Process::Poll poll{now_ms_ + 5 + std::exchange(slow_poll_ms_, 0), std::nullopt, table_};
      Result<ChangeSet> changes = poll_changes(*process_->table, *process_->parser, process_->retry, process_->nothing_known);
      if (changes) {
        process_->nothing_known = false;
        poll.changes = *std::move(changes);
      }
      process_->polling = std::move(poll);
    }
  }
  now_ms_ = until;
  note_clock();
  if (must_die_) die();
}

void World::stop_for(std::int64_t ms) {
  frozen_ = true;
  pass(ms);
  frozen_ = false;
  // What it was told while it was stopped, it hears now.
  if (process_->stop_ordered_ms) process_->stop_ordered_ms = now_ms_;
}

std::optional<std::int64_t> World::next_happening() const {
  std::optional<std::int64_t> next;
  const auto take = [&](std::int64_t ms) { next = std::min(next.value_or(ms), ms); };
  if (next_event_ < history_.events.size()) take(history_.events[next_event_].at_ms);
  if (!timers_.empty()) take(timers_.begin()->first);
  if (process_ && !frozen_) take(process_->polling ? process_->polling->known_at_ms : process_->poll_at_ms);
  return next;
}

void World::effect() {
  if (!process_ || is_rival_) return;
  for (std::size_t i = 0; i < armed_.size(); ++i) {
    if (--armed_[i].effects > 0) continue;
    const Armed now = armed_[i];
    armed_.erase(armed_.begin() + static_cast<std::ptrdiff_t>(i));
    if (verbose_) std::printf("%s   %s happens now\n", format_utc(second()).c_str(), std::string(to_string(now.kind)).c_str());
    trouble_for(now.amount);
    if (now.kind == EventKind::broker_down) {
      cluster_.up = false;
      at(now_ms_ + now.amount, [this] {
        cluster_.up = true;
        trouble_for(0);
      });
      --i;
      continue;
    }
    if (now.kind == EventKind::stop_process) {
      const Instant from = second();
      stop_for(now.amount);
      stalled_since(from);
      return;
    }
    if (now.kind == EventKind::take_over) return take_over(now.amount);
    start_at_ms_ = now_ms_ + now.amount;
    power_lost_ = now.kind == EventKind::power_loss;
    volume_lost_ = now.kind == EventKind::lose_ledger;
    die();
  }
}

// Stopped amid its work, which may have been behind: it takes that for slowness of its own.
void World::stalled_since(Instant from) {
  model_.stalled(std::min(from, process_->engine->watermark().instant), second() + Seconds{60});
}

void World::lose_ledger() {
  disk_->lose_all();
  intent_open_ = exactly_once_used_ = false;
  nothing_known_since_ = second();
  model_.ledger_lost(highest_, now_ms_);
  // Nobody but the ledger knew.
  if (history_.setup.mode != Setup::Mode::exactly_once) model_.took_over(std::nullopt);
}

World::Rival::~Rival() = default;

void World::swap_rival() {
  std::swap(process_, rival_->process);
  std::swap(disk_, rival_->disk);
  std::swap(stepping_, rival_->stepping);
  std::swap(step_began_, rival_->step_began);
  std::swap(intent_open_, rival_->intent_open);
  std::swap(exactly_once_used_, rival_->exactly_once_used);
}

// The process stands where it is; another one of the instance, with a fresh ledger, runs for `ms` and goes on after that.
void World::take_over(std::int64_t ms) {
  // Of two that never had the instance the later one has it.
  if (rival_ || !process_->had_instance) return;
  rival_ = std::make_unique<Rival>();
  Surroundings& surroundings = *this;
  LedgerWitness& witness = *this;
  rival_->disk = std::make_unique<Disk>(false, surroundings, witness);
  swap_rival();
  is_rival_ = false;
  taken_over_ = false;
  model_.process_died(false);
  nothing_known_since_ = second();
  model_.ledger_lost(highest_, now_ms_);
  start_at_ms_ = now_ms_;
  rival_->wake_at_ms = std::numeric_limits<std::int64_t>::max();
  const std::int64_t until = now_ms_ + ms;
  while (now_ms_ < until && now_ms_ < history_.end_ms) live_on();
  rival_->turn_began_ms = now_ms_;
  swap_rival();
  is_rival_ = true;
  disturbed();
  // As long as nobody has the instance it would be the owner still.
  if (!taken_over_) throw Death{};
}

void World::claimed(Delivery delivery) {
  if (is_rival_) return;
  taken_over_ = process_->had_instance = true;
  const auto& offset = cluster_.offset();
  const bool decides = delivery == Delivery::exactly_once && offset && offset->metadata.find(" unset") == std::string::npos;
  if (decides) {
    const Instant reached = instant_from_unix(offset->offset / 1000);
    // What was on its way when the clock was set back may have been committed since.
    constexpr Seconds kOnItsWay{120};
    if (reached == former_position_ || std::chrono::abs(reached - former_clock_) <= kOnItsWay)
      model_.found_former_position(reached);
  }
  if (!model_.awaits_position()) return;
  if (!decides) return model_.took_over(std::nullopt);
  Position position{instant_from_unix(offset->offset / 1000)};
  if (const std::size_t after = offset->metadata.find(" after="); after != std::string::npos) {
    position.last_action = std::atoll(offset->metadata.c_str() + after + 7);
  }
  model_.took_over(position);
  // Rows that are new to everybody count from there too.
  model_.troubled(std::min(position.instant, second()), second());
}

// The one that was taken over has its turn.
void World::run_rival() {
  rival_->turn_began_ms = now_ms_;
  swap_rival();
  is_rival_ = true;
  disturbed();
  take_polls();
  stepping_ = true;
  step_began_ = second();
  const Step step = process_->engine->step();
  stepping_ = false;
  rival_stepped(step);
}

void World::rival_stepped(const Step& step) {
  disturbed();
  const std::int64_t wait = std::chrono::duration_cast<std::chrono::milliseconds>(step.wake_at - wall()).count();
  if (step.kind == Step::Kind::failed) model_.wrong("what was taken over ended for good: " + step.error.message);
  if (step.kind == Step::Kind::fenced) {
    ++account_.take_overs;
    process_.reset();
  }
  swap_rival();
  is_rival_ = false;
  // Their turns take the time of each other.
  if (process_ && process_->stop_ordered_ms) *process_->stop_ordered_ms += now_ms_ - rival_->turn_began_ms;
  if (rival_->process) {
    rival_->wake_at_ms = now_ms_ + (step.kind == Step::Kind::again ? 0 : std::max<std::int64_t>(wait, 1));
  } else {
    rival_.reset();
  }
}

void World::saved(const KnownRows& upserts, std::span<const ActionId> removals, std::span<const NotedOutcome> ended) {
  if (is_rival_) return;
  std::vector<int> versions;
  for (std::size_t i = 0; i < upserts.size(); ++i) versions.push_back(version_of(upserts[i].row));
  model_.rows_saved(versions, {removals.begin(), removals.end()}, now_ms_, intent_open_);
  noted(ended);
}

// What knew no row is replaced, or all rows by the same with another instant to count from: nothing is removed by it.
void World::replaced(std::span<const RowPack> packs, const KnownRows& others) {
  if (is_rival_) return;
  std::vector<int> versions;
  if (!model_.followed().empty()) return;
  for (const RowPack& pack : packs) {
    (void)unpack_rows(pack.bytes(), [&](const KnownRow& known) { versions.push_back(version_of(known.row)); });
  }
  for (std::size_t i = 0; i < others.size(); ++i) versions.push_back(version_of(others[i].row));
  model_.rows_saved(versions, {}, now_ms_, intent_open_);
}

void World::written(const LedgerChange& change, Durability durability) {
  if (is_rival_) return;
  model_.parked(change);
  if (change.watermark) model_.watermark_written(*change.watermark, second());
  if (change.close_intent) intent_open_ = false;
  if (change.open_intent) intent_open_ = true;
  exactly_once_used_ |= change.mark_exactly_once_used;
  noted(change.outcomes);
  if (durability == Durability::power_loss) model_.settled();
}

void World::noted(std::span<const NotedOutcome> outcomes) {
  for (const NotedOutcome& outcome : outcomes) {
    if (verbose_) {
      std::printf("%s   %s: %llu of action %lld from %s to %s: %s\n", format_utc(second()).c_str(),
                  std::string(to_string(outcome.outcome)).c_str(), static_cast<unsigned long long>(outcome.count),
                  static_cast<long long>(outcome.action), format_utc(outcome.first).c_str(), format_utc(outcome.last).c_str(),
                  outcome.reason.c_str());
    }
    model_.noted(outcome, decided_at(outcome));
  }
}

void World::refused(const LedgerChange& change) {
  if (is_rival_) return;
  for (const NotedOutcome& outcome : change.outcomes) model_.decided(outcome, decided_at(outcome));
}

void World::arrived(const Message& message) { model_.arrived(message, second()); }

}  // namespace action_scheduler::simulation
