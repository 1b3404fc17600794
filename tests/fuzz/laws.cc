#include "tests/fuzz/laws.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "action_scheduler/utf8.h"

namespace action_scheduler::testing {
namespace {

constexpr std::size_t kMessageBytesMax = 1500;
constexpr std::uint64_t kStepsMax = 4;

class Laws {
 public:
  Laws(const Trigger& trigger, ZoneSource& zones) : trigger_(trigger), zones_(zones) {}

  void at(Instant t) const {
    const std::optional<Instant> next = trigger_.next(t);
    const std::optional<Instant> previous = trigger_.previous(t);
    if (next && (*next <= t || *next > kLastInstant)) fail("next(t) > t", t);
    if (previous && (*previous >= t || *previous < kFirstInstant)) fail("previous(t) < t", t);
    const bool now = fires_at(t);
    if (next && trigger_.previous(*next) != (now ? std::optional(t) : previous)) fail("previous(next(t)) is t or previous(t)", t);
    if (previous && trigger_.next(*previous) != (now ? std::optional(t) : next)) fail("next(previous(t)) is t or next(t)", t);
    if (next && trigger_.next(*next - Seconds{1}) != next) fail("next(t) is a fire time", t);
    if (next && trigger_.count(t, *next) != 1) fail("count(t, next(t)] is 1", t);
    if (previous && trigger_.count(*previous, t) != (now ? 1U : 0U)) fail("count(previous(t), t] is 1 if t is a fire time", t);
  }

  void between(Instant a, Instant b) const {
    if (trigger_.count(b, a) != 0) fail("count(b, a] is 0", a);
    const std::uint64_t fires = trigger_.count(a, b);
    const std::optional<Instant> next = trigger_.next(a);
    if ((fires > 0) != (next && *next <= b)) fail("count(a, b] > 0 when next(a) <= b", a);
    const std::optional<Instant> later = trigger_.next(b);
    if (later && (!next || *next > *later)) fail("next(a) <= next(b)", a);
    const Instant middle = a + (b - a) / 2;
    if (trigger_.count(a, middle) + trigger_.count(middle, b) != fires) fail("count(a, m] + count(m, b] is count(a, b]", a);
    std::uint64_t steps = 0;
    std::optional<Instant> t = next;
    for (; t && *t <= b && steps < kStepsMax; t = trigger_.next(*t)) {
      if (trigger_.count(a, *t) != ++steps) fail("count(a, t] is the number of steps", *t);
    }
    if (steps < kStepsMax && steps != fires) fail("count(a, b] is the number of steps", a);
    t = fires_at(b) ? std::optional(b) : trigger_.previous(b);
    for (steps = 0; t && *t > a && steps < kStepsMax; t = trigger_.previous(*t)) {
      if (trigger_.count(a, *t) != fires - steps++) fail("count(a, t] falls by one with each step back", *t);
    }
    if (steps < kStepsMax && steps != fires) fail("count(a, b] is the number of steps back", a);
  }

  void printed_again(const std::vector<Instant>& instants) const {
    const std::string text = trigger_.canonical();
    const Result<Trigger> again = parse_cron(text, {}, zones_);
    if (!again) broken("a canonical text is taken", text + ": " + again.error().message);
    if (!(*again == trigger_) || again->canonical() != text) broken("a canonical text is that of an equal trigger", text);
    if (again->jitter() != trigger_.jitter()) broken("a canonical text keeps the jitter", text);
    for (const Instant t : instants) {
      if (again->next(t) != trigger_.next(t)) fail("equal triggers fire alike", t);
    }
  }

 private:
  bool fires_at(Instant t) const { return trigger_.next(t - Seconds{1}) == std::optional(t); }

  [[noreturn]] void fail(std::string_view law, Instant t) const {
    broken(law, trigger_.canonical() + " at " + std::to_string(unix_seconds(t)));
  }

  const Trigger& trigger_;
  ZoneSource& zones_;
};

}  // namespace

void broken(std::string_view law, std::string_view text) {
  std::fprintf(stderr, "Broken: %.*s: %.*s\n", static_cast<int>(law.size()), law.data(), static_cast<int>(text.size()),
               text.data());
  std::abort();
}

void check_message(std::string_view cron, std::string_view message) {
  if (message.empty()) broken("a message is not empty", cron);
  if (message.size() > kMessageBytesMax) broken("a message is short", message);
  const auto control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  if (std::any_of(message.begin(), message.end(), control)) broken("a message has no control characters", message);
  if (invalid_utf8_at(message)) broken("a message is UTF-8", message);
}

void check_laws(const Trigger& trigger, std::vector<Instant> instants, ZoneSource& zones) {
  const Laws laws(trigger, zones);
  std::sort(instants.begin(), instants.end());
  for (const Instant t : instants) laws.at(t);
  for (std::size_t i = 1; i < instants.size(); ++i) laws.between(instants[i - 1], instants[i]);
  if (!instants.empty()) laws.between(instants.front(), instants.back());
  laws.printed_again(instants);
}

}  // namespace action_scheduler::testing
