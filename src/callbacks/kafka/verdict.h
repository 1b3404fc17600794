// What failed messages mean for their fires. Included only within this folder.
#pragma once

#include <string>
#include <vector>

#include "action_scheduler/callback.h"
#include "callbacks/kafka/producer.h"

namespace action_scheduler::kafka {

struct Verdict {
  std::vector<Refusal> refused;     // ascending; the culprits
  std::vector<std::size_t> failed;  // ascending; fires that failed through no fault of their own
  bool in_doubt = false;            // of `failed`, one may have arrived
  bool smaller_batches = false;     // brokers refused whole batches; the culprits show when batches are smaller
  bool timed_out = false;           // some of `failed` were not acknowledged in time
  bool silent = false;              // some of `failed` or `refused` were not
  std::string reason;               // why the others failed, one line; empty: nothing but refusals
};

// Judges the failures of the client after hand_over(). Marks topics that are to be refused from now on. May ask the cluster.
Verdict judge(Producer& producer, const Batch& batch, const std::vector<Slot>& slots);

}  // namespace action_scheduler::kafka
