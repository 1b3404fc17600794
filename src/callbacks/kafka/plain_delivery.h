// at_least_once: an idempotent producer, each message acknowledged by itself. Included only within this folder.
#pragma once

#include <optional>
#include <vector>

#include "action_scheduler/callback.h"
#include "callbacks/kafka/producer.h"

namespace action_scheduler::kafka {

class PlainDelivery {
 public:
  explicit PlainDelivery(Producer& producer) : producer_(producer) {}

  // Connects. Absent: a broker answers.
  std::optional<Callback::ClaimFailure> claim();

  DeliveryReport deliver(const Batch& batch);

 private:
  // Hands fires over until each is acknowledged, refused (added to `report`) or failed (left in `slots`).
  void send(const Batch& batch, std::vector<Slot>& slots, DeliveryReport& report);
  bool reconnect_with_fitting_batches();

  Producer& producer_;
};

}  // namespace action_scheduler::kafka
