// One librdkafka producer and how its errors read. Included only within this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/log.h"
#include "action_scheduler/result.h"
#include "callbacks/kafka/monotonic.h"
#include "callbacks/kafka/statistics.h"
#include "callbacks/options.h"

namespace action_scheduler::kafka {

// A moment on the monotonic clock until which something may last.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now) : at_(monotonic_now() + from_now) {}

  // 0 when it has passed; at most `most_ms`.
  int remaining_ms(int most_ms) const;
  bool passed() const { return monotonic_now() >= at_; }

 private:
  MonotonicTime at_;
};

// How a call of librdkafka ended.
struct CallError {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
  bool retriable = false;
  bool abortable = false;
  bool fatal = false;

  bool ok() const { return code == RD_KAFKA_RESP_ERR_NO_ERROR; }
};

// Takes `error` (null: no error) over and destroys it.
CallError take_error(rd_kafka_error_t* error);

// One line, without line breaks.
std::string describe(rd_kafka_resp_err_t code);

// A message that failed for good.
struct Failure {
  std::size_t index = 0;  // the number that it was produced under
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool possibly_persisted = false;
};

// What a client is made with beyond the options.
struct ClientSettings {
  std::string transactional_id;      // empty: not transactional
  std::size_t batch_bytes = 0;       // for batch.size; 0: as configured
  Statistics* statistics = nullptr;  // gets what librdkafka tells of itself, if the options want it; outlives the client
};

// Owns the rd_kafka_t. Used by one thread; librdkafka's own threads only log.
class Client {
 public:
  // Does not connect. An Error names the property that librdkafka does not take.
  static Result<std::unique_ptr<Client>> create(const KafkaOptions& options, const ClientSettings& settings, Log* log);

  struct Close {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  };
  // A consumer with the same connection properties, for reading the offsets of `group`. Null if librdkafka does not make one.
  static std::unique_ptr<rd_kafka_t, Close> create_reader(const KafkaOptions& options, const std::string& group, bool stable);

  // Drops what is not sent yet. An open transaction stays open until the next owner's claim, or its timeout.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* handle() const { return handle_; }

  // Messages that failed since the last clear_failures(), in the order of their reports. poll() and flush() fill it; successes
  // are not reported one by one.
  const std::vector<Failure>& failures() const { return failures_; }
  void clear_failures() { failures_.clear(); }
  // Adds one that librdkafka did not even take.
  void fail(const Failure& failure) { failures_.push_back(failure); }

  // Serves callbacks, waiting for at most `timeout_ms` until there is one.
  void poll(int timeout_ms) { rd_kafka_poll(handle_, timeout_ms); }

  // Messages that are neither acknowledged nor failed, and what else waits for poll().
  std::size_t outstanding() const { return static_cast<std::size_t>(rd_kafka_outq_len(handle_)); }

  // The error after which the client is of no use any more; ok() if there is none.
  CallError fatal_error() const;

  // Whether the coordinator refused to take this topic into a transaction of this client. Only librdkafka's log names the topic.
  bool refused_in_transaction(const std::string& topic) const;

  // Whether a broker and this client could not agree on who they are, a moment ago. What it was made with does not change: a
  // client that is made anew reads certificates anew.
  bool turned_away() const;

  // The last complaint about connections, such as "127.0.0.1:9092: Connect failed: Connection refused", with what to look at if a
  // setting may be wrong; may be empty.
  std::string connection_complaint() const;

 private:
  explicit Client(Log* log) : log_(log) {}

  static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  static void on_error(rd_kafka_t* handle, int code, const char* reason, void* opaque);
  static int on_statistics(rd_kafka_t* handle, char* json, std::size_t size, void* opaque);
  static void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text);

  void keep_transaction_complaint(std::string_view text);

  Log* const log_;
  Statistics* statistics_ = nullptr;
  bool has_certificate_ = false;  // to show to brokers that ask for one
  rd_kafka_t* handle_ = nullptr;
  std::vector<Failure> failures_;
  mutable std::mutex complaint_mutex_;
  std::string complaint_;
  MonotonicTime refused_until_{};  // until then `complaint_` is why a broker refused a login or its certificate was
  std::string transaction_complaints_;
};

// What of `kafka.properties` keeps the client from making sure who the brokers are, one line each. Empty where they are asked for
// a certificate and it is looked at, and where nothing is encrypted in the first place.
std::vector<std::string> cautions(const KafkaOptions& options);

// The options of which a fault can be known before connecting.
Result<void> check_options(const CallbackOptions& options);

}  // namespace action_scheduler::kafka
