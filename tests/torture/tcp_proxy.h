// A TCP proxy on the loopback that can be slow, silent, or cut.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace action_scheduler::torture {

// Forwards each connection to `port()` of the loopback to the target's, in a thread of its own until it is destroyed. All
// functions may be called from any thread.
class TcpProxy {
 public:
  TcpProxy();
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  // Where connections go that are made from now on. Before the first call they are refused.
  void forward_to(int port) { target_ = port; }

  // Holds back each byte, in both directions, for so long.
  void delay(std::int64_t milliseconds) { delay_ms_ = milliseconds; }
  // Accepts connections and forwards nothing: whoever waits for an answer waits for ever. What was sent meanwhile arrives later.
  void freeze(bool frozen) { frozen_ = frozen; }
  // Resets each new connection at once.
  void refuse(bool refused) { refused_ = refused; }
  // Resets all connections that there are, with what was on its way.
  void cut() { ++cuts_; }
  // As if no fault had ever been.
  void heal();

 private:
  struct Loop;
  void run();

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> target_{0};
  std::atomic<std::int64_t> delay_ms_{0};
  std::atomic<bool> frozen_{false};
  std::atomic<bool> refused_{false};
  std::atomic<int> cuts_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace action_scheduler::torture
