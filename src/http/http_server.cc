#include "http/http_server.h"

#include <httplib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace action_scheduler {
namespace {

using Monotonic = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kLook{50};           // how often an idle connection looks whether it should end
constexpr std::size_t kRequestsMax = 1000;  // of one connection

bool ready(int socket, short events, Milliseconds wait) {
  pollfd one{socket, events, 0};
  return ::poll(&one, 1, static_cast<int>(std::max(wait, Milliseconds{0}).count())) > 0;
}

// A connection that gives up when its client is too slow or sends too long a head.
class BoundedStream : public httplib::Stream {
 public:
  BoundedStream(int socket, const HttpServer::Options& options) : socket_(socket), options_(options) {}

  // The limits count anew.
  void begin_request() {
    read_until_ = Monotonic::now() + options_.read_max;
    write_until_.reset();
    head_.clear();
    has_body_ = true;
  }
  bool has_buffered() const { return begin_ < end_; }
  // Of such a request the rest may still come: nothing else can be read behind it.
  bool gave_up() const { return gave_up_; }

  bool is_readable() const override { return has_buffered() || ready(socket_, POLLIN, left(read_until_)); }
  bool is_writable() const override { return ready(socket_, POLLOUT, left(write_until_.value_or(read_until_))); }

  ssize_t read(char* to, std::size_t size) override {
    if (!has_body_) return 0;
    if (!has_buffered() && !fill()) return give_up();
    const std::size_t taken = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, taken);
    begin_ += taken;
    return watch_head({to, taken}) ? static_cast<ssize_t>(taken) : give_up();
  }

  ssize_t write(const char* from, std::size_t size) override {
    if (!write_until_) write_until_ = Monotonic::now() + options_.write_max;
    if (!ready(socket_, POLLOUT, left(*write_until_))) return -1;
    return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return socket_; }

 private:
  static Milliseconds left(Monotonic::time_point until) { return std::chrono::ceil<Milliseconds>(until - Monotonic::now()); }

  ssize_t give_up() {
    gave_up_ = true;
    return -1;
  }

  bool fill() {
    if (left(read_until_) <= Milliseconds{0} || !ready(socket_, POLLIN, left(read_until_))) return false;
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return true;
  }

  // The head ends with an empty line. False once it is too long. Behind one that tells no length there is no body (RFC
  // 9112, 6.3); the library would wait for one.
  bool watch_head(std::string_view bytes) {
    for (const char byte : bytes) {
      if (head_.ends_with("\r\n\r\n")) return true;
      head_ += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
      if (head_.size() > options_.head_bytes_max) return false;
    }
    if (head_.ends_with("\r\n\r\n")) {
      has_body_ =
          head_.find("\r\ncontent-length:") != std::string::npos || head_.find("\r\ntransfer-encoding:") != std::string::npos;
    }
    return true;
  }

  const int socket_;
  const HttpServer::Options& options_;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Monotonic::time_point read_until_;
  std::optional<Monotonic::time_point> write_until_;
  std::string head_;  // in lower case, as far as it was read
  bool has_body_ = true;
  bool gave_up_ = false;
};

// Set while a connection that nobody has time for is closed.
thread_local bool turning_away = false;

// A bounded queue of connections before a fixed number of threads.
class Connections : public httplib::TaskQueue {
 public:
  // Of the library's version: bool or nothing.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));

  Connections(std::size_t threads, std::size_t waiting_max, std::atomic<std::size_t>& waiting)
      : waiting_max_(waiting_max), waiting_(waiting) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  Enqueued enqueue(std::function<void()> connection) override {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() < waiting_max_) {
        queue_.push_back(std::move(connection));
        waiting_ = queue_.size();
        connection = nullptr;
      }
    }
    if (connection) {
      turning_away = true;
      connection();
      turning_away = false;
    } else {
      more_.notify_one();
    }
    return Enqueued(true);
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    more_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> connection;
      {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [&] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        connection = std::move(queue_.front());
        queue_.pop_front();
        waiting_ = queue_.size();
      }
      connection();
    }
  }

  const std::size_t waiting_max_;
  std::atomic<std::size_t>& waiting_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

// The library's server with connections of our own making.
class BoundedServer : public httplib::Server {
 public:
  explicit BoundedServer(const HttpServer::Options& options) : options_(options) {
    new_task_queue = [this] { return new Connections(options_.threads, options_.waiting_max, waiting_); };  // it deletes it
  }

  void end() {
    ending_ = true;
    stop();
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    BoundedStream stream(socket, options_);
    bool good = !turning_away;
    for (std::size_t left = kRequestsMax; good && left > 0 && wait_for_request(stream); --left) {
      stream.begin_request();
      bool closed = false;
      good = process(*this, stream, left == 1, closed) && !closed && !stream.gave_up();
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return good;
  }

  // The function's parameters differ between the library's versions.
  template <class Self>
  static bool process(Self& self, BoundedStream& stream, bool last, bool& closed) {
    if constexpr (requires { self.process_request(stream, last, closed, nullptr); }) {
      return self.process_request(stream, last, closed, nullptr);
    } else {
      return self.process_request(stream, std::string(), 0, std::string(), 0, last, closed, nullptr);
    }
  }

  // An idle connection makes room for one that waits.
  bool wait_for_request(const BoundedStream& stream) const {
    if (stream.has_buffered()) return true;
    const auto until = Monotonic::now() + options_.idle_max;
    for (bool first = true; !ending_; first = false) {
      if (ready(stream.socket(), POLLIN, kLook)) return true;
      if (Monotonic::now() >= until || (!first && waiting_ > 0)) return false;
    }
    return false;
  }

  const HttpServer::Options& options_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> ending_{false};
};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Absent if a header stands there twice: which one counts would be anybody's guess.
std::optional<HttpRequest> to_request(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) request.query.emplace_back(name, value);
  bool twice = false;
  for (const auto& [name, value] : from.headers) {
    const bool is_new = request.headers.emplace(lower_case(name), value).second;
    for (const char* once : {"host", "origin", "authorization", "content-type", "content-length", "idempotency-key"}) {
      twice = twice || (!is_new && lower_case(name) == once);
    }
  }
  if (twice) return std::nullopt;
  request.body = from.body;
  return request;
}

void send(const HttpResponse& response, httplib::Response& to) {
  to.status = response.status;
  for (const auto& [name, value] : response.headers) to.set_header(name, value);
  to.set_content(response.body, response.content_type);
}

class LibraryServer : public HttpServer {
 public:
  LibraryServer(Options options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), server_(options_) {
    const auto answer = [this](const httplib::Request& from, httplib::Response& to) {
      const auto request = to_request(from);
      send(request ? handler_(*request) : problem(400, "a header stands there twice; send it once"), to);
    };
    const std::string any = R"([\s\S]*)";
    server_.Get(any, answer).Post(any, answer).Put(any, answer).Patch(any, answer).Delete(any, answer).Options(any, answer);
    server_.set_payload_max_length(options_.body_bytes_max);
    // For what the library says of it; the connections here keep count themselves.
    server_.set_keep_alive_max_count(kRequestsMax);
    server_.set_keep_alive_timeout(std::chrono::ceil<std::chrono::seconds>(options_.idle_max).count());
    // The library's default lets two processes share a port.
    server_.set_socket_options([](socket_t socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    // What the library refuses by itself.
    server_.set_error_handler(httplib::Server::Handler([](const httplib::Request&, httplib::Response& to) {
      if (!to.body.empty()) return;
      const char* detail = to.status == 413   ? "the body is too large"
                           : to.status == 414 ? "the address is too long"
                                              : "the request is no HTTP that is understood here";
      send(problem(to.status, detail), to);
    }));
    server_.set_exception_handler([](const httplib::Request&, httplib::Response& to, const std::exception_ptr& thrown) {
      std::string what = "something that is no exception";
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& exception) {
        what = exception.what();
      } catch (...) {
        what = "something that is no std::exception";
      }
      send(problem(500, "the request cannot be answered: " + what), to);
    });
  }

  ~LibraryServer() override {
    server_.end();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> listen() {
    errno = 0;
    const int port = options_.port == 0                                   ? server_.bind_to_any_port(options_.host)
                     : server_.bind_to_port(options_.host, options_.port) ? options_.port
                                                                          : -1;
    if (port <= 0) {
      const std::string why = errno == 0 ? "" : std::string(": ") + std::strerror(errno);
      return Error{"http.listen: " + options_.host + ':' + std::to_string(options_.port) + " cannot be listened on" + why};
    }
    port_ = static_cast<std::uint16_t>(port);
    thread_ = std::thread([this] {
      try {
        server_.listen_after_bind();
      } catch (const std::exception&) {  // no threads to be had for its connections
      }
      ended_ = true;
    });
    // One that does not run yet could not be stopped.
    while (!server_.is_running() && !ended_) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (ended_) return Error{"http.listen: no connection can be served; see the limits on threads and descriptors"};
    return {};
  }

  std::uint16_t port() const override { return port_; }

 private:
  const Options options_;
  const Handler handler_;
  BoundedServer server_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(Options options, Handler handler) {
  auto server = std::make_unique<LibraryServer>(std::move(options), std::move(handler));
  if (auto listening = server->listen(); !listening) return listening.error();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace action_scheduler
