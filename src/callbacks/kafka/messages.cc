#include "callbacks/kafka/messages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

namespace action_scheduler::kafka {
namespace {

// The record batch's own header, and the most that a record needs beside its texts (KIP-98: lengths and deltas as varints).
constexpr std::size_t kBatchOverhead = 61 + 7 * 5;
constexpr std::size_t kHeaderOverhead = 2 * 3;
// Names and values of the CloudEvents headers that do not depend on the action's texts.
constexpr std::size_t kCloudEventsBytes = 512;

class AddHeaders : public HeaderVisitor {
 public:
  explicit AddHeaders(rd_kafka_headers_t* headers) : headers_(headers) {}
  void header(std::string_view name, std::string_view value) override {
    rd_kafka_header_add(headers_, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }

 private:
  rd_kafka_headers_t* headers_;
};

class CountHeaders : public HeaderVisitor {
 public:
  void header(std::string_view name, std::string_view value) override { bytes += name.size() + value.size() + kHeaderOverhead; }
  std::size_t bytes = 0;
};

constexpr std::string_view kContentType = "content-type";

// The CloudEvents headers, then the row's. Of `content-type` there is one: the row knows better what its command is.
void visit_all_headers(bool cloudevents, const Fire& fire, const ActionText& text, EventContext context, HeaderVisitor& visitor) {
  std::vector<HeaderView> own;
  if (text.has_headers()) own = text.headers();
  if (cloudevents) {
    const auto type = std::ranges::find(own, kContentType, &HeaderView::first);
    if (type != own.end()) {
      context.content_type = type->second;
      own.erase(type);
    }
    visit_cloudevents_headers(fire, text, context, visitor);
  }
  for (const auto& [name, value] : own) visitor.header(name, value);
}

}  // namespace

MessageEncoder::MessageEncoder(const CallbackOptions& options)
    : key_(options.kafka.key),
      value_(options.kafka.value),
      headers_(options.kafka.headers),
      source_(options.kafka.source.empty() ? options.instance : options.kafka.source),
      context_{source_, value_ == KafkaOptions::Value::json ? "application/json" : "text/plain; charset=utf-8"} {}

rd_kafka_resp_err_t MessageEncoder::produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const Fire& fire, const ActionText& text,
                                            std::size_t index) {
  rd_kafka_headers_t* headers = nullptr;
  if (headers_ == KafkaOptions::Headers::cloudevents || text.has_headers()) {
    headers = rd_kafka_headers_new(16);
    AddHeaders add(headers);
    visit_all_headers(headers_ == KafkaOptions::Headers::cloudevents, fire, text, context_, add);
  }
  const std::string_view key_bytes = key(fire, text);
  const std::string_view value_bytes = value(text);

  std::array<rd_kafka_vu_t, 6> fields{};
  std::size_t count = 0;
  fields[count].vtype = RD_KAFKA_VTYPE_RKT;
  fields[count++].u.rkt = topic;
  fields[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[count++].u.i = RD_KAFKA_MSG_F_COPY;
  fields[count].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[count].u.mem.ptr = const_cast<char*>(value_bytes.data());
  fields[count++].u.mem.size = value_bytes.size();
  if (key_bytes.data() != nullptr) {
    fields[count].vtype = RD_KAFKA_VTYPE_KEY;
    fields[count].u.mem.ptr = const_cast<char*>(key_bytes.data());
    fields[count++].u.mem.size = key_bytes.size();
  }
  fields[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
  fields[count++].u.ptr = reinterpret_cast<void*>(index);  // NOLINT(performance-no-int-to-ptr): a number that librdkafka carries
  if (headers != nullptr) {
    fields[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[count++].u.headers = headers;
  }
  rd_kafka_error_t* error = rd_kafka_produceva(client, fields.data(), count);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (headers != nullptr) rd_kafka_headers_destroy(headers);  // still ours
  return take_error(error).code;
}

std::size_t MessageEncoder::batch_bytes(const Fire& fire, const ActionText& text) {
  CountHeaders count;
  visit_all_headers(headers_ == KafkaOptions::Headers::cloudevents, fire, text, context_, count);
  return kBatchOverhead + key(fire, text).size() + value(text).size() + count.bytes;
}

std::size_t MessageEncoder::batch_bytes_bound(const ActionText& text) const {
  // Every character may become six.
  std::size_t bytes = kBatchOverhead + kCloudEventsBytes + source_.size() + 2 * text.name().size() + 6 * text.command().size();
  bytes += text.key().value_or("").size();
  if (text.has_headers()) {
    for (const auto& [name, header] : text.headers()) bytes += name.size() + header.size() + kHeaderOverhead;
  }
  return bytes;
}

std::string_view MessageEncoder::key(const Fire& fire, const ActionText& text) {
  if (const auto own = text.key()) return own->data() == nullptr ? std::string_view("") : *own;
  switch (key_) {
    case KafkaOptions::Key::id: {
      key_buffer_.resize(24);
      const auto end = std::to_chars(key_buffer_.data(), key_buffer_.data() + key_buffer_.size(), fire.action).ptr;
      key_buffer_.resize(static_cast<std::size_t>(end - key_buffer_.data()));
      return key_buffer_;
    }
    case KafkaOptions::Key::name:
      return text.name().data() == nullptr ? std::string_view("") : text.name();
    case KafkaOptions::Key::none:
      break;
  }
  return {};
}

std::string_view MessageEncoder::value(const ActionText& text) {
  if (value_ == KafkaOptions::Value::raw) return text.command();
  value_buffer_.clear();
  append_command_json(value_buffer_, text.command());
  return value_buffer_;
}

}  // namespace action_scheduler::kafka
