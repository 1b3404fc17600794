// A client that sends what it is told to, byte by byte: good requests and bad ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace action_scheduler::testing {

struct Reply {
  int status = 0;                              // 0: there was none
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// A TCP connection to a port of this machine. Each call waits for ten seconds at most.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // False once the server has closed.
  bool send(std::string_view bytes) const;
  // Reads one reply. Without `with_body` none is expected (HEAD, 304).
  Reply receive(bool with_body = true);
  // Waits until the server closes; false if it does not within `timeout`.
  bool closes(std::chrono::seconds timeout);

 private:
  bool read_more(std::chrono::milliseconds timeout);

  int socket_ = -1;
  std::string buffer_;
};

using RequestHeaders = std::map<std::string, std::string>;

// One request on a connection of its own. Host is localhost unless it is given; Content-Length is added to a body.
Reply ask(std::uint16_t port, const std::string& method, const std::string& target, RequestHeaders headers = {},
          const std::string& body = "");

// The same with a body of JSON.
Reply post(std::uint16_t port, const std::string& target, const std::string& json, RequestHeaders headers = {});

}  // namespace action_scheduler::testing
