#include "config/load_settings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "config/value_syntax.h"

namespace action_scheduler {
namespace {

struct Given {
  ConfigValue value;
  std::string origin = "default";
  std::map<std::string, std::string> property_origins;
  bool faulty = false;

  bool absent() const { return std::holds_alternative<std::monostate>(value); }
};

const ConfigNode* node_at(const ConfigNode& root, std::string_view key) {
  const ConfigNode* node = &root;
  for (const std::string& name : split_key(key)) {
    if (node->kind != ConfigNode::Kind::map) return nullptr;
    node = node->find(name);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string_view section_of(std::string_view key) { return key.substr(0, std::min(key.find('.'), key.size())); }

class Reader {
 public:
  explicit Reader(const ConfigInputs& inputs) : inputs_(inputs), layered_(merge_layers(inputs)) {}

  LoadedSettings read() {
    for (const KeySpec& key : config_keys()) {
      if (is_present(section_of(key.name))) given_[key.name] = read_key(key);
    }
    check_actions_db();
    if (is_present("kafka")) {
      check_kafka_properties();
      check_faults_topic();
    }
    check_callback();
    derive_defaults();

    LoadedSettings loaded;
    if (layered_.faults.empty()) fill(loaded.settings);
    loaded.values = effective_values();
    loaded.faults = std::move(layered_.faults);
    return loaded;
  }

 private:
  void fault(std::string source, std::string_view key, std::string message) {
    layered_.faults.push_back({std::move(source), std::string(key), std::move(message)});
  }

  // Required sections count as present, so that their keys get their defaults.
  bool is_present(std::string_view section) const {
    for (const SectionSpec& spec : config_sections()) {
      if (spec.name != section || !spec.optional) continue;
      const ConfigNode* node = layered_.root.find(section);
      return node != nullptr && node->kind == ConfigNode::Kind::map;
    }
    return true;
  }

  Given read_key(const KeySpec& key) {
    Given given;
    const ConfigNode* node = node_at(layered_.root, key.name);
    if (node != nullptr) {
      auto value = parse_value(key, *node);
      if (!value) {
        fault(node->origin, key.name, value.error().message);
        given.faulty = true;
        return given;
      }
      given.value = std::move(*value);
      if (!given.absent()) given.origin = node->origin;
      for (const auto& [name, property] : node->entries) given.property_origins[name] = property.origin;
    }
    if (given.absent()) given.value = fallback_value(key);
    // What is missing may stand in a file that could not be read: that fault is enough. Of a missing actions_db one fault is
    // enough.
    const bool told_elsewhere = layered_.yaml_broken || (section_of(key.name) == "actions_db" && !has_actions_db());
    if (key.required && given.absent() && !told_elsewhere) fault_missing(key);
    return given;
  }

  void fault_missing(const KeySpec& key) {
    const ConfigNode* section = layered_.root.find(section_of(key.name));
    fault(section == nullptr ? "" : section->origin, key.name,
          "missing; expected " + expectation(key) + " (in the environment " + environment_name(key.name) + ")");
  }

  bool has_actions_db() const {
    const ConfigNode* section = layered_.root.find("actions_db");
    return section != nullptr && section->kind != ConfigNode::Kind::null;
  }

  void check_actions_db() {
    if (layered_.yaml_broken) return;
    if (!has_actions_db()) {
      const std::string where = inputs_.yaml ? inputs_.yaml->path : "config.yaml (there is none in the working directory)";
      fault(
          "", "actions_db",
          "missing; expected at least dialect and database in " + where + " or as ACTIONS_DB__DIALECT and ACTIONS_DB__DATABASE");
      return;
    }
    const Given& dialect = given_["actions_db.dialect"];
    const Given& database = given_["actions_db.database"];
    if (dialect.value == ConfigValue(std::string("sqlite")) && database.absent() && !database.faulty) {
      fault(dialect.origin, "actions_db.database", "missing; expected the file of the SQLite database");
    }
  }

  void check_kafka_properties() {
    const Given& given = given_["kafka.properties"];
    if (given.absent()) return;
    for (const auto& [name, value] : std::get<Properties>(given.value)) {
      const std::string key = "kafka.properties." + name;
      const std::string& origin = given.property_origins.at(name);
      const std::string lower = lower_case(value);
      if ((name == "acks" || name == "request.required.acks") && lower != "all" && lower != "-1") {
        fault(origin, key, "expected all, or leave it out: with less a broker's crash loses fires");
      } else if (name == "enable.idempotence" && read_boolean(value) != true) {
        fault(origin, key, "expected true, or leave it out: without it a retry repeats fires");
      } else if (name == "transactional.id") {
        fault(origin, key, "expected to be left out: it is the instance (key instance)");
      } else if (name == "bootstrap.servers" || name == "metadata.broker.list") {
        fault(origin, key, "expected to be left out: the brokers are given by kafka.server");
      }
    }
  }

  void check_faults_topic() {
    const Given& faults_topic = given_["kafka.faults_topic"];
    if (faults_topic.absent() || faults_topic.value != given_["kafka.topic"].value) return;
    fault(faults_topic.origin, "kafka.faults_topic", "expected another topic than kafka.topic, whose consumers take fires");
  }

  void check_callback() {
    Given& callback = given_["action.callback"];
    if (callback.faulty) return;
    if (callback.absent()) {
      callback.value = std::string(is_present("kafka") ? "kafka" : "stdout");
      return;
    }
    const std::string& name = std::get<std::string>(callback.value);
    if (std::ranges::find(inputs_.callbacks, name) == inputs_.callbacks.end()) {
      std::string known;
      for (const std::string& one : inputs_.callbacks) known += (known.empty() ? "" : ", ") + one;
      fault(callback.origin, "action.callback",
            "expected one of " + known + ", got " + quoted_for_fault(name) + suggestion(name, inputs_.callbacks));
    } else if (name == "kafka" && !is_present("kafka") && !layered_.yaml_broken) {
      fault(callback.origin, "action.callback",
            "kafka is not configured: expected kafka.server and kafka.topic, or the callback stdout");
    }
  }

  void derive_defaults() {
    Given& instance = given_["instance"];
    const Given& topic = given_["kafka.topic"];
    if (instance.absent()) {
      instance.value =
          topic.absent() ? std::string("action-scheduler") : "action-scheduler-" + std::get<std::string>(topic.value);
    }
    if (is_present("kafka") && given_["kafka.source"].absent()) given_["kafka.source"].value = instance.value;
    Given& level = given_["log.level"];
    if (level.absent()) level.value = std::string(given_["debug"].value == ConfigValue(true) ? "debug" : "info");
  }

  void fill(Settings& settings) {
    for (const KeySpec& key : config_keys()) {
      const Given& given = given_[key.name];
      if (!given.absent()) key.store(settings, given.value);
    }
  }

  std::vector<EffectiveValue> effective_values() {
    std::vector<EffectiveValue> values;
    for (const KeySpec& key : config_keys()) {
      const Given& given = given_[key.name];
      if (key.type != KeyType::properties || given.absent()) {
        values.push_back({std::string(key.name), given.value, given.origin, key.secret});
        continue;
      }
      for (const auto& [name, value] : std::get<Properties>(given.value)) {
        values.push_back({std::string(key.name) + '.' + name, value, given.property_origins.at(name), is_secret_property(name)});
      }
    }
    return values;
  }

  const ConfigInputs& inputs_;
  LayeredConfig layered_;
  std::map<std::string_view, Given> given_;
};

}  // namespace

std::string_view LoadedSettings::origin_of(std::string_view key) const {
  const auto found = std::ranges::find(values, key, &EffectiveValue::key);
  return found == values.end() ? std::string_view() : found->origin;
}

LoadedSettings load_settings(const ConfigInputs& inputs) { return Reader(inputs).read(); }

}  // namespace action_scheduler
