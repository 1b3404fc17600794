#include "callbacks/kafka/client.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace action_scheduler::kafka {
namespace {

using Properties = std::map<std::string, std::string>;

// It comes again at each attempt to connect, which are a second or two apart.
constexpr std::chrono::seconds kRefusalKept{10};

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// What `kafka.properties` may change but rarely does.
Properties defaults(const KafkaOptions& options) {
  return {
      {"client.id", "action-scheduler"},
      // No fire waits for it: what is handed over is flushed. But librdkafka's thread spins while an older message waits for an
      // earlier batch of its partition to be acknowledged, and takes the processor from who fills the queue.
      {"linger.ms", "500"},
      {"reconnect.backoff.ms", "100"},
      {"reconnect.backoff.max.ms", "1000"},
      {"message.timeout.ms", std::to_string(options.delivery_timeout_ms)},
      {"transaction.timeout.ms", std::to_string(std::max(60'000, 2 * options.delivery_timeout_ms))},
      // The bound on what is in flight: a burst goes through in pieces of this size.
      {"queue.buffering.max.messages", "500000"},
      {"queue.buffering.max.kbytes", "262144"},
      // How large a message may be is the topic's to say, not the client's.
      {"message.max.bytes", "104857600"},
      // The partition of a key as the Java client has it.
      {"partitioner", "murmur2_random"},
      {"socket.keepalive.enable", "true"},
      {"log.connection.close", "false"},
  };
}

// What nobody may change: the promises stand on it.
Properties fixed(const KafkaOptions& options, const ClientSettings& settings) {
  std::string servers;
  for (const std::string& server : options.servers) servers.append(servers.empty() ? "" : ",").append(server);
  Properties properties{
      {"bootstrap.servers", servers},
      {"acks", "all"},
      {"enable.idempotence", "true"},
      {"delivery.report.only.error", "true"},
  };
  if (!settings.transactional_id.empty()) properties["transactional.id"] = settings.transactional_id;
  if (settings.batch_bytes != 0) properties["batch.size"] = std::to_string(settings.batch_bytes);
  return properties;
}

struct Guarded {
  std::string_view property;
  std::string_view allowed;  // another spelling of what it is anyway; empty: none
  std::string_view also_allowed;
  std::string_view instead;
};

constexpr std::array kGuarded{
    Guarded{"acks", "all", "-1", "it is always all"},
    Guarded{"request.required.acks", "all", "-1", "it is always all"},
    Guarded{"enable.idempotence", "true", "", "it is always true"},
    Guarded{"transactional.id", "", "", "it is the `instance`"},
    Guarded{"bootstrap.servers", "", "", "use kafka.server"},
    Guarded{"metadata.broker.list", "", "", "use kafka.server"},
    Guarded{"delivery.report.only.error", "true", "", "it is always true"},
};

// librdkafka knows two names of some properties; the first is the one that defaults() uses.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kAliases{{
    {"linger.ms", "queue.buffering.max.ms"},
    {"message.timeout.ms", "delivery.timeout.ms"},
    {"batch.size", "batch.size"},
}};

std::string_view canonical(std::string_view name) {
  for (const auto& [ours, theirs] : kAliases) {
    if (name == theirs) return ours;
  }
  return name;
}

}  // namespace

int Deadline::remaining_ms(int most_ms) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - monotonic_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, most_ms));
}

CallError take_error(rd_kafka_error_t* error) {
  CallError result;
  if (error == nullptr) return result;
  result.code = rd_kafka_error_code(error);
  result.text = one_line(rd_kafka_error_string(error));
  result.retriable = rd_kafka_error_is_retriable(error) != 0;
  result.abortable = rd_kafka_error_txn_requires_abort(error) != 0;
  result.fatal = rd_kafka_error_is_fatal(error) != 0;
  rd_kafka_error_destroy(error);
  return result;
}

std::string describe(rd_kafka_resp_err_t code) { return one_line(rd_kafka_err2str(code)); }

Result<std::unique_ptr<Client>> Client::create(const KafkaOptions& options, const ClientSettings& settings, Log* log) {
  Properties properties = defaults(options);
  for (const auto& [name, value] : options.properties) properties[std::string(canonical(name))] = value;
  for (auto& [name, value] : fixed(options, settings)) properties[name] = value;
  const bool tells = settings.statistics != nullptr && options.statistics_interval_ms > 0;
  if (tells) properties.emplace("statistics.interval.ms", std::to_string(options.statistics_interval_ms));

  std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  std::array<char, 512> reason{};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
      return Error{"kafka.properties: " + name + ": " + one_line(reason.data())};
    }
  }
  std::unique_ptr<Client> client(new Client(log));
  for (const char* name : {"ssl.certificate.location", "ssl.certificate.pem", "ssl.keystore.location"}) {
    client->has_certificate_ |= properties.contains(name);
  }
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Client::on_delivery);
  rd_kafka_conf_set_error_cb(conf.get(), &Client::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &Client::on_log);
  client->statistics_ = settings.statistics;
  if (tells) rd_kafka_conf_set_stats_cb(conf.get(), &Client::on_statistics);
  client->handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size());
  if (client->handle_ == nullptr) return Error{"kafka.properties: " + one_line(reason.data())};
  (void)conf.release();  // librdkafka's now
  return client;
}

std::unique_ptr<rd_kafka_t, Client::Close> Client::create_reader(const KafkaOptions& options, const std::string& group,
                                                                 bool stable) {
  Properties properties = options.properties;
  properties["bootstrap.servers"] = fixed(options, {})["bootstrap.servers"];
  properties["reconnect.backoff.max.ms"] = "1000";
  properties["group.id"] = group;
  properties["enable.auto.commit"] = "false";
  properties["enable.partition.eof"] = "true";
  properties["isolation.level"] = stable ? "read_committed" : "read_uncommitted";
  std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  std::array<char, 512> reason{};
  for (const auto& [name, value] : properties) {
    (void)rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size());
  }
  // It would only complain of properties that are the producer's.
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size());
  if (handle != nullptr) (void)conf.release();
  return std::unique_ptr<rd_kafka_t, Close>(handle);
}

Client::~Client() {
  if (handle_ == nullptr) return;
  rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  rd_kafka_destroy(handle_);
}

// The text is left to librdkafka, which frees it.
int Client::on_statistics(rd_kafka_t* /*handle*/, char* json, std::size_t size, void* opaque) {
  static_cast<Client*>(opaque)->statistics_->keep({json, size});
  return 0;
}

CallError Client::fatal_error() const {
  std::array<char, 512> reason{};
  CallError error;
  error.code = rd_kafka_fatal_error(handle_, reason.data(), reason.size());
  error.text = one_line(reason.data());
  error.fatal = !error.ok();
  return error;
}

std::string Client::connection_complaint() const {
  std::string complaint;
  {
    const std::lock_guard lock(complaint_mutex_);
    complaint = complaint_;
  }
  const auto about = [&](std::string_view what) { return complaint.find(what) != complaint.npos; };
  if (about("SASL authentication error")) {
    complaint += "; see sasl.username, sasl.password and sasl.mechanism in kafka.properties";
  } else if (about("certificate verify failed")) {
    complaint +=
        "; ssl.ca.location in kafka.properties must have the authority that signed it, and it must name the host as kafka.server "
        "does";
  } else if (about("SSL alert number") && (about("certificate") || about("unknown ca"))) {
    complaint += has_certificate_
                     ? "; the brokers do not take the certificate of ssl.certificate.location in kafka.properties: its "
                       "authority must be one that they trust, and its time not over"
                     : "; the brokers want a certificate: give ssl.certificate.location and ssl.key.location in "
                       "kafka.properties";
  } else if (about("SSL handshake failed") || about("might be configured with security.protocol") || about("might be an SSL")) {
    complaint += "; see security.protocol in kafka.properties";
  }
  return complaint;
}

bool Client::turned_away() const {
  const std::lock_guard lock(complaint_mutex_);
  return monotonic_now() < refused_until_;
}

bool Client::refused_in_transaction(const std::string& topic) const {
  const std::lock_guard lock(complaint_mutex_);
  return transaction_complaints_.find('"' + topic + '"') != std::string::npos;
}

void Client::keep_transaction_complaint(std::string_view text) {
  // Topics beyond the bound show up when these are out of the way.
  constexpr std::size_t kBytesMax = 64 * 1024;
  const std::lock_guard lock(complaint_mutex_);
  if (text.find("authorization") == text.npos || transaction_complaints_.size() > kBytesMax) return;
  transaction_complaints_.append(text).append("\n");
}

void Client::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const bool doubt = rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  static_cast<Client*>(opaque)->failures_.push_back({reinterpret_cast<std::uintptr_t>(message->_private), message->err, doubt});
}

void Client::on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  if (code == RD_KAFKA_RESP_ERR__FATAL) return;
  auto* client = static_cast<Client*>(opaque);
  const std::lock_guard lock(client->complaint_mutex_);
  // That all are down says less than why the last of them is.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !client->complaint_.empty()) return;
  // A host may have addresses at which nobody listens, as localhost has ::1. That one was refused there says less than why the
  // broker behind another address would not let us in.
  const std::string_view text(reason);
  const bool of_letting_in = text.find("SSL ") != text.npos || text.find("SASL ") != text.npos;
  const MonotonicTime now = monotonic_now();
  if (of_letting_in) {
    client->refused_until_ = now + kRefusalKept;
  } else if (now < client->refused_until_) {
    return;
  }
  client->complaint_ = one_line(reason);
}

void Client::on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  auto* client = static_cast<Client*>(rd_kafka_opaque(handle));
  if (client == nullptr) return;
  if (std::string_view(facility) == "ADDPARTS") client->keep_transaction_complaint(text);
  if (client->log_ == nullptr) return;
  // Whatever matters comes back as an error and is told of once; librdkafka says it at each attempt. Only what it thinks of
  // kafka.properties comes nowhere else.
  const Level kept = std::string_view(facility) == "CONFWARN" && level <= 4 ? Level::warning : Level::debug;
  client->log_->event(kept, "librdkafka", {{"facility", facility}, {"message", one_line(text)}});
}

std::vector<std::string> cautions(const KafkaOptions& options) {
  const auto value = [&](const std::string& name) {
    const auto found = options.properties.find(name);
    std::string lower = found == options.properties.end() ? "" : found->second;
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
  };
  std::vector<std::string> found;
  if (!value("security.protocol").ends_with("ssl")) return found;
  // librdkafka's words for no.
  const std::string verified = value("enable.ssl.certificate.verification");
  if (verified == "false" || verified == "f" || verified == "0") {
    found.emplace_back(
        "kafka.properties: enable.ssl.certificate.verification is false: whoever is on the way may pose for a broker; leave it "
        "out, "
        "and give the authority in ssl.ca.location");
  }
  if (value("ssl.endpoint.identification.algorithm") == "none") {
    found.emplace_back(
        "kafka.properties: ssl.endpoint.identification.algorithm is none: any certificate of the authority passes for a "
        "broker's; "
        "leave it out, and let the certificates name the hosts as kafka.server does");
  }
  return found;
}

Result<void> check_options(const CallbackOptions& options) {
  const KafkaOptions& kafka = options.kafka;
  if (kafka.servers.empty()) return Error{"kafka.server: no server is given, set host:port"};
  if (kafka.topic.empty()) return Error{"kafka.topic: no topic is given"};
  if (options.instance.empty()) return Error{"instance: must not be empty"};
  for (const Guarded& guarded : kGuarded) {
    const auto found = kafka.properties.find(std::string(guarded.property));
    if (found == kafka.properties.end()) continue;
    const std::string& value = found->second;
    if (!guarded.allowed.empty() && (value == guarded.allowed || value == guarded.also_allowed)) continue;
    return Error{"kafka.properties: " + found->first + " cannot be set, " + std::string(guarded.instead)};
  }
  ClientSettings settings;
  if (kafka.delivery != KafkaOptions::DeliveryMode::at_least_once) settings.transactional_id = options.instance;
  const auto client = Client::create(kafka, settings, nullptr);
  if (!client) return client.error();
  return {};
}

}  // namespace action_scheduler::kafka
