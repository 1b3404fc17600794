#include "callbacks/kafka/transactional_delivery.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <utility>

#include "action_scheduler/crash_point.h"
#include "callbacks/kafka/cluster.h"
#include "callbacks/kafka/verdict.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

constexpr auto kAbortPatience = 5s;
constexpr int kOwnerTimeoutMs = 3000;
constexpr int kOffsetsTimeoutMs = 3000;

std::string random_token() {
  std::random_device random;
  std::string token;
  for (int i = 0; i < 24; ++i) token += "0123456789abcdef"[random() & 15U];
  return token;
}

// Calls `call(timeout_ms)` again and again while it only ran out of its slice of time.
template <class Call>
CallError resume(const Deadline& deadline, const Producer& producer, Client& client, Call call) {
  for (;;) {
    const int slice_ms = deadline.remaining_ms(kSliceMs);
    // At the end of the process an abort has a moment all the same.
    CallError error = take_error(call(producer.interrupted() ? slice_ms : producer.wait_ms(slice_ms)));
    if (error.ok() || !error.retriable || error.abortable || error.fatal || deadline.passed() || producer.interrupted())
      return error;
    client.poll(error.code == RD_KAFKA_RESP_ERR__TIMED_OUT ? 0 : 50);
  }
}

DeliveryReport report_of(const Batch& batch, std::size_t from, DeliveryStatus status, std::string reason) {
  DeliveryReport report;
  report.status = status;
  report.error = Error{std::move(reason)};
  for (std::size_t index = from; index < batch.fires.size(); ++index) report.unsent.push_back(index);
  return report;
}

void take_out(std::vector<std::size_t>& unsent, const std::vector<Refusal>& refused) {
  std::erase_if(unsent, [&](std::size_t index) { return std::ranges::binary_search(refused, index, {}, &Refusal::index); });
}

}  // namespace

TransactionalDelivery::TransactionalDelivery(Producer& producer)
    : producer_(producer), instance_(producer.options().instance), spare_(instance_ + ".spare"), owner_(random_token()) {}

DeliveryReport TransactionalDelivery::deliver(const Batch& batch) {
  std::vector<Slot> slots;
  // Of the next transaction, listed while this one is on its way.
  std::vector<Slot> next;
  std::size_t next_begin = 0;
  std::size_t next_end = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < batch.fires.ready() || begin < batch.fires.size(); begin = end) {
    if (!ready_) {
      DeliveryReport report = report_of(batch, begin, DeliveryStatus::unavailable, "kafka: the instance has to be claimed again");
      report.reclaim = true;
      return report;
    }
    end = producer_.cut(batch, begin);
    std::vector<Refusal> refused;
    const bool listed = begin == next_begin && end == next_end;
    next_begin = next_end = 0;
    if (listed) {
      slots.swap(next);
      producer_.refuse(batch, slots, refused);
    }
    if (producer_.interrupted() || (!listed && !producer_.prepare(batch, begin, end, slots, refused))) {
      return report_of(batch, begin, DeliveryStatus::unavailable,
                       unreachable(producer_, &producer_.client(), "no broker answers").message);
    }
    if (!refused.empty()) {
      DeliveryReport report = report_of(batch, begin, DeliveryStatus::refused, "");
      take_out(report.unsent, refused);
      report.refused = std::move(refused);
      return report;
    }
    if (!producer_.batches_fit()) {
      producer_.fit_batches();
      producer_.disconnect();
      (void)claim();  // not ready if it fails
      end = begin;
      continue;
    }
    const bool whole = batch.fires.complete() && end == batch.fires.ready();
    StoredPosition position{whole ? batch.position : position_after(batch.fires[end - 1]),
                            batch.exception_batch != 0 ? batch.exception_batch : stored_.exception_batch, owner_};
    Transaction transaction = transact(&batch, slots, position, [&] {
      if (end == batch.fires.size()) return;
      const std::size_t next_cut = producer_.cut(batch, end);
      // Of topics that are first seen here the cluster is asked when it is their turn.
      if (!producer_.list(batch, end, next_cut, next).empty()) return;
      next_begin = end;
      next_end = next_cut;
    });
    if (transaction.outcome == Transaction::Outcome::committed) {
      producer_.hand_over_more();
      continue;
    }
    next_begin = next_end = 0;
    if (transaction.refused.empty() && transaction.smaller_batches && transaction.outcome == Transaction::Outcome::aborted) {
      producer_.make_smaller_batches();
      producer_.disconnect();
      (void)claim();
      end = begin;
      continue;
    }
    // What was aborted may not end while a broker of it is away, so the next transaction may need the other id.
    if (transaction.outcome == Transaction::Outcome::aborted && transaction.silent) (void)claim();
    DeliveryReport report = report_of(batch, begin, DeliveryStatus::unavailable, std::move(transaction.reason));
    report.in_doubt = transaction.in_doubt;
    report.reclaim = !ready_;
    if (transaction.outcome == Transaction::Outcome::fenced) {
      report.status = DeliveryStatus::fenced;
    } else if (!transaction.refused.empty()) {
      report.status = DeliveryStatus::refused;
      report.error = {};
      take_out(report.unsent, transaction.refused);
      report.refused = std::move(transaction.refused);
    }
    return report;
  }
  return {};
}

DeliveryReport TransactionalDelivery::renew(Position position) {
  DeliveryReport report;
  Transaction transaction;
  if (ready_) transaction = transact(nullptr, {}, {position, stored_.exception_batch, owner_});
  if (ready_ && transaction.outcome == Transaction::Outcome::committed) return report;
  report.status = transaction.outcome == Transaction::Outcome::fenced ? DeliveryStatus::fenced : DeliveryStatus::unavailable;
  report.reclaim = !ready_ && report.status == DeliveryStatus::unavailable;
  report.error = Error{transaction.reason.empty() ? "kafka: the instance has to be claimed again" : transaction.reason};
  return report;
}

TransactionalDelivery::Transaction TransactionalDelivery::transact(const Batch* batch, const std::vector<Slot>& slots,
                                                                   const StoredPosition& position,
                                                                   const std::function<void()>& meanwhile) {
  Client& client = producer_.client();
  client.clear_failures();
  if (const CallError error = take_error(rd_kafka_begin_transaction(client.handle())); !error.ok()) return fail(error, false);
  if (!slots.empty()) {
    const Producer::End end = producer_.hand_over(*batch, slots, true, meanwhile);
    if (const CallError fatal = client.fatal_error(); !fatal.ok()) return fail(fatal, false);
    if (end == Producer::End::cut_short || !client.failures().empty()) {
      Transaction transaction;
      judge_failures(*batch, slots, position, transaction);
      return abort(std::move(transaction));
    }
  }
  const Deadline deadline(std::chrono::milliseconds(producer_.options().kafka.delivery_timeout_ms));
  if (const CallError error = send_position(position, deadline); !error.ok()) return fail(error, false);
  reached("offsets_sent");
  const CallError error = resume(deadline, producer_, client,
                                 [&](int timeout_ms) { return rd_kafka_commit_transaction(client.handle(), timeout_ms); });
  if (!error.ok()) return fail(error, true);
  reached("committed");
  stored_ = position;
  if (!slots.empty()) producer_.topics().answered();
  return {};
}

CallError TransactionalDelivery::send_position(const StoredPosition& position, Deadline deadline) {
  Client& client = producer_.client();
  const std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)> offsets(
      rd_kafka_topic_partition_list_new(1), &rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_t* offset =
      rd_kafka_topic_partition_list_add(offsets.get(), producer_.options().kafka.topic.c_str(), 0);
  const std::string metadata = metadata_of(position);
  offset->offset = offset_of(position);
  offset->metadata = ::strdup(metadata.c_str());  // librdkafka frees it
  offset->metadata_size = metadata.size();
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t, decltype(&rd_kafka_consumer_group_metadata_destroy)> group(
      rd_kafka_consumer_group_metadata_new(instance_.c_str()), &rd_kafka_consumer_group_metadata_destroy);
  // Not resumable, so each call has time enough for a slow broker.
  for (;;) {
    const int timeout_ms = std::max(1, producer_.wait_ms(deadline.remaining_ms(kOffsetsTimeoutMs)));
    CallError error = take_error(rd_kafka_send_offsets_to_transaction(client.handle(), offsets.get(), group.get(), timeout_ms));
    if (error.ok() || !error.retriable || error.abortable || error.fatal || deadline.passed() || producer_.interrupted())
      return error;
    client.poll(50);
  }
}

TransactionalDelivery::Transaction TransactionalDelivery::fail(const CallError& error, bool in_doubt) {
  Transaction transaction;
  transaction.reason = unreachable(producer_, nullptr, error.text).message;
  transaction.code = error.code;
  if (error.fatal) return lose(std::move(transaction.reason), in_doubt);
  if (error.abortable) return abort(std::move(transaction));
  if (in_doubt) return lose(std::move(transaction.reason), true);  // the commit may still come to pass
  return abort(std::move(transaction));
}

TransactionalDelivery::Transaction TransactionalDelivery::abort(Transaction transaction) {
  Client& client = producer_.client();
  const Deadline deadline(producer_.interrupted() ? 500ms : std::chrono::milliseconds(kAbortPatience));
  const CallError error = resume(deadline, producer_, client,
                                 [&](int timeout_ms) { return rd_kafka_abort_transaction(client.handle(), timeout_ms); });
  client.clear_failures();
  if (error.ok()) {
    transaction.outcome = Transaction::Outcome::aborted;
    return transaction;
  }
  return lose(transaction.reason + " (abort: " + error.text + ")", false);
}

TransactionalDelivery::Transaction TransactionalDelivery::lose(std::string reason, bool in_doubt) {
  Transaction transaction;
  transaction.outcome = Transaction::Outcome::lost;
  transaction.reason = std::move(reason);
  transaction.in_doubt = in_doubt;
  ready_ = false;
  producer_.disconnect();
  // Whoever never had the instance cannot have lost it: the claim is tried again.
  if (!had_instance_ || producer_.interrupted()) return transaction;
  const PositionAnswer answer = read_position(producer_.options().kafka, instance_, false, producer_.wait_ms(kOwnerTimeoutMs));
  if (answer.error.ok() && answer.stored && is_anothers(*answer.stored)) {
    transaction.outcome = Transaction::Outcome::fenced;
    transaction.reason = taken_over();
  }
  return transaction;
}

void TransactionalDelivery::judge_failures(const Batch& batch, const std::vector<Slot>& slots, const StoredPosition& position,
                                           Transaction& transaction) {
  Verdict verdict = judge(producer_, batch, slots);
  if (verdict.refused.empty() && !verdict.timed_out && !verdict.smaller_batches && !producer_.interrupted()) {
    // Messages that never left their queue do not say why. The transaction does, to any call but abort.
    const CallError error = send_position(position, Deadline(1s));
    if (!error.ok()) verdict.reason = error.text;
    const bool one_topic = std::ranges::all_of(slots, [&](const Slot& slot) { return slot.topic == slots.front().topic; });
    producer_.topics().each([&](Topic& topic) {
      if (topic.handed == 0 || error.code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return;
      if (!one_topic && !producer_.client().refused_in_transaction(topic.name)) return;
      TopicTable::refuse(topic, "topic " + topic.name + ": no right to it, allow Describe and Write", kRefusalHold);
    });
  }
  transaction.smaller_batches = verdict.smaller_batches;
  transaction.silent = verdict.silent;
  transaction.reason = unreachable(producer_, &producer_.client(), verdict.reason.empty() ? "no answer" : verdict.reason).message;
  if (verdict.timed_out) producer_.hand_over_less();
  transaction.refused = std::move(verdict.refused);
  // The rest of a topic that is refused as a whole is refused with it.
  const std::vector<Refusal> culprits = transaction.refused;
  for (const Slot& slot : slots) {
    if (!slot.topic->refuses() || std::ranges::binary_search(culprits, slot.index, {}, &Refusal::index)) continue;
    transaction.refused.push_back({slot.index, slot.topic->fault, true, false});
  }
  std::ranges::sort(transaction.refused, {}, &Refusal::index);
  for (Refusal& refusal : transaction.refused) refusal.in_doubt = false;  // what was aborted never arrives
}

}  // namespace action_scheduler::kafka
