#include "callbacks/kafka/verdict.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "callbacks/kafka/cluster.h"

namespace action_scheduler::kafka {
namespace {

using namespace std::chrono_literals;

// A topic that keeps silent while others answer is tried again after 30 s, then half as often each time up to 4 minutes: each
// trial makes the others wait. Where none answers (brokers that lack copies to take anything) there is nobody to spare, and all
// of them shall come back soon after their brokers.
constexpr int kSilenceDoublingsMax = 3;
constexpr auto kLonelyHold = 15s;
// So often in a row all topics at hand are silent, while brokers answer questions, until it is taken for theirs alone.
constexpr int kLonelySilences = 2;
// and in hand-overs that are small enough not to be merely slow.
constexpr std::size_t kLonelyFiresMax = 1000;
constexpr int kAskTimeoutMs = 2000;

enum class Kind {
  topic,       // every fire of the topic meets the same
  batch_size,  // the message is too large, or shares a batch with one that is, or is in a batch too large
  batch_mate,  // the message is bad, or shares a batch with one that is
  silence,     // nobody acknowledged it in time
  collateral,  // it fell with others
};

Kind kind_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
      return Kind::topic;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return Kind::batch_size;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return Kind::batch_mate;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return Kind::silence;
    default:
      return Kind::collateral;
  }
}

std::string reason_of(const Topic& topic, rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return "topic " + topic.name + " does not exist: create it, or correct the name";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "topic " + topic.name + ": no right to it, allow Describe and Write";
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return "topic " + topic.name +
             ": the broker's clock is too far from the one here (message.timestamp.after.max.ms and before.max.ms): set them "
             "right";
    default:
      return "topic " + topic.name + ": " + describe(code);
  }
}

class Judge {
 public:
  Judge(Producer& producer, const Batch& batch, const std::vector<Slot>& slots)
      : producer_(producer), batch_(batch), slots_(slots) {}

  Verdict run() {
    // What the client has to tell of its connections would count as outstanding.
    producer_.client().poll(0);
    std::vector<Failure> failures = producer_.client().failures();
    std::ranges::sort(failures, {}, &Failure::index);
    count_silences(failures);
    for (const Failure& failure : failures) {
      Topic& topic = *slot_of(failure.index).topic;
      switch (kind_of(failure.code)) {
        case Kind::topic:
          TopicTable::refuse(topic, reason_of(topic, failure.code), kRefusalHold);
          refuse(failure, topic.fault, true);
          break;
        case Kind::batch_size:
        case Kind::batch_mate:
          judge_batch(failure, failures);
          break;
        case Kind::silence:
          verdict_.silent = true;
          if (topic.refuses()) {
            refuse(failure, topic.fault, true);
          } else {
            verdict_.timed_out = true;
            fail(failure, "no acknowledgement within " + std::to_string(producer_.options().kafka.delivery_timeout_ms) + " ms");
          }
          break;
        case Kind::collateral:
          fail(failure, describe(failure.code));
      }
    }
    return std::move(verdict_);
  }

 private:
  const Slot& slot_of(std::size_t index) const { return *std::ranges::lower_bound(slots_, index, {}, &Slot::index); }

  void refuse(const Failure& failure, std::string reason, bool whole_topic) {
    verdict_.refused.push_back({failure.index, std::move(reason), whole_topic, failure.possibly_persisted});
  }

  void fail(const Failure& failure, const std::string& reason) {
    verdict_.failed.push_back(failure.index);
    verdict_.in_doubt |= failure.possibly_persisted;
    if (verdict_.reason.empty()) verdict_.reason = reason;
  }

  // Brokers refuse a batch as a whole. A message is known to have been alone in it when no other failed that way, or when it
  // fills a batch.
  void judge_batch(const Failure& failure, const std::vector<Failure>& failures) {
    const Slot& slot = slot_of(failure.index);
    const auto same = [&](const Failure& other) {
      return other.code == failure.code && slot_of(other.index).topic == slot.topic;
    };
    if (!same_count_.contains({slot.topic, failure.code})) {
      same_count_[{slot.topic, failure.code}] = std::ranges::count_if(failures, same);
    }
    const std::size_t bytes = producer_.message_bytes(batch_, slot);
    if (same_count_[{slot.topic, failure.code}] > 1 && bytes < producer_.batch_bytes()) {
      verdict_.smaller_batches = true;
      return fail(failure, reason_of(*slot.topic, failure.code));
    }
    if (kind_of(failure.code) == Kind::batch_mate) return refuse(failure, reason_of(*slot.topic, failure.code), false);
    refuse(failure,
           "the message has " + std::to_string(bytes) + " bytes, topic " + slot.topic->name + ": " + describe(failure.code),
           false);
  }

  // Tells topics that do not answer from a cluster that does not.
  void count_silences(const std::vector<Failure>& failures) {
    for (const Failure& failure : failures) {
      if (kind_of(failure.code) == Kind::silence) ++slot_of(failure.index).topic->timed_out;
    }
    std::size_t handed = 0;
    producer_.topics().each([&](const Topic& topic) { handed += topic.handed; });
    // A transaction may be held up as a whole, by a topic that was deleted: what has not failed yet has not been answered for
    // that.
    const bool some_acknowledged = handed > failures.size() + producer_.client().outstanding();
    std::vector<Topic*> silent;
    bool others_answered = false;
    producer_.topics().each([&](Topic& topic) {
      if (topic.handed == 0) return;
      if (topic.timed_out > 0) {
        silent.push_back(&topic);
      } else if (some_acknowledged) {
        topic.silences = 0;
        others_answered = true;
      }
    });
    if (silent.empty()) return;
    // Which of them holds up the others, metadata may tell.
    if (!others_answered) {
      producer_.topics().each([](Topic& topic) { topic.checked = topic.checked && topic.handed == 0; });
    }
    if (!others_answered && count_brokers(producer_.client(), producer_.wait_ms(kAskTimeoutMs)) == 0) return;
    for (Topic* topic : silent) {
      if (!others_answered && topic->handed > kLonelyFiresMax) continue;
      ++topic->silences;
      if (!others_answered && topic->silences < kLonelySilences) continue;
      const std::string silence = "topic " + topic->name + " did not answer within " +
                                  std::to_string(producer_.options().kafka.delivery_timeout_ms) + " ms";
      if (others_answered) {
        const int doublings = std::min(topic->silences - 1, kSilenceDoublingsMax);
        TopicTable::refuse(*topic, silence + " while others did", kRefusalHold * (1 << doublings));
      } else {
        TopicTable::refuse(*topic, silence + " while brokers did", kLonelyHold);
      }
    }
  }

  Producer& producer_;
  const Batch& batch_;
  const std::vector<Slot>& slots_;
  std::map<std::pair<const Topic*, rd_kafka_resp_err_t>, std::ptrdiff_t> same_count_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(Producer& producer, const Batch& batch, const std::vector<Slot>& slots) {
  return Judge(producer, batch, slots).run();
}

}  // namespace action_scheduler::kafka
