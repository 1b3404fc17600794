#include "http/fire_routes.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "action_scheduler/utf8.h"
#include "engine/engine.h"
#include "http/answers.h"
#include "http/parameters.h"
#include "operations/action_report.h"
#include "operations/assembly.h"
#include "operations/json_object.h"
#include "operations/recent_deliveries.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kByMax = 100;
constexpr std::size_t kReasonMax = 500;
constexpr std::size_t kKeyMax = 100;
constexpr std::size_t kIdsMax = 1000;
constexpr std::size_t kFiresTold = 1000;

// Who asks, and why, in one line.
std::string asked_by(BodyParameters& body) {
  std::string text;
  append_printable(text, body.text("by", kByMax).value_or("somebody over HTTP"));
  if (const auto reason = body.text("reason", kReasonMax); reason && !reason->empty()) {
    text += ": ";
    append_printable(text, *reason);
  }
  return text;
}

// What the engine answers, or why it was not asked.
template <class Granted, class Ask>
HttpResponse ask_engine(const HttpContext& context, const Ask& ask, const std::function<HttpResponse(const Granted&)>& answer,
                        const std::function<HttpResponse(const Refused&)>& refuse = refused_by_engine) {
  std::optional<std::variant<Granted, Refused>> result;
  if (!with_engine(context, [&](Engine& engine) { result = ask(engine); })) return engine_is_busy();
  if (const auto* refused = std::get_if<Refused>(&*result)) return refuse(*refused);
  return answer(std::get<Granted>(*result));
}

// The engine does not know the action: the table tells why.
HttpResponse not_scheduled(const HttpContext& context, ActionId id, const Refused& refused) {
  const auto row = make_action_table(context.settings)->find(id);
  if (!row) return refused_by_engine(refused);
  if (!*row) return no_such_action(id);
  RowParser parser(row_defaults(context.settings), context.zones);
  const ActionReport report = report_on(**row, parser);
  const std::string number = std::to_string(id);
  if (report.disabled) {
    return problem(409, "action " + number +
                            " is disabled: nothing of it is fired, not even by hand; enable it first "
                            "(action-scheduler enable " +
                            number + ")");
  }
  if (report.fault) return problem(409, report.fault->describe() + "; mend the row first (action-scheduler edit " + number + ")");
  context.service.poll_soon();
  return problem(409,
                 "the scheduler has not taken up action " + number + " yet; it looks at the table now: try again in a moment");
}

HttpResponse tell_accepted(const FireRequest& asked, const AcceptedFires& accepted) {
  std::vector<std::string> ids;
  if (!asked.dry_run) {
    for (const Instant time : accepted.times) {
      if (ids.size() == kFiresTold) break;
      Fire fire;
      fire.action = asked.action;
      fire.time = time;
      fire.reason = asked.kind;
      fire.requested = accepted.at;
      ids.push_back(fire_id(fire));
    }
  }
  const std::string json = JsonObject()
                               .number("action", asked.action)
                               .flag("accepted", !asked.dry_run)
                               .time("requested_at", asked.dry_run ? std::nullopt : std::optional(accepted.at))
                               .number("count", accepted.fires)
                               .raw("fires", json_array(ids, json_quoted))
                               .flag("repeated", accepted.repeated)
                               .text();
  return json_answer(asked.dry_run ? 200 : 202, json);
}

// The idempotency key; a fault if it is none.
std::optional<HttpResponse> take_key(const HttpRequest& request, FireRequest& asked) {
  const std::string* key = request.header("idempotency-key");
  if (key == nullptr) return std::nullopt;
  const bool good =
      !key->empty() && key->size() <= kKeyMax && std::ranges::all_of(*key, [](char c) { return c > ' ' && c <= '~'; });
  if (!good) return problem(400, "Idempotency-Key: expected 1 to 100 printable ASCII characters without blanks");
  asked.key = *key;
  return std::nullopt;
}

HttpResponse request_fires(const HttpContext& context, const FireRequest& asked) {
  return ask_engine<AcceptedFires>(
      context, [&](Engine& engine) { return engine.request(asked); },
      [&](const AcceptedFires& accepted) { return tell_accepted(asked, accepted); },
      [&](const Refused& refused) {
        return refused.kind == Refused::Kind::not_scheduled ? not_scheduled(context, asked.action, refused)
                                                            : refused_by_engine(refused);
      });
}

HttpResponse fire(const HttpContext& context, const HttpRequest& request, ActionId id) {
  if (const QueryParameters query(request, {}); query.fault()) return *query.fault();
  BodyParameters body(request, {"by", "reason"});
  FireRequest asked;
  asked.action = id;
  asked.asked = asked_by(body);
  if (body.fault()) return *body.fault();
  if (const auto fault = take_key(request, asked)) return *fault;
  return request_fires(context, asked);
}

HttpResponse backfill(const HttpContext& context, const HttpRequest& request, ActionId id) {
  QueryParameters query(request, {"dry_run"});
  FireRequest asked;
  asked.action = id;
  asked.kind = FireReason::backfill;
  asked.dry_run = query.flag("dry_run");
  if (query.fault()) return *query.fault();
  BodyParameters body(request, {"from", "to", "by", "reason"});
  body.require({"from", "to"});
  const auto from = body.instant("from");
  const auto to = body.instant("to");
  asked.asked = asked_by(body);
  if (!from || !to) body.refuse("from and to: expected times such as 2026-11-21T10:00:00Z");
  if (body.fault()) return *body.fault();
  asked.from = *from;
  asked.to = *to;
  if (const auto fault = take_key(request, asked)) return *fault;
  return request_fires(context, asked);
}

HttpResponse list_fires(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"limit", "before", "action", "outcome"});
  OutcomeQuery wanted;
  wanted.limit = static_cast<std::size_t>(query.integer("limit", 1, kPageMax).value_or(kPageUsual));
  wanted.before_place = query.integer("before", 1, std::numeric_limits<std::int64_t>::max());
  wanted.action = query.integer("action", std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max());
  const std::string outcome = query.choice("outcome", {"delivered", "merged", "expired", "failed", "disabled"});
  for (const Outcome one : {Outcome::delivered, Outcome::merged, Outcome::expired, Outcome::failed, Outcome::disabled}) {
    if (to_string(one) == outcome) wanted.outcome = one;
  }
  if (query.fault()) return *query.fault();
  const auto ledger = LedgerView::open(context.settings);
  if (!ledger) return unavailable(ledger.error());
  const auto page = ledger->outcome_page(wanted);
  if (!page) return unavailable(page.error());
  return json_answer(200, JsonObject()
                              .raw("outcomes", json_array(page->outcomes, outcome_json))
                              .raw("next_before", page->next_before ? std::to_string(*page->next_before) : "null")
                              .text());
}

HttpResponse list_deliveries(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"limit", "action"});
  const auto limit = static_cast<std::size_t>(query.integer("limit", 1, kPageMax).value_or(kPageUsual));
  const auto action = query.integer("action", std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max());
  if (query.fault()) return *query.fault();
  const auto ledger = LedgerView::open(context.settings);
  if (!ledger) return unavailable(ledger.error());
  RowParser parser(row_defaults(context.settings), context.zones);
  const auto deliveries = recent_deliveries(*ledger, parser, action, limit);
  if (!deliveries) return unavailable(deliveries.error());
  return json_answer(200, JsonObject().raw("deliveries", json_array(*deliveries, delivery_json)).text());
}

HttpResponse list_parked(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"limit", "after", "action"});
  const auto limit = static_cast<std::size_t>(query.integer("limit", 1, kPageMax).value_or(kPageUsual));
  const auto after = query.text("after", 100);
  const auto action = query.integer("action", std::numeric_limits<ActionId>::min(), std::numeric_limits<ActionId>::max());
  if (query.fault()) return *query.fault();
  const auto ledger = LedgerView::open(context.settings);
  if (!ledger) return unavailable(ledger.error());
  std::vector<ParkedFire> parked = action ? ledger->parked_of(*action) : ledger->parked();
  const std::size_t total = parked.size();
  if (after) {
    const auto last = std::ranges::find(parked, *after, [](const ParkedFire& one) { return fire_id(one.fire); });
    if (last == parked.end()) {
      return problem(400, "after: no fire " + quoted_excerpt(*after) + " is parked any more; begin again");
    }
    parked.erase(parked.begin(), last + 1);
  }
  const bool more = parked.size() > limit;
  if (more) parked.resize(limit);
  return json_answer(200, JsonObject()
                              .raw("parked", json_array(parked, parked_json))
                              .number("total", total)
                              .raw("next_after", more ? json_quoted(fire_id(parked.back().fire)) : "null")
                              .text());
}

HttpResponse repair(const HttpContext& context, const HttpRequest& request, ParkedRequest::Kind kind) {
  if (const QueryParameters query(request, {}); query.fault()) return *query.fault();
  const bool retry = kind == ParkedRequest::Kind::retry;
  BodyParameters body = retry ? BodyParameters(request, {"ids", "all", "late", "by", "reason"})
                              : BodyParameters(request, {"ids", "all", "by", "reason"});
  ParkedRequest asked;
  asked.kind = kind;
  asked.ids = body.texts("ids", kIdsMax);
  asked.late = body.flag("late");
  asked.asked = asked_by(body);
  const bool all = body.flag("all");
  if (body.has("ids") == body.has("all") || (body.has("all") && !all)) body.refuse("expected either ids or all: true");
  if (body.fault()) return *body.fault();
  return ask_engine<ParkedRepair>(
      context, [&](Engine& engine) { return engine.repair_parked(asked); },
      [&](const ParkedRepair& done) {
        JsonObject json;
        json.number(retry ? "retried" : "dropped", done.done);
        if (retry) json.number("expired", done.expired);
        return json_answer(200, json.text());
      });
}

HttpResponse settle(const HttpContext& context, const HttpRequest& request) {
  QueryParameters query(request, {"dry_run"});
  SettleRequest asked;
  asked.dry_run = query.flag("dry_run");
  if (query.fault()) return *query.fault();
  BodyParameters body(request, {"until", "by", "reason"});
  body.require({"until"});
  const Json* until = body.find("until");
  if (until == nullptr || !until->is(Json::Kind::string) || until->text() != "now") {
    asked.until = body.instant("until");
    if (!asked.until) body.refuse("until: expected a time such as 2026-11-21T10:00:00Z, or now");
  }
  asked.asked = asked_by(body);
  if (body.fault()) return *body.fault();
  return ask_engine<Settlement>(
      context, [&](Engine& engine) { return engine.settle(asked); },
      [&](const Settlement& done) {
        return json_answer(200, JsonObject()
                                    .flag("written", !asked.dry_run)
                                    .time("from", done.from)
                                    .time("until", done.until)
                                    .number("fires", done.fires)
                                    .number("actions", done.actions)
                                    .number("parked", done.parked)
                                    .text());
      });
}

}  // namespace

std::vector<Route> fire_routes(const HttpContext& context) {
  const auto plain = [&context](HttpResponse (*answer)(const HttpContext&, const HttpRequest&)) {
    return [&context, answer](const HttpRequest& request, const std::string&) { return answer(context, request); };
  };
  const auto of_id = [&context](HttpResponse (*answer)(const HttpContext&, const HttpRequest&, ActionId)) {
    return with_id([&context, answer](const HttpRequest& request, ActionId id) { return answer(context, request, id); });
  };
  const auto repair_of = [&context](ParkedRequest::Kind kind) {
    return [&context, kind](const HttpRequest& request, const std::string&) { return repair(context, request, kind); };
  };
  return {
      {"POST", "/api/v1/actions/{id}/fire", Access::write, of_id(fire)},
      {"POST", "/api/v1/actions/{id}/backfill", Access::write, of_id(backfill)},
      {"GET", "/api/v1/fires", Access::read, plain(list_fires)},
      {"GET", "/api/v1/deliveries", Access::read, plain(list_deliveries)},
      {"GET", "/api/v1/parked", Access::read, plain(list_parked)},
      {"POST", "/api/v1/parked/retry", Access::write, repair_of(ParkedRequest::Kind::retry)},
      {"POST", "/api/v1/parked/drop", Access::write, repair_of(ParkedRequest::Kind::drop)},
      {"POST", "/api/v1/settle", Access::write, plain(settle)},
  };
}

}  // namespace action_scheduler
