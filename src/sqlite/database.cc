#include "sqlite/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace action_scheduler::sqlite {
namespace {

FailureKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FailureKind::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return FailureKind::corrupt;
    case SQLITE_FULL:
      return FailureKind::full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return FailureKind::read_only;
    case SQLITE_CANTOPEN:
      return FailureKind::cannot_open;
    case SQLITE_INTERRUPT:
      return FailureKind::interrupted;
    case SQLITE_ERROR:
      return FailureKind::statement;
    case SQLITE_IOERR:
      return FailureKind::io;
    default:
      return FailureKind::other;
  }
}

[[noreturn]] void fail(sqlite3* database, int code) {
  std::string message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  std::replace(message.begin(), message.end(), '\n', ' ');
  // Why a file does not open only the system knows.
  const FailureKind kind = kind_of(code);
  const int reason = kind == FailureKind::cannot_open && database != nullptr ? sqlite3_system_errno(database) : 0;
  if (reason != 0) message.append(" (").append(std::strerror(reason)).append(")");
  throw Failure(kind, message);
}

// SQLite's URI for a file that does not change (its documentation, "Uniform Resource Identifiers").
std::string unchanging_uri(const std::string& path) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += kDigits[static_cast<unsigned char>(c) >> 4];
      uri += kDigits[static_cast<unsigned char>(c) & 15];
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::reset() { sqlite3_reset(statement_.get()); }

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3* database = sqlite3_db_handle(statement_.get());
  if (code != SQLITE_DONE) {
    // The message is the database's last one, so it is taken before the statement is put back.
    const std::string message = sqlite3_errmsg(database);
    reset();
    throw Failure(kind_of(code), message);
  }
  reset();
  return false;
}

void Statement::bind_one(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_.get(), index, value); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
}

void Statement::bind_one(int index, std::string_view value) {
  // A null pointer would bind NULL.
  const char* data = value.empty() ? "" : value.data();
  if (const int code = sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
      code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
}

void Statement::bind_one(int index, Blob value) {
  const char* data = value.bytes.empty() ? "" : value.bytes.data();
  if (const int code = sqlite3_bind_blob64(statement_.get(), index, data, value.bytes.size(), SQLITE_STATIC); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
}

void Statement::bind_one(int index, std::nullopt_t /*value*/) {
  if (const int code = sqlite3_bind_null(statement_.get(), index); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_.get()), code);
  }
}

void Statement::bind_all(std::span<const Value> values) {
  reset();
  int index = 0;
  for (const Value& value : values) {
    ++index;
    std::visit([this, index](const auto& kind) { bind_one(index, kind); }, value);
  }
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

bool Statement::is_integer(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::optional<std::int64_t> Statement::integer_or_null(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  // Only after column_text does column_bytes give the length of the text.
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<std::size_t>(size));
}

void Database::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

int Database::wait_for_lock(void* context, int tries) {
  const auto& hooks = *static_cast<Hooks*>(context);
  constexpr int kStep_ms = 5;
  if (tries * kStep_ms >= hooks.busy_timeout.count() || (hooks.stop && hooks.stop())) return 0;
  sqlite3_sleep(kStep_ms);
  return 1;
}

Database Database::open(const std::string& path, Access access) {
  Database opened;
  const bool unchanging = access == Access::unchanging;
  const bool reads = unchanging || access == Access::read_only;
  const int flags = SQLITE_OPEN_NOMUTEX | (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (access == Access::create ? SQLITE_OPEN_CREATE : 0) | (unchanging ? SQLITE_OPEN_URI : 0);
  sqlite3* handle = nullptr;
  const std::string name = unchanging ? unchanging_uri(path) : path;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  opened.database_.reset(handle);
  if (code != SQLITE_OK) fail(handle, code);
  sqlite3_busy_handler(handle, &Database::wait_for_lock, opened.hooks_.get());
  return opened;
}

void Database::exec(const char* sql) {
  if (const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    fail(database_.get(), code);
  }
}

Statement Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.c_str(), static_cast<int>(sql.size()) + 1, SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) fail(database_.get(), code);
  return Statement(statement);
}

void Database::set_busy_timeout(std::chrono::milliseconds timeout) { hooks_->busy_timeout = timeout; }

void Database::stop_when(std::function<bool()> stop) {
  hooks_->stop = std::move(stop);
  constexpr int kInstructionsBetweenQuestions = 10'000;  // about a tenth of a millisecond
  const auto ask = [](void* context) -> int { return static_cast<Hooks*>(context)->stop() ? 1 : 0; };
  sqlite3_progress_handler(database_.get(), kInstructionsBetweenQuestions, hooks_->stop ? +ask : nullptr, hooks_.get());
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

void Database::on_wal_commit(std::function<void(int)> committed) {
  hooks_->committed = std::move(committed);
  const auto tell = [](void* context, sqlite3*, const char*, int pages) -> int {
    static_cast<Hooks*>(context)->committed(pages);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_.get(), hooks_->committed ? +tell : nullptr, hooks_.get());
}

void Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_.get(), code);
}

void Database::rewrite_wal() {
  constexpr sqlite3_int64 kPieceBytes = 65536;  // SQLite's file system for Unix takes no more than 128 KiB at once
  const auto check = [](int code) {
    if (code != SQLITE_OK) fail(nullptr, code);
  };
  sqlite3_file* wal = nullptr;
  check(sqlite3_file_control(database_.get(), nullptr, SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&wal)));
  if (wal == nullptr || wal->pMethods == nullptr) return;
  sqlite3_int64 size = 0;
  check(wal->pMethods->xFileSize(wal, &size));
  if (size == 0) return;
  std::vector<char> piece(static_cast<std::size_t>(std::min(size, kPieceBytes)));
  for (sqlite3_int64 at = 0; at < size; at += kPieceBytes) {
    const int count = static_cast<int>(std::min(size - at, kPieceBytes));
    check(wal->pMethods->xRead(wal, piece.data(), count, at));
    check(wal->pMethods->xWrite(wal, piece.data(), count, at));
  }
  check(wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL));
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.exec(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // Some failures roll back by themselves.
  if (!database_.in_transaction()) return;
  try {
    database_.exec("ROLLBACK");
  } catch (const Failure&) {
    // A rollback writes nothing in WAL mode. Should it fail all the same, the next BEGIN does, and its Error says so.
  }
}

void Transaction::commit() { database_.exec("COMMIT"); }

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace action_scheduler::sqlite
