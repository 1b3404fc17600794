#include "config/keys.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "action_scheduler/utf8.h"
#include "config/addresses.h"

namespace action_scheduler {
namespace {

constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

bool flag(const ConfigValue& value) { return std::get<bool>(value); }
const std::string& text(const ConfigValue& value) { return std::get<std::string>(value); }
Seconds seconds(const ConfigValue& value) { return Seconds{std::get<std::int64_t>(value)}; }

// Optional sections come into being with their first value.
Settings::Kafka& kafka(Settings& settings) { return settings.kafka ? *settings.kafka : settings.kafka.emplace(); }
Settings::InternalDb& internal_db(Settings& settings) {
  return settings.internal_db ? *settings.internal_db : settings.internal_db.emplace();
}

Result<std::string> check_printable(const std::string& name, std::size_t bytes_max) {
  const bool control = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (const auto at = invalid_utf8_at(name))
    return Error{"expected UTF-8, got something else at byte " + std::to_string(*at + 1)};
  if (control || name.size() > bytes_max) {
    return Error{"expected at most " + std::to_string(bytes_max) + " bytes without control characters, got " +
                 quoted_for_fault(name)};
  }
  return name;
}

Result<std::string> check_instance(const std::string& name) { return check_printable(name, 249); }
Result<std::string> check_source(const std::string& name) { return check_printable(name, 1000); }
// Longer identifiers are cut off silently by Postgres.
Result<std::string> check_identifier(const std::string& name) { return check_printable(name, 63); }

Result<std::string> check_topic(const std::string& topic) {
  const bool allowed = std::ranges::all_of(topic, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  if (!allowed || topic.size() > 249 || topic == "." || topic == "..") {
    return Error{"expected 1 to 249 of the characters a-z A-Z 0-9 . _ -, got " + quoted_for_fault(topic)};
  }
  return topic;
}

// The old program named callbacks by their place in its code.
Result<std::string> check_callback(const std::string& name) {
  if (name == "action_scheduler.callbacks:kafka_send") return std::string("kafka");
  if (name == "action_scheduler.callbacks:print_command") return std::string("stdout");
  return name;
}

Result<std::string> check_listen(const std::string& address) {
  auto parsed = parse_listen_address(address);
  if (!parsed) return parsed.error();
  return address;
}

Result<std::string> check_token(const std::string& token) {
  const bool allowed = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!allowed) return Error{"expected printable ASCII characters without blanks"};
  return token;
}

Result<std::string> check_path(const std::string& path) {
  if (path.find('\0') != std::string::npos) return Error{"expected a text without NUL"};
  return path;
}

// The password of a URL would show up wherever the host is named.
Result<std::string> check_host(const std::string& host) {
  if (host.find("://") != std::string::npos || host.find('@') != std::string::npos) {
    return Error{"expected a host name, an address or the folder of a socket, without user and password"};
  }
  return check_printable(host, 1000);
}

constexpr auto kSections = std::to_array<SectionSpec>({
    {"actions_db", "The database whose table is followed.", false},
    {"internal_db", "The ledger: what is settled. Without it missed runs do not survive a restart.", true},
    {"action", "What becomes of a fire.", false},
    {"action.defaults", "What rows mean that have null.", false},
    {"kafka", "The Kafka cluster that receives the fires.", true},
    {"http", "Health, metrics, API and dashboard.", false},
    {"log", "What is written to standard error.", false},
    {"test", "For trying things out.", false},
});

using S = Settings;
using V = ConfigValue;

const auto kKeys = std::to_array<KeySpec>({
    {.name = "instance",
     .fallback_note = "`action-scheduler-<kafka.topic>`",
     .help = "Name of this scheduler towards Kafka: its transactional id and its group. One running scheduler per name.",
     .check = check_instance,
     .store = [](S& s, const V& v) { s.instance = text(v); }},
    {.name = "debug",
     .type = KeyType::boolean,
     .fallback = "false",
     .help = "Lowers the default of `log.level` to `debug`, which logs a line for every fire.",
     .store = [](S& s, const V& v) { s.debug = flag(v); }},
    {.name = "timezone",
     .fallback = "UTC",
     .what = "the name of a time zone",
     .help = "Zone of schedules that name none, by its name in the system's tz database.",
     .store = [](S& s, const V& v) { s.timezone = text(v); }},
    {.name = "track_changes_period",
     .type = KeyType::integer,
     .fallback = "30",
     .seconds = true,
     .min = 1,
     .max = 86'400,
     .help = "Seconds between two looks at the table. A change takes effect within this time.",
     .store = [](S& s, const V& v) { s.track_changes_period = seconds(v); }},
    {.name = "shutdown_timeout",
     .type = KeyType::integer,
     .fallback = "10",
     .seconds = true,
     .min = 0,
     .max = 3'600,
     .help = "Seconds that a shutdown may take to hand over what is on its way. Keep it below the grace period of the container.",
     .store = [](S& s, const V& v) { s.shutdown_timeout = seconds(v); }},

    {.name = "actions_db.dialect",
     .type = KeyType::choice,
     .choices = "postgresql|sqlite",
     .required = true,
     .help = "Kind of database.",
     .store = [](S& s, const V& v) { s.actions_db.dialect = text(v) == "sqlite" ? Dialect::sqlite : Dialect::postgresql; }},
    {.name = "actions_db.driver",
     .help = "Accepted and ignored: configs of the Python program have it.",
     .store = [](S&, const V&) {}},
    {.name = "actions_db.username",
     .help = "Database user. Rights to read the table suffice.",
     .check = check_path,
     .store = [](S& s, const V& v) { s.actions_db.username = text(v); }},
    {.name = "actions_db.password",
     .secret = true,
     .help = "Password of the database user.",
     .check = check_path,
     .store = [](S& s, const V& v) { s.actions_db.password = text(v); }},
    {.name = "actions_db.host",
     .fallback = "localhost",
     .what = "a host name, an address or the folder of a socket",
     .help = "Host name or address of Postgres, or the folder of its socket.",
     .check = check_host,
     .store = [](S& s, const V& v) { s.actions_db.host = text(v); }},
    {.name = "actions_db.port",
     .type = KeyType::integer,
     .fallback = "5432",
     .min = 1,
     .max = 65'535,
     .help = "Port of Postgres.",
     .store = [](S& s, const V& v) { s.actions_db.port = static_cast<std::uint16_t>(std::get<std::int64_t>(v)); }},
    {.name = "actions_db.database",
     .fallback_note = "Postgres: the user's name; SQLite: must be given",
     .help = "Name of the database; with SQLite its file.",
     .check = check_path,
     .store = [](S& s, const V& v) { s.actions_db.database = text(v); }},
    {.name = "actions_db.schema",
     .fallback_note = "Postgres' search path",
     .what = "the name of a schema",
     .help = "Schema of the table, Postgres only.",
     .check = check_identifier,
     .store = [](S& s, const V& v) { s.actions_db.schema = text(v); }},
    {.name = "actions_db.table",
     .fallback = "action",
     .what = "the name of a table",
     .help = "Name of the table. It is created if it does not exist and the rights allow.",
     .check = check_identifier,
     .store = [](S& s, const V& v) { s.actions_db.table = text(v); }},
    {.name = "actions_db.properties",
     .type = KeyType::properties,
     .help = "Further libpq connection parameters by their own names, such as `sslmode: verify-full`, which is the default where "
             "`sslrootcert` is given.",
     .store = [](S& s, const V& v) { s.actions_db.properties = std::get<Properties>(v); }},

    {.name = "internal_db.dialect",
     .type = KeyType::choice,
     .fallback = "sqlite",
     .choices = "sqlite",
     .help = "Kind of database.",
     .store = [](S& s, const V&) { internal_db(s); }},
    {.name = "internal_db.database",
     .what = "the file of the ledger",
     .required = true,
     .help = "File of the ledger, on a disk that survives restarts. One scheduler at a time. It may be the file of `actions_db`.",
     .check = check_path,
     .store = [](S& s, const V& v) { internal_db(s).database = text(v); }},

    {.name = "action.callback",
     .fallback_note = "`kafka` if `kafka` is configured, else `stdout`",
     .help = "Receiver of the fires: `kafka` or `stdout`; also `action_scheduler.callbacks:kafka_send` and "
             "`action_scheduler.callbacks:print_command`.",
     .check = check_callback,
     .store = [](S& s, const V& v) { s.action.callback = text(v); }},
    {.name = "action.defaults.merge_missed",
     .type = KeyType::boolean,
     .fallback = "false",
     .help = "Whether missed fires of an action become one, the latest.",
     .store = [](S& s, const V& v) { s.action.merge_missed = flag(v); }},
    {.name = "action.defaults.actuality_time",
     .type = KeyType::integer,
     .fallback = "-1",
     .seconds = true,
     .min = kInt32Min,
     .max = kInt32Max,
     .help = "For how many seconds after its fire time a fire is still worth delivering. Negative: for ever.",
     .store =
         [](S& s, const V& v) {
           if (seconds(v) >= Seconds{0}) s.action.actuality_time = seconds(v);
         }},

    {.name = "kafka.server",
     .type = KeyType::servers,
     .required = true,
     .help = "Brokers to start from: `host:port`, `kafka://host:port`, or a list of them. The port is 9092 if it is left out.",
     .store = [](S& s, const V& v) { kafka(s).servers = text(v); }},
    {.name = "kafka.topic",
     .what = "the name of a topic",
     .required = true,
     .help = "Topic of fires whose row names none.",
     .check = check_topic,
     .store = [](S& s, const V& v) { kafka(s).topic = text(v); }},
    {.name = "kafka.delivery",
     .type = KeyType::choice,
     .fallback = "auto",
     .choices = "auto|exactly_once|at_least_once",
     .help = "`exactly_once` sends in transactions; `at_least_once` may repeat fires after a crash, with the same id; `auto` is "
             "`exactly_once` if the cluster allows it.",
     .store =
         [](S& s, const V& v) {
           kafka(s).delivery = text(v) == "exactly_once"    ? DeliveryMode::exactly_once
                               : text(v) == "at_least_once" ? DeliveryMode::at_least_once
                                                            : DeliveryMode::automatic;
         }},
    {.name = "kafka.delivery_timeout",
     .type = KeyType::integer,
     .fallback = "10",
     .seconds = true,
     .min = 1,
     .max = 300,
     .help = "Seconds after which a topic that does not answer is parked with its fires while the others go on.",
     .store = [](S& s, const V& v) { kafka(s).delivery_timeout = seconds(v); }},
    {.name = "kafka.key",
     .type = KeyType::choice,
     .fallback = "id",
     .choices = "id|name|none",
     .help = "Key of messages whose row has none: the action's id, its name, or no key.",
     .store =
         [](S& s, const V& v) {
           kafka(s).key = text(v) == "name" ? MessageKey::name : text(v) == "none" ? MessageKey::none : MessageKey::id;
         }},
    {.name = "kafka.value",
     .type = KeyType::choice,
     .fallback = "json",
     .choices = "json|raw",
     .help = "Value of a message: `{\"command\": \"...\"}` or the command itself.",
     .store = [](S& s, const V& v) { kafka(s).value = text(v) == "raw" ? MessageValue::raw : MessageValue::json; }},
    {.name = "kafka.headers",
     .type = KeyType::choice,
     .fallback = "cloudevents",
     .choices = "cloudevents|none",
     .help = "Headers of a message: CloudEvents 1.0 in binary mode, or none.",
     .store = [](S& s,
                 const V& v) { kafka(s).headers = text(v) == "none" ? MessageHeaders::none : MessageHeaders::cloudevents; }},
    {.name = "kafka.source",
     .fallback_note = "the instance",
     .help = "Value of the header `ce_source`.",
     .check = check_source,
     .store = [](S& s, const V& v) { kafka(s).source = text(v); }},
    {.name = "kafka.faults_topic",
     .fallback_note = "none",
     .what = "the name of a topic",
     .help = "Topic that gets a message for each warning and error of the log.",
     .check = check_topic,
     .store = [](S& s, const V& v) { kafka(s).faults_topic = text(v); }},
    {.name = "kafka.properties",
     .type = KeyType::properties,
     .dots_in_properties = true,
     .help =
         "Further librdkafka properties by their own names, such as `security.protocol: SASL_SSL`. `acks`, `enable.idempotence`, "
         "`transactional.id` and `bootstrap.servers` are the scheduler's own.",
     .store = [](S& s, const V& v) { kafka(s).properties = std::get<Properties>(v); }},

    {.name = "http.listen",
     .fallback_note = "off",
     .what = "an address with a port, such as 127.0.0.1:8080",
     .help = "Address of the HTTP server: `127.0.0.1:8080`, `[::1]:8080`, or `:8080` for all addresses.",
     .check = check_listen,
     .store = [](S& s, const V& v) { s.http.listen = parse_listen_address(text(v)).value(); }},
    {.name = "http.token",
     .secret = true,
     .help = "Token that requests must carry which change something, and those that only read if the address is not loopback. "
             "Without "
             "it both are taken from this machine only. See [http.md](http.md).",
     .check = check_token,
     .store = [](S& s, const V& v) { s.http.token = text(v); }},

    {.name = "log.level",
     .type = KeyType::choice,
     .fallback_note = "`info`, with `debug: true` it is `debug`",
     .choices = "debug|info|warning|error",
     .help = "Least level that is logged.",
     .store =
         [](S& s, const V& v) {
           for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
             if (text(v) == to_string(level)) s.log.level = level;
           }
         }},
    {.name = "log.format",
     .type = KeyType::choice,
     .fallback = "text",
     .choices = "text|json",
     .help = "Lines of `name=value` pairs or of JSON objects.",
     .store = [](S& s, const V& v) { s.log.format = text(v) == "json" ? LogFormat::json : LogFormat::text; }},

    {.name = "test.write_sample_actions_to_db",
     .type = KeyType::boolean,
     .fallback = "false",
     .help = "Writes `sample_actions.yaml` of the working directory into the table if that is empty.",
     .store = [](S& s, const V& v) { s.test.write_sample_actions_to_db = flag(v); }},
    {.name = "test.print_apscheduler_jobs",
     .type = KeyType::boolean,
     .fallback = "false",
     .help = "Prints the actions with their next fires at each look at the table.",
     .store = [](S& s, const V& v) { s.test.print_apscheduler_jobs = flag(v); }},
    {.name = "test.echo_actions_db_engine",
     .type = KeyType::boolean,
     .fallback = "false",
     .help = "Logs the statements sent to `actions_db`.",
     .store = [](S& s, const V& v) { s.test.echo_actions_db_engine = flag(v); }},
});

}  // namespace

std::span<const KeySpec> config_keys() { return kKeys; }
std::span<const SectionSpec> config_sections() { return kSections; }

}  // namespace action_scheduler
