#include "sources/postgres_session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "sources/unusable_table.h"

namespace action_scheduler {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds remaining(SteadyTime deadline) {
  const auto left = duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(1));  // 0 would mean without a limit
}

// A connection string of libpq: keyword='value' with quotes and backslashes escaped.
void append(std::string& conninfo, std::string_view keyword, std::string_view value) {
  conninfo.append(keyword).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += "' ";
}

// Of two values for one keyword libpq takes the later one.
std::string conninfo_of(const PostgresTableOptions& options, SteadyTime deadline) {
  std::string conninfo;
  const auto connect_timeout = std::min(options.connect_timeout, duration_cast<seconds>(remaining(deadline)));
  append(conninfo, "connect_timeout", std::to_string(std::max<seconds::rep>(connect_timeout.count(), 2)));
  append(conninfo, "fallback_application_name", "action-scheduler");
  append(conninfo, "keepalives_idle", "10");
  append(conninfo, "keepalives_interval", "5");
  append(conninfo, "keepalives_count", "3");
  append(conninfo, "tcp_user_timeout", std::to_string(options.deadline.count()));
  for (const auto& [keyword, value] : {std::pair<const char*, const std::string&>{"host", options.host},
                                       {"user", options.user},
                                       {"password", options.password},
                                       {"dbname", options.database}}) {
    if (!value.empty()) append(conninfo, keyword, value);
  }
  if (options.port != 0) append(conninfo, "port", std::to_string(options.port));
  // By itself libpq would take anybody for the server, though it was told whom to trust.
  const bool trusts = options.properties.contains("sslrootcert") && std::getenv("PGSSLMODE") == nullptr;
  if (trusts) append(conninfo, "sslmode", "verify-full");
  for (const auto& [keyword, value] : options.properties) append(conninfo, keyword, value);
  append(conninfo, "client_encoding", "UTF8");
  return conninfo;
}

constexpr const char* kVerify =
    "whoever is on the way may read what is sent, and pose for the server; set sslmode: verify-full and sslrootcert in "
    "actions_db.properties";

// What libpq took for it, from wherever.
std::string keyword(PGconn* handle, std::string_view name) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all(PQconninfo(handle), &PQconninfoFree);
  for (const PQconninfoOption* option = all.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (name == option->keyword && option->val != nullptr) return option->val;
  }
  return "";
}

std::string advice(const std::string& sqlstate, const PostgresTableOptions& options) {
  const std::string role = options.user.empty() ? "the role" : options.user;
  if (sqlstate == "57014") {
    return "; it took longer than " + std::to_string(options.deadline.count()) +
           " ms: is the table locked (pg_locks), or the server too slow?";
  }
  if (sqlstate == "42501") return "; grant SELECT on the table and USAGE on its schema to " + role;
  if (sqlstate == "22P05" || sqlstate == "22021") {
    return "; some row holds text that is not of the database's encoding: correct or delete it (convert_from finds it)";
  }
  if (sqlstate == "42P01" || sqlstate == "3F000") return "; create it, or name another schema or table";
  return "";
}

}  // namespace

std::string one_line(std::string_view text) {
  text = text.substr(0, text.find("\nLINE "));
  std::string line;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    line += blank ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::unique_ptr<PostgresConnection> connect(const PostgresTableOptions& options, SteadyTime deadline) {
  auto connection = std::make_unique<PostgresConnection>(conninfo_of(options, deadline));
#if PQXX_VERSION_MAJOR < 7
  // A lost session is replaced here, with its deadline, and never behind our back.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
#endif
  return connection;
}

std::string session_caution(const PostgresTableOptions& options) {
  try {
    const auto connection = connect(options, std::chrono::steady_clock::now() + options.deadline);
    PGconn* const handle = connection->handle();
    // None of a Unix socket.
    const std::string address = PQhostaddr(handle);
    if (address.empty() || address == "::1" || address.starts_with("127.") || PQgssEncInUse(handle) != 0) return "";
    const std::string mode = keyword(handle, "sslmode");
    const std::string authority = keyword(handle, "sslrootcert");
    std::error_code failed;
    // `require` with a file of authorities is verify-ca (PostgreSQL documentation, "SSL Support" of libpq).
    const bool verified = mode.starts_with("verify-") || (mode == "require" && std::filesystem::exists(authority, failed));
    if (PQsslInUse(handle) == 0) {
      return "the session to " + options.host + " is not encrypted (sslmode " + mode + "): " + kVerify;
    }
    if (verified) return "";
    return "the session to " + options.host + " is encrypted, but not with somebody known (sslmode " + mode + "): " + kVerify;
  } catch (const std::exception&) {
    return "";  // whoever reads the table is told of it
  }
}

void limit_statements(pqxx::transaction_base& transaction, SteadyTime deadline) {
  const auto left_ms = remaining(deadline).count();
  constexpr milliseconds::rep kGrace_ms = 5000;  // we notice the deadline ourselves; this is for when we cannot
  transaction.exec("SET LOCAL statement_timeout = " + std::to_string(left_ms));
  transaction.exec("SET LOCAL idle_in_transaction_session_timeout = " + std::to_string(left_ms + kGrace_ms));
}

std::string quoted_table(PostgresConnection& connection, const PostgresTableOptions& options) {
  const std::string table = connection.quote_name(options.table);
  return options.schema.empty() ? table : connection.quote_name(options.schema) + "." + table;
}

std::string place(SqlValues& values, std::optional<std::string> value) {
  values.push_back(std::move(value));
  return '$' + std::to_string(values.size());
}

pqxx::result execute(pqxx::transaction_base& transaction, const std::string& sql, const SqlValues& values) {
  for (const auto& value : values) {
    // libpq would take the text up to there, and somebody would find another one in the table.
    if (value && value->find('\0') != std::string::npos) throw UnusableTable("PostgreSQL has no texts that hold a NUL");
  }
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> parameters;
  for (const auto& value : values) parameters.push_back(value ? value->c_str() : nullptr);
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(parameters));
#else
  pqxx::params parameters;
  for (const auto& value : values) {
    if (value) {
      parameters.append(*value);
    } else {
      parameters.append();
    }
  }
  return transaction.exec(sql, parameters);
#endif
}

std::string where(const PostgresTableOptions& options) {
  const std::string schema = options.schema.empty() ? "" : options.schema + ".";
  return "table " + schema + options.table + " at " + options.host + ":" + std::to_string(options.port) + "/" + options.database;
}

std::string sqlstate_of(const pqxx::sql_error& error) {
  // libpqxx 6 forgets it for this one.
  return dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr ? "42501" : error.sqlstate();
}

Error error_of(const pqxx::sql_error& error, const PostgresTableOptions& options) {
  return {where(options) + ": " + one_line(error.what()) + advice(sqlstate_of(error), options)};
}

Error error_of(const std::exception& error, const PostgresTableOptions& options) {
  std::string text = one_line(error.what());
  // What the server says before there is a session comes without an SQLSTATE.
  if (text.find("database \"" + options.database + "\" does not exist") != text.npos) {
    text += "; create it, or name another in actions_db.database";
  } else if (text.find("password authentication failed") != text.npos || text.find("no password supplied") != text.npos) {
    text += "; see actions_db.username and actions_db.password";
  }
  return {where(options) + ": " + text};
}

}  // namespace action_scheduler
