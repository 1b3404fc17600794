#include "cli/simulate_command.h"

#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <variant>
#include <vector>

#include "action_scheduler/forecast.h"
#include "action_scheduler/message.h"
#include "action_scheduler/utf8.h"
#include "cli/exit_codes.h"
#include "cli/histogram.h"
#include "cli/progress.h"
#include "cli/text_table.h"
#include "cli/time_option.h"
#include "core/json.h"
#include "operations/assembly.h"
#include "zones/system_zones.h"

namespace action_scheduler {
namespace {

struct Range {
  Instant from;
  Instant to;
};

Result<Range> read_range(const SimulateOptions& options, Instant now) {
  constexpr Seconds kDay{86400};
  Range range{now, {}};
  if (options.from) {
    const auto from = read_time("--from", *options.from, now);
    if (!from) return from.error();
    range.from = *from;
  }
  range.to = std::min(range.from + kDay, kLastInstant);
  if (options.to) {
    const auto to = read_time("--to", *options.to, now);
    if (!to) return to.error();
    range.to = *to;
  }
  if (range.to <= range.from) {
    return Error{"--to: " + format_utc(range.to) + " does not lie after --from, " + format_utc(range.from)};
  }
  return range;
}

// The rows of the table as actions.
class TableReader : public ChangeVisitor {
 public:
  TableReader(RowParser& parser, Instant from, ProgressLine& progress) : parser_(parser), from_(from), progress_(progress) {}

  void changed(const RowView& row) override {
    ParsedRow parsed = parser_.parse(row);
    if (auto* action = std::get_if<Action>(&parsed)) actions_.put(std::move(*action), from_);
    if (std::holds_alternative<RowFault>(parsed)) ++faults_;
    if (std::holds_alternative<Disabled>(parsed)) ++disabled_;
    progress_.count("Reading rows", ++rows_);
  }
  void removed(ActionId) override {}

  const ActionSet& actions() const { return actions_; }
  std::uint64_t faults() const { return faults_; }
  std::uint64_t disabled() const { return disabled_; }

 private:
  RowParser& parser_;
  Instant from_;
  ProgressLine& progress_;
  ActionSet actions_;
  std::uint64_t rows_ = 0;
  std::uint64_t faults_ = 0;
  std::uint64_t disabled_ = 0;
};

// "1,440.5 a day"
std::string rate(std::uint64_t fires, Seconds length) {
  struct Unit {
    double seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{1, "a second"}, {60, "a minute"}, {3600, "an hour"}, {86400, "a day"}};
  for (const Unit& unit : kUnits) {
    const double each = static_cast<double>(fires) / static_cast<double>(length.count()) * unit.seconds;
    if (each < 1 && &unit != &kUnits[3]) continue;
    std::ostringstream text;
    text << std::fixed << std::setprecision(each < 100 ? 1 : 0) << each;
    return text.str() + ' ' + unit.name;
  }
  return {};
}

void print_for_people(const TableReader& table, const Range& range, const Forecast& all, const Histogram& histogram,
                      const SimulateOutput& output) {
  std::ostream& out = output.out;
  const Seconds length = range.to - range.from;
  out << format_utc(range.from) << " to " << format_utc(range.to) << ", " << length_in_words(length) << ", "
      << counted(table.actions().size(), "action", "actions") << " with "
      << counted(table.actions().trigger_count(), "schedule", "different schedules") << "\n\n";
  out << "Fires    " << grouped(all.fires);
  if (all.fires > 0) out << ", on average " << rate(all.fires, length);
  out << '\n';
  if (all.peak) out << "Peak     " << grouped(all.peak->fires) << " in the second " << format_utc(all.peak->at) << '\n';
  if (all.silent_actions > 0) {
    out << "Silent   " << counted(all.silent_actions, "action does", "actions do") << " not fire in this time\n";
  }
  if (all.fires == 0) return;
  out << "\nFires in each " << length_in_words(range.to - range.from < histogram.bin ? range.to - range.from : histogram.bin)
      << ", UTC\n"
      << histogram_text(histogram, output.width);
  out << "\nActions that fire most\n";
  TextTable busiest({{"FIRES", true, 0}, {"ID", true, 0}, {"NAME", false, 8}});
  for (const Forecast::Busy& busy : all.busiest) {
    busiest.add({grouped(busy.fires), std::to_string(busy.id), std::string(table.actions().find(busy.id)->text().name())});
  }
  out << busiest.text(output.cut ? output.width : 0);
}

// A line for each fire; false when nobody takes them any more.
bool print_each_fire(const ActionSet& actions, const Range& range, std::ostream& out) {
  FireWalk walk(actions, range.from, range.to);
  std::vector<ActionId> ids;
  std::string line;
  while (const auto at = walk.next(ids)) {
    for (const ActionId id : ids) {
      const ScheduledAction& action = *actions.find(id);
      const Seconds jitter = actions.trigger(action.trigger()).jitter();
      line = R"({"id":")" + fire_id(id, *at) + R"(","action":)" + std::to_string(id) + R"(,"name":)";
      append_json_string(line, action.text().name());
      line += R"(,"time":")" + format_utc(*at) + R"(","due":")" + format_utc(due_instant(id, *at, jitter)) + "\"}\n";
      if (!(out << line)) return false;
    }
  }
  return static_cast<bool>(out.flush());
}

}  // namespace

int simulate(const Settings& settings, const SimulateOptions& options, Instant now, const SimulateOutput& output) {
  const auto fail = [&](int code, const std::string& message) {
    output.err << "action-scheduler: " << message << '\n';
    return code;
  };
  const Result<Range> range = read_range(options, now);
  if (!range) return fail(kExitUsage, range.error().message);

  ProgressLine progress(output.err, output.show_progress);
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  TableReader table(parser, range->from, progress);
  if (const Result<PollSummary> polled = make_source(settings)->poll(table); !polled) {
    progress.finish();
    return fail(kExitFailed, polled.error().message);
  }
  progress.finish();
  if (table.disabled() > 0) output.err << counted(table.disabled(), "row is", "rows are") << " disabled and left out\n";
  if (table.faults() > 0) {
    output.err << counted(table.faults(), "row has a fault", "rows have faults")
               << " and cannot fire; action-scheduler check names each\n";
  }
  if (options.json && !options.svg) return print_each_fire(table.actions(), *range, output.out) ? kExitDone : kExitFailed;

  Histogram histogram{range->from, range->to, bin_width(range->from, range->to), {}};
  const Forecast all = forecast(table.actions(), {range->from, range->to, histogram.bin}, 5,
                                [&](std::size_t done, std::size_t every) { progress.part("Counting fires", done, every); });
  progress.finish();
  histogram.fires = all.bins;
  if (options.svg) {
    const std::string title = counted(all.fires, "fire", "fires") + " of " +
                              counted(table.actions().size(), "action", "actions") + ", in each " +
                              length_in_words(histogram.bin);
    std::ofstream file(*options.svg);
    if (!(file << histogram_svg(histogram, title) << std::flush)) {
      return fail(kExitFailed, "--svg: " + quoted_excerpt(*options.svg) + " cannot be written; does its folder exist?");
    }
  }
  if (options.json) return print_each_fire(table.actions(), *range, output.out) ? kExitDone : kExitFailed;
  print_for_people(table, *range, all, histogram, output);
  return output.out.flush() ? kExitDone : kExitFailed;
}

}  // namespace action_scheduler
