#include "ledger/sqlite_state.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace action_scheduler {
namespace {

template <class Enum>
Enum enum_from(std::int64_t value, Enum last, const char* what) {
  if (value < 0 || value > static_cast<std::int64_t>(last)) throw MalformedLedger(std::string("unknown ") + what);
  return static_cast<Enum>(value);
}

std::uint16_t attempt_from(std::int64_t value) {
  if (value < 1 || value > std::numeric_limits<std::uint16_t>::max()) throw MalformedLedger("an attempt out of range");
  return static_cast<std::uint16_t>(value);
}

Instant instant(const sqlite::Statement& row, int column) { return instant_from_unix(row.integer(column)); }

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

// 0 for a fire of the schedule.
std::int64_t requested_s(const Fire& fire) { return is_requested(fire) ? unix_seconds(fire.requested) : 0; }

std::string encode(const std::vector<PlanWindow::Interruption>& interruptions) {
  std::string text;
  for (const auto& [missed_until, reached] : interruptions) {
    text += std::to_string(unix_seconds(missed_until)) + ',' + std::to_string(unix_seconds(reached.instant)) + ',' +
            std::to_string(reached.last_action) + ';';
  }
  return text;
}

// Takes a number and the character behind it off the front of `text`.
std::int64_t take_number(std::string_view& text, char end) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest == text.data() + text.size() || *rest != end) {
    throw MalformedLedger("an intent that cannot be read");
  }
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return number;
}

std::vector<PlanWindow::Interruption> decode_interruptions(std::string_view text) {
  std::vector<PlanWindow::Interruption> interruptions;
  while (!text.empty()) {
    auto& [missed_until, reached] = interruptions.emplace_back();
    missed_until = instant_from_unix(take_number(text, ','));
    reached.instant = instant_from_unix(take_number(text, ','));
    reached.last_action = take_number(text, ';');
  }
  return interruptions;
}

void read_shard(sqlite::Database& database, std::int64_t shard, LedgerState& state) {
  sqlite::Statement row = database.prepare(
      "SELECT watermark_s, watermark_action, exception_batch, exactly_once_used, intent_attempt, intent_from_s, "
      "intent_from_action,"
      " intent_until_s, intent_missed_until_s, intent_planned_at_s, intent_interruptions FROM ledger_shard WHERE shard = ?");
  row.bind(shard);
  if (!row.step()) return;
  if (!row.is_null(0)) state.watermark = Position{instant(row, 0), row.integer(1)};
  state.exception_batch = static_cast<std::uint64_t>(row.integer(2));
  state.exactly_once_used = row.integer(3) != 0;
  if (row.is_null(4)) return;
  Intent& intent = state.intent.emplace();
  intent.attempt = attempt_from(row.integer(4));
  intent.window.from = {instant(row, 5), row.integer(6)};
  intent.window.until = instant(row, 7);
  intent.window.missed_until = instant(row, 8);
  intent.window.planned_at = instant(row, 9);
  intent.window.interruptions = decode_interruptions(row.text(10));
}

void read_parked(sqlite::Database& database, std::int64_t shard, LedgerState& state) {
  sqlite::Statement row = database.prepare(
      "SELECT action, fire_time_s, due_s, expires_s, merged_count, first_missed_s, fire_reason, attempt, topic, reason, "
      "parked_at_s, batch, requested_s, asked, stands_for_earlier FROM ledger_parked WHERE shard = ?"
      " ORDER BY action, fire_time_s, requested_s");
  row.bind(shard);
  while (row.step()) {
    ParkedFire& parked = state.parked.emplace_back();
    parked.fire.action = row.integer(0);
    parked.fire.time = instant(row, 1);
    parked.fire.due = instant(row, 2);
    if (!row.is_null(3)) parked.fire.expires = instant(row, 3);
    parked.fire.merged_count = static_cast<std::uint64_t>(row.integer(4));
    parked.fire.first_missed = instant(row, 5);
    parked.fire.reason = enum_from(row.integer(6), FireReason::backfill, "reason of a fire");
    parked.fire.attempt = attempt_from(row.integer(7));
    parked.topic = row.text(8);
    parked.reason = row.text(9);
    parked.parked_at = instant(row, 10);
    parked.batch = static_cast<std::uint64_t>(row.integer(11));
    parked.fire.requested = instant(row, 12);
    parked.asked = row.text(13);
    parked.fire.stands_for_earlier = row.integer(14) != 0;
  }
}

void read_requests(sqlite::Database& database, std::int64_t shard, LedgerState& state) {
  sqlite::Statement row = database.prepare(
      "SELECT requested_s, action, fire_reason, first_s, last_s, fires, idempotency_key, asked FROM ledger_request"
      " WHERE shard = ? ORDER BY place");
  row.bind(shard);
  while (row.step()) {
    NotedRequest& request = state.requests.emplace_back();
    request.at = instant(row, 0);
    request.action = row.integer(1);
    request.kind = enum_from(row.integer(2), FireReason::backfill, "reason of a fire");
    request.first = instant(row, 3);
    request.last = instant(row, 4);
    request.fires = static_cast<std::uint64_t>(row.integer(5));
    request.key = row.text(6);
    request.asked = row.text(7);
  }
}

}  // namespace

LedgerState read_ledger_state(sqlite::Database& database, std::int64_t shard) {
  LedgerState state;
  read_shard(database, shard, state);
  read_parked(database, shard, state);
  read_requests(database, shard, state);
  return state;
}

std::vector<PlacedOutcome> read_outcomes(sqlite::Database& database, std::int64_t shard, const OutcomeFilter& filter,
                                         std::size_t limit) {
  std::string sql =
      "SELECT action, outcome, first_s, last_s, count, reason, noted_at_s, place, requested_s FROM ledger_outcome WHERE shard = "
      "?1";
  if (filter.action) sql += " AND action = ?3";
  if (filter.outcome) sql += " AND outcome = " + std::to_string(static_cast<int>(*filter.outcome));
  if (filter.before_place) sql += " AND place < " + std::to_string(*filter.before_place);
  sqlite::Statement row = database.prepare(sql + " ORDER BY place DESC LIMIT ?2");
  const auto limit_or_less = static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max()));
  if (filter.action) {
    row.bind(shard, limit_or_less, *filter.action);
  } else {
    row.bind(shard, limit_or_less);
  }
  std::vector<PlacedOutcome> newest;
  while (row.step()) {
    PlacedOutcome& placed = newest.emplace_back();
    placed.place = row.integer(7);
    NotedOutcome& noted = placed.outcome;
    noted.action = row.integer(0);
    noted.outcome = enum_from(row.integer(1), Outcome::disabled, "outcome");
    noted.first = instant(row, 2);
    noted.last = instant(row, 3);
    noted.count = static_cast<std::uint64_t>(row.integer(4));
    noted.reason = row.text(5);
    noted.noted_at = instant(row, 6);
    noted.requested = instant(row, 8);
  }
  return newest;
}

LedgerWriter::LedgerWriter(sqlite::Database& database, std::int64_t shard)
    : shard_(shard),
      set_watermark_(database.prepare("UPDATE ledger_shard SET watermark_s = ?, watermark_action = ? WHERE shard = ?")),
      open_intent_(database.prepare(
          "UPDATE ledger_shard SET intent_attempt = ?, intent_from_s = ?, intent_from_action = ?, intent_until_s = ?,"
          " intent_missed_until_s = ?, intent_planned_at_s = ?, intent_interruptions = ? WHERE shard = ?")),
      close_intent_(
          database.prepare("UPDATE ledger_shard SET intent_attempt = NULL, intent_interruptions = NULL WHERE shard = ?")),
      set_exception_batch_(database.prepare("UPDATE ledger_shard SET exception_batch = ? WHERE shard = ?")),
      mark_exactly_once_(database.prepare("UPDATE ledger_shard SET exactly_once_used = 1 WHERE shard = ?")),
      note_(database.prepare("INSERT OR REPLACE INTO ledger_outcome (shard, action, outcome, first_s, last_s, count, reason,"
                             " noted_at_s, requested_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      park_(database.prepare("INSERT OR REPLACE INTO ledger_parked (shard, action, fire_time_s, due_s, expires_s, merged_count,"
                             " first_missed_s, fire_reason, attempt, topic, reason, parked_at_s, batch, requested_s, asked,"
                             " stands_for_earlier) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      unpark_(
          database.prepare("DELETE FROM ledger_parked WHERE shard = ? AND action = ? AND fire_time_s = ? AND requested_s = ?")),
      note_request_(
          database.prepare("INSERT INTO ledger_request (shard, requested_s, action, fire_reason, first_s, last_s, fires,"
                           " idempotency_key, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      prune_requests_(database.prepare("DELETE FROM ledger_request WHERE place <="
                                       " (SELECT place FROM ledger_request ORDER BY place DESC LIMIT 1 OFFSET ?)")),
      prune_(database.prepare("DELETE FROM ledger_outcome WHERE place <="
                              " (SELECT place FROM ledger_outcome ORDER BY place DESC LIMIT 1 OFFSET ?)")) {
  sqlite::Statement known = database.prepare("SELECT 1 FROM ledger_shard WHERE shard = ?");
  known.bind(shard);
  if (!known.step()) database.prepare("INSERT INTO ledger_shard (shard) VALUES (?)").run(shard);
}

void LedgerWriter::apply(const LedgerChange& change) {
  if (change.watermark) set_watermark_.run(unix_seconds(change.watermark->instant), change.watermark->last_action, shard_);
  if (change.open_intent) {
    const PlanWindow& window = change.open_intent->window;
    const std::string interruptions = encode(window.interruptions);
    open_intent_.run(static_cast<std::int64_t>(change.open_intent->attempt), unix_seconds(window.from.instant),
                     window.from.last_action, unix_seconds(window.until), unix_seconds(window.missed_until),
                     unix_seconds(window.planned_at), std::string_view(interruptions), shard_);
  } else if (change.close_intent) {
    close_intent_.run(shard_);
  }
  for (const Fire& fire : change.unpark) unpark_.run(shard_, fire.action, unix_seconds(fire.time), requested_s(fire));
  for (const ParkedFire& parked : change.park) park(parked);
  if (change.exception_batch) set_exception_batch_.run(signed_count(*change.exception_batch), shard_);
  if (change.mark_exactly_once_used) mark_exactly_once_.run(shard_);
  note(change.outcomes);
  if (change.request) note_request(*change.request);
}

void LedgerWriter::note(std::span<const NotedOutcome> outcomes) {
  for (const NotedOutcome& noted : outcomes) {
    note_.run(shard_, noted.action, static_cast<std::int64_t>(noted.outcome), unix_seconds(noted.first), unix_seconds(noted.last),
              signed_count(noted.count), std::string_view(noted.reason), unix_seconds(noted.noted_at),
              unix_seconds(noted.requested));
  }
}

void LedgerWriter::note_request(const NotedRequest& request) {
  note_request_.run(shard_, unix_seconds(request.at), request.action, static_cast<std::int64_t>(request.kind),
                    unix_seconds(request.first), unix_seconds(request.last), signed_count(request.fires),
                    std::string_view(request.key), std::string_view(request.asked));
  prune_requests_.run(static_cast<std::int64_t>(kRequestsMax));
}

void LedgerWriter::park(const ParkedFire& parked) {
  const Fire& fire = parked.fire;
  std::optional<std::int64_t> expires_s;
  if (fire.expires) expires_s = unix_seconds(*fire.expires);
  park_.run(shard_, fire.action, unix_seconds(fire.time), unix_seconds(fire.due), expires_s, signed_count(fire.merged_count),
            unix_seconds(fire.first_missed), static_cast<std::int64_t>(fire.reason), static_cast<std::int64_t>(fire.attempt),
            std::string_view(parked.topic), std::string_view(parked.reason), unix_seconds(parked.parked_at),
            signed_count(parked.batch), requested_s(fire), std::string_view(parked.asked),
            static_cast<std::int64_t>(fire.stands_for_earlier));
}

void LedgerWriter::prune_outcomes(std::size_t keep) { prune_.run(static_cast<std::int64_t>(keep)); }

}  // namespace action_scheduler
