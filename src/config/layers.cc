#include "config/layers.h"

#include <algorithm>
#include <map>

#include "action_scheduler/suggestion.h"
#include "config/dotenv.h"
#include "config/json_reader.h"
#include "config/keys.h"
#include "config/value_syntax.h"
#include "config/yaml_reader.h"

namespace action_scheduler {
namespace {

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const SectionSpec& section : config_sections()) names.emplace_back(section.name);
  for (const KeySpec& key : config_keys()) names.emplace_back(key.name);
  return names;
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (const std::string& name : all_names()) names.push_back(environment_name(name));
  return names;
}

// " level, format" for "log".
std::string names_below(const std::string& level) {
  std::string names;
  for (const std::string& name : all_names()) {
    const bool below = name.starts_with(level + '.') && name.find('.', level.size() + 1) == std::string::npos;
    if (below) names += (names.empty() ? " " : ", ") + name.substr(level.size() + 1);
  }
  return names;
}

// The fault's message for a dotted name that is no key. What was meant is told in the notation of its layer.
std::string unknown_key(const std::string& unknown, bool as_variable) {
  static const std::vector<std::string> keys = all_names();
  static const std::vector<std::string> variables = environment_names();
  std::string hint = as_variable ? suggestion(environment_name(unknown), variables) : suggestion(unknown, keys);
  // The level that it stands in was not what was meant.
  const std::string level = unknown.substr(0, unknown.rfind('.'));
  if (is_level(level) && hint.ends_with('"' + (as_variable ? environment_name(level) : level) + "\"?)")) hint.clear();
  if (hint.empty()) {
    const std::string last_part = '.' + lower_case(unknown.substr(unknown.rfind('.') + 1));
    for (const std::string& key : keys) {
      const bool same_part = key.ends_with(last_part);
      if (hint.empty() && same_part) hint = " (did you mean \"" + (as_variable ? environment_name(key) : key) + "\"?)";
    }
  }
  return "unknown key" + hint;
}

// A value that one text layer gives to one place.
struct Assignment {
  std::string key;  // dotted
  std::vector<std::string> path;
  ConfigNode value;
};

class Layers {
 public:
  explicit Layers(const ConfigInputs& inputs) : inputs_(inputs) {
    layered_.root = ConfigNode::make_map("");
    layered_.yaml_broken = inputs.yaml_unreadable;
  }

  void add_yaml(const ConfigFile& file) {
    YamlReading reading = read_yaml(file.text, file.path);
    layered_.yaml_broken = !reading.faults.empty();
    std::ranges::move(reading.faults, std::back_inserter(layered_.faults));
    if (reading.root.kind == ConfigNode::Kind::null) return;
    if (reading.root.kind != ConfigNode::Kind::map) {
      fault(reading.root.origin, "", "expected keys such as `debug: true`");
      layered_.yaml_broken = true;
      return;
    }
    merge_at(layered_.root, {}, std::move(reading.root));
  }

  void add_dotenv(const ConfigFile& file) {
    DotenvReading reading = read_dotenv(file.text, file.path);
    for (ConfigFault& bad : reading.faults) {
      // A line of somebody else's that we cannot read is theirs to mend.
      if (is_ours(bad.key)) layered_.faults.push_back(std::move(bad));
    }
    std::map<std::string, DotenvEntry*> last_by_name;
    for (DotenvEntry& entry : reading.entries) last_by_name[lower_case(entry.name)] = &entry;
    for (const auto& [name, entry] : last_by_name) {
      add_variable(name, entry->name, entry->value, file.path + ':' + std::to_string(entry->line));
    }
    apply();
  }

  void add_environment() {
    // The environment has no order: of names that differ in case only, the one in upper case counts (it sorts first).
    std::map<std::string, std::pair<std::string, std::string>> by_name;
    for (const auto& [name, value] : inputs_.environment) {
      auto& [kept_name, kept_value] = by_name[lower_case(name)];
      if (kept_name.empty() || name < kept_name) {
        kept_name = name;
        kept_value = value;
      }
    }
    for (const auto& [lower, variable] : by_name) add_variable(lower, variable.first, variable.second, "env " + variable.first);
    apply();
  }

  void add_sets() {
    for (const std::string& set : inputs_.sets) {
      const auto equals = set.find('=');
      if (equals == std::string::npos || equals == 0) {
        fault("--set", "", "expected key=value, got " + quoted_for_fault(set));
        continue;
      }
      const std::string key = set.substr(0, equals);
      if (find_target(key)) {
        assign(key, set.substr(equals + 1), "--set");
      } else {
        fault("--set", key, unknown_key(key, false));
      }
      apply();  // one by one: of two for the same key the later counts, whatever its level
    }
  }

  LayeredConfig take() {
    check_names(layered_.root, "");
    return std::move(layered_);
  }

 private:
  void fault(std::string source, std::string key, std::string message) {
    layered_.faults.push_back({std::move(source), std::move(key), std::move(message)});
  }

  static const KeySpec* property_of(std::string_view key) {
    for (const KeySpec& spec : config_keys()) {
      const bool below = key.size() > spec.name.size() + 1 && key.starts_with(spec.name) && key[spec.name.size()] == '.';
      if (spec.type == KeyType::properties && below) return &spec;
    }
    return nullptr;
  }

  static bool find_target(std::string_view key) { return find_key(key) || is_level(key) || property_of(key); }

  static bool is_ours(const std::string& variable) {
    const std::string lower = lower_case(variable);
    const std::string first = lower.substr(0, lower.find("__"));
    if (first.size() < lower.size()) return is_level(first);
    return find_target(lower) || (lower.ends_with("_file") && find_key(lower.substr(0, lower.size() - 5)));
  }

  // The dotted form of a variable's name in lower case.
  static std::string dotted(std::string_view variable) {
    std::string key;
    for (std::size_t at = 0; at < variable.size(); ++at) {
      const bool separator = variable.substr(at, 2) == "__";
      key += separator ? '.' : variable[at];
      at += separator ? 1 : 0;
    }
    if (const KeySpec* spec = property_of(key); spec != nullptr && spec->dots_in_properties) {
      std::replace(key.begin() + static_cast<std::ptrdiff_t>(spec->name.size()), key.end(), '_', '.');
    }
    return key;
  }

  void add_variable(const std::string& lower, const std::string& name, const std::string& value, const std::string& origin) {
    if (!is_ours(lower)) return;
    std::string key = dotted(lower);
    const bool named_file = lower.ends_with("_file") && lower.size() > 5;
    if (named_file && (property_of(key) != nullptr || !find_target(key))) {
      const std::string of_value = dotted(std::string_view(lower).substr(0, lower.size() - 5));
      if (find_key(of_value) || property_of(of_value)) return add_from_file(of_value, value, origin);
    }
    if (!find_target(key)) {
      const std::string variable = origin.starts_with("env ") ? "" : name + ": ";
      return fault(origin, key, variable + unknown_key(key, true));
    }
    assign(key, value, origin);
  }

  void add_from_file(const std::string& key, const std::string& path, const std::string& origin) {
    if (path.empty()) return;
    auto text = inputs_.read_file(path);
    if (!text) return fault(origin, key, "cannot read the value: " + text.error().message);
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    assign(key, *text, origin);
  }

  void assign(const std::string& key, const std::string& text, const std::string& origin) {
    auto value = read_text(key, text, origin);
    if (!value) return fault(origin, key, value.error().message);
    for (const Assignment& other : assignments_) {
      if (other.key == key) {
        return fault(origin, key, "expected one value, got a second one at " + other.value.origin);
      }
    }
    assignments_.push_back({key, split_key(key), std::move(*value)});
  }

  // A text becomes a tree where the key wants one.
  static Result<ConfigNode> read_text(const std::string& key, const std::string& text, const std::string& origin) {
    const KeySpec* spec = find_key(key);
    const bool wants_level = is_level(key) || (spec != nullptr && spec->type == KeyType::properties);
    const bool is_text = property_of(key) != nullptr || (spec != nullptr && spec->type == KeyType::text);
    if (text.empty() && property_of(key) == nullptr) return ConfigNode::make_null(origin);
    if (!is_text && lower_case(text) == "null") return ConfigNode::make_null(origin);
    const bool is_list = spec != nullptr && spec->type == KeyType::servers &&
                         text.find_first_not_of(" \t") != std::string::npos && text[text.find_first_not_of(" \t")] == '[' &&
                         text.find('"') != std::string::npos;
    if (!wants_level && !is_list) return ConfigNode::make_text(text, origin);
    auto tree = read_json(text, origin);
    if (!tree) return Error{"expected a JSON " + std::string(is_list ? "list" : "object or null") + ": " + tree.error().message};
    if (wants_level && tree->kind != ConfigNode::Kind::map && tree->kind != ConfigNode::Kind::null) {
      return Error{"expected a JSON object or null"};
    }
    return tree;
  }

  // Levels first, so that a nested name wins over its level's JSON.
  void apply() {
    std::ranges::sort(assignments_, {}, [](const Assignment& a) { return std::pair(a.path.size(), std::string_view(a.key)); });
    for (Assignment& assignment : assignments_) merge_at(layered_.root, assignment.path, std::move(assignment.value));
    assignments_.clear();
  }

  void check_names(const ConfigNode& level, const std::string& prefix) {
    for (const auto& [name, value] : level.entries) {
      const std::string key = prefix + name;
      if (find_key(key) && name.find('.') == std::string::npos) continue;
      if (!is_level(key) || name.find('.') != std::string::npos) {
        // `kafka.topic: x` in one piece is a slip of people who know the dotted names.
        const bool in_one_piece = find_key(key) != nullptr;
        fault(value.origin, key,
              in_one_piece ? "unknown key; each level has a line of its own in YAML" : unknown_key(key, false));
      } else if (value.kind == ConfigNode::Kind::map) {
        check_names(value, key + '.');
      } else if (value.kind != ConfigNode::Kind::null) {
        fault(value.origin, key, "expected keys below it:" + names_below(key));
      }
    }
  }

  const ConfigInputs& inputs_;
  LayeredConfig layered_;
  std::vector<Assignment> assignments_;
};

}  // namespace

LayeredConfig merge_layers(const ConfigInputs& inputs) {
  Layers layers(inputs);
  if (inputs.yaml) layers.add_yaml(*inputs.yaml);
  if (inputs.dotenv) layers.add_dotenv(*inputs.dotenv);
  layers.add_environment();
  layers.add_sets();
  return layers.take();
}

}  // namespace action_scheduler
