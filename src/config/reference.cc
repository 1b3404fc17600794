#include "config/reference.h"

#include <algorithm>

#include "config/keys.h"

namespace action_scheduler {
namespace {

constexpr const char* kIntroduction = R"(# Configuration

<!-- Made by `action-scheduler docs-config` from the key table in src/config/keys.cc: change it there. -->

`action-scheduler config` prints every value in force and where it came from; `action-scheduler check` tries it out.

## Where values come from

A later line of this list wins over an earlier one, key by key:

1. the defaults below;
2. `config.yaml` of the working directory, or the file that `--config FILE` names;
3. `.env` of the working directory;
4. the environment;
5. `--set key=value` on the command line, such as `--set kafka.topic=actions`.

In the environment and in `.env` the name of a key is in capitals with two underscores between its levels: `KAFKA__TOPIC` is
`kafka.topic`. Any case is understood; of names that differ in case only, the one in capitals counts.

- A name that ends in `_FILE` gives the file in which the value stands: `ACTIONS_DB__PASSWORD_FILE=/run/secrets/password`. A
  newline at its end is dropped.
- A whole level may be given as JSON: `ACTIONS_DB={"host": "db", "port": 5433}`. It is merged with what earlier layers say, and a
  nested name such as `ACTIONS_DB__HOST` wins over it. `INTERNAL_DB=null` takes a level away.
- Properties of clients: `KAFKA__PROPERTIES__SASL_USERNAME` is `sasl.username` below `kafka.properties`;
  `ACTIONS_DB__PROPERTIES__SSLMODE` is `sslmode` below `actions_db.properties`.
- An empty value, and `null` in YAML, bring the default back.
- Booleans are `true false on off yes no t f 1 0` in any case.
- Names that are no key and do not begin with a level and two underscores belong to somebody else and are ignored. Everything else
  that is unknown is an error: `KAFKA__TOPC` does not go unseen.

All faults are reported at once, each with its place, and the program ends with exit code 2:

    config.yaml:12:5: kafka.topc: unknown key (did you mean "kafka.topic"?)
    env ACTIONS_DB__PORT: actions_db.port: expected an integer from 1 to 65535, got "abc"

## Keys
)";

std::string type_text(const KeySpec& key) {
  switch (key.type) {
    case KeyType::text:
      return "text";
    case KeyType::integer:
      return std::to_string(key.min) + " to " + std::to_string(key.max);
    case KeyType::boolean:
      return "boolean";
    case KeyType::choice: {
      std::string text = "`";
      for (const char c : key.choices) text += c == '|' ? std::string("`, `") : std::string(1, c);
      return text + '`';
    }
    case KeyType::servers:
      return "`host:port` or a list";
    case KeyType::properties:
      return "names and texts";
  }
  return {};
}

std::string default_text(const KeySpec& key) {
  if (!key.fallback.empty()) return '`' + std::string(key.fallback) + '`';
  if (!key.fallback_note.empty()) return std::string(key.fallback_note);
  return key.required ? "must be given" : "none";
}

std::string_view level_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

void append_keys(std::string& text, std::string_view level) {
  text += "\n| key | allowed | default | meaning |\n|---|---|---|---|\n";
  for (const KeySpec& key : config_keys()) {
    if (level_of(key.name) != level) continue;
    text += "| `" + std::string(key.name) + "` | " + type_text(key) + " | " + default_text(key) + " | " + std::string(key.help) +
            (key.secret ? " Secret: never shown." : "") + " |\n";
  }
}

}  // namespace

std::string configuration_markdown() {
  std::string text = kIntroduction;
  append_keys(text, "");
  for (const SectionSpec& section : config_sections()) {
    text += "\n### `" + std::string(section.name) + "`\n\n" + std::string(section.help);
    if (section.optional) text += " The level may be left out.";
    text += '\n';
    append_keys(text, section.name);
  }
  return text;
}

std::string configuration_help() {
  std::size_t width = 0;
  for (const KeySpec& key : config_keys()) width = std::max(width, key.name.size());
  std::string text;
  for (const KeySpec& key : config_keys()) {
    std::string line = "  " + std::string(key.name);
    line.resize(width + 4, ' ');
    line += std::string(key.help) + " [" + default_text(key) + ']';
    std::erase(line, '`');
    text += line + '\n';
  }
  return text;
}

}  // namespace action_scheduler
