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

// The CloudEvents headers, then the row's `own`. Of `content-type` there is one: the row knows better what its command is.
void visit_all_headers(bool cloudevents, const Fire& fire, std::string_view name, std::vector<HeaderView> own,
                       EventContext context, HeaderVisitor& visitor) {
  if (cloudevents) {
    const auto type = std::ranges::find(own, kContentType, &HeaderView::first);
    if (type != own.end()) {
      context.content_type = type->second;
      own.erase(type);
    }
    visit_cloudevents_headers(fire, name, context, visitor);
  }
  for (const auto& [header, value] : own) visitor.header(header, value);
}

std::vector<HeaderView> own_headers(const ActionText& text, const ActionText::Texts& texts) {
  return texts.has_headers ? text.headers() : std::vector<HeaderView>();
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
  const ActionText::Texts texts = text.texts();
  const bool cloudevents = headers_ == KafkaOptions::Headers::cloudevents;
  rd_kafka_headers_t* headers = nullptr;
  if (cloudevents || texts.has_headers) {
    std::vector<HeaderView> own = own_headers(text, texts);
    headers = rd_kafka_headers_new((cloudevents ? count_cloudevents_headers(fire) : 0) + own.size());
    AddHeaders add(headers);
    visit_all_headers(cloudevents, fire, texts.name, std::move(own), context_, add);
  }
  const std::string_view key_bytes = key(fire, texts);
  const std::string_view value_bytes = value(texts.command);

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
  const ActionText::Texts texts = text.texts();
  CountHeaders count;
  visit_all_headers(headers_ == KafkaOptions::Headers::cloudevents, fire, texts.name, own_headers(text, texts), context_, count);
  return kBatchOverhead + key(fire, texts).size() + value(texts.command).size() + count.bytes;
}

std::size_t MessageEncoder::batch_bytes_bound(const ActionText& text) const {
  // Every character may become six.
  const ActionText::Texts texts = text.texts();
  std::size_t bytes = kBatchOverhead + kCloudEventsBytes + source_.size() + 2 * texts.name.size() + 6 * texts.command.size();
  bytes += texts.key.value_or("").size();
  for (const auto& [name, header] : own_headers(text, texts)) bytes += name.size() + header.size() + kHeaderOverhead;
  return bytes;
}

std::string_view MessageEncoder::key(const Fire& fire, const ActionText::Texts& texts) {
  if (texts.key) return texts.key->data() == nullptr ? std::string_view("") : *texts.key;
  switch (key_) {
    case KafkaOptions::Key::id: {
      const auto end = std::to_chars(id_.data(), id_.data() + id_.size(), fire.action).ptr;
      return {id_.data(), static_cast<std::size_t>(end - id_.data())};
    }
    case KafkaOptions::Key::name:
      return texts.name.data() == nullptr ? std::string_view("") : texts.name;
    case KafkaOptions::Key::none:
      break;
  }
  return {};
}

std::string_view MessageEncoder::value(std::string_view command) {
  if (value_ == KafkaOptions::Value::raw) return command;
  value_buffer_.clear();
  append_command_json(value_buffer_, command);
  return value_buffer_;
}

}  // namespace action_scheduler::kafka
