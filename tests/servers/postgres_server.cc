#include "tests/servers/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace action_scheduler::testing {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kBetweenLooks{20};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("private Postgres: " + what); }

// The newest installed server, as Debian lays it out, or else the one on PATH.
std::string bin_folder() {
  std::optional<std::pair<int, std::string>> newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string folder = version.path().string() + "/bin";
    if (!fs::exists(folder + "/initdb")) continue;
    const std::pair<int, std::string> found(::atoi(version.path().filename().c_str()), folder);
    if (!newest || found > *newest) newest = found;
  }
  if (newest) return newest->second;
  const char* path = ::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(folder + "/initdb")) return folder;
  }
  fail("initdb is not installed (Debian: apt-get install postgresql)");
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
  ::close(descriptor);
  if (!bound) fail("there is no free port");
  return ntohs(address.sin_port);
}

// The processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

std::vector<std::vector<std::string>> rows_of(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(PQerrorMessage(connection) + ("in: " + sql));
  std::vector<std::vector<std::string>> rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      const bool null = PQgetisnull(result.get(), row, column) != 0;
      rows[static_cast<std::size_t>(row)].emplace_back(null ? "NULL" : PQgetvalue(result.get(), row, column));
    }
  }
  return rows;
}

void kill_server(pid_t server) {
  const std::vector<pid_t> sessions = children_of(server);
  ::kill(server, SIGKILL);
  for (const pid_t session : sessions) ::kill(session, SIGKILL);
  ::waitpid(server, nullptr, 0);
}

std::string conninfo_of(const std::string& user, std::uint16_t port, const std::string& database) {
  return "host=127.0.0.1 port=" + std::to_string(port) + " user=" + user + " dbname=" + database + " connect_timeout=5";
}

PGconn* connected(const std::string& conninfo) {
  PGconn* connection = PQconnectdb(conninfo.c_str());
  if (PQstatus(connection) == CONNECTION_OK) {
    PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
    return connection;
  }
  const std::string message = PQerrorMessage(connection);
  PQfinish(connection);
  fail(message);
}

}  // namespace

PostgresServer::PostgresServer() : bin_(bin_folder()), port_(free_port()) {
  std::string pattern = (fs::temp_directory_path() / "action-scheduler-postgres-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail("cannot make a folder like " + pattern);
  folder_ = pattern;
  start_watcher();
  if (const passwd* postgres = ::getuid() == 0 ? ::getpwnam("postgres") : nullptr) {
    if (::chown(folder_.c_str(), postgres->pw_uid, postgres->pw_gid) != 0) fail("cannot give " + folder_ + " away");
  }
  run_to_end(
      {bin_ + "/initdb", "-D", folder_ + "/" + data_, "-U", user(), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"});
  start();
}

PostgresServer::~PostgresServer() {
  if (server_ > 0) {
    resume();
    kill();
  }
  if (standby_ > 0) kill_server(standby_);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  ::close(watcher_pipe_);
  ::waitpid(watcher_, nullptr, 0);
}

void PostgresServer::start_watcher() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  watcher_pipe_ = ends[1];
  watcher_ = ::fork();
  if (watcher_ == 0) {
    ::setsid();  // so that Ctrl-C on the test does not end the watcher first
    ::dup2(ends[0], 0);
    // The server gets its SIGQUIT from the kernel, but one that is stopped does not hear it.
    constexpr const char* kScript =
        "while read -r line; do :; done;"
        "for pid in \"$0\"/*/postmaster.pid; do kill -CONT \"$(head -n 1 \"$pid\" 2>/dev/null)\" 2>/dev/null; done;"
        "rm -rf \"$0\"";
    ::execl("/bin/sh", "sh", "-c", kScript, folder_.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
}

pid_t PostgresServer::spawn(const std::vector<std::string>& command) const {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* postgres = ::getuid() == 0 ? ::getpwnam("postgres") : nullptr;
  const std::string log = folder_ + "/log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (postgres != nullptr) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(postgres->pw_gid) != 0 || ::setuid(postgres->pw_uid) != 0) ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // Postgres' immediate shutdown, after setuid, which would clear it
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (::chdir(folder_.c_str()) != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void PostgresServer::run_to_end(const std::vector<std::string>& command) const {
  int status = 0;
  if (::waitpid(spawn(command), &status, 0) < 0 || status != 0) {
    std::ifstream log(folder_ + "/log");
    std::ostringstream text;
    text << log.rdbuf();
    fail(command[0] + " failed:\n" + text.str());
  }
}

pid_t PostgresServer::spawn_server(const std::string& data, std::uint16_t port) const {
  return spawn({bin_ + "/postgres", "-D", folder_ + "/" + data, "-p", std::to_string(port), "-k", folder_, "-c",
                "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=50"});
}

void PostgresServer::start() {
  if (server_ > 0) fail("it runs already");
  const Clock::time_point deadline = Clock::now() + kPatience;
  const std::string target = conninfo(user());
  while (Clock::now() < deadline) {
    if (server_ < 0) {
      server_ = spawn_server(data_, port_);
    }
    if (PQping(target.c_str()) == PQPING_OK) return;
    // After a kill -9 it refuses to start until the last of its old sessions is gone.
    if (::waitpid(server_, nullptr, WNOHANG) == server_) server_ = -1;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  fail("it does not answer; see " + folder_ + "/log");
}

void PostgresServer::stop() {
  if (server_ < 0) return;
  ::kill(server_, SIGINT);  // Postgres' fast shutdown
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

void PostgresServer::kill() {
  if (server_ < 0) return;
  kill_server(server_);
  server_ = -1;
}

void PostgresServer::restart() {
  stop();
  start();
}

void PostgresServer::skip_to_transaction(std::uint32_t number) {
  exec("VACUUM (FREEZE)");  // or the catalogues would be written by transactions of the future
  stop();
  run_to_end({bin_ + "/pg_resetwal", "-D", folder_ + "/" + data_, "-x", std::to_string(number)});
  // The states of transactions, 2 bits each: the file that holds this one's must be there.
  constexpr std::uint32_t kTransactionsPerFile = 1U << 20;
  char name[5];
  (void)std::snprintf(name, sizeof name, "%04X", number / kTransactionsPerFile);
  run_to_end({"/bin/sh", "-c", "head -c 262144 /dev/zero > " + data_ + "/pg_xact/" + std::string(name)});
  start();
}

void PostgresServer::keep_copy() {
  stop();
  run_to_end({"/bin/sh", "-c", "rm -rf copy && cp -a " + data_ + " copy"});
  start();
}

void PostgresServer::return_to_copy() {
  stop();
  run_to_end({"/bin/sh", "-c", "rm -rf " + data_ + " && mv copy " + data_});
  start();
}

void PostgresServer::start_standby() {
  if (standby_ > 0) fail("there is a standby already");
  standby_data_ = "standby" + std::to_string(++standbys_);
  standby_port_ = free_port();
  run_to_end({bin_ + "/pg_basebackup", "-h", host(), "-p", std::to_string(port_), "-U", user(), "-D",
              folder_ + "/" + standby_data_, "--checkpoint=fast", "--write-recovery-conf", "--no-sync"});
  standby_ = spawn_server(standby_data_, standby_port_);
  const std::string target = conninfo_of(user(), standby_port_, database());
  for (const Clock::time_point deadline = Clock::now() + kPatience; PQping(target.c_str()) != PQPING_OK;) {
    if (Clock::now() >= deadline) fail("the standby does not answer; see " + folder_ + "/log");
    std::this_thread::sleep_for(kBetweenLooks);
  }
  wait_until("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_lsn()", "1");
}

void PostgresServer::cut_off_standby() {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> standby(connected(conninfo_of(user(), standby_port_, database())),
                                                             &PQfinish);
  rows_of(standby.get(), "ALTER SYSTEM SET primary_conninfo = ''");
  rows_of(standby.get(), "SELECT pg_reload_conf()");
  wait_until("SELECT count(*) FROM pg_stat_replication", "0");
}

void PostgresServer::fail_over() {
  if (standby_ < 0) fail("there is no standby");
  kill();
  run_to_end({"/bin/sh", "-c", "rm -rf " + data_});
  data_ = standby_data_;
  port_ = standby_port_;
  server_ = std::exchange(standby_, -1);
  exec("SELECT pg_promote()");  // returns when it takes writes
}

void PostgresServer::pause() {
  if (server_ < 0) return;
  ::kill(server_, SIGSTOP);  // first, so that no session is added
  for (const pid_t session : children_of(server_)) ::kill(session, SIGSTOP);
}

void PostgresServer::resume() {
  if (server_ < 0) return;
  for (const pid_t session : children_of(server_)) ::kill(session, SIGCONT);
  ::kill(server_, SIGCONT);
}

void PostgresServer::pause_sessions(const std::string& application_name) {
  for (const auto& row : exec("SELECT pid FROM pg_stat_activity WHERE application_name = '" + application_name + "'")) {
    paused_.push_back(static_cast<pid_t>(std::stol(row[0])));
    ::kill(paused_.back(), SIGSTOP);
  }
}

void PostgresServer::resume_sessions() {
  // One that has ended may have left its number to anybody.
  for (const pid_t session : children_of(server_)) {
    if (std::ranges::find(paused_, session) != paused_.end()) ::kill(session, SIGCONT);
  }
  paused_.clear();
}

std::string PostgresServer::conninfo(const std::string& user) const { return conninfo_of(user, port_, database()); }

std::vector<std::vector<std::string>> PostgresServer::exec(const std::string& sql, const std::string& user) const {
  return PostgresSession(*this, user).exec(sql);
}

void PostgresServer::wait_until(const std::string& sql, const std::string& value) const {
  PostgresSession session(*this);
  const Clock::time_point deadline = Clock::now() + kPatience;
  while (session.exec(sql) != std::vector<std::vector<std::string>>{{value}}) {
    if (Clock::now() >= deadline) fail("never became " + value + ": " + sql);
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

PostgresSession::PostgresSession(const PostgresServer& server, const std::string& user, const std::string& database)
    : connection_(connected("host=" + server.host() + " port=" + std::to_string(server.port()) + " user=" + user +
                            " dbname=" + (database.empty() ? server.database() : database) + " connect_timeout=5")) {}

PostgresSession::~PostgresSession() { PQfinish(static_cast<PGconn*>(connection_)); }

std::vector<std::vector<std::string>> PostgresSession::exec(const std::string& sql) {
  return rows_of(static_cast<PGconn*>(connection_), sql);
}

}  // namespace action_scheduler::testing
