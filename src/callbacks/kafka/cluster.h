// Questions to the cluster: does it answer, where does the instance stand, what are its settings. Included only within this
// folder.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "callbacks/kafka/client.h"
#include "callbacks/kafka/position_codec.h"

namespace action_scheduler::kafka {

// Whether any broker answers a metadata request, and how many brokers there are (0: none answers).
std::size_t count_brokers(const Client& client, int timeout_ms);

struct PositionAnswer {
  CallError error;                       // not ok: nobody knows
  std::optional<StoredPosition> stored;  // absent: there is none
};

// The committed offset of `group` on partition 0 of `topic`. `stable`: fails (retriable) while a transaction that moves it is
// open.
PositionAnswer read_position(const KafkaOptions& options, const std::string& group, bool stable, int timeout_ms);

// max.message.bytes of those topics that the rights let us see; the others are missing.
std::map<std::string, std::size_t> topic_limits(const Client& client, std::span<const std::string> topics, int timeout_ms);

// What is known for certain against the transaction coordinator, with the cure; absent: nothing, or the rights do not let us see.
std::optional<std::string> coordinator_fault(const Client& client, int timeout_ms);

// Why transactions may not work although brokers answer, with the cure; a guess where the rights do not let us see.
std::string coordinator_trouble(const Client& client, int timeout_ms);

}  // namespace action_scheduler::kafka
