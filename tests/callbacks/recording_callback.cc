#include "tests/callbacks/recording_callback.h"

#include <algorithm>
#include <utility>

namespace action_scheduler::testing {

using Step = RecordedReceiver::Step;

std::vector<std::string> RecordedReceiver::ids() const {
  std::vector<std::string> result;
  for (const RecordedFire& recorded : fires) result.push_back(recorded.id());
  return result;
}

RecordingCallback::RecordingCallback(RecordedReceiver& receiver, Delivery delivery, std::size_t transaction_fires_max)
    : receiver_(receiver), delivery_(delivery), transaction_fires_max_(transaction_fires_max) {}

std::variant<Claim, Callback::ClaimFailure> RecordingCallback::claim() {
  if (interrupted_) return ClaimFailure{Error{"interrupted"}, DeliveryStatus::unavailable};
  if (receiver_.down) return ClaimFailure{Error{receiver_.down_reason}, DeliveryStatus::unavailable};
  if (!receiver_.claim_script.empty()) {
    const DeliveryStatus status = receiver_.claim_script.front();
    receiver_.claim_script.pop_front();
    if (status != DeliveryStatus::settled) return ClaimFailure{Error{"the claim failed as the test wants it"}, status};
  }
  if (delivery_ == Delivery::exactly_once && owner_ != 0 && receiver_.owner != owner_) {
    return ClaimFailure{Error{"a newer owner took over"}, DeliveryStatus::fenced};
  }
  ++receiver_.claims;
  if (owner_ == 0) owner_ = ++receiver_.owner;
  must_claim_ = false;
  if (delivery_ == Delivery::at_least_once) return Claim{};
  return Claim{delivery_, receiver_.position, receiver_.exception_batch};
}

DeliveryReport RecordingCallback::deliver(const Batch& batch) {
  ++receiver_.hand_overs;
  Step step = Step::deliver;
  if (!receiver_.script.empty()) {
    step = receiver_.script.front();
    receiver_.script.pop_front();
  }
  if (step == Step::die_before) throw SimulatedDeath{};
  if (step == Step::failed) return fail(batch, 0, DeliveryStatus::failed, "the receiver failed for good");
  if (step == Step::fenced || (delivery_ == Delivery::exactly_once && owner_ != 0 && owner_ != receiver_.owner)) {
    return fail(batch, 0, DeliveryStatus::fenced, "a newer owner took over");
  }
  if (interrupted_ || receiver_.down || step == Step::unavailable) {
    return fail(batch, 0, DeliveryStatus::unavailable, receiver_.down_reason);
  }
  if (must_claim_ || step == Step::lost_in_doubt) {
    DeliveryReport report = fail(batch, 0, DeliveryStatus::unavailable, "the outcome is not known");
    report.in_doubt = step == Step::lost_in_doubt;
    report.reclaim = must_claim_ = delivery_ == Delivery::exactly_once || must_claim_;
    return report;
  }

  std::vector<Refusal> refused;
  if (delivery_ == Delivery::at_least_once) refused = refusals(batch, 0, batch.fires.size());
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < batch.fires.size(); begin = end) {
    end = cut(batch, begin);
    if (delivery_ == Delivery::exactly_once) {
      refused = refusals(batch, begin, end);
      if (!refused.empty()) {
        DeliveryReport report = fail(batch, begin, DeliveryStatus::refused, "");
        for (const Refusal& refusal : refused) std::erase(report.unsent, refusal.index);
        report.refused = std::move(refused);
        return report;
      }
    }
    const bool halfway = step == Step::unavailable_halfway || step == Step::die_halfway;
    if (halfway && end == batch.fires.size()) {
      if (delivery_ == Delivery::exactly_once) {
        end = begin;  // what is not committed did not arrive
      } else {
        take(batch, begin, end = batch.fires.size() / 2, refused);
      }
      if (step == Step::die_halfway) throw SimulatedDeath{};
      DeliveryReport report = fail(batch, end, DeliveryStatus::unavailable, "the receiver went away");
      std::erase_if(refused, [&](const Refusal& refusal) { return refusal.index >= end; });
      report.refused = std::move(refused);
      return report;
    }
    take(batch, begin, end, refused);
  }
  if (delivery_ == Delivery::exactly_once) {
    if (batch.exception_batch != 0) receiver_.exception_batch = batch.exception_batch;
    receiver_.position = batch.position;
  }
  if (step == Step::die_after) throw SimulatedDeath{};
  if (step == Step::arrives_in_doubt) {
    DeliveryReport report = fail(batch, 0, DeliveryStatus::unavailable, "the outcome is not known");
    for (const Refusal& refusal : refused) std::erase(report.unsent, refusal.index);
    report.refused = std::move(refused);
    report.in_doubt = true;
    report.reclaim = must_claim_ = delivery_ == Delivery::exactly_once;
    return report;
  }
  DeliveryReport report;
  report.refused = std::move(refused);
  return report;
}

DeliveryReport RecordingCallback::renew(Position position) {
  DeliveryReport report;
  if (delivery_ == Delivery::at_least_once) return report;
  if (owner_ != receiver_.owner) {
    report.status = DeliveryStatus::fenced;
    report.error = Error{"a newer owner took over"};
  } else if (interrupted_ || receiver_.down || must_claim_) {
    report.status = DeliveryStatus::unavailable;
    report.reclaim = must_claim_;
    report.error = Error{receiver_.down_reason};
  } else {
    receiver_.position = position;
    ++receiver_.renewals;
  }
  return report;
}

DeliveryReport RecordingCallback::fail(const Batch& batch, std::size_t from, DeliveryStatus status, std::string reason) const {
  DeliveryReport report;
  report.status = status;
  report.error = Error{std::move(reason)};
  for (std::size_t index = from; index < batch.fires.size(); ++index) report.unsent.push_back(index);
  return report;
}

void RecordingCallback::take(const Batch& batch, std::size_t begin, std::size_t end, const std::vector<Refusal>& refused) {
  for (std::size_t index = begin; index < end; ++index) {
    if (std::ranges::any_of(refused, [&](const Refusal& refusal) { return refusal.index == index; })) continue;
    const Fire& fire = batch.fires[index];
    const ActionText& text = batch.actions.find(fire.action)->text();
    receiver_.fires.push_back({fire, std::string(text.name()), std::string(text.command()),
                               std::string(text.topic().value_or("")), batch.exception_batch, owner_});
  }
  if (delivery_ == Delivery::exactly_once && batch.exception_batch == 0 && end > begin) {
    receiver_.position = end == batch.fires.size() ? batch.position : position_after(batch.fires[end - 1]);
  }
}

std::vector<Refusal> RecordingCallback::refusals(const Batch& batch, std::size_t begin, std::size_t end) const {
  std::vector<Refusal> result;
  if (!receiver_.refuse) return result;
  for (std::size_t index = begin; index < end; ++index) {
    const Fire& fire = batch.fires[index];
    std::optional<Refusal> refusal = receiver_.refuse(fire, batch.actions.find(fire.action)->text());
    if (!refusal) continue;
    refusal->index = index;
    result.push_back(std::move(*refusal));
  }
  return result;
}

std::size_t RecordingCallback::cut(const Batch& batch, std::size_t begin) const {
  const std::size_t size = batch.fires.size();
  if (delivery_ == Delivery::at_least_once || batch.exception_batch != 0 || size - begin <= transaction_fires_max_) return size;
  std::size_t end = begin + transaction_fires_max_;
  while (end < size && position_after(batch.fires[end]) == position_after(batch.fires[end - 1])) ++end;
  return end;
}

}  // namespace action_scheduler::testing
