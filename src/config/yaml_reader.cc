#include "config/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <initializer_list>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kNodesMax = 50'000;
constexpr std::size_t kYamlLevelsMax = 50;

std::string place(const std::string& name, const YAML::Mark& mark) {
  if (mark.is_null()) return name;
  return name + ':' + std::to_string(mark.line + 1) + ':' + std::to_string(mark.column + 1);
}

// Ends the reading at once; the fault is already noted.
struct GiveUp {};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string name, YamlReading& reading) : name_(std::move(name)), reading_(reading) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(ConfigNode::make_null(place(name_, mark)), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchored_.find(anchor);
    if (target == anchored_.end()) give_up(mark, "an alias stands inside of what it names");
    charge(target->second.tree_size(), mark);
    ConfigNode copy = target->second;
    copy.origin = place(name_, mark);
    deliver(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    charge(1, mark);
    check_tag(tag, {"str", "int", "float", "bool"}, mark);
    // yaml-cpp makes single bytes of these two escapes.
    if (invalid_utf8_at(value)) {
      reading_.faults.push_back({place(name_, mark), "", "expected UTF-8 text; write the characters of \\N and \\_ themselves"});
      return finish(ConfigNode::make_null(place(name_, mark)), anchor);
    }
    const bool plain = tag == "?" || tag.ends_with(":int") || tag.ends_with(":float") || tag.ends_with(":bool");
    finish(ConfigNode::make_text(value, place(name_, mark), plain), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(tag, {"seq"}, mark);
    open(ConfigNode::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    check_tag(tag, {"map"}, mark);
    open(ConfigNode::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  std::optional<ConfigNode> take_root() { return std::exchange(root_, std::nullopt); }

 private:
  struct Level {
    ConfigNode node;
    YAML::anchor_t anchor = 0;
    std::optional<ConfigNode> key;   // of a map: read, its value is to come
    std::vector<ConfigNode> merged;  // of a map: what stands behind its `<<`
  };

  [[noreturn]] void give_up(const YAML::Mark& mark, std::string message) {
    reading_.faults.push_back({place(name_, mark), "", std::move(message)});
    throw GiveUp{};
  }

  // A tag asks for something that other programs do with a value, such as to decrypt it. Taken as text it would be a wrong value.
  void check_tag(const std::string& tag, std::initializer_list<std::string_view> known, const YAML::Mark& mark) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") return;
    for (const std::string_view name : known) {
      if (tag.starts_with(kCore) && tag.substr(kCore.size()) == name) return;
    }
    reading_.faults.push_back({place(name_, mark), "", "unknown tag " + quoted_for_fault(tag) + "; expected none here"});
  }

  void charge(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kNodesMax)
      give_up(mark, "expected at most " + std::to_string(kNodesMax) + " values, aliases counted as what they name");
  }

  void open(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    charge(1, mark);
    if (levels_.size() >= kYamlLevelsMax) give_up(mark, "expected at most " + std::to_string(kYamlLevelsMax) + " levels");
    Level level;
    level.node.kind = kind;
    level.node.origin = place(name_, mark);
    level.anchor = anchor;
    levels_.push_back(std::move(level));
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    for (ConfigNode& merged : level.merged) merge_entries(level.node, std::move(merged));
    finish(std::move(level.node), level.anchor);
  }

  void finish(ConfigNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      // A copy is kept for every anchor, so nested anchors are charged for theirs.
      nodes_ += node.tree_size();
      anchored_[anchor] = node;
    }
    deliver(std::move(node));
  }

  void deliver(ConfigNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == ConfigNode::Kind::list) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      level.key = std::move(node);
    } else {
      const bool merge = level.key->kind == ConfigNode::Kind::text && level.key->plain && level.key->text == "<<";
      if (merge) {
        level.merged.push_back(std::move(node));
      } else {
        add_entry(level.node, std::move(*level.key), std::move(node));
      }
      level.key.reset();
    }
  }

  // The merge key of YAML 1.1: the map's own keys win, and of several maps the earlier one (yaml.org/type/merge.html).
  void merge_entries(ConfigNode& map, ConfigNode merged) {
    if (merged.kind == ConfigNode::Kind::list) {
      for (ConfigNode& item : merged.items) merge_entries(map, std::move(item));
    } else if (merged.kind == ConfigNode::Kind::map) {
      for (ConfigNode::Entry& entry : merged.entries) {
        if (map.find(entry.name) == nullptr) map.entries.push_back(std::move(entry));
      }
    } else {
      reading_.faults.push_back({merged.origin, "<<", "expected keys below it, or a list of such levels"});
    }
  }

  void add_entry(ConfigNode& map, ConfigNode key, ConfigNode value) {
    if (key.kind != ConfigNode::Kind::text) {
      reading_.faults.push_back({key.origin, "", "expected a text as the key"});
      return;
    }
    if (const ConfigNode* first = map.find(key.text)) {
      reading_.faults.push_back({key.origin, key.text, "duplicate key, given first at " + first->origin});
      return;
    }
    value.origin = std::move(key.origin);
    map.entries.push_back({std::move(key.text), std::move(value)});
  }

  std::string name_;
  YamlReading& reading_;
  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, ConfigNode> anchored_;
  std::optional<ConfigNode> root_;
  std::size_t nodes_ = 0;
};

// yaml-cpp takes byte 4 for the end of the file and mends bad UTF-8 silently: both are refused before it sees them.
std::optional<ConfigFault> unreadable_byte(std::string_view text, const std::string& name) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t at = 0; at < text.size(); ++column) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = first_character(text.substr(at)).bytes;
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    if (length == 0 || control) {
      return ConfigFault{name + ':' + std::to_string(line) + ':' + std::to_string(column), "",
                         "expected UTF-8 text without control characters"};
    }
    if (byte == '\n') {
      ++line;
      column = 0;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace

YamlReading read_yaml(std::string_view text, const std::string& name) {
  YamlReading reading;
  if (auto fault = unreadable_byte(text, name)) {
    reading.faults.push_back(std::move(*fault));
    return reading;
  }
  std::istringstream stream{std::string(text)};
  try {
    TreeBuilder builder(name, reading);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return reading;
    std::optional<ConfigNode> root = builder.take_root();
    if (parser.HandleNextDocument(builder)) {
      reading.faults.push_back({name, "", "expected one document, without a second `---`"});
    }
    if (root) reading.root = std::move(*root);
  } catch (const GiveUp&) {
    reading.root = {};
  } catch (const YAML::Exception& exception) {
    reading.faults.push_back({place(name, exception.mark), "", "cannot read it as YAML: " + exception.msg});
    reading.root = {};
  } catch (const std::exception& exception) {
    reading.faults.push_back({name, "", std::string("cannot read it as YAML: ") + exception.what()});
    reading.root = {};
  }
  return reading;
}

}  // namespace action_scheduler
