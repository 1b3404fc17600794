#include "tests/engine/world.h"

#include <algorithm>

namespace action_scheduler::testing {

namespace {

constexpr std::int64_t kStart = 1795255200;  // 2026-11-21T10:00:00Z

}  // namespace

Instant at(std::int64_t seconds) { return instant_from_unix(kStart + seconds); }
std::int64_t seconds_of(Instant t) { return unix_seconds(t) - kStart; }

std::string every(std::int64_t seconds) {
  return R"({"format":"interval","params":{"seconds":)" + std::to_string(seconds) + "}}";
}

std::string daily_cron(std::string_view fields) {
  return R"({"format":"unix","params":{"value":")" + std::string(fields) + "\"}}";
}

void RecordingLog::write(Level level, std::string_view event, std::span<const Field> fields) {
  std::string line = std::string(to_string(level)) + ": " + std::string(event);
  for (const Field& field : fields) line += " " + std::string(field.name) + "=" + field.value;
  lines.push_back(std::move(line));
}

std::size_t RecordingLog::count(std::string_view event) const {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(event) != std::string::npos; }));
}

void World::put(ActionId id, const std::string& cron, std::optional<bool> merge, std::optional<std::int64_t> actuality_s) {
  Row row = ScriptedSource::row(id, cron, "command" + std::to_string(id));
  if (merge) row[Column::merge_missed] = *merge ? "t" : "f";
  if (actuality_s) row[Column::actuality_time] = std::to_string(*actuality_s);
  table[id] = row;
}

void World::start(bool poll_first) {
  source = std::make_unique<ScriptedSource>();
  callback = std::make_unique<RecordingCallback>(receiver, delivery, transaction_fires_max);
  parser = std::make_unique<RowParser>(RowParser::Defaults{}, *zone_source);
  engine = std::make_unique<Engine>(options, Engine::Ports{clock, durable, *callback, *parser, log});
  const auto opened = engine->open();
  if (!opened) throw std::runtime_error(opened.error().message);
  if (poll_first) poll();
}

void World::poll() {
  source->clear();
  for (const auto& [id, row] : table) source->upsert(row);
  Result<ChangeSet> changes = poll_changes(*source, *parser, retry, engine->knows_nothing());
  if (!changes) return;
  for (ChangeSet& slice : in_slices(*std::move(changes))) engine->offer(std::move(slice));
}

void World::kill() {
  engine.reset();
  callback.reset();
  parser.reset();
  source.reset();
  retry.clear();
}

Step World::settle() {
  for (;;) {
    const Step step = engine->step();
    if (step.kind != Step::Kind::again) return step;
  }
}

Step World::run_until(Instant t) {
  for (;;) {
    const Step step = settle();
    if (step.kind != Step::Kind::idle || clock.wall() >= WallTime{t}) return step;
    const auto wait = std::min(step.wake_at, WallTime{t}) - clock.wall();
    // An engine that has to wait and names no later instant would spin.
    clock.advance(std::max(std::chrono::duration_cast<std::chrono::milliseconds>(wait), std::chrono::milliseconds{1}));
  }
}

std::vector<std::string> World::arrived() const {
  std::vector<std::string> list;
  for (const RecordedFire& recorded : receiver.fires) {
    const Fire& fire = recorded.fire;
    std::string text = std::to_string(fire.action) + "@" + std::to_string(seconds_of(fire.time));
    if (fire.reason != FireReason::on_time) text += " " + std::string(to_string(fire.reason));
    if (fire.merged_count > 0) {
      text += " " + std::to_string(fire.merged_count) + " from " + std::to_string(seconds_of(fire.first_missed));
    }
    if (fire.attempt > 1) text += " #" + std::to_string(fire.attempt);
    list.push_back(std::move(text));
  }
  return list;
}

std::map<std::string, int> World::arrivals() const {
  std::map<std::string, int> times;
  for (const RecordedFire& recorded : receiver.fires) ++times[recorded.id()];
  return times;
}

std::vector<NotedOutcome> World::outcomes() { return *ledger.outcomes(std::nullopt, 1'000'000); }

}  // namespace action_scheduler::testing
