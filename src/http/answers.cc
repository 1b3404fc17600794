#include "http/answers.h"

#include <chrono>
#include <utility>

#include "core/json.h"
#include "http/parameters.h"

namespace action_scheduler {

HttpResponse json_answer(int status, std::string json) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(json) + '\n';
  return response;
}

HttpResponse unavailable(const Error& error) { return problem(503, error.message); }

HttpResponse refused_by_table(const Error& error) { return problem(409, error.message); }

HttpResponse no_such_action(ActionId id) { return problem(404, "there is no action " + std::to_string(id)); }

HttpResponse refused_by_engine(const Refused& refused) {
  switch (refused.kind) {
    case Refused::Kind::not_found:
      return problem(404, refused.message);
    case Refused::Kind::not_scheduled:
    case Refused::Kind::conflict:
      return problem(409, refused.message);
    case Refused::Kind::bad_range:
      return problem(422, refused.message);
    case Refused::Kind::unavailable:
      return problem(503, refused.message);
  }
  return problem(500, refused.message);
}

Instant now_of(const HttpContext& context) { return floor_seconds(context.clock.read().wall); }

LedgerView ledger_view_or_none(const HttpContext& context) {
  auto opened = LedgerView::open(context.settings);
  return opened ? *std::move(opened) : LedgerView();
}

bool with_engine(const HttpContext& context, const std::function<void(Engine&)>& work) {
  constexpr std::chrono::milliseconds kWait{15'000};
  return context.service.between_steps(work, kWait);
}

HttpResponse engine_is_busy() { return problem(503, "the engine is busy, or ends: nothing was changed; try again"); }

std::function<HttpResponse(const HttpRequest&, const std::string&)> with_id(
    std::function<HttpResponse(const HttpRequest& request, ActionId id)> answer) {
  return [answer = std::move(answer)](const HttpRequest& request, const std::string& part) {
    const auto id = id_in_path(part);
    return id ? answer(request, *id) : problem(400, "expected the id of an action, a whole number, got " + quoted_excerpt(part));
  };
}

}  // namespace action_scheduler
