// Pages of the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "operations/action_report.h"

namespace action_scheduler {

struct ActionQuery {
  std::size_t limit = 50;
  std::optional<ActionId> after;  // only greater ids
  std::string search;             // in name or command, or all of the id; empty: any
  bool faults = false;            // only rows that cannot be scheduled
  // Who knows where to look for faults saves reading the table.
  struct Suspects {
    std::vector<ActionId> ids;  // ascending, greater than `after`
    bool more = false;          // there may be others behind the last
  };
  std::optional<Suspects> suspects = {};
};

struct ActionPage {
  std::vector<ActionReport> actions;   // by id
  std::optional<ActionId> next_after;  // the others, if there are any, have greater ids
  std::string table_error;             // why the table cannot be read; then these are the actions that the scheduler goes on with
};

// Reads on until the page is full; of a row that does not belong on it nothing is kept. `read` hears now and then how many rows
// were read. If the table cannot be read and the scheduler goes on with what it knows, that is what is given; which rows have
// faults nobody knows then.
Result<ActionPage> read_actions(
    const Settings& settings, const ActionQuery& query, RowParser& parser, const LedgerView& ledger,
    const std::function<void(std::uint64_t rows)>& read = [](std::uint64_t) {});

struct FoundRow {
  Row row;
  std::string table_error;  // as for a page
};

// The row of this id, likewise; absent if there is none.
Result<std::optional<FoundRow>> find_action(const Settings& settings, ActionId id, const LedgerView& ledger);

// Adds to each how its latest fire time ended. What is wrong with the ledger hides nothing of the actions.
Result<void> tell_last_outcomes(std::vector<ActionReport>& actions, const LedgerView& ledger);

// `{"actions":[...],"next_after":...,"table_error":...}`
std::string page_json(const ActionPage& page, const LedgerView& ledger, Instant now);

}  // namespace action_scheduler
