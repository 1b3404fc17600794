// The commands that write the table: `add`, `edit`, `enable`, `disable`, `remove`.
#include <ostream>
#include <string>
#include <utility>

#include "cli/action_report.h"
#include "cli/assembly.h"
#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "core/json.h"
#include "zones/system_zones.h"

namespace action_scheduler {
namespace {

using Kind = WriteOptions::Kind;

const char* done_word(Kind kind) {
  switch (kind) {
    case Kind::add:
      return "added";
    case Kind::edit:
      return "changed";
    case Kind::enable:
      return "enabled";
    case Kind::disable:
      return "disabled";
    case Kind::remove:
      return "removed";
  }
  return "";
}

// The fault as `check` tells it; a row that is not there yet has no id.
std::string fault_text(const RowFault& fault, bool has_id) {
  const std::string text = fault.describe();
  return has_id ? text : "new row" + text.substr(text.find_first_of(" ,", std::string("row ").size()));
}

void put(Row& row, const CellChanges& cells) {
  for (const auto& [column, cell] : cells) row[column] = cell;
}

class Write {
 public:
  Write(const Settings& settings, const WriteOptions& options, const OperatorConsole& console)
      : settings_(settings),
        options_(options),
        console_(console),
        table_(make_action_table(settings)),
        parser_(row_defaults(settings), zones_),
        writing_(options.dry_run ? Writing::tried : Writing::kept) {}

  int run() {
    switch (options_.kind) {
      case Kind::add:
        return add();
      case Kind::remove:
        return remove();
      default:
        return change();
    }
  }

 private:
  int add() {
    Row row;
    row.id = options_.id.value_or(0);
    put(row, options_.cells);
    if (const ActionReport report = report_on(row, parser_); report.fault) return refuse(*report.fault, options_.id.has_value());
    if (!options_.dry_run) {
      // As the service does, so that the first action may come before its first start.
      const Result<TableCreation> creation = table_->create_if_missing();
      if (!creation) return failed(console_, creation.error());
      if (*creation == TableCreation::created) console_.err << "the table " << settings_.actions_db.table << " was created\n";
    }
    Result<Row> written = table_->insert(options_.id, options_.cells, writing_);
    if (!written) return failed(console_, written.error());
    // The id of a trial is nobody's.
    return tell(*written, options_.id.has_value() || !options_.dry_run);
  }

  int change() {
    const ActionId id = *options_.id;
    Result<std::optional<Row>> row = table_->find(id);
    if (!row) return failed(console_, row.error());
    if (!*row) return failed(console_, no_action(id));
    put(**row, options_.cells);
    // A row that was bad before may be disabled all the same.
    const bool must_be_good = options_.kind != Kind::disable;
    if (const ActionReport report = report_on(**row, parser_); report.fault && must_be_good) return refuse(*report.fault, true);
    Result<std::optional<Row>> written = table_->update(id, options_.cells, writing_);
    if (!written) return failed(console_, written.error());
    if (!*written) return failed(console_, no_action(id));
    return tell(**written, true);
  }

  int remove() {
    const ActionId id = *options_.id;
    const Result<std::optional<Row>> removed = table_->erase(id, writing_);
    if (!removed) return failed(console_, removed.error());
    if (!*removed) return failed(console_, no_action(id));
    return tell(**removed, true);
  }

  int refuse(const RowFault& fault, bool has_id) {
    if (options_.json) {
      console_.out << "{\"written\":false,\"fault\":{\"column\":\"" << column_name(fault.column)
                   << "\",\"message\":" << json_quoted(fault.message) << "}}\n"
                   << std::flush;
    }
    return misused(console_, {fault_text(fault, has_id) + "; nothing was written"});
  }

  int tell(const Row& row, bool has_id) {
    const ActionReport report = report_on(row, parser_);
    std::ostream& out = console_.out;
    const std::string done = done_word(options_.kind);
    if (options_.json) {
      out << "{\"written\":" << (options_.dry_run ? "false" : "true") << ",\"done\":\"" << done
          << "\",\"dry_run\":" << (options_.dry_run ? "true" : "false") << ",\"action\":" << action_json(report, console_.now, "")
          << "}\n";
      return out.flush() ? kExitDone : kExitFailed;
    }
    out << (options_.dry_run ? "would be " : "") << done << ": action " << (has_id ? std::to_string(row.id) + ' ' : "")
        << name_of(row);
    if (options_.kind == Kind::remove) {
      out << ", which was " << cells_json(row) << '\n';
    } else {
      out << "\n\n";
      print_schedule(report, console_.now, out);
    }
    if (options_.dry_run) {
      console_.err << "a dry run: nothing was written\n";
    } else {
      console_.err << "a running scheduler takes it up within " << settings_.track_changes_period.count()
                   << " seconds (track_changes_period)\n";
    }
    return out.flush() ? kExitDone : kExitFailed;
  }

  const Settings& settings_;
  const WriteOptions& options_;
  const OperatorConsole& console_;
  std::unique_ptr<ActionTable> table_;
  SystemZones zones_;
  RowParser parser_;
  const Writing writing_;
};

}  // namespace

int write_action(const Settings& settings, const WriteOptions& options, const OperatorConsole& console) {
  return Write(settings, options, console).run();
}

}  // namespace action_scheduler
