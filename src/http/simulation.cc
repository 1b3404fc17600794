#include "http/simulation.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "http/answers.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

constexpr Seconds kDay{86'400};
constexpr Seconds kLongest{400 * 86'400};
constexpr Seconds kGoodFor{60};
constexpr std::size_t kBusiest = 5;
constexpr TriggerId kTriggersAtOnce = 1000;  // a fraction of a millisecond of the engine's time

struct Counted {
  Forecast forecast;
  std::uint64_t actions = 0;
  std::uint64_t schedules = 0;
  std::vector<std::string> names;  // of the busiest
};

// The triggers are fetched a few at a time, between steps of the engine, and counted here.
std::optional<Counted> count(const HttpContext& context, const ForecastRange& range) {
  struct Group {
    Trigger trigger;
    std::uint64_t actions;
    std::vector<ActionSet::Entry> least_ids;
  };
  ForecastSum sum(range, kBusiest);
  Counted counted;
  TriggerId limit = 1;
  for (TriggerId first = 0; first < limit; first += kTriggersAtOnce) {
    std::vector<Group> groups;
    const bool asked = with_engine(context, [&](Engine& engine) {
      const ActionSet& actions = engine.schedule().actions();
      limit = actions.trigger_limit();
      counted.actions = actions.size();
      counted.schedules = actions.trigger_count();
      for (TriggerId id = first; id < std::min(first + kTriggersAtOnce, limit); ++id) {
        if (!actions.has_trigger(id)) continue;
        const auto entries = actions.actions_of(id);
        const auto least = entries.first(std::min(entries.size(), kBusiest));
        groups.push_back({actions.trigger(id), entries.size(), {least.begin(), least.end()}});
      }
    });
    if (!asked) return std::nullopt;
    for (const Group& group : groups) sum.add(group.trigger, group.actions, group.least_ids);
  }
  counted.forecast = std::move(sum).finish();
  const bool named = with_engine(context, [&](Engine& engine) {
    for (const Forecast::Busy& busy : counted.forecast.busiest) {
      const ScheduledAction* action = engine.schedule().actions().find(busy.id);
      counted.names.emplace_back(action == nullptr ? "" : action->text().name());
    }
  });
  return named ? std::optional(std::move(counted)) : std::nullopt;
}

// The least handsome width of at most about `bins` bins.
Seconds bin_of(Seconds length, std::int64_t bins) {
  constexpr std::array<std::int64_t, 19> kWidths_s = {1,   2,    5,    10,   15,     30,     60,     120,    300,    600,
                                                      900, 1800, 3600, 7200, 10'800, 21'600, 43'200, 86'400, 604'800};
  const std::int64_t least = (length.count() + bins - 1) / bins;
  for (const std::int64_t width : kWidths_s) {
    if (width >= least) return Seconds{width};
  }
  return Seconds{least};
}

std::string json_of(const Counted& counted, const ForecastRange& range, Instant now) {
  const Forecast& forecast = counted.forecast;
  std::size_t place = 0;
  return JsonObject()
      .time("from", range.from)
      .time("to", range.to)
      .time("computed_at", now)
      .number("actions", counted.actions)
      .number("schedules", counted.schedules)
      .number("fires", forecast.fires)
      .number("silent_actions", forecast.silent_actions)
      .raw("peak",
           forecast.peak ? JsonObject().time("at", forecast.peak->at).number("fires", forecast.peak->fires).text() : "null")
      .number("bin_s", range.bin.count())
      .raw("bins", json_array(forecast.bins, [](std::uint64_t fires) { return std::to_string(fires); }))
      .raw("busiest", json_array(forecast.busiest,
                                 [&](const Forecast::Busy& busy) {
                                   return JsonObject()
                                       .number("id", busy.id)
                                       .quoted("name", counted.names[place++])
                                       .number("fires", busy.fires)
                                       .text();
                                 }))
      .text();
}

}  // namespace

HttpResponse Simulations::answer(const Question& question) {
  const Instant now = now_of(context_);
  const auto kept = [&]() -> std::optional<HttpResponse> {
    const std::lock_guard lock(mutex_);
    if (!kept_ || kept_->question != question || kept_->counted_at > now || now - kept_->counted_at >= kGoodFor)
      return std::nullopt;
    return kept_->answer;
  };
  if (auto known = kept()) return *std::move(known);

  ForecastRange range{question.from.value_or(now), {}, {}};
  range.to = question.to.value_or(std::min(range.from + kDay, kLastInstant));
  if (range.to <= range.from || range.to - range.from > kLongest) {
    return problem(422, "expected `to` behind `from`, and at most 400 days between them");
  }
  range.bin = bin_of(range.to - range.from, question.bins);

  const std::unique_lock counting(counting_, std::try_to_lock);
  if (!counting) return problem(503, "another forecast is being counted; try again in a moment");
  if (auto known = kept()) return *std::move(known);
  const auto counted = count(context_, range);
  if (!counted) return engine_is_busy();
  HttpResponse answer = json_answer(200, json_of(*counted, range, now));
  const std::lock_guard lock(mutex_);
  kept_ = Kept{question, now, answer};
  return answer;
}

}  // namespace action_scheduler
