// The SQLite C API as owned objects. For the adapters that use SQLite; failures are thrown inside them and become Errors at their
// edge.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

struct sqlite3;
struct sqlite3_stmt;

namespace action_scheduler::sqlite {

enum class FailureKind : std::uint8_t {
  busy,         // another connection holds the lock, for longer than the busy timeout
  corrupt,      // the file is no database, or a damaged one
  full,         // no space left
  read_only,    // no right to write
  cannot_open,  // no such file or folder, or no right
  interrupted,  // stop_when() said so
  statement,    // it does not fit the tables: no such table, no such column
  io,           // the system failed to read, write or sync
  other,
};

// What SQLite said, without the file's name.
class Failure : public std::runtime_error {
 public:
  Failure(FailureKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  FailureKind kind() const { return kind_; }

 private:
  FailureKind kind_;
};

// Bytes that are no text.
struct Blob {
  std::string_view bytes;
};

// A value whose kind is known only when the program runs; the first is NULL.
using Value = std::variant<std::nullopt_t, std::int64_t, std::string_view>;

// A prepared statement. Must not outlive its Database. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement() = default;

  // Sets the parameters in order. Texts and blobs must stay alive until the statement has ended (step() is false) or was reset.
  template <class... Values>
  void bind(const Values&... values) {
    reset();
    [[maybe_unused]] int index = 0;
    (bind_one(++index, values), ...);
  }

  // The same with as many values as the statement has parameters, by then.
  void bind_all(std::span<const Value> values);

  // Goes to the next row; false when there is none, and the statement then has ended and may be bound again. Throws Failure.
  bool step();

  // Binds, runs to the end and drops rows, if any.
  template <class... Values>
  void run(const Values&... values) {
    bind(values...);
    while (step()) {
    }
  }

  // Ends the statement early; releases its lock on the database.
  void reset();

  bool is_null(int column) const;
  bool is_integer(int column) const;
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> integer_or_null(int column) const;
  // A value of any storage class as text, a blob as its bytes. Valid until the next step() or reset().
  std::string_view text(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind_one(int index, std::int64_t value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, Blob value);
  void bind_one(int index, std::nullopt_t value);
  template <class Value>
  void bind_one(int index, const std::optional<Value>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_one(index, std::nullopt);
    }
  }

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// An open database file. One thread at a time.
class Database {
 public:
  enum class Access : std::uint8_t { unchanging, read_only, read_write, create };

  // `create` makes the file if there is none. A file without the right to write is opened for reading. With `read_only` nothing
  // is ever written into it, nor moved into it out of its WAL; files that its users share may be made beside it. `unchanging` is
  // for a file that nobody writes into meanwhile: nothing is made, no lock taken, a WAL not looked at. Throws Failure.
  static Database open(const std::string& path, Access access);

  // Runs statements without parameters; rows are dropped. Throws Failure.
  void exec(const char* sql);
  void exec(const std::string& sql) { exec(sql.c_str()); }

  // Throws Failure.
  Statement prepare(const std::string& sql);

  // How long a statement waits for a lock that another connection holds.
  void set_busy_timeout(std::chrono::milliseconds timeout);

  // Statements fail with FailureKind::interrupted soon after `stop` becomes true; while they wait for a lock it is asked too.
  // `stop` is called in the thread that runs the statement, often, and must not throw.
  void stop_when(std::function<bool()> stop);

  // Is a transaction open?
  bool in_transaction() const;

  // Calls `committed` after each commit to the WAL, with the number of pages that the WAL then holds. Replaces SQLite's own
  // automatic checkpoints.
  void on_wal_commit(std::function<void(int pages)> committed);

  // Moves what the WAL holds into the database file, as far as readers allow, and syncs both. Throws Failure.
  void checkpoint();

  // Writes what the WAL holds over itself, and syncs it. For after a sync that failed: the system then takes for written what
  // never was, and later syncs pass it over. In WAL mode and in a write transaction, which keeps other writers away. Throws
  // Failure.
  void rewrite_wal();

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  // What the C callbacks look at; at an address of its own, because a Database moves.
  struct Hooks {
    std::chrono::milliseconds busy_timeout{0};
    std::function<bool()> stop;
    std::function<void(int)> committed;
  };
  static int wait_for_lock(void* hooks, int tries);

  std::unique_ptr<Hooks> hooks_ = std::make_unique<Hooks>();
  std::unique_ptr<sqlite3, Closer> database_;
};

// A transaction that is rolled back unless commit() was reached. Throws Failure.
class Transaction {
 public:
  enum class Kind : std::uint8_t { read, write };  // write takes the write lock at once

  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
};

// `name` as an identifier: "my ""table""".
std::string quoted(std::string_view name);

}  // namespace action_scheduler::sqlite
