#include "http/action_routes.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/engine.h"
#include "http/answers.h"
#include "http/parameters.h"
#include "operations/action_list.h"
#include "operations/assembly.h"
#include "operations/json_object.h"
#include "operations/recent_deliveries.h"
#include "operations/table_writing.h"

namespace action_scheduler {
namespace {

using Kind = WriteRequest::Kind;

constexpr std::size_t kShownOutcomes = 20;
constexpr std::size_t kShownDeliveries = 10;

// Where the engine found faults at its last look at the table. Absent before the first.
std::optional<ActionQuery::Suspects> faulty_rows(const HttpContext& context, std::optional<ActionId> after) {
  constexpr std::size_t kSuspectsMax = 10'000;
  const ServiceStatus status = context.service.status();
  if (status.polls.good == 0 || !status.engine.table_in_effect) return std::nullopt;
  ActionQuery::Suspects suspects;
  const bool asked = with_engine(context, [&](Engine& engine) {
    const auto& faults = engine.schedule().faults();
    auto fault = after ? faults.upper_bound(*after) : faults.begin();
    for (; fault != faults.end() && suspects.ids.size() < kSuspectsMax; ++fault) suspects.ids.push_back(fault->first);
    suspects.more = fault != faults.end();
  });
  return asked ? std::optional(std::move(suspects)) : std::nullopt;
}

HttpResponse list(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"limit", "after", "search", "state"});
  ActionQuery wanted;
  wanted.limit = static_cast<std::size_t>(query.integer("limit", 1, kPageMax).value_or(kPageUsual));
  wanted.after = query.integer("after", std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max());
  wanted.search = query.text("search", 200).value_or("");
  wanted.faults = query.choice("state", {"faulty"}) == "faulty";
  if (query.fault()) return *query.fault();
  if (wanted.faults) wanted.suspects = faulty_rows(context, wanted.after);

  RowParser parser(row_defaults(context.settings), context.zones);
  const LedgerView ledger = ledger_view_or_none(context);
  Result<ActionPage> page = read_actions(context.settings, wanted, parser, ledger);
  if (!page) return unavailable(page.error());
  (void)tell_last_outcomes(page->actions, ledger);
  return json_answer(200, page_json(*page, ledger, now_of(context)));
}

HttpResponse show(const HttpContext& context, const HttpRequest& request, ActionId id) {
  if (const QueryParameters query(request, {}); query.fault()) return *query.fault();
  const LedgerView ledger = ledger_view_or_none(context);
  const auto found = find_action(context.settings, id, ledger);
  if (!found) return unavailable(found.error());
  if (!*found) return no_such_action(id);
  RowParser parser(row_defaults(context.settings), context.zones);
  ActionReport report = report_on((*found)->row, parser);
  const auto outcomes = ledger.outcomes({.action = id, .outcome = {}, .limit = kShownOutcomes});
  if (!outcomes) return unavailable(outcomes.error());
  const auto known = ledger.taken_up(id);
  if (!known) return unavailable(known.error());
  const auto deliveries = recent_deliveries(ledger, parser, id, kShownDeliveries);
  if (!deliveries) return unavailable(deliveries.error());
  if (report.trigger) {
    const auto last = ledger.last_outcome(report.row.view(), *report.trigger);
    if (!last) return unavailable(last.error());
    report.last = *last;
  }
  const bool current = *known && fingerprint((*known)->row.view()) == fingerprint(report.row.view());
  std::string more = ",\"taken_up\":";
  more += !ledger.is_there() ? "null" : current ? "true" : "false";
  more += ",\"counts_from\":" + (current ? '"' + format_utc((*known)->counts_from) + '"' : "null");
  more += ",\"table_error\":" + ((*found)->table_error.empty() ? "null" : json_quoted((*found)->table_error));
  more += ",\"parked\":" + json_array(ledger.parked_of(id), parked_json);
  more += ",\"outcomes\":" + json_array(*outcomes, outcome_json);
  more += ",\"deliveries\":" + json_array(*deliveries, delivery_json);
  return json_answer(200, action_json(report, now_of(context), more));
}

// The cells that a body names.
CellChanges cells_of(BodyParameters& body) {
  CellChanges cells;
  const auto put = [&](Column column, std::optional<std::string> cell) {
    if (body.has(column_name(column))) cells[column] = std::move(cell);
  };
  const auto flag = [&](Column column) -> std::optional<std::string> {
    const Json* member = body.find(column_name(column));
    if (member == nullptr || member->is(Json::Kind::null)) return std::nullopt;
    return body.flag(column_name(column)) ? "true" : "false";
  };
  for (const Column column : {Column::name, Column::command, Column::timezone, Column::topic, Column::key}) {
    put(column, body.text(column_name(column)));
  }
  for (const Column column : {Column::cron, Column::headers}) put(column, body.json_or_text(column_name(column)));
  for (const Column column : {Column::merge_missed, Column::enabled}) put(column, flag(column));
  const auto seconds =
      body.integer("actuality_time", std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  put(Column::actuality_time, seconds ? std::optional(std::to_string(*seconds)) : std::nullopt);
  return cells;
}

HttpResponse do_write(const HttpContext& context, const WriteRequest& request) {
  RowParser parser(row_defaults(context.settings), context.zones);
  const auto result = write_row(context.settings, request, parser);
  if (const auto* error = std::get_if<Error>(&result)) return refused_by_table(*error);
  if (std::holds_alternative<NoSuchAction>(result)) return no_such_action(*request.id);
  if (const auto* refused = std::get_if<RefusedRow>(&result)) {
    return problem(422, refused->text + "; nothing was written", ",\"fault\":" + fault_json(refused->fault));
  }
  const auto& written = std::get<WrittenRow>(result);
  if (!request.dry_run) {
    context.log.info("the table was written over HTTP", {{"action", written.row.id}, {"done", done_word(request.kind)}});
    context.service.poll_soon();
  }
  const bool created = request.kind == Kind::add && !request.dry_run;
  HttpResponse response = json_answer(created ? 201 : 200, written_json(request, written, parser, now_of(context)));
  if (created) response.headers.emplace_back("Location", "/api/v1/actions/" + std::to_string(written.row.id));
  return response;
}

HttpResponse add(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"dry_run"});
  WriteRequest write{.kind = Kind::add, .dry_run = query.flag("dry_run")};
  if (query.fault()) return *query.fault();
  BodyParameters body(request, {"id", "name", "command", "cron", "merge_missed", "actuality_time", "enabled", "timezone", "topic",
                                "key", "headers"});
  body.require({"name", "command", "cron"});
  write.id = body.integer("id", std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max());
  write.cells = cells_of(body);
  // What is null gets the table's default, as what is not given: so a table without the optional columns will do.
  std::erase_if(write.cells, [](const auto& cell) { return cell.first >= Column::merge_missed && !cell.second; });
  if (body.fault()) return *body.fault();
  return do_write(context, write);
}

HttpResponse edit(const HttpContext& context, const HttpRequest& request, ActionId id) {
  QueryParameters query(request, {"dry_run"});
  WriteRequest write{.kind = Kind::edit, .id = id, .dry_run = query.flag("dry_run")};
  if (query.fault()) return *query.fault();
  BodyParameters body(
      request, {"name", "command", "cron", "merge_missed", "actuality_time", "enabled", "timezone", "topic", "key", "headers"});
  write.cells = cells_of(body);
  if (write.cells.empty()) body.refuse("the body names nothing to change");
  if (body.fault()) return *body.fault();
  return do_write(context, write);
}

HttpResponse write_without_body(const HttpContext& context, const HttpRequest& request, ActionId id, Kind kind) {
  QueryParameters query(request, {"dry_run"});
  WriteRequest write{.kind = kind, .id = id, .dry_run = query.flag("dry_run")};
  if (query.fault()) return *query.fault();
  if (const BodyParameters body(request, {}); body.fault()) return *body.fault();
  if (kind != Kind::remove) write.cells[Column::enabled] = kind == Kind::enable ? "true" : "false";
  return do_write(context, write);
}

}  // namespace

std::vector<Route> action_routes(const HttpContext& context) {
  const auto of_id = [&context](HttpResponse (*answer)(const HttpContext&, const HttpRequest&, ActionId)) {
    return with_id([&context, answer](const HttpRequest& request, ActionId id) { return answer(context, request, id); });
  };
  const auto write = [&context](Kind kind) {
    return with_id(
        [&context, kind](const HttpRequest& request, ActionId id) { return write_without_body(context, request, id, kind); });
  };
  return {
      {"GET", "/api/v1/actions", Access::read,
       [&context](const HttpRequest& request, const std::string&) { return list(context, request); }},
      {"POST", "/api/v1/actions", Access::write,
       [&context](const HttpRequest& request, const std::string&) { return add(context, request); }},
      {"GET", "/api/v1/actions/{id}", Access::read, of_id(show)},
      {"PATCH", "/api/v1/actions/{id}", Access::write, of_id(edit)},
      {"DELETE", "/api/v1/actions/{id}", Access::write, write(Kind::remove)},
      {"POST", "/api/v1/actions/{id}/enable", Access::write, write(Kind::enable)},
      {"POST", "/api/v1/actions/{id}/disable", Access::write, write(Kind::disable)},
  };
}

}  // namespace action_scheduler
