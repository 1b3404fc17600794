#include "operations/assembly.h"

#include <filesystem>
#include <string>

#include "ledger/memory_ledger.h"
#include "sources/postgres_source.h"
#include "sources/sqlite_source.h"

namespace action_scheduler {

namespace {

PostgresTableOptions postgres_options(const Settings::ActionsDb& db) {
  PostgresTableOptions options;
  options.host = db.host;
  options.port = db.port;
  options.user = db.username;
  options.password = db.password;
  options.database = db.database;
  options.schema = db.schema;
  options.table = db.table;
  options.properties = db.properties;
  return options;
}

SqliteTableOptions sqlite_options(const Settings::ActionsDb& db) {
  SqliteTableOptions options;
  options.path = db.database;
  options.table = db.table;
  options.create_file = true;
  return options;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  const auto path_a = std::filesystem::weakly_canonical(a, failed);
  if (failed) return a == b;
  const auto path_b = std::filesystem::weakly_canonical(b, failed);
  return failed ? a == b : path_a == path_b;
}

std::vector<std::string> split_servers(const std::string& servers) {
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin <= servers.size();) {
    const std::size_t end = std::min(servers.find(',', begin), servers.size());
    list.push_back(servers.substr(begin, end - begin));
    begin = end + 1;
  }
  return list;
}

KafkaOptions kafka_options(const Settings::Kafka& kafka) {
  KafkaOptions options;
  options.servers = split_servers(kafka.servers);
  options.topic = kafka.topic;
  switch (kafka.delivery) {
    case DeliveryMode::automatic:
      options.delivery = KafkaOptions::DeliveryMode::automatic;
      break;
    case DeliveryMode::exactly_once:
      options.delivery = KafkaOptions::DeliveryMode::exactly_once;
      break;
    case DeliveryMode::at_least_once:
      options.delivery = KafkaOptions::DeliveryMode::at_least_once;
      break;
  }
  options.delivery_timeout_ms = static_cast<int>(kafka.delivery_timeout.count() * 1000);
  switch (kafka.key) {
    case MessageKey::id:
      options.key = KafkaOptions::Key::id;
      break;
    case MessageKey::name:
      options.key = KafkaOptions::Key::name;
      break;
    case MessageKey::none:
      options.key = KafkaOptions::Key::none;
      break;
  }
  options.value = kafka.value == MessageValue::raw ? KafkaOptions::Value::raw : KafkaOptions::Value::json;
  options.headers = kafka.headers == MessageHeaders::none ? KafkaOptions::Headers::none : KafkaOptions::Headers::cloudevents;
  options.source = kafka.source;
  options.properties = kafka.properties;
  return options;
}

}  // namespace

std::unique_ptr<ActionSource> make_source(const Settings& settings) {
  if (settings.actions_db.dialect == Dialect::sqlite) {
    return std::make_unique<SqliteSource>(sqlite_options(settings.actions_db));
  }
  return std::make_unique<PostgresSource>(postgres_options(settings.actions_db));
}

std::unique_ptr<ActionTable> make_action_table(const Settings& settings) {
  if (settings.actions_db.dialect == Dialect::sqlite) {
    return make_sqlite_action_table(sqlite_options(settings.actions_db));
  }
  return make_postgres_action_table(postgres_options(settings.actions_db));
}

std::string session_caution(const Settings& settings) {
  if (settings.actions_db.dialect == Dialect::sqlite) return "";
  return session_caution(postgres_options(settings.actions_db));
}

RowParser::Defaults row_defaults(const Settings& settings) {
  return {{settings.action.merge_missed, settings.action.actuality_time}, settings.timezone};
}

CallbackOptions callback_options(const Settings& settings) {
  CallbackOptions options;
  options.instance = settings.instance;
  if (settings.kafka) options.kafka = kafka_options(*settings.kafka);
  return options;
}

std::variant<OpenedLedger, LedgerOpenFailure> open_ledger(const Settings& settings) {
  if (!settings.internal_db) return OpenedLedger{std::make_unique<MemoryLedger>(), {}};
  SqliteLedgerOptions options;
  options.path = settings.internal_db->database;
  options.shared_with_actions =
      settings.actions_db.dialect == Dialect::sqlite && same_file(settings.actions_db.database, options.path);
  return open_sqlite_ledger(options);
}

}  // namespace action_scheduler
