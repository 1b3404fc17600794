#include "http/service_routes.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/json.h"
#include "http/answers.h"
#include "http/embedded_files.h"
#include "http/metrics.h"
#include "operations/check.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

HttpResponse plain(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

std::string lines(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\n';
  return all;
}

HttpResponse health(const HttpContext& context) {
  const std::string reason = why_not_alive(context.service.status(), context.clock.read(), context.limits);
  return reason.empty() ? plain(200, "ok\n") : plain(503, reason + '\n');
}

HttpResponse readiness(const HttpContext& context) {
  const auto reasons = why_not_ready(context.service.status(), context.clock.read(), context.limits);
  return reasons.empty() ? plain(200, "ok\n") : plain(503, lines(reasons));
}

HttpResponse metrics(const HttpContext& context) {
  const Instant now = floor_seconds(context.clock.read().wall);
  HttpResponse response = plain(200, metrics_text(context.service.status(), context.callback.measurements(), now));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

std::string check_json(const std::vector<std::string>& reasons) {
  std::string all;
  for (const std::string& reason : reasons) all += (all.empty() ? "" : "; ") + reason;
  return JsonObject().flag("ok", reasons.empty()).text_or_null("reason", all).text();
}

std::string lateness_json(const LatenessHistogram& lateness) {
  std::string buckets;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < lateness.counts.size(); ++i) {
    cumulative += lateness.counts[i];
    const bool bounded = i < LatenessHistogram::kBounds_ms.size();
    buckets += (i == 0 ? "" : ",") + JsonObject()
                                         .raw("le_ms", bounded ? std::to_string(LatenessHistogram::kBounds_ms[i]) : "null")
                                         .number("count", cumulative)
                                         .text();
  }
  return JsonObject()
      .number("count", lateness.count)
      .number("sum_ms", lateness.sum.count())
      .number("worst_ms", lateness.worst.count())
      .raw("buckets", '[' + buckets + ']')
      .text();
}

std::string totals_json(const Counters& counters) {
  return JsonObject()
      .number("delivered", counters.delivered)
      .number("merged", counters.merged)
      .number("expired", counters.expired)
      .number("failed", counters.failed)
      .number("disabled", counters.disabled)
      .number("hand_overs", counters.hand_overs)
      .number("ledger_writes", counters.ledger_writes)
      .text();
}

HttpResponse status(const HttpContext& context) {
  const ServiceStatus status = context.service.status();
  const ClockReading reading = context.clock.read();
  const Instant now = floor_seconds(reading.wall);
  const EngineStatus& engine = status.engine;
  const PollStatus& polls = status.polls;
  std::vector<std::string> not_alive;
  if (std::string reason = why_not_alive(status, reading, context.limits); !reason.empty())
    not_alive.push_back(std::move(reason));

  HttpResponse response;
  response.body =
      JsonObject()
          .quoted("version", ACTION_SCHEDULER_VERSION)
          .quoted("instance", context.settings.instance)
          .quoted("callback", context.settings.action.callback)
          .text_or_null("delivery", engine.delivery ? to_string(*engine.delivery) : "")
          .raw("access", JsonObject().flag("token", context.access.has_token()).quoted("writes", context.access.writes()).text())
          .time("now", now)
          .time("started_at", status.started_at)
          .raw("alive", check_json(not_alive))
          .raw("ready", check_json(why_not_ready(status, reading, context.limits)))
          .time("watermark", engine.watermark)
          .number("lag_s", lag(status, now).count())
          .time("next_due", engine.next_due)
          .number("actions", engine.actions)
          .number("schedules", engine.schedules)
          .number("faults", engine.faults)
          .number("parked", engine.parked)
          .number("requested", engine.requested)
          .raw("receiver",
               JsonObject().flag("answers", engine.receiver_answers).text_or_null("error", engine.receiver_error).text())
          .raw("ledger", JsonObject()
                             .flag("durable", context.settings.internal_db.has_value())
                             .flag("writes", engine.ledger_writes)
                             .text_or_null("error", engine.ledger_error)
                             .text())
          .raw("table", JsonObject()
                            .time("read_at", polls.last_good)
                            .number("rows", polls.rows)
                            .number("polls", polls.good)
                            .number("polls_failed", polls.failed)
                            .number("period_s", context.settings.track_changes_period.count())
                            .text_or_null("error", polls.error)
                            .text())
          .raw("totals", totals_json(engine.counters))
          .raw("lateness", lateness_json(engine.counters.lateness))
          .text() +
      '\n';
  return response;
}

HttpResponse config(const HttpContext& context) {
  HttpResponse response;
  response.body = context.effective_config;
  return response;
}

// Takes seconds: one at a time, so that those who ask for it leave threads for the others.
HttpResponse check(const HttpContext& context, std::mutex& checking) {
  const std::unique_lock alone(checking, std::try_to_lock);
  if (!alone) return problem(503, "another check is under way; try again in a moment");
  CheckReport report;
  report.good("config", "valid");
  const ServiceStatus status = context.service.status();
  if (!context.settings.internal_db) {
    report.note("ledger", "internal_db is not configured: missed runs do not survive a restart");
  } else if (!status.engine.ledger_writes) {
    report.fault("ledger", status.engine.ledger_error);
  } else {
    report.good("ledger", context.settings.internal_db->database);
  }
  if (!status.polls.error.empty()) report.fault("table", "the scheduler's latest look at it failed: " + status.polls.error);
  const bool exactly_once_used = ledger_view_or_none(context).state().exactly_once_used;
  check_table_and_receiver(context.settings, context.zones, exactly_once_used, report);
  return json_answer(200, report.json());
}

HttpResponse openapi() {
  HttpResponse response;
  response.body = openapi_file().content;
  return response;
}

}  // namespace

std::vector<Route> service_routes(const HttpContext& context) {
  const auto with = [&context](HttpResponse (*answer)(const HttpContext&)) {
    return [&context, answer](const HttpRequest&, const std::string&) { return answer(context); };
  };
  const auto checking = std::make_shared<std::mutex>();
  return {
      {"GET", "/healthz", Access::open, with(health)},
      {"GET", "/readyz", Access::open, with(readiness)},
      {"GET", "/metrics", Access::open, with(metrics)},
      {"GET", "/api/v1/openapi.json", Access::open, [](const HttpRequest&, const std::string&) { return openapi(); }},
      {"GET", "/api/v1/status", Access::read, with(status)},
      {"GET", "/api/v1/config", Access::read, with(config)},
      {"GET", "/api/v1/check", Access::read,
       [&context, checking](const HttpRequest&, const std::string&) { return check(context, *checking); }},
  };
}

}  // namespace action_scheduler
