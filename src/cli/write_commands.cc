// The commands that write the table: `add`, `edit`, `enable`, `disable`, `remove`.
#include <ostream>
#include <string>
#include <utility>

#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "core/words.h"
#include "operations/action_report.h"
#include "operations/assembly.h"
#include "operations/table_writing.h"
#include "zones/system_zones.h"

namespace action_scheduler {
namespace {

class Writer {
 public:
  Writer(const Settings& settings, const WriteOptions& options, const OperatorConsole& console)
      : settings_(settings),
        request_{options.kind, options.id, options.cells, options.dry_run},
        json_(options.json),
        console_(console),
        parser_(row_defaults(settings), zones_) {}

  int run() {
    const auto result = write_row(settings_, request_, parser_);
    if (const auto* error = std::get_if<Error>(&result)) return failed(console_, *error);
    if (std::holds_alternative<NoSuchAction>(result)) return failed(console_, no_action(*request_.id));
    if (const auto* refused = std::get_if<RefusedRow>(&result)) return refuse(*refused);
    return tell(std::get<WrittenRow>(result));
  }

 private:
  int refuse(const RefusedRow& refused) {
    if (json_) {
      console_.out << "{\"written\":false,\"fault\":" << fault_json(refused.fault) << "}\n" << std::flush;
    }
    return misused(console_, {refused.text + "; nothing was written"});
  }

  int tell(const WrittenRow& written) {
    std::ostream& out = console_.out;
    if (written.table_created) console_.err << "the table " << settings_.actions_db.table << " was created\n";
    if (json_) {
      out << written_json(request_, written, parser_, console_.now) << '\n';
      return out.flush() ? kExitDone : kExitFailed;
    }
    const Row& row = written.row;
    out << (request_.dry_run ? "would be " : "") << done_word(request_.kind) << ": action "
        << (written.has_id ? std::to_string(row.id) + ' ' : "") << name_of(row);
    if (request_.kind == WriteRequest::Kind::remove) {
      out << ", which was " << cells_json(row) << '\n';
    } else {
      out << "\n\n";
      print_schedule(report_on(row, parser_), console_.now, out);
    }
    if (request_.dry_run) {
      console_.err << "a dry run: nothing was written\n";
    } else {
      console_.err << "a running scheduler takes it up within " << counted(settings_.track_changes_period.count(), "second")
                   << " (track_changes_period)\n";
    }
    return out.flush() ? kExitDone : kExitFailed;
  }

  const Settings& settings_;
  const WriteRequest request_;
  const bool json_;
  const OperatorConsole& console_;
  SystemZones zones_;
  RowParser parser_;
};

}  // namespace

int write_action(const Settings& settings, const WriteOptions& options, const OperatorConsole& console) {
  return Writer(settings, options, console).run();
}

}  // namespace action_scheduler
