// A broker that never says anything.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace action_scheduler::testing {

// Where connections succeed and nothing is ever answered, so that the client has nothing to complain of.
class MuteServer {
 public:
  MuteServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_TRUE(::bind(socket_, generic, size) == 0 && ::listen(socket_, 8) == 0 && ::getsockname(socket_, generic, &size) == 0);
    address_ = "127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
  }
  ~MuteServer() { ::close(socket_); }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string address_;
};

}  // namespace action_scheduler::testing
