#include "tests/simulation/librdkafka.h"

#include <librdkafka/rdkafka.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/cluster.h"

namespace action_scheduler::simulation {

namespace {

Cluster* the_cluster = nullptr;
Surroundings* the_surroundings = nullptr;

}  // namespace

void connect_librdkafka(Cluster* cluster, Surroundings* surroundings) {
  the_cluster = cluster;
  the_surroundings = surroundings;
}

}  // namespace action_scheduler::simulation

using action_scheduler::simulation::BrokerFault;
using action_scheduler::simulation::Cluster;
using action_scheduler::simulation::CommittedOffset;
using action_scheduler::simulation::Message;
using action_scheduler::simulation::Surroundings;

namespace {

Cluster& cluster() { return *action_scheduler::simulation::the_cluster; }
Surroundings& world() { return *action_scheduler::simulation::the_surroundings; }

// A question to a broker and its answer.
void round_trip() { world().pass(1); }

struct Queued {
  Message message;
  void* opaque = nullptr;
  std::int64_t expires_at = 0;
  bool held = false;  // sent, never to be acknowledged
};

struct Report {
  rd_kafka_message_t message{};  // first: rd_kafka_message_status() is given its address
  rd_kafka_msg_status_t status = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
};

}  // namespace

struct rd_kafka_conf_s {
  std::map<std::string, std::string> properties;
  void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;
  void* opaque = nullptr;
};

struct rd_kafka_topic_s {
  std::string name;
};

struct rd_kafka_headers_s {
  std::string text;
};

struct rd_kafka_error_s {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool retriable = false;
  bool abortable = false;
  bool fatal = false;
};

struct rd_kafka_consumer_group_metadata_s {};

struct rd_kafka_s {
  rd_kafka_conf_s conf;
  std::string transactional_id;
  bool transactional = false;
  std::int64_t message_timeout_ms = 10'000;
  std::deque<Queued> queue;
  std::vector<Report> reports;
  rd_kafka_resp_err_t fatal = RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_resp_err_t abortable = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::int64_t epoch = -1;
  bool in_transaction = false;
  bool mute = false;  // its coordinator does not answer it any more
  int slow_commits = 0;

  void report(Queued& queued, rd_kafka_resp_err_t code, bool possibly_persisted) {
    Report& report = reports.emplace_back();
    report.message.err = code;
    report.message._private = queued.opaque;
    if (possibly_persisted) report.status = RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
    if (transactional && abortable == RD_KAFKA_RESP_ERR_NO_ERROR) abortable = code;
  }

  bool is_stale() {
    cluster().tick();
    if (transactional && cluster().take(BrokerFault::epoch_lost)) cluster().bump_epoch(transactional_id);
    if (transactional && epoch >= 0 && epoch != cluster().epoch(transactional_id) && fatal == RD_KAFKA_RESP_ERR_NO_ERROR) {
      fatal = RD_KAFKA_RESP_ERR__FENCED;
      world().disturbed();
    }
    return fatal != RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  void transmit() {
    cluster().tick();
    if (queue.empty() || !cluster().up || is_stale()) return;
    world().effect();
    if (is_stale()) return;
    if (cluster().take(BrokerFault::producer_fatal)) {
      fatal = RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
      for (Queued& queued : queue) queued.held = true;
      return;
    }
    const bool lost = cluster().take(BrokerFault::messages_lost);
    const bool unacknowledged = !lost && cluster().take(BrokerFault::acknowledgements_lost);
    bool reject = cluster().take(BrokerFault::message_rejected);
    const std::size_t first_held = lost || unacknowledged ? queue.size() / 2 : queue.size();
    std::deque<Queued> waiting;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      Queued& queued = queue[i];
      const auto& topic = cluster().topic(queued.message.topic);
      if (queued.held || topic.silent) {
        waiting.push_back(std::move(queued));
      } else if (!topic.exists) {
        report(queued, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, false);
      } else if (!topic.allowed) {
        report(queued, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, false);
      } else if (queued.message.value.size() > topic.bytes_max) {
        report(queued, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, false);
      } else if (std::exchange(reject, false)) {
        report(queued, RD_KAFKA_RESP_ERR_INVALID_RECORD, false);
      } else {
        queued.held = i >= first_held;
        if (!queued.held || unacknowledged)
          transactional ? cluster().add(transactional_id, queued.message) : cluster().append(queued.message);
        if (queued.held) waiting.push_back(std::move(queued));
      }
    }
    queue = std::move(waiting);
    world().effect();
  }

  void expire() {
    while (!queue.empty() && queue.front().expires_at <= world().monotonic_ms()) {
      report(queue.front(), RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, queue.front().held);
      queue.pop_front();
    }
  }

  void serve() {
    std::vector<Report> served;
    served.swap(reports);
    for (Report& report : served) conf.on_delivery(this, &report.message, conf.opaque);
  }

  void purge(bool in_flight) {
    std::deque<Queued> kept;
    for (Queued& queued : queue) {
      if (queued.held && !in_flight) {
        kept.push_back(std::move(queued));
      } else {
        report(queued, queued.held ? RD_KAFKA_RESP_ERR__PURGE_INFLIGHT : RD_KAFKA_RESP_ERR__PURGE_QUEUE, queued.held);
      }
    }
    queue = std::move(kept);
  }

  // The part of every transactional call that comes before its own work: null if that may begin.
  rd_kafka_error_t* ready(int timeout_ms, bool aborting = false) {
    is_stale();
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) return new rd_kafka_error_s{fatal, false, false, true};
    if (!aborting && abortable != RD_KAFKA_RESP_ERR_NO_ERROR) return new rd_kafka_error_s{abortable, false, true, false};
    if (!cluster().up || mute) return time_out(timeout_ms);
    round_trip();
    return nullptr;
  }

  static rd_kafka_error_t* time_out(int timeout_ms) {
    world().pass(timeout_ms);
    return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__TIMED_OUT, true, false, false};
  }
  rd_kafka_error_t* become_fatal(rd_kafka_resp_err_t code) {
    fatal = code;
    return new rd_kafka_error_s{code, false, false, true};
  }
  rd_kafka_error_t* become_abortable(rd_kafka_resp_err_t code) {
    abortable = code;
    return new rd_kafka_error_s{code, false, true, false};
  }
  rd_kafka_error_t* commit(int timeout_ms);
};

rd_kafka_error_t* rd_kafka_s::commit(int timeout_ms) {
  transmit();
  if (!queue.empty()) return time_out(timeout_ms);
  if (is_stale()) return new rd_kafka_error_s{fatal, false, false, true};
  if (cluster().take(BrokerFault::commit_slow)) slow_commits = 3;
  if (slow_commits > 0 && --slow_commits > 0) return time_out(timeout_ms);
  if (cluster().take(BrokerFault::commit_abortable)) return become_abortable(RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED);
  if (cluster().take(BrokerFault::commit_fatal)) return become_fatal(RD_KAFKA_RESP_ERR_INVALID_TXN_STATE);
  if (cluster().take(BrokerFault::commit_request_lost)) {
    mute = true;
    return time_out(timeout_ms);
  }
  if (cluster().take(BrokerFault::commit_later)) {
    mute = true;
    cluster().commit_at(transactional_id, world().monotonic_ms() + 12'000);
    return time_out(timeout_ms);
  }
  const bool reply_lost = cluster().take(BrokerFault::commit_reply_lost);
  const bool fatal_arrived = cluster().take(BrokerFault::commit_fatal_arrived);
  world().effect();
  if (is_stale()) return new rd_kafka_error_s{fatal, false, false, true};
  cluster().commit(transactional_id);
  in_transaction = false;
  world().effect();
  if (fatal_arrived) return become_fatal(RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
  if (!reply_lost) return nullptr;
  mute = true;
  return time_out(timeout_ms);
}

extern "C" {

rd_kafka_conf_t* rd_kafka_conf_new(void) { return new rd_kafka_conf_s; }
void rd_kafka_conf_destroy(rd_kafka_conf_t* conf) { delete conf; }
rd_kafka_conf_res_t rd_kafka_conf_set(rd_kafka_conf_t* conf, const char* name, const char* value, char*, size_t) {
  conf->properties[name] = value;
  return RD_KAFKA_CONF_OK;
}
void rd_kafka_conf_set_opaque(rd_kafka_conf_t* conf, void* opaque) { conf->opaque = opaque; }
void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t* conf, void (*callback)(rd_kafka_t*, const rd_kafka_message_t*, void*)) {
  conf->on_delivery = callback;
}
void rd_kafka_conf_set_error_cb(rd_kafka_conf_t*, void (*)(rd_kafka_t*, int, const char*, void*)) {}
void rd_kafka_conf_set_stats_cb(rd_kafka_conf_t*, int (*)(rd_kafka_t*, char*, size_t, void*)) {}
void rd_kafka_conf_set_log_cb(rd_kafka_conf_t*, void (*)(const rd_kafka_t*, int, const char*, const char*)) {}

rd_kafka_t* rd_kafka_new(rd_kafka_type_t, rd_kafka_conf_t* conf, char*, size_t) {
  auto* client = new rd_kafka_s;
  client->conf = std::move(*conf);
  delete conf;
  client->transactional = client->conf.properties.contains("transactional.id");
  if (client->transactional) client->transactional_id = client->conf.properties["transactional.id"];
  if (const auto timeout = client->conf.properties.find("message.timeout.ms"); timeout != client->conf.properties.end()) {
    client->message_timeout_ms = std::atoll(timeout->second.c_str());
  }
  return client;
}
void rd_kafka_destroy(rd_kafka_t* client) { delete client; }
void* rd_kafka_opaque(const rd_kafka_t* client) { return client->conf.opaque; }

rd_kafka_topic_t* rd_kafka_topic_new(rd_kafka_t*, const char* name, rd_kafka_topic_conf_t*) { return new rd_kafka_topic_s{name}; }
void rd_kafka_topic_destroy(rd_kafka_topic_t* topic) { delete topic; }

rd_kafka_headers_t* rd_kafka_headers_new(size_t) {
  auto* headers = new rd_kafka_headers_s;
  headers->text.reserve(256);
  return headers;
}
void rd_kafka_headers_destroy(rd_kafka_headers_t* headers) { delete headers; }
rd_kafka_resp_err_t rd_kafka_header_add(rd_kafka_headers_t* headers, const char* name, ssize_t name_size, const void* value,
                                        ssize_t value_size) {
  const auto append = [&](const void* bytes, ssize_t size) {
    const char* text = static_cast<const char*>(bytes);
    headers->text.append(text, size < 0 ? std::strlen(text) : static_cast<std::size_t>(size)).push_back('\0');
  };
  append(name, name_size);
  append(value, value_size);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_error_t* rd_kafka_produceva(rd_kafka_t* client, const rd_kafka_vu_t* fields, size_t count) {
  if (client->fatal != RD_KAFKA_RESP_ERR_NO_ERROR) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__FATAL, false, false, true};
  if (client->transactional && (!client->in_transaction || client->abortable != RD_KAFKA_RESP_ERR_NO_ERROR)) {
    return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__STATE};
  }
  if (cluster().take(BrokerFault::queue_full)) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__QUEUE_FULL, true};
  Queued& queued = client->queue.emplace_back();
  queued.expires_at = world().monotonic_ms() + client->message_timeout_ms;
  queued.message.hand_over = world().hand_over();
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_vu_t& field = fields[i];
    if (field.vtype == RD_KAFKA_VTYPE_RKT) queued.message.topic = field.u.rkt->name;
    if (field.vtype == RD_KAFKA_VTYPE_VALUE)
      queued.message.value.assign(static_cast<const char*>(field.u.mem.ptr), field.u.mem.size);
    if (field.vtype == RD_KAFKA_VTYPE_KEY) queued.message.key.assign(static_cast<const char*>(field.u.mem.ptr), field.u.mem.size);
    if (field.vtype == RD_KAFKA_VTYPE_OPAQUE) queued.opaque = field.u.ptr;
    if (field.vtype == RD_KAFKA_VTYPE_HEADERS) {
      queued.message.headers = std::move(field.u.headers->text);
      delete field.u.headers;
    }
  }
  return nullptr;
}

int rd_kafka_poll(rd_kafka_t* client, int timeout_ms) {
  client->transmit();
  if (client->reports.empty()) {
    if (timeout_ms > 0) world().pass(timeout_ms);
    client->transmit();
    client->expire();
  }
  client->serve();
  return 0;
}

rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t* client, int timeout_ms) {
  client->transmit();
  if (client->queue.empty()) {
    round_trip();
  } else {
    world().pass(timeout_ms);
    client->transmit();
    client->expire();
  }
  client->serve();
  return client->queue.empty() ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

int rd_kafka_outq_len(rd_kafka_t* client) { return static_cast<int>(client->queue.size() + client->reports.size()); }

rd_kafka_resp_err_t rd_kafka_purge(rd_kafka_t* client, int flags) {
  client->purge((flags & RD_KAFKA_PURGE_F_INFLIGHT) != 0);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t* client, char* reason, size_t size) {
  if (size > 0) reason[0] = '\0';
  return client->fatal;
}

rd_kafka_msg_status_t rd_kafka_message_status(const rd_kafka_message_t* message) {
  return reinterpret_cast<const Report*>(message)->status;
}
void rd_kafka_message_destroy(rd_kafka_message_t*) {}

rd_kafka_error_t* rd_kafka_init_transactions(rd_kafka_t* client, int timeout_ms) {
  if (rd_kafka_error_t* error = client->ready(timeout_ms)) return error;
  if (cluster().take(BrokerFault::init_times_out)) return rd_kafka_s::time_out(timeout_ms);
  if (!cluster().transactions_allowed) return client->become_fatal(RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  world().effect();
  const auto epoch = cluster().init(client->transactional_id);
  if (!epoch) return rd_kafka_s::time_out(timeout_ms);
  world().effect();
  if (cluster().take(BrokerFault::init_reply_lost)) return rd_kafka_s::time_out(timeout_ms);
  client->epoch = *epoch;
  return nullptr;
}

rd_kafka_error_t* rd_kafka_begin_transaction(rd_kafka_t* client) {
  if (client->is_stale()) return new rd_kafka_error_s{client->fatal, false, false, true};
  if (client->epoch < 0 || client->in_transaction) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__STATE};
  if (cluster().take(BrokerFault::begin_fatal)) return client->become_fatal(RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);
  client->in_transaction = true;
  return nullptr;
}

rd_kafka_error_t* rd_kafka_send_offsets_to_transaction(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* offsets,
                                                       const rd_kafka_consumer_group_metadata_t*, int timeout_ms) {
  if (rd_kafka_error_t* error = client->ready(timeout_ms)) return error;
  if (!client->in_transaction) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__STATE};
  if (cluster().take(BrokerFault::offsets_time_out)) return rd_kafka_s::time_out(timeout_ms / 4);
  if (cluster().take(BrokerFault::offsets_abortable)) return client->become_abortable(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
  if (cluster().take(BrokerFault::offsets_fatal)) return client->become_fatal(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  const rd_kafka_topic_partition_t& offset = offsets->elems[0];
  world().effect();
  if (client->is_stale()) return new rd_kafka_error_s{client->fatal, false, false, true};
  cluster().set_offset(client->transactional_id,
                       {offset.offset, std::string(static_cast<const char*>(offset.metadata), offset.metadata_size)});
  world().effect();
  if (cluster().take(BrokerFault::offsets_reply_lost)) return rd_kafka_s::time_out(timeout_ms / 4);
  return nullptr;
}

rd_kafka_error_t* rd_kafka_commit_transaction(rd_kafka_t* client, int timeout_ms) {
  if (rd_kafka_error_t* error = client->ready(timeout_ms)) return error;
  if (!client->in_transaction) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__STATE};
  return client->commit(timeout_ms);
}

rd_kafka_error_t* rd_kafka_abort_transaction(rd_kafka_t* client, int timeout_ms) {
  if (rd_kafka_error_t* error = client->ready(timeout_ms, true)) return error;
  if (!client->in_transaction) return new rd_kafka_error_s{RD_KAFKA_RESP_ERR__STATE};
  if (cluster().take(BrokerFault::abort_times_out)) {
    client->mute = true;
    return rd_kafka_s::time_out(timeout_ms);
  }
  client->purge(true);
  world().effect();
  if (client->is_stale()) return new rd_kafka_error_s{client->fatal, false, false, true};
  cluster().abort(client->transactional_id);
  if (cluster().take(BrokerFault::abort_reply_lost)) {
    client->mute = true;
    return rd_kafka_s::time_out(timeout_ms);
  }
  client->in_transaction = false;
  client->abortable = RD_KAFKA_RESP_ERR_NO_ERROR;
  world().effect();
  client->serve();
  return nullptr;
}

rd_kafka_resp_err_t rd_kafka_error_code(const rd_kafka_error_t* error) {
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : error->code;
}
const char* rd_kafka_error_string(const rd_kafka_error_t* error) { return rd_kafka_err2str(error->code); }
int rd_kafka_error_is_retriable(const rd_kafka_error_t* error) { return error->retriable ? 1 : 0; }
int rd_kafka_error_txn_requires_abort(const rd_kafka_error_t* error) { return error->abortable ? 1 : 0; }
int rd_kafka_error_is_fatal(const rd_kafka_error_t* error) { return error->fatal ? 1 : 0; }
void rd_kafka_error_destroy(rd_kafka_error_t* error) { delete error; }
const char* rd_kafka_err2str(rd_kafka_resp_err_t) { return "as the simulation has it"; }

rd_kafka_topic_partition_list_t* rd_kafka_topic_partition_list_new(int) {
  return static_cast<rd_kafka_topic_partition_list_t*>(std::calloc(1, sizeof(rd_kafka_topic_partition_list_t)));
}
rd_kafka_topic_partition_t* rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t* list, const char*, int32_t) {
  list->elems = static_cast<rd_kafka_topic_partition_t*>(std::calloc(1, sizeof(rd_kafka_topic_partition_t)));
  list->cnt = 1;
  return list->elems;
}
void rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_t* list) {
  if (list->elems != nullptr) std::free(list->elems[0].metadata);
  std::free(list->elems);
  std::free(list);
}
rd_kafka_consumer_group_metadata_t* rd_kafka_consumer_group_metadata_new(const char*) {
  return new rd_kafka_consumer_group_metadata_s;
}
void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t* metadata) { delete metadata; }

rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t* client, rd_kafka_topic_partition_list_t* partitions, int timeout_ms) {
  const bool stable = client->conf.properties["isolation.level"] == "read_committed";
  cluster().tick();
  if (!cluster().up || cluster().take(BrokerFault::position_unreadable)) {
    world().pass(timeout_ms);
    return RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  round_trip();
  if (stable && cluster().offset_is_unstable()) {
    world().pass(timeout_ms);
    return RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  rd_kafka_topic_partition_t& partition = partitions->elems[0];
  partition.offset = RD_KAFKA_OFFSET_INVALID;
  if (const auto& offset = cluster().offset()) {
    partition.offset = offset->offset;
    partition.metadata = std::malloc(offset->metadata.size() + 1);
    std::memcpy(partition.metadata, offset->metadata.data(), offset->metadata.size());
    partition.metadata_size = offset->metadata.size();
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
rd_kafka_resp_err_t rd_kafka_poll_set_consumer(rd_kafka_t*) { return RD_KAFKA_RESP_ERR_NO_ERROR; }
rd_kafka_message_t* rd_kafka_consumer_poll(rd_kafka_t*, int) { return nullptr; }

rd_kafka_resp_err_t rd_kafka_metadata(rd_kafka_t*, int, rd_kafka_topic_t* topic, const struct rd_kafka_metadata** out,
                                      int timeout_ms) {
  if (!cluster().up || cluster().take(BrokerFault::metadata_times_out)) {
    world().pass(timeout_ms);
    return RD_KAFKA_RESP_ERR__TRANSPORT;
  }
  round_trip();
  auto* metadata = static_cast<rd_kafka_metadata_t*>(std::calloc(1, sizeof(rd_kafka_metadata_t)));
  metadata->broker_cnt = 1;
  metadata->brokers = static_cast<rd_kafka_metadata_broker_t*>(std::calloc(1, sizeof(rd_kafka_metadata_broker_t)));
  if (topic != nullptr) {
    metadata->topic_cnt = 1;
    metadata->topics = static_cast<rd_kafka_metadata_topic_t*>(std::calloc(1, sizeof(rd_kafka_metadata_topic_t)));
    metadata->topics[0].topic = ::strdup(topic->name.c_str());
    const auto& state = cluster().topic(topic->name);
    metadata->topics[0].err = !state.exists    ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                              : !state.allowed ? RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
                                               : RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  *out = metadata;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
void rd_kafka_metadata_destroy(const struct rd_kafka_metadata* metadata) {
  if (metadata->topics != nullptr) std::free(metadata->topics[0].topic);
  std::free(metadata->topics);
  std::free(metadata->brokers);
  std::free(const_cast<struct rd_kafka_metadata*>(metadata));
}

}  // extern "C"
