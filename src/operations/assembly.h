// From settings to adapters: the only place that knows both.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "action_scheduler/action.h"
#include "action_scheduler/action_source.h"
#include "action_scheduler/log.h"
#include "callbacks/options.h"
#include "config/settings.h"
#include "ledger/sqlite_ledger.h"
#include "sources/action_table.h"

namespace action_scheduler {

std::unique_ptr<ActionSource> make_source(const Settings& settings);
std::unique_ptr<ActionTable> make_action_table(const Settings& settings);

// What could happen to the session with the table's database on its way, in a line; empty if nothing. Connects.
std::string session_caution(const Settings& settings);

RowParser::Defaults row_defaults(const Settings& settings);

// Without clock, log and what the ledger knows.
CallbackOptions callback_options(const Settings& settings);

// The file of `internal_db`, or a ledger in memory where there is none.
std::variant<OpenedLedger, LedgerOpenFailure> open_ledger(const Settings& settings);

}  // namespace action_scheduler
