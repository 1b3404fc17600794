// The tables of the SQLite ledger and how older versions of them become today's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sqlite/database.h"

namespace action_scheduler {

// All names begin with `ledger_`, because the file may be shared with the table of actions and with somebody else's tables. For
// that reason too the version that counts is the one in `ledger_meta`: `user_version` belongs to the file as a whole. A file of
// the ledger's own has it there as well, where tools look for it.
inline constexpr std::int64_t kLedgerSchemaVersion = 4;

// The version of the ledger in the file; 0: there is none. Throws sqlite::Failure.
std::int64_t ledger_schema_version(sqlite::Database& database);

// Brings the tables from `version` to kLedgerSchemaVersion, in one transaction, and `user_version` too where the file is the
// ledger's own. Throws sqlite::Failure.
void migrate_ledger(sqlite::Database& database, std::int64_t version, bool own_file);

// Renames the ledger's tables by appending `suffix`, in one transaction, and returns their new names. Throws sqlite::Failure.
std::vector<std::string> set_ledger_tables_aside(sqlite::Database& database, const std::string& suffix);

}  // namespace action_scheduler
