#include "http/schedule_routes.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/answers.h"
#include "http/parameters.h"
#include "http/simulation.h"
#include "operations/explanation.h"
#include "operations/json_object.h"
#include "operations/schedule_question.h"
#include "operations/schedule_text.h"

namespace action_scheduler {
namespace {

constexpr std::int64_t kFireTimesMax = 1000;

struct Question {
  std::string cron;
  Trigger trigger;
  Instant after;
  std::optional<std::int64_t> count;
};

std::variant<Question, HttpResponse> read_question(const HttpContext& context, const HttpRequest& request) {
  if (const QueryParameters query(request, {}); query.fault()) return *query.fault();
  BodyParameters body(request, {"cron", "timezone", "after", "count"});
  body.require({"cron"});
  auto cron = body.json_or_text("cron");
  const auto timezone = body.text("timezone", 100);
  const auto after = body.instant("after");
  const auto count = body.integer("count", 0, kFireTimesMax);
  if (!cron) body.refuse("cron: expected an object or a text");
  if (body.fault()) return *body.fault();
  if (timezone && timezone->empty()) return problem(422, "timezone: expected the name of a zone, or null");
  auto trigger = read_schedule(*cron, timezone.value_or(context.settings.timezone), context.zones);
  if (!trigger) return problem(422, trigger.error().message);
  return Question{*std::move(cron), *std::move(trigger), after.value_or(now_of(context)), count};
}

std::vector<Instant> fires_of(const Question& question, std::int64_t count) {
  std::vector<Instant> fires;
  Instant after = question.after;
  while (static_cast<std::int64_t>(fires.size()) < count) {
    const auto next = question.trigger.next(after);
    if (!next) break;
    fires.push_back(*next);
    after = *next;
  }
  return fires;
}

HttpResponse explain_it(const HttpContext& context, const HttpRequest& request) {
  auto asked = read_question(context, request);
  if (auto* refused = std::get_if<HttpResponse>(&asked)) return std::move(*refused);
  const auto& question = std::get<Question>(asked);
  Explanation all = explain(question.trigger, question.cron, question.after);
  if (question.count) all.fires = fires_of(question, *question.count);
  return json_answer(200, explanation_json(all));
}

HttpResponse next_fire_times(const HttpContext& context, const HttpRequest& request) {
  auto asked = read_question(context, request);
  if (auto* refused = std::get_if<HttpResponse>(&asked)) return std::move(*refused);
  const auto& question = std::get<Question>(asked);
  const auto fires = fires_of(question, question.count.value_or(1));
  const auto quoted = [](Instant t) { return '"' + format_utc(t) + '"'; };
  return json_answer(200, JsonObject().raw("fires", json_array(fires, quoted)).text());
}

HttpResponse simulate(Simulations& simulations, const HttpRequest& request) {
  QueryParameters query(request, {"from", "to", "bins"});
  Simulations::Question question;
  question.from = query.instant("from");
  question.to = query.instant("to");
  question.bins = query.integer("bins", 1, 1000).value_or(question.bins);
  return query.fault() ? *query.fault() : simulations.answer(question);
}

}  // namespace

std::vector<Route> schedule_routes(const HttpContext& context) {
  const auto plain = [&context](HttpResponse (*answer)(const HttpContext&, const HttpRequest&)) {
    return [&context, answer](const HttpRequest& request, const std::string&) { return answer(context, request); };
  };
  const auto simulations = std::make_shared<Simulations>(context);
  return {
      {"POST", "/api/v1/explain", Access::read, plain(explain_it)},
      {"POST", "/api/v1/next", Access::read, plain(next_fire_times)},
      {"GET", "/api/v1/simulate", Access::read,
       [simulations](const HttpRequest& request, const std::string&) { return simulate(*simulations, request); }},
  };
}

}  // namespace action_scheduler
