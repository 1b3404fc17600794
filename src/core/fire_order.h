// The order in which fires are delivered: by due instant, then by action id.
#pragma once

#include <vector>

#include "action_scheduler/fire.h"

namespace action_scheduler {

// Sorts the fires. Those of one action that are due together ascend by fire time already, and keep their order. Linear in their
// number where many come due within one another's time: a burst of a million is one instant and dense ids.
void sort_for_delivery(std::vector<Fire>& fires);

// Appends `fires`, sorted so, to `into`. Leaves them in any order.
void append_for_delivery(std::vector<Fire>& fires, std::vector<Fire>& into);

}  // namespace action_scheduler
