#include "http/access.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace action_scheduler {
namespace {

bool is_loopback(const std::string& host) {
  constexpr unsigned char kNet = 127;
  if (host == "localhost") return true;
  std::array<unsigned char, 4> v4{};
  if (::inet_pton(AF_INET, host.c_str(), v4.data()) == 1) return v4[0] == kNet;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

// The host of "host", "host:8080" and "[::1]:8080", in lower case.
std::string host_of(std::string_view authority) {
  std::string_view host = authority;
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.rfind(':'));
  }
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// Takes as long whatever the two have in common.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned char different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |= static_cast<unsigned char>(a[i] ^ (b.empty() ? '\0' : b[i % b.size()]));
  }
  return different == 0;
}

// The token of `Authorization: Bearer <token>`.
std::optional<std::string_view> bearer_token(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string* header = request.header("authorization");
  if (header == nullptr || header->size() < kScheme.size()) return std::nullopt;
  const auto same_letter = [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b); };
  if (!std::equal(kScheme.begin(), kScheme.end(), header->begin(),
                  [&](char scheme, char sent) { return same_letter(sent, scheme); })) {
    return std::nullopt;
  }
  return std::string_view(*header).substr(kScheme.size());
}

HttpResponse unauthorized(std::string_view detail) {
  HttpResponse response = problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"action-scheduler\"");
  return response;
}

}  // namespace

AccessRules::AccessRules(std::string listen_host, std::string token)
    : listen_host_(std::move(listen_host)), token_(std::move(token)), loopback_(is_loopback(listen_host_)) {}

const char* AccessRules::writes() const {
  if (has_token()) return "token";
  return loopback_ ? "open" : "off";
}

std::optional<HttpResponse> AccessRules::refuse(const HttpRequest& request, Access wanted) const {
  if (wanted == Access::open) return std::nullopt;
  if (auto refused = refuse_other_site(request)) return refused;
  if (has_token()) {
    const auto sent = bearer_token(request);
    if (sent && same_secret(*sent, token_)) return std::nullopt;
    if (sent) return unauthorized("the token is not that of http.token");
  }
  if (!loopback_) {
    if (has_token()) return unauthorized("send the token of http.token: Authorization: Bearer <token>");
    return problem(403, "http.listen is no loopback address and http.token is not configured: configure a token");
  }
  // A name of somebody else's that leads here (DNS rebinding) would make their page one of ours.
  const std::string* host = request.header("host");
  if (host == nullptr || !is_own_name(*host)) {
    return problem(403, "the Host header does not name this machine; ask for localhost or the address of http.listen");
  }
  if (wanted == Access::write && has_token()) {
    return unauthorized("what changes something needs the token of http.token: Authorization: Bearer <token>");
  }
  return std::nullopt;
}

// Browsers say for which site's page they ask.
std::optional<HttpResponse> AccessRules::refuse_other_site(const HttpRequest& request) const {
  constexpr std::string_view kRefused = "requests of another site's pages are refused";
  if (const std::string* site = request.header("sec-fetch-site"); site != nullptr) {
    if (*site == "same-origin" || *site == "none") return std::nullopt;
    return problem(403, kRefused);
  }
  const std::string* origin = request.header("origin");
  if (origin == nullptr) return std::nullopt;
  const std::string* host = request.header("host");
  if (host != nullptr && (*origin == "http://" + *host || *origin == "https://" + *host)) return std::nullopt;
  return problem(403, kRefused);
}

bool AccessRules::is_own_name(const std::string& host_header) const {
  const std::string host = host_of(host_header);
  return is_loopback(host) || host == listen_host_;
}

}  // namespace action_scheduler
