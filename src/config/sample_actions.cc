#include "config/sample_actions.h"

#include <optional>
#include <utility>

#include "action_scheduler/suggestion.h"
#include "config/json_reader.h"
#include "config/value_syntax.h"
#include "config/yaml_reader.h"

namespace action_scheduler {
namespace {

Error fault(const std::string& place, const std::string& message) { return Error{place + ": " + message}; }

std::optional<Column> find_column(std::string_view name) {
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (column_name(static_cast<Column>(i)) == name) return static_cast<Column>(i);
  }
  return std::nullopt;
}

Result<std::string> cell_text(Column column, const ConfigNode& value) {
  const std::string name(column_name(column));
  if (column == Column::cron || column == Column::headers) return write_json(value);
  if (value.kind != ConfigNode::Kind::text) return fault(value.origin, name + ": expected a single value");
  if (column == Column::merge_missed || column == Column::enabled) {
    const auto boolean = read_boolean(value.text);
    if (!boolean) return fault(value.origin, name + ": expected true or false, got " + quoted_for_fault(value.text));
    return std::string(*boolean ? "t" : "f");
  }
  if (column == Column::actuality_time && !read_integer(value.text)) {
    return fault(value.origin, name + ": expected seconds as an integer, got " + quoted_for_fault(value.text));
  }
  return value.text;
}

Result<Row> read_row(const ConfigNode& node) {
  if (node.kind != ConfigNode::Kind::map) return fault(node.origin, "expected an action with name, command and cron");
  Row row;
  for (const auto& [name, value] : node.entries) {
    const auto column = find_column(name);
    if (!column && name != "id") {
      std::vector<std::string> names = {"id"};
      for (std::size_t i = 0; i < kColumnCount; ++i) names.emplace_back(column_name(static_cast<Column>(i)));
      return fault(value.origin, name + ": unknown column" + suggestion(name, names));
    }
    if (value.kind == ConfigNode::Kind::null) continue;
    if (!column) {
      const auto id = value.kind == ConfigNode::Kind::text ? read_integer(value.text) : std::nullopt;
      if (!id) return fault(value.origin, "id: expected an integer");
      row.id = *id;
      continue;
    }
    auto text = cell_text(*column, value);
    if (!text) return text.error();
    row[*column] = std::move(*text);
  }
  for (const Column column : {Column::name, Column::command, Column::cron}) {
    if (!row[column]) return fault(node.origin, std::string(column_name(column)) + ": missing");
  }
  return row;
}

}  // namespace

Result<std::vector<Row>> read_sample_actions(std::string_view yaml, const std::string& file) {
  const YamlReading reading = read_yaml(yaml, file);
  if (!reading.faults.empty()) return Error{reading.faults.front().describe()};
  std::vector<Row> rows;
  if (reading.root.kind == ConfigNode::Kind::null) return rows;
  if (reading.root.kind != ConfigNode::Kind::list) return fault(reading.root.origin, "expected a list of actions");
  for (const ConfigNode& node : reading.root.items) {
    auto row = read_row(node);
    if (!row) return row.error();
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace action_scheduler
