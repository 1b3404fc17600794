// The settings of one process, typed. What each means is said once, in the key table (keys.cc) and docs/configuration.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "action_scheduler/log.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

enum class Dialect : std::uint8_t { postgresql, sqlite };
enum class DeliveryMode : std::uint8_t { automatic, exactly_once, at_least_once };
enum class MessageKey : std::uint8_t { id, name, none };
enum class MessageValue : std::uint8_t { json, raw };
enum class MessageHeaders : std::uint8_t { cloudevents, none };
enum class LogFormat : std::uint8_t { text, json };

// Options of a third-party client by its own names.
using Properties = std::map<std::string, std::string>;

struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// The sections that may be absent.
struct InternalDbSettings {
  std::string database;  // the SQLite file
};

struct KafkaSettings {
  std::string servers;  // "host:port,host:port"
  std::string topic;
  DeliveryMode delivery = DeliveryMode::automatic;
  Seconds delivery_timeout{0};
  MessageKey key = MessageKey::id;
  MessageValue value = MessageValue::json;
  MessageHeaders headers = MessageHeaders::cloudevents;
  std::string source;        // the header ce_source
  std::string faults_topic;  // empty: none
  Properties properties;
};

// Plain data, as load_settings() checked it: every value is in its range and the rules between keys hold. Whether `timezone`
// exists is the caller's to check, since that needs the system's zones.
struct Settings {
  using InternalDb = InternalDbSettings;
  using Kafka = KafkaSettings;
  struct ActionsDb {
    Dialect dialect = Dialect::postgresql;
    std::string username;  // empty: the client library's default
    std::string password;
    std::string host;
    std::uint16_t port = 0;
    std::string database;  // SQLite: the file
    std::string schema;    // empty: the search path decides
    std::string table;
    Properties properties;
  };
  struct Action {
    std::string callback;                   // "kafka", "stdout" or another registered name
    bool merge_missed = false;              // where the row has null
    std::optional<Seconds> actuality_time;  // where the row has null; absent: for ever
  };
  struct Http {
    std::optional<ListenAddress> listen;  // absent: off
    std::string token;                    // empty: none
  };
  struct Log {
    Level level = Level::info;
    LogFormat format = LogFormat::text;
  };
  struct Test {
    bool write_sample_actions_to_db = false;
    bool print_apscheduler_jobs = false;
    bool echo_actions_db_engine = false;
  };

  std::string instance;
  bool debug = false;
  std::string timezone;
  Seconds track_changes_period{0};
  Seconds shutdown_timeout{0};
  ActionsDb actions_db;
  std::optional<InternalDb> internal_db;
  Action action;
  std::optional<Kafka> kafka;
  Http http;
  Log log;
  Test test;
};

}  // namespace action_scheduler
