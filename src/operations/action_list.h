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
};

struct ActionPage {
  std::vector<ActionReport> actions;  // by id
  bool more = false;                  // there are others behind the last
};

// Reads on until the page is full; of a row that does not belong on it nothing is kept. `read` hears now and then how many rows
// were read.
Result<ActionPage> read_actions(
    const Settings& settings, const ActionQuery& query, RowParser& parser,
    const std::function<void(std::uint64_t rows)>& read = [](std::uint64_t) {});

// Adds to each how its latest fire time ended. What is wrong with the ledger hides nothing of the actions.
Result<void> tell_last_outcomes(std::vector<ActionReport>& actions, const LedgerView& ledger);

// `{"actions":[...],"next_after":...}`
std::string page_json(const ActionPage& page, const LedgerView& ledger, Instant now);

}  // namespace action_scheduler
