#include "http/parameters.h"

#include <algorithm>
#include <charconv>

#include "action_scheduler/suggestion.h"
#include "operations/schedule_question.h"

namespace action_scheduler {
namespace {

constexpr std::string_view kTimeExpected = "a time such as 2026-11-21T10:00:00Z";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size();
  return good ? std::optional(number) : std::nullopt;
}

std::string range_words(std::int64_t min, std::int64_t max) {
  return "an integer from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

std::optional<std::int64_t> id_in_path(const std::string& part) { return whole_number(part); }

QueryParameters::QueryParameters(const HttpRequest& request, std::initializer_list<std::string_view> known) : request_(request) {
  for (auto one = request.query.begin(); one != request.query.end() && !fault_; ++one) {
    const auto same = [&](const auto& other) { return other.first == one->first; };
    if (std::ranges::find(known, one->first) == known.end()) {
      fault_ = problem(400, "unknown parameter " + quoted_excerpt(one->first) + suggestion(one->first, known));
    } else if (std::any_of(request.query.begin(), one, same)) {
      fault_ = problem(400, std::string(one->first) + ": given twice");
    }
  }
}

const std::string* QueryParameters::find(std::string_view name) const {
  const auto found = std::ranges::find(request_.query, name, [](const auto& one) { return std::string_view(one.first); });
  return found == request_.query.end() ? nullptr : &found->second;
}

void QueryParameters::refuse(std::string_view name, std::string_view expected, std::string_view got) {
  if (fault_) return;
  fault_ = problem(400, std::string(name) + ": expected " + std::string(expected) + ", got " + quoted_excerpt(got));
}

std::optional<std::string> QueryParameters::text(std::string_view name, std::size_t bytes_max) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->size() > bytes_max) refuse(name, "at most " + std::to_string(bytes_max) + " bytes", *value);
  return *value;
}

std::optional<std::int64_t> QueryParameters::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = whole_number(*value);
  if (!number || *number < min || *number > max) refuse(name, range_words(min, max), *value);
  return number;
}

std::optional<Instant> QueryParameters::instant(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto read = parse_utc(*value);
  if (!read) refuse(name, kTimeExpected, *value);
  return read;
}

bool QueryParameters::flag(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return false;
  if (*value != "true" && *value != "false") refuse(name, "true or false", *value);
  return *value == "true";
}

std::string QueryParameters::choice(std::string_view name, std::initializer_list<std::string_view> choices) {
  const std::string* value = find(name);
  if (value == nullptr) return {};
  if (std::ranges::find(choices, *value) == choices.end()) {
    std::string all;
    for (const std::string_view one : choices) all += (all.empty() ? "" : " or ") + std::string(one);
    refuse(name, all, *value);
  }
  return *value;
}

BodyParameters::BodyParameters(const HttpRequest& request, std::initializer_list<std::string_view> known) {
  if (request.body.empty()) return;
  auto parsed = parse_json(std::string_view(request.body));
  if (!parsed) {
    refuse("the body is not JSON: " + parsed.error().message);
    return;
  }
  if (!parsed->root().is(Json::Kind::object)) {
    refuse("the body: expected an object, got " + parsed->root().describe());
    return;
  }
  for (const Json& member : parsed->root().children()) {
    if (std::ranges::find(known, member.key()) != known.end()) continue;
    refuse("unknown member " + quoted_excerpt(member.key()) + suggestion(member.key(), known));
    return;
  }
  document_ = *std::move(parsed);
}

const Json* BodyParameters::find(std::string_view name) const { return document_ ? document_->root().find(name) : nullptr; }

void BodyParameters::refuse(std::string_view message) {
  if (!fault_) fault_ = problem(400, message);
}

void BodyParameters::refuse_kind(std::string_view name, std::string_view expected, const Json& got) {
  refuse(std::string(name) + ": expected " + std::string(expected) + ", got " + got.describe());
}

void BodyParameters::require(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (!has(name)) refuse(std::string(name) + ": missing");
  }
}

std::optional<std::string> BodyParameters::text(std::string_view name, std::size_t bytes_max) {
  const Json* member = find(name);
  if (member == nullptr || member->is(Json::Kind::null)) return std::nullopt;
  if (!member->is(Json::Kind::string)) {
    refuse_kind(name, "a text", *member);
    return std::nullopt;
  }
  if (member->text().size() > bytes_max) refuse(std::string(name) + ": expected at most " + std::to_string(bytes_max) + " bytes");
  return std::string(member->text());
}

std::optional<std::int64_t> BodyParameters::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const Json* member = find(name);
  if (member == nullptr || member->is(Json::Kind::null)) return std::nullopt;
  const auto number = member->is(Json::Kind::integer) ? member->integer() : std::nullopt;
  if (!number || *number < min || *number > max) refuse_kind(name, range_words(min, max), *member);
  return number;
}

std::optional<Instant> BodyParameters::instant(std::string_view name) {
  const Json* member = find(name);
  if (member == nullptr || member->is(Json::Kind::null)) return std::nullopt;
  const auto read = member->is(Json::Kind::string) ? parse_utc(member->text()) : std::nullopt;
  if (!read) refuse_kind(name, kTimeExpected, *member);
  return read;
}

bool BodyParameters::flag(std::string_view name) {
  const Json* member = find(name);
  if (member == nullptr) return false;
  if (!member->is(Json::Kind::boolean)) refuse_kind(name, "true or false", *member);
  return member->is(Json::Kind::boolean) && member->boolean();
}

std::optional<std::string> BodyParameters::json_or_text(std::string_view name) {
  const Json* member = find(name);
  if (member == nullptr || member->is(Json::Kind::null)) return std::nullopt;
  if (member->is(Json::Kind::object)) return json_text(*member);
  return text(name);
}

std::vector<std::string> BodyParameters::texts(std::string_view name, std::size_t count_max) {
  std::vector<std::string> all;
  const Json* member = find(name);
  if (member == nullptr) return all;
  if (!member->is(Json::Kind::array)) {
    refuse_kind(name, "an array of texts", *member);
    return all;
  }
  for (const Json& item : member->children()) {
    if (!item.is(Json::Kind::string) || item.text().empty()) refuse_kind(name, "an array of texts that are not empty", item);
    all.emplace_back(item.is(Json::Kind::string) ? item.text() : "");
  }
  if (all.empty() || all.size() > count_max)
    refuse(std::string(name) + ": expected 1 to " + std::to_string(count_max) + " texts");
  return all;
}

}  // namespace action_scheduler
