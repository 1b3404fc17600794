// What a fire looks like to its receiver. Pure text encoding, no Kafka.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action_scheduler/action.h"
#include "action_scheduler/fire.h"

namespace action_scheduler {

// Appends the bytes that Python's json.dumps gives for the string: ASCII only, `\u0439` for the rest, surrogate pairs beyond the
// BMP. `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

// `{"command": "..."}`, byte for byte what the Python program sent.
void append_command_json(std::string& out, std::string_view command);

// Receives the headers of a message; the views live during the call.
class HeaderVisitor {
 public:
  virtual ~HeaderVisitor() = default;
  virtual void header(std::string_view name, std::string_view value) = 0;
};

// What a receiver is told of a fire beside its command.
struct EventContext {
  std::string_view source;        // `ce_source`
  std::string_view content_type;  // of the value: `application/json`, or `text/plain; charset=utf-8` for the bare command
};

// The CloudEvents 1.0 headers (Kafka binary mode) of a fire of the action `name`. Allocates nothing.
void visit_cloudevents_headers(const Fire& fire, std::string_view name, const EventContext& context, HeaderVisitor& visitor);

// How many they are.
std::size_t count_cloudevents_headers(const Fire& fire);

}  // namespace action_scheduler
