// The HTTP server: its own threads, limits on all that a client could take too much of.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "action_scheduler/result.h"
#include "http/http_message.h"

namespace action_scheduler {

class HttpServer {
 public:
  struct Options {
    std::string host;
    std::uint16_t port = 0;  // 0: any free one
    std::size_t threads = 8;
    std::size_t waiting_max = 64;                 // connections that wait for a thread; beyond them they are closed at once
    std::size_t head_bytes_max = 16 * 1024;       // request line and headers
    std::size_t body_bytes_max = 1024 * 1024;     // a larger one is answered with 413
    std::chrono::milliseconds read_max{10'000};   // for a whole request, from its first byte
    std::chrono::milliseconds write_max{30'000};  // for a whole response
    std::chrono::milliseconds idle_max{5'000};    // between two requests of a connection
  };

  // Called in the server's threads, many at a time. HEAD comes as GET. What it throws is answered with 500.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens and answers from here on. An Error says why the address cannot be had.
  static Result<std::unique_ptr<HttpServer>> start(Options options, Handler handler);

  // Ends the threads. A handler that runs is waited for.
  virtual ~HttpServer() = default;

  virtual std::uint16_t port() const = 0;
};

}  // namespace action_scheduler
