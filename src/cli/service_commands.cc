// The commands that only a running scheduler can do: `fire`, `backfill`, `health`.
#include "cli/service_commands.h"

#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "cli/progress.h"
#include "cli/time_option.h"
#include "core/json.h"
#include "http/http_client.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

constexpr const char* kNoHttp =
    "http.listen is not configured, so a running scheduler cannot be asked: set it, to 127.0.0.1:8080, say, for the scheduler "
    "and "
    "for this command";

// The `detail` of a problem.
std::string detail_of(const HttpReply& reply) {
  const auto document = parse_json(std::string_view(reply.body));
  const Json* detail = document && document->root().is(Json::Kind::object) ? document->root().find("detail") : nullptr;
  if (detail != nullptr && detail->is(Json::Kind::string)) return std::string(detail->text());
  return "the scheduler answered with the status " + std::to_string(reply.status);
}

}  // namespace

std::string asker_json(const OperatorConsole& console, const std::string& reason) {
  std::string json = "\"by\":" + json_quoted(console.user);
  if (!reason.empty()) json += ",\"reason\":" + json_quoted(reason);
  return json;
}

std::variant<std::string, int> ask_service(const Settings& settings, const OperatorConsole& console, const std::string& path,
                                           const std::string& body) {
  if (!settings.http.listen) return misused(console, {kNoHttp});
  Result<HttpReply> reply = post_to_service(*settings.http.listen, settings.http.token, path, body);
  if (!reply) return failed(console, reply.error());
  if (reply->status >= 300) return failed(console, {detail_of(*reply)});
  return std::move(reply->body);
}

int tell_health(const Settings& settings, const HealthOptions& options, const OperatorConsole& console) {
  if (!settings.http.listen) return misused(console, {kNoHttp});
  const Result<HttpReply> reply = get_from_service(*settings.http.listen, options.ready ? "/readyz" : "/healthz");
  const bool well = reply && reply->status == 200;
  if (options.json) {
    // The scheduler tells a reason a line.
    std::vector<std::string> reasons;
    std::istringstream lines(reply ? reply->body : reply.error().message);
    for (std::string line; !well && std::getline(lines, line);) reasons.push_back(line);
    console.out << JsonObject().flag("ok", well).raw("reasons", json_array(reasons, json_quoted)).text() << '\n';
  } else if (!reply) {
    return failed(console, reply.error());
  } else {
    console.out << reply->body;
  }
  return console.out.flush() && well ? kExitDone : kExitFailed;
}

int fire_action(const Settings& settings, const FireOptions& options, const OperatorConsole& console) {
  std::string body = asker_json(console, options.reason);
  std::string path = "/api/v1/actions/" + std::to_string(options.id);
  if (options.backfill) {
    for (const auto& [name, text] : {std::pair("--from", options.from), std::pair("--to", options.to)}) {
      const auto time = read_time(name, text, console.now);
      if (!time) return misused(console, time.error());
      body += std::string(",\"") + (name + 2) + "\":\"" + format_utc(*time) + '"';
    }
    path += options.dry_run ? "/backfill?dry_run=true" : "/backfill";
  } else {
    path += "/fire";
  }
  const auto answer = ask_service(settings, console, path, '{' + body + '}');
  if (const int* code = std::get_if<int>(&answer)) return *code;
  const auto& json = std::get<std::string>(answer);
  if (options.json) {
    console.out << json;
    return console.out.flush() ? kExitDone : kExitFailed;
  }
  const auto document = parse_json(std::string_view(json));
  const Json* count = document ? document->root().find("count") : nullptr;
  const Json* fires = document ? document->root().find("fires") : nullptr;
  if (count == nullptr || fires == nullptr)
    return failed(console, {"the scheduler's answer cannot be read; is it of this version?"});
  const auto number = static_cast<std::uint64_t>(count->integer().value_or(0));
  console.out << (options.dry_run ? "would be fired: " : "accepted: ") << grouped(number) << (number == 1 ? " fire" : " fires")
              << '\n';
  constexpr std::uint64_t kShown = 10;
  std::uint64_t shown = 0;
  for (const Json& id : fires->children()) {
    if (++shown <= kShown) console.out << "  " << id.text() << '\n';
  }
  if (shown > kShown) console.out << "  and " << grouped(number - kShown) << " more\n";
  if (!options.dry_run) {
    console.err << "sent as soon as the receiver takes it; action-scheduler fires --action " << options.id
                << " --outcome delivered shows it then\n";
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

}  // namespace action_scheduler
