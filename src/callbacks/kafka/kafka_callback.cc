#include "callbacks/kafka/kafka_callback.h"

#include <chrono>
#include <optional>
#include <utility>

#include "callbacks/interruption.h"
#include "callbacks/kafka/monotonic.h"
#include "callbacks/kafka/plain_delivery.h"
#include "callbacks/kafka/producer.h"
#include "callbacks/kafka/transactional_delivery.h"

namespace action_scheduler {
namespace {

using Mode = KafkaOptions::DeliveryMode;

class KafkaCallback : public Callback {
 public:
  explicit KafkaCallback(const CallbackOptions& options)
      : options_(options),
        producer_(options_, interruption_),
        transactional_(producer_),
        plain_(producer_),
        mode_(options.kafka.delivery == Mode::automatic && options.exactly_once_used ? Mode::exactly_once
                                                                                     : options.kafka.delivery) {}

  std::variant<Claim, ClaimFailure> claim() override {
    if (producer_.interrupted()) return ClaimFailure{Error{"kafka: interrupted"}, DeliveryStatus::unavailable};
    return mode_ == Mode::at_least_once ? claim_plain() : claim_transactional();
  }

  DeliveryReport deliver(const Batch& batch) override {
    return mode_ == Mode::at_least_once ? plain_.deliver(batch) : transactional_.deliver(batch);
  }

  DeliveryReport renew(Position position) override {
    return mode_ == Mode::at_least_once ? DeliveryReport{} : transactional_.renew(position);
  }

  void interrupt(std::chrono::milliseconds grace) override { interruption_.set(kafka::monotonic_now() + grace); }

  void tend() override {
    if (producer_.connected()) producer_.client().poll(0);
  }

  std::vector<Measurement> measurements() const override { return producer_.statistics().measurements(); }

 private:
  std::variant<Claim, ClaimFailure> claim_plain() {
    if (auto failure = plain_.claim()) return std::move(*failure);
    return Claim{};
  }

  std::variant<Claim, ClaimFailure> claim_transactional() {
    using Outcome = kafka::ClaimAttempt::Outcome;
    const kafka::ClaimAttempt attempt = transactional_.claim();
    switch (attempt.outcome) {
      case Outcome::claimed:
        mode_ = Mode::exactly_once;  // once is for ever
        return Claim{Delivery::exactly_once, transactional_.stored().position, transactional_.stored().exception_batch};
      case Outcome::silent:
        refused_since_.reset();
        return ClaimFailure{Error{attempt.reason}, DeliveryStatus::unavailable};
      case Outcome::refused:
        return refused(attempt.reason);
      case Outcome::fenced:
        break;
    }
    return ClaimFailure{Error{attempt.reason}, DeliveryStatus::fenced};
  }

  // `automatic` takes less when transactions were refused for long enough by brokers that answer.
  std::variant<Claim, ClaimFailure> refused(const std::string& reason) {
    const auto now = kafka::monotonic_now();
    if (!refused_since_) refused_since_ = now;
    if (mode_ != Mode::automatic || producer_.interrupted() || now - *refused_since_ < options_.kafka.step_down_after) {
      return ClaimFailure{Error{reason}, DeliveryStatus::unavailable};
    }
    if (options_.log != nullptr) {
      options_.log->warning(
          "the cluster refuses exactly_once, delivering at_least_once: a crash may repeat fires",
          {{"reason", reason}, {"cure", "remove the reason and restart, or set kafka.delivery: at_least_once"}});
    }
    producer_.disconnect();
    mode_ = Mode::at_least_once;
    return claim_plain();
  }

  const CallbackOptions options_;
  Interruption interruption_;
  kafka::Producer producer_;
  kafka::TransactionalDelivery transactional_;
  kafka::PlainDelivery plain_;
  Mode mode_;
  std::optional<kafka::MonotonicTime> refused_since_;
};

}  // namespace

Result<std::unique_ptr<Callback>> make_kafka_callback(const CallbackOptions& options) {
  if (const auto checked = kafka::check_options(options); !checked) return checked.error();
  if (options.log != nullptr) {
    for (const std::string& caution : kafka::cautions(options.kafka)) {
      options.log->warning("anybody may pose for a broker", {{"reason", caution}});
    }
  }
  return std::unique_ptr<Callback>(std::make_unique<KafkaCallback>(options));
}

}  // namespace action_scheduler
