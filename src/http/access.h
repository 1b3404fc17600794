// Who may ask what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/http_message.h"

namespace action_scheduler {

// What a request wants.
enum class Access : std::uint8_t {
  open,   // what every client may see: probes, metrics, the page's files
  read,   // what the table and the ledger hold
  write,  // a change
};

// The rules, which docs/http.md tells people. Immutable.
class AccessRules {
 public:
  // `listen_host` is the address that is listened on, `token` may be empty: none.
  AccessRules(std::string listen_host, std::string token);

  // The answer to a request that is not allowed; absent if it is.
  std::optional<HttpResponse> refuse(const HttpRequest& request, Access wanted) const;

  // Who may write: "open" (this machine), "token", or "off".
  const char* writes() const;
  bool has_token() const { return !token_.empty(); }

 private:
  std::optional<HttpResponse> refuse_other_site(const HttpRequest& request) const;
  bool is_own_name(const std::string& host_header) const;

  const std::string listen_host_;
  const std::string token_;
  const bool loopback_;
};

}  // namespace action_scheduler
