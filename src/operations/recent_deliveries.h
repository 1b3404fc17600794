// The latest plain deliveries. The ledger notes none of them: they follow from the schedules and from what it does note.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/result.h"
#include "operations/action_report.h"

namespace action_scheduler {

struct PlainDelivery {
  ActionId action = 0;
  Instant time;  // fire time
};

// Newest first, `limit` at most: fire times that are settled, not parked and without another outcome, of the actions as the
// scheduler has taken them up; of one action if it is named. What an action delivered by a schedule that it had before is not
// among them, nor what lies before the oldest outcome that the ledger still keeps.
Result<std::vector<PlainDelivery>> recent_deliveries(const LedgerView& ledger, RowParser& parser, std::optional<ActionId> action,
                                                     std::size_t limit);

// {"id":"42@2026-11-21T10:00:00Z","action":42,"time":"2026-11-21T10:00:00Z"}
std::string delivery_json(const PlainDelivery& delivery);

}  // namespace action_scheduler
