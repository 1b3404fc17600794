#include "http/router.h"

#include <algorithm>
#include <optional>

#include "action_scheduler/utf8.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

// What stands for the part in braces, empty if there is none; absent if the path is another one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const std::size_t begin = pattern.find('{');
  if (begin == std::string_view::npos) return pattern == path ? std::optional(std::string()) : std::nullopt;
  const std::string_view before = pattern.substr(0, begin);
  const std::string_view behind = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + behind.size() || !path.starts_with(before) || !path.ends_with(behind)) return std::nullopt;
  const std::string_view part = path.substr(before.size(), path.size() - before.size() - behind.size());
  return part.find('/') == std::string_view::npos ? std::optional(std::string(part)) : std::nullopt;
}

bool is_json(std::string_view content_type) {
  constexpr std::string_view kJson = "application/json";
  std::string lower(content_type.substr(0, content_type.find(';')));
  while (lower.ends_with(' ')) lower.pop_back();
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == kJson;
}

// A form of another site's page cannot send JSON.
std::optional<HttpResponse> refuse_body(const HttpRequest& request) {
  const std::string* type = request.header("content-type");
  if (type == nullptr && request.body.empty()) return std::nullopt;
  if (type != nullptr && is_json(*type)) return std::nullopt;
  return problem(415, "expected a body of the type application/json");
}

std::optional<HttpResponse> refuse_text(const HttpRequest& request) {
  const auto good = [](std::string_view text) { return !invalid_utf8_at(text) && text.find('\0') == std::string_view::npos; };
  const bool all = good(request.path) &&
                   std::ranges::all_of(request.query, [&](const auto& one) { return good(one.first) && good(one.second); });
  return all ? std::nullopt : std::optional(problem(400, "the address is not UTF-8, or it holds NUL"));
}

}  // namespace

HttpResponse Router::answer(const HttpRequest& request) const {
  HttpResponse response = find(request);
  const auto set = [&](const char* name, const char* value) {
    const bool is_set = std::ranges::any_of(response.headers, [&](const auto& header) { return header.first == name; });
    if (!is_set) response.headers.emplace_back(name, value);
  };
  set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  set("Cache-Control", "no-store");
  set("X-Content-Type-Options", "nosniff");
  set("X-Frame-Options", "DENY");
  set("Referrer-Policy", "no-referrer");
  set("Cross-Origin-Opener-Policy", "same-origin");
  set("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

HttpResponse Router::find(const HttpRequest& request) const {
  if (auto refused = refuse_text(request)) return *std::move(refused);
  std::string allowed;
  for (const Route& route : routes_) {
    const auto part = match(route.path, request.path);
    if (!part) continue;
    if (route.method != request.method) {
      if (allowed.find(route.method) == std::string::npos) allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    if (auto refused = rules_.refuse(request, route.access)) return *std::move(refused);
    if (request.method == "POST" || request.method == "PATCH") {
      if (auto refused = refuse_body(request)) return *std::move(refused);
    }
    return route.answer(request, *part);
  }
  if (allowed.empty()) return problem(404, "there is nothing at " + quoted_excerpt(request.path));
  HttpResponse response = problem(405, quoted_excerpt(request.path) + " knows " + allowed + " only");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace action_scheduler
