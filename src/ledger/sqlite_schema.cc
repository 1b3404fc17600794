#include "ledger/sqlite_schema.h"

#include <array>
#include <string>

namespace action_scheduler {
namespace {

// Migration i brings version i to version i + 1. Instants are whole seconds since the Unix epoch. No index has a name of its own,
// so that a renamed table takes all of it along.
constexpr std::array<const char*, kLedgerSchemaVersion> kMigrations = {R"sql(
  CREATE TABLE ledger_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE ledger_shard (
    shard INTEGER NOT NULL PRIMARY KEY,
    watermark_s INTEGER,
    watermark_action INTEGER,
    exception_batch INTEGER NOT NULL DEFAULT 0,
    exactly_once_used INTEGER NOT NULL DEFAULT 0,
    intent_attempt INTEGER,               -- NULL: no intent is open
    intent_from_s INTEGER,
    intent_from_action INTEGER,
    intent_until_s INTEGER,
    intent_missed_until_s INTEGER,
    intent_planned_at_s INTEGER,
    intent_interruptions TEXT             -- 'missed_until_s,reached_s,reached_action;' for each
  );

  CREATE TABLE ledger_row (
    id INTEGER NOT NULL PRIMARY KEY,
    shard INTEGER NOT NULL,
    counts_from_s INTEGER NOT NULL,
    name TEXT, command TEXT, cron TEXT, merge_missed TEXT, actuality_time TEXT,
    enabled TEXT, timezone TEXT, topic TEXT, key TEXT, headers TEXT
  );

  CREATE TABLE ledger_parked (
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    fire_time_s INTEGER NOT NULL,
    due_s INTEGER NOT NULL,
    expires_s INTEGER,
    merged_count INTEGER NOT NULL,
    first_missed_s INTEGER NOT NULL,
    fire_reason INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    parked_at_s INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    PRIMARY KEY (shard, action, fire_time_s)
  ) WITHOUT ROWID;

  CREATE TABLE ledger_outcome (
    place INTEGER NOT NULL PRIMARY KEY,   -- ascends in the order in which outcomes are noted
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    last_s INTEGER NOT NULL,
    count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    noted_at_s INTEGER NOT NULL,
    UNIQUE (shard, action, outcome, first_s)
  );
)sql",
                                                                       R"sql(
  CREATE TABLE ledger_pack (              -- known rows that stand in ledger_row or ledger_gone too: what is there counts
    shard INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,             -- packs of a shard do not overlap
    row_count INTEGER NOT NULL,
    rows BLOB NOT NULL,                   -- as src/core/row_pack.cc says
    PRIMARY KEY (shard, first_id)
  );

  CREATE TABLE ledger_gone (              -- of a row in a pack: it is no more
    shard INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (shard, id)
  ) WITHOUT ROWID;
)sql",
                                                                       R"sql(
  CREATE TABLE ledger_parked_before AS SELECT * FROM ledger_parked;
  DROP TABLE ledger_parked;
  CREATE TABLE ledger_parked (
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    fire_time_s INTEGER NOT NULL,
    requested_s INTEGER NOT NULL,         -- 0: a fire of the schedule
    due_s INTEGER NOT NULL,
    expires_s INTEGER,
    merged_count INTEGER NOT NULL,
    first_missed_s INTEGER NOT NULL,
    fire_reason INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    parked_at_s INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    asked TEXT NOT NULL,
    PRIMARY KEY (shard, action, fire_time_s, requested_s)
  ) WITHOUT ROWID;
  INSERT INTO ledger_parked
    SELECT shard, action, fire_time_s, 0, due_s, expires_s, merged_count, first_missed_s, fire_reason, attempt, topic, reason,
           parked_at_s, batch, ''
    FROM ledger_parked_before;
  DROP TABLE ledger_parked_before;

  CREATE TABLE ledger_outcome_before AS SELECT * FROM ledger_outcome;
  DROP TABLE ledger_outcome;
  CREATE TABLE ledger_outcome (
    place INTEGER NOT NULL PRIMARY KEY,   -- ascends in the order in which outcomes are noted
    shard INTEGER NOT NULL,
    action INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    last_s INTEGER NOT NULL,
    count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    noted_at_s INTEGER NOT NULL,
    requested_s INTEGER NOT NULL,         -- 0: of the schedule
    UNIQUE (shard, action, outcome, first_s, requested_s)
  );
  INSERT INTO ledger_outcome
    SELECT place, shard, action, outcome, first_s, last_s, count, reason, noted_at_s, 0 FROM ledger_outcome_before;
  DROP TABLE ledger_outcome_before;

  CREATE TABLE ledger_request (
    place INTEGER NOT NULL PRIMARY KEY,   -- ascends in the order in which requests come
    shard INTEGER NOT NULL,
    requested_s INTEGER NOT NULL,
    action INTEGER NOT NULL,
    fire_reason INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    last_s INTEGER NOT NULL,
    fires INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    asked TEXT NOT NULL
  );
)sql",
                                                                       R"sql(
  ALTER TABLE ledger_parked ADD COLUMN stands_for_earlier INTEGER NOT NULL DEFAULT 0;
  UPDATE ledger_parked SET stands_for_earlier = 1 WHERE fire_reason = 2;  -- others were merged into it
)sql"};

constexpr std::array kTables = {"ledger_meta", "ledger_shard",  "ledger_row",     "ledger_pack",
                                "ledger_gone", "ledger_parked", "ledger_outcome", "ledger_request"};

bool has_table(sqlite::Database& database, std::string_view name) {
  sqlite::Statement find = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  find.bind(name);
  return find.step();
}

std::int64_t user_version(sqlite::Database& database) {
  sqlite::Statement read = database.prepare("PRAGMA user_version");
  return read.step() ? read.integer(0) : 0;
}

}  // namespace

std::int64_t ledger_schema_version(sqlite::Database& database) {
  if (!has_table(database, "ledger_meta")) return 0;
  sqlite::Statement read = database.prepare("SELECT value FROM ledger_meta WHERE name = 'schema_version'");
  return read.step() ? read.integer(0) : 0;
}

void migrate_ledger(sqlite::Database& database, std::int64_t version, bool own_file) {
  const bool tell_version = own_file && user_version(database) != kLedgerSchemaVersion;
  if (version == kLedgerSchemaVersion && !tell_version) return;
  sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
  for (auto step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) database.exec(kMigrations[step]);
  database.prepare("INSERT OR REPLACE INTO ledger_meta (name, value) VALUES ('schema_version', ?)").run(kLedgerSchemaVersion);
  if (tell_version) database.exec("PRAGMA user_version = " + std::to_string(kLedgerSchemaVersion));
  transaction.commit();
}

std::vector<std::string> set_ledger_tables_aside(sqlite::Database& database, const std::string& suffix) {
  std::vector<std::string> names;
  // Without it a view that does not compile, anywhere in the file, would forbid the renaming.
  database.exec("PRAGMA legacy_alter_table = ON");
  sqlite::Transaction transaction(database, sqlite::Transaction::Kind::write);
  for (const std::string table : kTables) {
    if (!has_table(database, table)) continue;
    names.push_back(table + suffix);
    database.exec("ALTER TABLE " + table + " RENAME TO " + sqlite::quoted(names.back()));
  }
  transaction.commit();
  return names;
}

}  // namespace action_scheduler
