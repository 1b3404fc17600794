#include "config/addresses.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/node.h"
#include "config/value_syntax.h"

namespace action_scheduler {
namespace {

struct HostPort {
  std::string_view host;  // with its brackets
  std::optional<std::uint16_t> port;
};

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 2 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
  }
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

// Absent if the text is no `host` or `host:port`. An empty host is let through.
std::optional<HostPort> split(std::string_view text) {
  HostPort address;
  const std::size_t from = text.starts_with('[') ? text.find(']') : 0;
  if (from == std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.find(':', from);
  address.host = text.substr(0, colon);
  if (!address.host.empty() && !is_host(address.host)) return std::nullopt;
  if (colon == std::string_view::npos) return address;
  const std::string_view digits = text.substr(colon + 1);
  const auto port = digits.find_first_not_of("0123456789") == std::string_view::npos ? read_integer(digits) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

Result<std::string> parse_kafka_servers(const std::vector<std::string>& items) {
  std::string servers;
  for (const std::string& item : items) {
    std::string_view rest = item;
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      more = comma != std::string_view::npos;
      std::string_view server = trimmed(rest.substr(0, comma));
      rest.remove_prefix(more ? comma + 1 : rest.size());
      const std::string_view shown = server;
      if (lower_case(server.substr(0, 8)) == "kafka://") server.remove_prefix(8);
      if (server.ends_with('/')) server.remove_suffix(1);
      const auto address = split(server);
      if (!address || address->host.empty()) {
        // Who writes an @ writes a password before it.
        const bool secret = shown.find('@') != std::string_view::npos;
        return Error{"expected host:port, kafka://host:port or a list of them, ports from 1 to 65535, got " +
                     (secret ? "one with a user (they are given by sasl.username and sasl.password in kafka.properties)"
                             : quoted_for_fault(shown))};
      }
      if (!servers.empty()) servers += ',';
      servers += std::string(address->host) + ':' + std::to_string(address->port.value_or(9092));
    }
  }
  if (servers.empty()) return Error{"expected at least one host:port"};
  return servers;
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const bool port_only = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  const std::string with_colon = port_only ? ':' + std::string(text) : std::string(text);
  const auto address = split(with_colon);
  if (!address || !address->port) {
    return Error{"expected address:port such as 127.0.0.1:8080, [::1]:8080 or :8080 for all addresses, got " +
                 quoted_for_fault(text)};
  }
  std::string_view host = address->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return ListenAddress{host.empty() ? "0.0.0.0" : std::string(host), *address->port};
}

}  // namespace action_scheduler
