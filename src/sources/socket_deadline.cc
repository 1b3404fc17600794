#include "sources/socket_deadline.h"

#include <sys/socket.h>

namespace action_scheduler {

SocketDeadline::SocketDeadline() : thread_([this] { run(); }) {}

SocketDeadline::~SocketDeadline() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SocketDeadline::watch(int socket, std::chrono::steady_clock::time_point deadline) {
  std::lock_guard lock(mutex_);
  if (ended_ == Ended::interrupted) ::shutdown(socket, SHUT_RDWR);
  socket_ = socket;
  deadline_ = deadline;
  changed_.notify_all();
}

void SocketDeadline::release() {
  std::lock_guard lock(mutex_);
  socket_ = -1;
}

bool SocketDeadline::begin() {
  std::lock_guard lock(mutex_);
  const bool spoiled = ended_ == Ended::interrupted;
  ended_ = Ended::no;
  return !spoiled;
}

SocketDeadline::Ended SocketDeadline::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

void SocketDeadline::interrupt() {
  std::lock_guard lock(mutex_);
  ended_ = Ended::interrupted;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void SocketDeadline::end() {
  std::lock_guard lock(mutex_);
  socket_ = -1;
  ended_ = Ended::no;
}

void SocketDeadline::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (socket_ < 0 || ended_ != Ended::no) {
      changed_.wait(lock);
    } else if (std::chrono::steady_clock::now() >= deadline_) {
      ended_ = Ended::late;
      ::shutdown(socket_, SHUT_RDWR);
    } else {
      changed_.wait_until(lock, deadline_);
    }
  }
}

}  // namespace action_scheduler
