// The one table of configuration keys: parsing, `config`, --help and docs/configuration.md all come from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "action_scheduler/result.h"
#include "config/node.h"
#include "config/settings.h"

namespace action_scheduler {

enum class KeyType : std::uint8_t { text, integer, boolean, choice, servers, properties };

// What a key holds after parsing; monostate: not given and without a default.
using ConfigValue = std::variant<std::monostate, bool, std::int64_t, std::string, Properties>;

struct KeySpec {
  std::string_view name = {};  // "actions_db.port"
  KeyType type = KeyType::text;
  std::string_view fallback = {};       // the default as text; empty: none
  std::string_view fallback_note = {};  // how the default comes about when it depends on other keys
  std::string_view what = {};           // of a text: "the name of a topic"
  bool seconds = false;                 // of an integer: that is what it counts
  std::int64_t min = 0;                 // of an integer
  std::int64_t max = 0;
  std::string_view choices = {};    // of a choice: "auto|exactly_once"
  bool secret = false;              // never shown
  bool required = false;            // has no default: must be given wherever its section is
  bool dots_in_properties = false;  // of properties: SASL_USERNAME in the environment means sasl.username
  std::string_view help;            // one sentence
  // Checks a text beyond its type and gives its normal form.
  Result<std::string> (*check)(const std::string& text) = nullptr;
  // Puts the value into its field. Never called with monostate.
  void (*store)(Settings& settings, const ConfigValue& value) = nullptr;
};

struct SectionSpec {
  std::string_view name;
  std::string_view help;
  bool optional = false;  // may be absent as a whole
};

// In the order in which they are shown.
std::span<const KeySpec> config_keys();
std::span<const SectionSpec> config_sections();

// Null if there is none of exactly this name.
const KeySpec* find_key(std::string_view name);

// Whether keys stand below this name: "kafka", "action.defaults".
bool is_level(std::string_view name);

// The parts of a dotted name, a property's own name in one piece: kafka.properties.sasl.username has three.
std::vector<std::string> split_key(std::string_view name);

// "KAFKA__TOPIC" for "kafka.topic".
std::string environment_name(std::string_view key);

// "an integer from 1 to 65535", "one of auto, exactly_once".
std::string expectation(const KeySpec& key);

// The value of a node as `key` wants it; monostate for null. The Error says what was expected and shows no secret.
Result<ConfigValue> parse_value(const KeySpec& key, const ConfigNode& node);

// The default as a value; monostate if there is none.
ConfigValue fallback_value(const KeySpec& key);

// Whether the value of a property must not be shown.
bool is_secret_property(std::string_view name);

}  // namespace action_scheduler
