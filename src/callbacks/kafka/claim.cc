// Claiming an instance for exactly_once.
#include <utility>

#include "callbacks/kafka/cluster.h"
#include "callbacks/kafka/transactional_delivery.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

constexpr auto kInitPatience = 3s;
constexpr int kAnswerTimeoutMs = 3000;
// Calls of librdkafka are resumed this often, so that interrupt() is noticed.
constexpr int kSliceMs = 500;

// Rights that the claim needs, in words.
std::string cure(rd_kafka_resp_err_t code, const std::string& instance) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return ": allow Describe and Write on transactional id " + instance;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return ": allow Describe and Read on group " + instance;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return ": allow Describe, Read and Write on the topic";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return ": allow IdempotentWrite on the cluster";
    default:
      return "";
  }
}

}  // namespace

ClaimAttempt TransactionalDelivery::claim() {
  using Outcome = ClaimAttempt::Outcome;
  ready_ = false;
  // A producer is good for one init_transactions.
  if (std::exchange(initialized_, false)) producer_.disconnect();
  if (const auto connected = producer_.connect(instance_); !connected) return {Outcome::failed, connected.error().message};
  Client& client = producer_.client();
  if (count_brokers(client, kAnswerTimeoutMs) == 0) {
    client.poll(0);
    return {Outcome::silent, unreachable(producer_, &client, "no broker answers").message};
  }
  producer_.warm_up();
  // Looked at before init_transactions, which would take the instance from whoever has it.
  if (had_instance_) {
    const PositionAnswer before = read_position(producer_.options().kafka, instance_, false, kAnswerTimeoutMs);
    if (!before.error.ok()) return refuse(before.error, "reading the position");
    if (before.stored && is_anothers(*before.stored)) return {Outcome::fenced, taken_over()};
  }
  if (const CallError error = init_transactions(Deadline(kInitPatience)); !error.ok())
    return refuse(error, "claiming the instance");

  initialized_ = true;

  // Waits for the markers of the transaction that was ended just now.
  const PositionAnswer answer = read_position(producer_.options().kafka, instance_, true, kAnswerTimeoutMs);
  if (!answer.error.ok()) return refuse(answer.error, "reading the position");
  if (had_instance_ && answer.stored && is_anothers(*answer.stored)) return {Outcome::fenced, taken_over()};

  StoredPosition ours = answer.stored.value_or(StoredPosition{});
  ours.owner = owner_;
  const Transaction transaction = transact(nullptr, {}, ours);
  if (transaction.outcome == Transaction::Outcome::fenced) return {Outcome::fenced, transaction.reason};
  if (transaction.outcome != Transaction::Outcome::committed)
    return {Outcome::refused, transaction.reason + cure(transaction.code, instance_)};
  had_instance_ = true;
  ready_ = true;
  return {};
}

CallError TransactionalDelivery::init_transactions(Deadline deadline) {
  for (;;) {
    CallError error = take_error(rd_kafka_init_transactions(producer_.client().handle(), deadline.remaining_ms(kSliceMs)));
    if (error.ok() || !error.retriable || deadline.passed() || producer_.interrupted()) return error;
    if (error.code != RD_KAFKA_RESP_ERR__TIMED_OUT) producer_.client().poll(100);
  }
}

ClaimAttempt TransactionalDelivery::refuse(const CallError& error, const std::string& what) {
  std::string reason = what + " failed: " + error.text;
  if (const std::string words = cure(error.code, instance_); !words.empty()) {
    reason += words;
  } else if (error.retriable && !producer_.interrupted()) {
    reason += "; " + coordinator_trouble(producer_.client(), kAnswerTimeoutMs);
  }
  // A producer that was refused for good would only say so again, however the rights change.
  if (!error.retriable || error.fatal) producer_.disconnect();
  return {ClaimAttempt::Outcome::refused, unreachable(producer_, nullptr, reason).message};
}

std::string TransactionalDelivery::taken_over() const {
  return "a newer scheduler of instance " + instance_ + " took over: this one ends (give each its own `instance` to run both)";
}

}  // namespace action_scheduler::kafka
