// A PostgreSQL server of the test's own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace action_scheduler::testing {

// Starts a server with an empty database on a free loopback port, with data and socket folder under the temporary folder; as user
// `postgres` when the test runs as root, because the server refuses root. The superuser is `app`, nobody needs a password. A
// small process watches over the test: if that dies in any way, server and folder go too. Failures throw std::runtime_error. One
// thread at a time.
class PostgresServer {
 public:
  // Creates the database and starts the server. About a second.
  PostgresServer();
  // Stops it and removes its folder.
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string host() const { return "127.0.0.1"; }
  std::uint16_t port() const { return port_; }
  std::string user() const { return "app"; }
  std::string database() const { return "postgres"; }
  // The folder of the Unix socket, which libpq takes for a host.
  const std::string& socket_folder() const { return folder_; }

  // Returns when the server answers. The port stays the same.
  void start();
  // Ends all sessions and waits until the server is gone.
  void stop();
  // kill -9 to the server and all its sessions.
  void kill();
  void restart();

  // Restarts it with `number` (3 or more) as the next transaction's, as if all before had been used. Only for an empty database.
  void skip_to_transaction(std::uint32_t number);

  // Keeps a copy of all data as they are now, and later goes back to it, as one does to a backup. Each restarts the server.
  void keep_copy();
  void return_to_copy();

  // Starts a standby that streams from this server, on a port of its own, and waits until it has everything.
  void start_standby();
  // The standby gets nothing any more of what is committed from now on.
  void cut_off_standby();
  // kill -9 of the server. The promoted standby takes its place, at the standby's port.
  void fail_over();

  // Stops the server and its sessions in their tracks (SIGSTOP): connections stay open, nothing answers.
  void pause();
  void resume();

  // The same to the sessions that call themselves so, and to no other.
  void pause_sessions(const std::string& application_name);
  void resume_sessions();

  // Runs statements, separated by `;`, and returns the rows of the last one; NULL is "NULL". As `user`, the superuser unless
  // given.
  std::vector<std::vector<std::string>> exec(const std::string& sql, const std::string& user = "app") const;

  // Waits, a bounded time, until the query's only value is `value`.
  void wait_until(const std::string& sql, const std::string& value) const;

 private:
  std::string conninfo(const std::string& user) const;
  void run_to_end(const std::vector<std::string>& command) const;
  pid_t spawn(const std::vector<std::string>& command) const;
  pid_t spawn_server(const std::string& data, std::uint16_t port) const;
  void start_watcher();

  std::string bin_;
  std::string folder_;
  std::string data_ = "data";  // in folder_
  std::uint16_t port_ = 0;
  std::string standby_data_;
  std::uint16_t standby_port_ = 0;
  int standbys_ = 0;    // so many have there been
  pid_t server_ = -1;   // -1: not running
  pid_t standby_ = -1;  // likewise
  pid_t watcher_ = -1;  // removes the folder when this process ends without doing it
  int watcher_pipe_ = -1;
  std::vector<pid_t> paused_;  // sessions
};

// Holds a session open, with whatever it has locked, until it is destroyed.
class PostgresSession {
 public:
  // In the server's own database unless another is named.
  explicit PostgresSession(const PostgresServer& server, const std::string& user = "app", const std::string& database = "");
  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  // As PostgresServer::exec().
  std::vector<std::vector<std::string>> exec(const std::string& sql);

 private:
  void* connection_;  // PGconn
};

}  // namespace action_scheduler::testing
