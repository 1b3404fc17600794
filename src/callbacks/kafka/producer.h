// What both ways of delivery stand on: the present client, the topics, and handing fires over to them. Included only within this
// folder.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "action_scheduler/callback.h"
#include "callbacks/interruption.h"
#include "callbacks/kafka/client.h"
#include "callbacks/kafka/messages.h"
#include "callbacks/kafka/topics.h"

namespace action_scheduler::kafka {

// A fire of the batch, with what is looked up for it.
struct Slot {
  std::size_t index = 0;  // into Batch::fires
  const ActionText* text = nullptr;
  Topic* topic = nullptr;
};

// Owns the client; makes a new one when the old one is of no use. One thread.
class Producer {
 public:
  Producer(const CallbackOptions& options, const Interruption& interruption);
  ~Producer() { disconnect(); }

  // Makes a client, unless there is one. Does not wait for a connection.
  Result<void> connect(const std::string& transactional_id);
  void disconnect();
  // Nothing was taken. If brokers turned the client away the next one is to read the certificates anew, which may have been
  // exchanged. Nothing may be outstanding.
  void disconnect_if_turned_away();
  bool connected() const { return client_ != nullptr; }
  Client& client() { return *client_; }
  const Statistics& statistics() const { return statistics_; }
  TopicTable& topics() { return topics_; }
  const CallbackOptions& options() const { return options_; }
  Log* log() const { return options_.log; }
  bool interrupted() const { return interruption_.passed(monotonic_now()); }
  // For how long an answer may be waited for that is to come within `most_ms`: not beyond the end of the process.
  int wait_ms(int most_ms) const { return interruption_.left_ms(monotonic_now(), most_ms); }

  // Where the hand-over that begins at `begin` ends: at most about fires_max() fires, never between two fires of one action and
  // instant; exceptions are never cut. Of a batch that is not complete yet no further than it is planned, and something is.
  std::size_t cut(const Batch& batch, std::size_t begin) const;

  // Fetches what is to be known of the default topic, so that the first fire does not wait for it. Its faults show when it is
  // used.
  void warm_up();

  // Looks up fires [begin, end). Those of which it is known beforehand that they cannot be sent go to `refused`, the others to
  // `slots`. False if the cluster does not answer questions about topics.
  bool prepare(const Batch& batch, std::size_t begin, std::size_t end, std::vector<Slot>& slots, std::vector<Refusal>& refused);
  // Its halves, between which the topics that list() gives are looked up: neither asks anybody.
  std::vector<Topic*> list(const Batch& batch, std::size_t begin, std::size_t end, std::vector<Slot>& slots);
  void refuse(const Batch& batch, std::vector<Slot>& slots, std::vector<Refusal>& refused);

  // The topics in use take only smaller batches than this client makes, or larger ones again: it has to be made anew before
  // anything is produced, after fit_batches().
  bool batches_fit() const { return fitting_batch_bytes() == batch_bytes_; }
  void fit_batches();
  // Fires failed for the size of the batch that they were in, not their own: the next client makes smaller ones, and for a while
  // all that follow.
  void make_smaller_batches();
  std::size_t batch_bytes() const { return batch_bytes_; }

  // Produces the slots, waiting while the queue is full, and then for every report. Ends early when it is interrupted, the
  // deadline passes, a fatal error came up, or (with `all_or_nothing`) a little after the first failure. `meanwhile` is called
  // once when all is produced and, for all that is known, on its way.
  enum class End { reported, cut_short };
  End hand_over(const Batch& batch, const std::vector<Slot>& slots, bool all_or_nothing,
                const std::function<void()>& meanwhile = {});

  // Takes back what is neither acknowledged nor failed: it fails.
  void take_back();

  // Hand-overs that took too long although the cluster answers become smaller, good ones larger again.
  std::size_t fires_max() const { return fires_max_; }
  void hand_over_less();
  void hand_over_more();

  // Size of the message of this slot as brokers see it.
  std::size_t message_bytes(const Batch& batch, const Slot& slot) {
    return encoder_.batch_bytes(batch.fires[slot.index], *slot.text);
  }

 private:
  std::size_t fitting_batch_bytes() const;

  const CallbackOptions& options_;
  const Interruption& interruption_;
  const bool compressed_;
  Statistics statistics_;  // before the client that fills it
  TopicTable topics_;
  MessageEncoder encoder_;
  std::unique_ptr<Client> client_;
  std::size_t batch_bytes_;  // batch.size of the present client
  bool batch_bytes_set_ = false;
  std::size_t small_batch_bytes_ = 0;  // until small_until_, batches are not larger
  MonotonicTime small_until_{};
  std::size_t fires_max_;
};

// The error of a cluster that does not answer, with what librdkafka complained of last.
Error unreachable(const Producer& producer, const Client* client, std::string_view what);

}  // namespace action_scheduler::kafka
