// What the routes answer alike.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/requests.h"
#include "http/http_context.h"
#include "http/http_message.h"
#include "operations/action_report.h"

namespace action_scheduler {

inline constexpr std::int64_t kPageUsual = 50;
inline constexpr std::int64_t kPageMax = 1000;

// `json` and a newline.
HttpResponse json_answer(int status, std::string json);

// 503: a database or a file does not answer.
HttpResponse unavailable(const Error& error);

// What the table's database said: 409.
HttpResponse refused_by_table(const Error& error);

HttpResponse no_such_action(ActionId id);

// Why the engine does not grant it.
HttpResponse refused_by_engine(const Refused& refused);

Instant now_of(const HttpContext& context);

// The ledger beside its owner. One that cannot be read hides nothing of the table: it is as if there were none.
LedgerView ledger_view_or_none(const HttpContext& context);

// Runs `work` between two steps of the engine. False if the engine does not come to it in time.
bool with_engine(const HttpContext& context, const std::function<void(Engine&)>& work);
// The answer then.
HttpResponse engine_is_busy();

// A route's function for a path with an id.
std::function<HttpResponse(const HttpRequest&, const std::string&)> with_id(
    std::function<HttpResponse(const HttpRequest& request, ActionId id)> answer);

}  // namespace action_scheduler
