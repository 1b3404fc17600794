#include "callbacks/kafka/plain_delivery.h"

#include <algorithm>
#include <utility>

#include "action_scheduler/crash_point.h"
#include "callbacks/kafka/cluster.h"
#include "callbacks/kafka/verdict.h"

namespace action_scheduler::kafka {
namespace {

constexpr int kAnswerTimeoutMs = 3000;

}  // namespace

std::optional<Callback::ClaimFailure> PlainDelivery::claim() {
  if (const auto connected = producer_.connect(""); !connected) {
    // The options were good when the callback was made: what is wrong now may pass.
    return Callback::ClaimFailure{connected.error(), DeliveryStatus::unavailable};
  }
  if (count_brokers(producer_.client(), producer_.wait_ms(kAnswerTimeoutMs)) > 0) {
    producer_.warm_up();
    return std::nullopt;
  }
  producer_.client().poll(0);
  Error error = unreachable(producer_, &producer_.client(), "no broker answers");
  producer_.disconnect_if_turned_away();
  return Callback::ClaimFailure{std::move(error), DeliveryStatus::unavailable};
}

DeliveryReport PlainDelivery::deliver(const Batch& batch) {
  DeliveryReport report;
  std::vector<Slot> slots;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < batch.fires.ready() || begin < batch.fires.size(); begin = end) {
    end = producer_.cut(batch, begin);
    bool sent = false;
    slots.clear();
    if (!producer_.interrupted() && producer_.connect("")) {
      sent = producer_.prepare(batch, begin, end, slots, report.refused);
      if (sent && !producer_.batches_fit()) sent = reconnect_with_fitting_batches();
      if (sent) send(batch, slots, report);
    }
    if (sent && slots.empty()) {
      producer_.hand_over_more();
      continue;
    }
    report.status = DeliveryStatus::unavailable;
    if (!sent) {
      report.error = unreachable(producer_, producer_.connected() ? &producer_.client() : nullptr, "no broker answers");
    }
    std::ranges::sort(report.refused, {}, &Refusal::index);
    for (std::size_t index = sent ? end : begin; index < batch.fires.size(); ++index) report.unsent.push_back(index);
    for (const Slot& slot : slots) {
      if (sent) report.unsent.push_back(slot.index);
    }
    std::ranges::sort(report.unsent);
    std::erase_if(report.unsent,
                  [&](std::size_t i) { return std::ranges::binary_search(report.refused, i, {}, &Refusal::index); });
    producer_.disconnect_if_turned_away();
    return report;
  }
  std::ranges::sort(report.refused, {}, &Refusal::index);
  reached("acknowledged");
  return report;
}

void PlainDelivery::send(const Batch& batch, std::vector<Slot>& slots, DeliveryReport& report) {
  while (!slots.empty()) {
    const Producer::End handed = producer_.hand_over(batch, slots, false, [&] { (void)batch.fires.all(); });
    if (handed == Producer::End::cut_short) producer_.take_back();
    Verdict verdict = judge(producer_, batch, slots);
    report.refused.insert(report.refused.end(), std::make_move_iterator(verdict.refused.begin()),
                          std::make_move_iterator(verdict.refused.end()));
    std::erase_if(slots, [&](const Slot& slot) { return !std::ranges::binary_search(verdict.failed, slot.index); });
    report.in_doubt |= verdict.in_doubt;
    if (verdict.timed_out) producer_.hand_over_less();
    const bool fatal = !producer_.client().fatal_error().ok();
    if (!slots.empty()) report.error = unreachable(producer_, &producer_.client(), verdict.reason);
    if (fatal) producer_.disconnect();  // the next call makes a new one
    if (fatal || !verdict.smaller_batches || producer_.interrupted()) return;
    producer_.make_smaller_batches();
    producer_.disconnect();
    // What may have arrived is marked before it is sent again, which is the caller's to do.
    if (verdict.in_doubt || !producer_.connect("")) return;
  }
}

bool PlainDelivery::reconnect_with_fitting_batches() {
  producer_.fit_batches();
  producer_.disconnect();
  return producer_.connect("").ok();
}

}  // namespace action_scheduler::kafka
