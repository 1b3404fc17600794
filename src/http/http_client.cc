#include "http/http_client.h"

#include <httplib.h>

namespace action_scheduler {

namespace {

// Who listens on all addresses listens on this machine's own, too.
std::string own_host(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

Result<HttpReply> reply_of(const httplib::Result& reply, const ListenAddress& address) {
  if (reply) return HttpReply{reply->status, reply->body};
  return Error{"no scheduler answers at " + own_host(address.host) + ':' + std::to_string(address.port) +
               " (http.listen); does it run, with this configuration?"};
}

}  // namespace

Result<HttpReply> post_to_service(const ListenAddress& address, const std::string& token, const std::string& path,
                                  const std::string& json) {
  constexpr time_t kConnect_s = 5;
  constexpr time_t kAnswer_s = 30;
  httplib::Client client(own_host(address.host), address.port);
  client.set_connection_timeout(kConnect_s);
  client.set_read_timeout(kAnswer_s);
  httplib::Headers headers;
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
  return reply_of(client.Post(path, headers, json, "application/json"), address);
}

Result<HttpReply> get_from_service(const ListenAddress& address, const std::string& path) {
  constexpr time_t kAnswer_s = 5;
  httplib::Client client(own_host(address.host), address.port);
  client.set_connection_timeout(kAnswer_s);
  client.set_read_timeout(kAnswer_s);
  return reply_of(client.Get(path), address);
}

}  // namespace action_scheduler
