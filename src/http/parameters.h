// What a request says in its query or its body, checked as it is read. The first fault is kept; ask for it when all is read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/time.h"
#include "core/json.h"
#include "http/http_message.h"

namespace action_scheduler {

// The query. Names that nobody knows and names that stand there twice are faults.
class QueryParameters {
 public:
  QueryParameters(const HttpRequest& request, std::initializer_list<std::string_view> known);

  std::optional<std::string> text(std::string_view name, std::size_t bytes_max);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<Instant> instant(std::string_view name);
  bool flag(std::string_view name);
  // One of `choices`; empty if it is not given.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> choices);

  // The answer to a request at fault.
  const std::optional<HttpResponse>& fault() const { return fault_; }

 private:
  const std::string* find(std::string_view name) const;
  void refuse(std::string_view name, std::string_view expected, std::string_view got);

  const HttpRequest& request_;
  std::optional<HttpResponse> fault_;
};

// The body, a JSON object. An empty body is an empty object.
class BodyParameters {
 public:
  BodyParameters(const HttpRequest& request, std::initializer_list<std::string_view> known);

  // The member; null if it is not there. With `fault()` set there is none.
  const Json* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  // Absent if the member is not there or null.
  std::optional<std::string> text(std::string_view name, std::size_t bytes_max = kJsonBytesMax);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<Instant> instant(std::string_view name);
  bool flag(std::string_view name);
  // An object as JSON text, or a text as it is.
  std::optional<std::string> json_or_text(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t count_max);

  void require(std::initializer_list<std::string_view> names);
  void refuse(std::string_view message);

  const std::optional<HttpResponse>& fault() const { return fault_; }

 private:
  void refuse_kind(std::string_view name, std::string_view expected, const Json& got);

  std::optional<JsonDocument> document_;
  std::optional<HttpResponse> fault_;
};

// A number in a path. Absent if it is none.
std::optional<std::int64_t> id_in_path(const std::string& part);

}  // namespace action_scheduler
