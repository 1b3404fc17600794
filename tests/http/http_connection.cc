#include "tests/http/http_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace action_scheduler::testing {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

HttpConnection::HttpConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) ::close(socket_);
}

bool HttpConnection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpConnection::read_more(std::chrono::milliseconds timeout) {
  pollfd one{socket_, POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(timeout.count())) <= 0) return false;
  std::array<char, 4096> bytes{};
  const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

Reply HttpConnection::receive(bool with_body) {
  Reply reply;
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!read_more(kPatience)) return reply;
    end = buffer_.find("\r\n\r\n");
  }
  std::size_t at = buffer_.find("\r\n");
  reply.status = std::stoi(buffer_.substr(buffer_.find(' ') + 1));
  while (at < end) {
    const std::size_t begin = at + 2;
    at = buffer_.find("\r\n", begin);
    const std::string line = buffer_.substr(begin, at - begin);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos)
      reply.headers[lower(line.substr(0, colon))] = line.substr(line.find_first_not_of(' ', colon + 1));
  }
  buffer_.erase(0, end + 4);
  const auto length = reply.headers.find("content-length");
  if (!with_body || length == reply.headers.end()) return reply;
  const auto size = static_cast<std::size_t>(std::stoul(length->second));
  while (buffer_.size() < size && read_more(kPatience)) {
  }
  reply.body = buffer_.substr(0, size);
  buffer_.erase(0, reply.body.size());
  return reply;
}

bool HttpConnection::closes(std::chrono::seconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (std::chrono::steady_clock::now() < until) {
    pollfd one{socket_, POLLIN, 0};
    if (::poll(&one, 1, 50) <= 0) continue;
    std::array<char, 4096> bytes{};
    if (::recv(socket_, bytes.data(), bytes.size(), 0) <= 0) return true;
  }
  return false;
}

Reply ask(std::uint16_t port, const std::string& method, const std::string& target, RequestHeaders headers,
          const std::string& body) {
  headers.try_emplace("Host", "localhost:" + std::to_string(port));
  headers.try_emplace("Connection", "close");
  if (!body.empty()) headers.try_emplace("Content-Length", std::to_string(body.size()));
  std::string request = method + ' ' + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  HttpConnection connection(port);
  connection.send(request + "\r\n" + body);
  return connection.receive(method != "HEAD");
}

Reply post(std::uint16_t port, const std::string& target, const std::string& json, RequestHeaders headers) {
  headers.try_emplace("Content-Type", "application/json");
  return ask(port, "POST", target, std::move(headers), json);
}

}  // namespace action_scheduler::testing
