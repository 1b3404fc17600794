#include "tests/torture/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

namespace action_scheduler::torture {
namespace {

constexpr std::size_t kHeldMax = 1 << 20;
constexpr int kPollMs = 20;

std::int64_t monotonic_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void reset(int socket) {
  const linger abrupt{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
  ::close(socket);
}

// One direction of a connection.
struct Flow {
  int from = -1;
  int to = -1;
  std::deque<std::pair<std::int64_t, std::string>> held;  // with the instant from which each may go on
  std::size_t held_bytes = 0;
  bool ended = false;  // `from` sends no more
  bool told = false;   // and `to` knows
};

struct Pair {
  Flow there;
  Flow back;
  bool broken = false;
};

void take(Flow& flow, std::int64_t due_ms, bool& broken) {
  char buffer[65536];
  const ssize_t size = ::recv(flow.from, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size > 0) {
    flow.held.emplace_back(due_ms, std::string(buffer, static_cast<std::size_t>(size)));
    flow.held_bytes += static_cast<std::size_t>(size);
  } else if (size == 0) {
    flow.ended = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    broken = true;
  }
}

void give(Flow& flow, std::int64_t now_ms, bool& broken) {
  while (!flow.held.empty() && flow.held.front().first <= now_ms) {
    std::string& bytes = flow.held.front().second;
    const ssize_t sent = ::send(flow.to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      broken = broken || (errno != EAGAIN && errno != EINTR);
      return;
    }
    flow.held_bytes -= static_cast<std::size_t>(sent);
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (!bytes.empty()) return;
    flow.held.pop_front();
  }
  if (flow.ended && flow.held.empty() && !flow.told) {
    ::shutdown(flow.to, SHUT_WR);
    flow.told = true;
  }
}

}  // namespace

TcpProxy::TcpProxy() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy finds no port");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void TcpProxy::heal() {
  delay_ms_ = 0;
  frozen_ = false;
  refused_ = false;
}

void TcpProxy::run() {
  std::list<Pair> pairs;
  int cuts_done = 0;
  const auto drop = [](const Pair& pair) {
    reset(pair.there.from);
    reset(pair.there.to);
  };
  while (!ending_) {
    const bool frozen = frozen_;
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    for (const Pair& pair : pairs) {
      for (const Flow* flow : {&pair.there, &pair.back}) {
        const bool wants = !frozen && !flow->ended && flow->held_bytes < kHeldMax;
        watched.push_back({wants ? flow->from : -1, POLLIN, 0});
        const bool due = !frozen && !flow->held.empty() && flow->held.front().first <= monotonic_ms();
        watched.push_back({due ? flow->to : -1, POLLOUT, 0});
      }
    }
    const bool slow = delay_ms_ > 0;
    ::poll(watched.data(), watched.size(), slow ? 2 : kPollMs);
    if (const int cuts = cuts_; cuts != cuts_done) {
      cuts_done = cuts;
      for (Pair& pair : pairs) pair.broken = true;
    }
    if (!frozen) {
      const std::int64_t now_ms = monotonic_ms();
      std::size_t at = 1;
      for (Pair& pair : pairs) {
        for (Flow* flow : {&pair.there, &pair.back}) {
          if (watched[at].revents != 0) take(*flow, now_ms + delay_ms_, pair.broken);
          give(*flow, now_ms, pair.broken);
          at += 2;
        }
      }
    }
    std::erase_if(pairs, [&](const Pair& pair) {
      if (!pair.broken && !(pair.there.told && pair.back.told)) return false;
      drop(pair);
      return true;
    });
    if (watched[0].revents == 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_);
    if (refused_ || target_ == 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      reset(client);
      ::close(server);
      continue;
    }
    const int at_once = 1;
    for (const int socket : {client, server}) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    Pair pair;
    pair.there.from = pair.back.to = client;
    pair.there.to = pair.back.from = server;
    pairs.push_back(std::move(pair));
  }
  for (const Pair& pair : pairs) drop(pair);
}

}  // namespace action_scheduler::torture
