// Claiming an instance for exactly_once.
#include "callbacks/kafka/cluster.h"
#include "callbacks/kafka/transactional_delivery.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

constexpr auto kInitPatience = 3s;
constexpr int kClaimAnswerTimeoutMs = 3000;

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
  ClaimAttempt attempt = claim_with(instance_);
  if (attempt.unfinished && had_instance_ && !producer_.interrupted()) {
    ClaimAttempt other = claim_with(spare_);
    if (other.outcome == ClaimAttempt::Outcome::claimed || other.outcome == ClaimAttempt::Outcome::fenced) return other;
  }
  return attempt;
}

ClaimAttempt TransactionalDelivery::claim_with(const std::string& transactional_id) {
  using Outcome = ClaimAttempt::Outcome;
  ready_ = false;
  // A producer is good for one init_transactions, with one id.
  if (initialized_ || transactional_id != connected_as_) producer_.disconnect();
  initialized_ = false;
  connected_as_ = transactional_id;
  // The options were good when the callback was made. What is wrong now may pass: certificates that are being exchanged, no more
  // descriptors or threads.
  if (const auto connected = producer_.connect(transactional_id); !connected) return {Outcome::silent, connected.error().message};
  Client& client = producer_.client();
  if (count_brokers(client, producer_.wait_ms(kClaimAnswerTimeoutMs)) == 0) {
    client.poll(0);
    ClaimAttempt attempt{Outcome::silent, unreachable(producer_, &client, "no broker answers").message};
    producer_.disconnect_if_turned_away();
    return attempt;
  }
  producer_.warm_up();
  // Looked at before init_transactions, which would take the instance from whoever has it.
  if (had_instance_) {
    const PositionAnswer before =
        read_position(producer_.options().kafka, instance_, false, producer_.wait_ms(kClaimAnswerTimeoutMs));
    if (!before.error.ok()) return refuse(before.error, "reading the position");
    if (before.stored && is_anothers(*before.stored)) return {Outcome::fenced, taken_over()};
  }
  if (const CallError error = init_transactions(client, Deadline(kInitPatience)); !error.ok()) {
    ClaimAttempt refused = refuse(error, "claiming the instance");
    refused.unfinished = error.retriable;
    return refused;
  }
  initialized_ = true;

  // Waits for the markers of the transaction that was ended just now.
  PositionAnswer answer = read_position(producer_.options().kafka, instance_, true, producer_.wait_ms(kClaimAnswerTimeoutMs));
  if (!answer.error.ok()) return refuse(answer.error, "reading the position");
  if (had_instance_ && answer.stored && is_anothers(*answer.stored)) return {Outcome::fenced, taken_over()};
  ClaimAttempt signing = sign(answer.stored.value_or(StoredPosition{}));
  if (signing.outcome != Outcome::claimed) return signing;

  if (transactional_id == instance_) {
    if (const CallError error = fence_spare(); !error.ok()) return refuse(error, "claiming the instance");
    answer = read_position(producer_.options().kafka, instance_, true, producer_.wait_ms(kClaimAnswerTimeoutMs));
    if (!answer.error.ok()) return refuse(answer.error, "reading the position");
    if (answer.stored && is_anothers(*answer.stored)) {
      if (had_instance_) return {Outcome::fenced, taken_over()};
      signing = sign(*answer.stored);
      if (signing.outcome != Outcome::claimed) return signing;
    }
  }
  had_instance_ = true;
  ready_ = true;
  return {};
}

ClaimAttempt TransactionalDelivery::sign(StoredPosition stored) {
  using Outcome = ClaimAttempt::Outcome;
  stored.owner = owner_;
  const Transaction transaction = transact(nullptr, {}, stored);
  if (transaction.outcome == Transaction::Outcome::committed) return {};
  if (transaction.outcome == Transaction::Outcome::fenced) return {Outcome::fenced, transaction.reason};
  return {Outcome::refused, transaction.reason + cure(transaction.code, instance_)};
}

CallError TransactionalDelivery::fence_spare() {
  ClientSettings settings;
  settings.transactional_id = spare_;
  const auto client = Client::create(producer_.options().kafka, settings, producer_.log());
  if (!client) return {RD_KAFKA_RESP_ERR__INVALID_ARG, client.error().message};
  CallError error = init_transactions(**client, Deadline(kInitPatience));
  if (error.code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED) return {};
  return error;
}

CallError TransactionalDelivery::init_transactions(Client& client, Deadline deadline) const {
  for (;;) {
    CallError error = take_error(rd_kafka_init_transactions(client.handle(), producer_.wait_ms(deadline.remaining_ms(kSliceMs))));
    if (error.ok() || !error.retriable || deadline.passed() || producer_.interrupted()) return error;
    if (error.code != RD_KAFKA_RESP_ERR__TIMED_OUT) client.poll(100);
  }
}

ClaimAttempt TransactionalDelivery::refuse(const CallError& error, const std::string& what) {
  std::string reason = what + " failed: " + error.text;
  if (const std::string words = cure(error.code, instance_); !words.empty()) {
    reason += words;
  } else if (error.retriable && !producer_.interrupted()) {
    reason += "; " + coordinator_trouble(producer_.client(), producer_.wait_ms(kClaimAnswerTimeoutMs));
  }
  // A producer that was refused for good would only say so again, however the rights change.
  if (!error.retriable || error.fatal) producer_.disconnect();
  return {ClaimAttempt::Outcome::refused, unreachable(producer_, nullptr, reason).message};
}

std::string TransactionalDelivery::taken_over() const {
  return "a newer scheduler of instance " + instance_ + " took over: this one ends (give each its own `instance` to run both)";
}

}  // namespace action_scheduler::kafka
