#include "operations/check.h"

#include <cstdint>
#include <set>
#include <variant>

#include "callbacks/registry.h"
#include "core/json.h"
#include "core/words.h"
#include "operations/assembly.h"
#include "operations/json_object.h"

namespace action_scheduler {

namespace {

// Parses what a poll finds and keeps the faults.
class RowCheck : public ChangeVisitor {
 public:
  explicit RowCheck(RowParser& parser) : parser_(parser) {}

  void changed(const RowView& row) override {
    const ParsedRow parsed = parser_.parse(row);
    if (const auto* fault = std::get_if<RowFault>(&parsed)) faults_.push_back(*fault);
    if (std::holds_alternative<Disabled>(parsed)) ++disabled_;
    if (const auto* action = std::get_if<Action>(&parsed)) {
      ++good_;
      if (!action->trigger.next(kFirstInstant)) never_.push_back(row.id);
      if (const auto topic = action->text.topic()) topics_.emplace(*topic);
    }
  }
  void removed(ActionId) override {}

  const std::vector<RowFault>& faults() const { return faults_; }
  const std::vector<ActionId>& never() const { return never_; }
  const std::set<std::string>& topics() const { return topics_; }
  std::uint64_t good() const { return good_; }
  std::uint64_t disabled() const { return disabled_; }

 private:
  RowParser& parser_;
  std::vector<RowFault> faults_;
  std::vector<ActionId> never_;
  std::set<std::string> topics_;
  std::uint64_t good_ = 0;
  std::uint64_t disabled_ = 0;
};

// Gives the topics that rows name.
std::set<std::string> check_table(const Settings& settings, ZoneSource& zones, CheckReport& report) {
  RowParser parser(row_defaults(settings), zones);
  RowCheck rows(parser);
  const Result<PollSummary> polled = make_source(settings)->poll(rows);
  if (!polled) {
    const Result<TableCreation> creation = make_action_table(settings)->try_creation();
    if (creation && *creation == TableCreation::created) {
      report.note("table", "table " + settings.actions_db.table + " does not exist yet; the service creates it when it starts");
    } else {
      report.fault("table", polled.error().message);
    }
    return {};
  }
  report.good("table", counted(static_cast<std::int64_t>(polled->rows), "row") + ": " + std::to_string(rows.good()) +
                           " scheduled, " + std::to_string(rows.disabled()) + " disabled, " +
                           std::to_string(rows.faults().size()) + " faulty");
  if (const std::string caution = session_caution(settings); !caution.empty()) report.note("table", caution);
  for (const RowFault& fault : rows.faults()) report.fault("row", fault.describe());
  for (const ActionId id : rows.never()) report.note("row", "row " + std::to_string(id) + " never fires");
  if (polled->rows_without_id > 0) {
    report.note("row", std::to_string(polled->rows_without_id) + " rows have no integer id and cannot be scheduled");
  }
  return rows.topics();
}

void check_receiver(const Settings& settings, bool exactly_once_used, const std::set<std::string>& topics, CheckReport& report) {
  constexpr std::size_t kAskedTopicsMax = 100;
  CallbackOptions options = callback_options(settings);
  options.exactly_once_used = exactly_once_used;
  std::vector<std::string> asked(topics.begin(), topics.end());
  if (!callback_uses_kafka(settings.action.callback)) asked.clear();
  if (settings.kafka && !settings.kafka->faults_topic.empty()) asked.insert(asked.begin(), settings.kafka->faults_topic);
  if (asked.size() > kAskedTopicsMax) {
    report.note("topic", "rows name " + std::to_string(asked.size()) + " topics, of which the first " +
                             std::to_string(kAskedTopicsMax) + " are checked");
    asked.resize(kAskedTopicsMax);
  }
  const std::string_view part = callback_uses_kafka(settings.action.callback) ? "kafka" : "callback";
  for (const CallbackFinding& finding : check_callback(settings.action.callback, options, asked)) {
    switch (finding.kind) {
      case CallbackFinding::Kind::good:
        report.good(part, finding.text);
        break;
      case CallbackFinding::Kind::note:
        report.note(part, finding.text);
        break;
      case CallbackFinding::Kind::fault:
        report.fault(part, finding.text);
        break;
    }
  }
}

}  // namespace

void CheckReport::add(std::string_view kind, std::string_view part, std::string text) {
  findings_.push_back({kind, std::string(part), std::move(text)});
}

std::string CheckReport::json() const {
  const auto one = [](const Finding& finding) {
    return JsonObject().quoted("kind", finding.kind).quoted("part", finding.part).quoted("text", finding.text).text();
  };
  return JsonObject().flag("ok", !has_faults_).raw("findings", json_array(findings_, one)).text();
}

void check_table_and_receiver(const Settings& settings, ZoneSource& zones, bool exactly_once_used, CheckReport& report) {
  const std::set<std::string> topics = check_table(settings, zones, report);
  check_receiver(settings, exactly_once_used, topics, report);
}

}  // namespace action_scheduler
