// Ends a blocking conversation on a socket, when it takes too long or when somebody asks for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace action_scheduler {

// Shuts a socket down, so that whoever waits on it in another thread sees the connection end. That works where a timeout on the
// server does not: when the server is stopped, or the network swallows packets. Thread safe; watch() and release() belong to the
// thread that talks.
class SocketDeadline {
 public:
  enum class Ended : std::uint8_t { no, late, interrupted };

  // Starts a thread, which the destructor ends.
  SocketDeadline();
  ~SocketDeadline();
  SocketDeadline(const SocketDeadline&) = delete;
  SocketDeadline& operator=(const SocketDeadline&) = delete;

  // Watches over `socket` until release(), which must come before the socket is closed. Replaces what was watched. If interrupt()
  // was called since begin(), the socket is shut down at once.
  void watch(int socket, std::chrono::steady_clock::time_point deadline);
  void release();

  // Forgets how the last conversation ended. False if an interrupt() came before it: this conversation is then not to be held at
  // all.
  bool begin();

  // How the present conversation was ended from here, if it was.
  Ended ended() const;

  // Shuts down the socket that is watched, or spoils the conversation that begins next.
  void interrupt();

  // The conversation is over: an interrupt() that came too late for it is forgotten.
  void end();

 private:
  void run();

  mutable std::mutex mutex_;  // protects all below
  std::condition_variable changed_;
  int socket_ = -1;
  std::chrono::steady_clock::time_point deadline_;
  Ended ended_ = Ended::no;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace action_scheduler
