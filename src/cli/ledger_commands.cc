// The commands that look into the ledger or repair it: `fires`, `settle`, `parked`.
#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <tuple>
#include <utility>

#include "action_scheduler/plan.h"
#include "action_scheduler/suggestion.h"
#include "action_scheduler/utf8.h"
#include "cli/action_report.h"
#include "cli/assembly.h"
#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "cli/progress.h"
#include "cli/schedule_question.h"
#include "core/json.h"
#include "zones/system_zones.h"

namespace action_scheduler {
namespace {

constexpr const char* kNoLedger =
    "internal_db is not configured, so nothing is remembered: set internal_db.database to the ledger's file";

// The ledger, which must be there; an exit code where it is not.
std::variant<LedgerView, int> look_into(const Settings& settings, const OperatorConsole& console) {
  if (!settings.internal_db) return misused(console, {kNoLedger});
  Result<LedgerView> opened = LedgerView::open(settings);
  if (!opened) return failed(console, opened.error());
  if (!opened->is_there()) {
    return failed(console, {"ledger " + settings.internal_db->database +
                            ": there is none yet; the scheduler makes it when it first starts"});
  }
  return *std::move(opened);
}

// The ledger of a stopped scheduler, for writing; an exit code where it runs. Only for a ledger that could be looked into: one
// that is damaged would be moved aside.
std::variant<std::unique_ptr<Ledger>, int> take_ledger(const Settings& settings, const OperatorConsole& console) {
  auto opening = open_ledger(settings);
  if (auto* opened = std::get_if<OpenedLedger>(&opening)) {
    if (!opened->moved_aside.empty()) return failed(console, {opened->moved_aside});
    return std::move(opened->ledger);
  }
  const auto& failure = std::get<LedgerOpenFailure>(opening);
  if (failure.kind != LedgerOpenFailure::Kind::locked) return failed(console, failure.error);
  console.err << "action-scheduler: " << failure.error.message << '\n';
  return kExitAlreadyRunning;
}

std::string counted(std::uint64_t number, const std::string& one, const std::string& many) {
  return grouped(number) + ' ' + (number == 1 ? one : many);
}

// ---------------------------------------------------------------------------------------------------------------------- fires

constexpr std::array<std::string_view, 5> kOutcomeNames = {"merged", "expired", "failed", "disabled", "parked"};

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::merged, Outcome::expired, Outcome::failed, Outcome::disabled}) {
    if (to_string(outcome) == name) return outcome;
  }
  return std::nullopt;
}

}  // namespace

int list_fires(const Settings& settings, const FiresOptions& options, const OperatorConsole& console) {
  if (!options.outcome.empty() && std::ranges::find(kOutcomeNames, options.outcome) == kOutcomeNames.end()) {
    return misused(console, {"--outcome: expected merged, expired, failed, disabled or parked, got " +
                             quoted_excerpt(options.outcome) + suggestion(options.outcome, kOutcomeNames)});
  }
  auto looked = look_into(settings, console);
  if (const int* code = std::get_if<int>(&looked)) return *code;
  const LedgerView& ledger = std::get<LedgerView>(looked);
  const auto limit = static_cast<std::size_t>(options.limit);

  std::vector<ParkedFire> parked;
  if (options.outcome.empty() || options.outcome == "parked") {
    parked = options.action ? ledger.parked_of(*options.action) : ledger.parked();
    std::ranges::sort(parked, [](const ParkedFire& a, const ParkedFire& b) {
      return std::tie(b.parked_at, a.fire.action, a.fire.time) < std::tie(a.parked_at, b.fire.action, b.fire.time);
    });
  }
  std::vector<NotedOutcome> outcomes;
  if (options.outcome != "parked") {
    auto read = ledger.outcomes({options.action, outcome_named(options.outcome), limit});
    if (!read) return failed(console, read.error());
    outcomes = *std::move(read);
  }
  // The newest of both together.
  while (parked.size() + outcomes.size() > limit) {
    if (outcomes.empty() || (!parked.empty() && parked.back().parked_at < outcomes.back().noted_at)) {
      parked.pop_back();
    } else {
      outcomes.pop_back();
    }
  }
  if (options.json) {
    console.out << "{\"outcomes\":" << json_array(outcomes, outcome_json) << ",\"parked\":" << json_array(parked, parked_json)
                << "}\n";
  } else if (outcomes.empty() && parked.empty()) {
    const bool any = options.outcome.empty() && !options.action;
    console.err << (any ? "nothing but deliveries so far\n" : "no outcome of this kind is noted; plain deliveries are not\n");
  } else {
    console.out << outcome_table(outcomes, parked, true, console.width);
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

// --------------------------------------------------------------------------------------------------------------------- settle

namespace {

struct Skipped {
  std::vector<NotedOutcome> outcomes;
  std::uint64_t fires = 0;
  std::uint64_t actions = 0;
};

// A window that nothing was delivered of.
PlanWindow untouched(Position from, Instant until) {
  return {.from = from, .until = until, .missed_until = kFirstInstant, .planned_at = until, .interruptions = {}};
}

// What of an action is due in (watermark, until], as one outcome.
std::optional<NotedOutcome> skipped_of(const ActionSet& actions, const ScheduledAction& action, const LedgerState& state,
                                       Instant until, const ExceptionSet& parked) {
  const PlanWindow window = state.intent ? state.intent->window : untouched(*state.watermark, until);
  std::optional<NotedOutcome> skipped = unsettled(actions, action, window, *state.watermark, until, parked);
  if (!skipped) return skipped;
  // By fire time; what jitter makes due later stays to be fired.
  if (const auto later = unsettled(actions, action, untouched({until}, until), {until}, until, parked)) {
    if (later->count >= skipped->count) return std::nullopt;
    skipped->count -= later->count;
    const Trigger& trigger = actions.trigger(action.trigger());
    const auto is_later = [&](Instant time) { return due_instant(action.id(), time, trigger.jitter()) > until; };
    while (is_later(skipped->last) && skipped->last > skipped->first) skipped->last = *trigger.previous(skipped->last);
  }
  return skipped;
}

// Noted are as many as the ledger keeps; the rest is counted only.
Result<Skipped> skipped_until(Ledger& ledger, const LedgerState& state, Instant until, const Settings& settings,
                              const OperatorConsole& console) {
  const std::size_t noted_max = SqliteLedgerOptions().outcomes_max;
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  ActionSet actions;
  std::vector<ActionId> ids;
  const auto loaded = ledger.load_rows([&](const KnownRow& known) {
    ParsedRow parsed = parser.parse(known.row);
    auto* action = std::get_if<Action>(&parsed);
    if (action == nullptr) return;
    ids.push_back(action->id);
    actions.put(std::move(*action), known.counts_from);
  });
  if (!loaded) return loaded.error();
  ExceptionSet parked;
  for (const ParkedFire& one : state.parked) parked.insert(one.fire);
  Skipped skipped;
  for (const ActionId id : ids) {
    std::optional<NotedOutcome> outcome = skipped_of(actions, *actions.find(id), state, until, parked);
    if (!outcome) continue;
    ++skipped.actions;
    skipped.fires += outcome->count;
    if (skipped.outcomes.size() == noted_max) continue;
    outcome->outcome = Outcome::expired;
    outcome->noted_at = console.now;
    outcome->reason = "settled by hand by " + console.user;
    if (state.intent) outcome->reason += "; some may have been delivered before a crash";
    skipped.outcomes.push_back(*std::move(outcome));
  }
  return skipped;
}

// Why the watermark must not be moved there; absent if it may.
std::optional<std::string> objection(const LedgerState& state, Instant until, Instant now) {
  if (until > now) {
    return "--until: " + format_utc(until) + " lies ahead of now, " + format_utc(now) +
           "; to keep actions from firing in time to come, disable them";
  }
  if (Position{until} < *state.watermark) {
    return "--until: " + format_utc(until) + " lies before the watermark, " + format_utc(state.watermark->instant) +
           ": what was due until then is settled already";
  }
  if (state.intent && until < state.intent->window.until) {
    return "--until: a crash left the fires up to " + format_utc(state.intent->window.until) +
           " in doubt; settle until then at least";
  }
  return std::nullopt;
}

}  // namespace

int settle(const Settings& settings, const SettleOptions& options, const OperatorConsole& console) {
  Instant until = console.now;
  if (options.until != "now") {
    const auto read = parse_utc(options.until);
    if (!read) {
      return misused(console,
                     {"--until: expected a time such as 2026-11-21T10:00:00Z, or now, got " + quoted_excerpt(options.until)});
    }
    until = *read;
  }
  {
    auto looked = look_into(settings, console);
    if (const int* code = std::get_if<int>(&looked)) return *code;
  }
  auto taken = take_ledger(settings, console);
  if (const int* code = std::get_if<int>(&taken)) return *code;
  Ledger& ledger = *std::get<std::unique_ptr<Ledger>>(taken);
  const Result<LedgerState> state = ledger.load();
  if (!state) return failed(console, state.error());
  if (!state->watermark)
    return failed(console, {"the ledger knows no watermark yet: nothing is due before the scheduler first runs"});
  if (const auto reason = objection(*state, until, console.now)) return misused(console, {*reason});

  Result<Skipped> skipped = skipped_until(ledger, *state, until, settings, console);
  if (!skipped) return failed(console, skipped.error());
  if (!options.dry_run) {
    LedgerChange change;
    change.watermark = Position{until};
    change.close_intent = true;
    change.outcomes = std::move(skipped->outcomes);
    if (const auto written = ledger.write(change, Durability::power_loss); !written) return failed(console, written.error());
  }
  if (options.json) {
    console.out << "{\"written\":" << (options.dry_run ? "false" : "true") << ",\"from\":\""
                << format_utc(state->watermark->instant) << "\",\"until\":\"" << format_utc(until)
                << "\",\"fires\":" << skipped->fires << ",\"actions\":" << skipped->actions
                << ",\"parked\":" << state->parked.size() << "}\n";
  } else {
    console.out << (options.dry_run ? "would be settled: " : "settled: ") << format_utc(state->watermark->instant) << " to "
                << format_utc(until) << "; " << counted(skipped->fires, "fire", "fires") << " of "
                << counted(skipped->actions, "action", "actions") << (options.dry_run ? " would be skipped\n" : " skipped\n");
    if (!state->parked.empty()) {
      console.out << counted(state->parked.size(), "parked fire stays", "parked fires stay")
                  << " to be tried again; action-scheduler parked list shows them, parked drop gives them up\n";
    }
  }
  if (state->exactly_once_used) {
    console.err
        << "Kafka keeps a position too, and the scheduler goes on from the later one of the two. Keep this ledger: one that"
           " starts without it goes on from Kafka's position, which moves with the next fire.\n";
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

// --------------------------------------------------------------------------------------------------------------------- parked

namespace {

// Which of the parked fires the ids name; an Error if one names none.
Result<std::vector<ParkedFire>> chosen(const std::vector<ParkedFire>& parked, const std::vector<std::string>& ids) {
  if (ids.empty()) return parked;
  std::set<std::string> unused(ids.begin(), ids.end());
  const std::set<std::string> wanted = unused;
  std::vector<ParkedFire> found;
  for (const ParkedFire& one : parked) {
    const std::string action = std::to_string(one.fire.action);
    const std::string fire = fire_id(one.fire.action, one.fire.time);
    if (!wanted.contains(action) && !wanted.contains(fire)) continue;
    unused.erase(action);
    unused.erase(fire);
    found.push_back(one);
  }
  if (unused.empty()) return found;
  return Error{"no fire of " + quoted_excerpt(*unused.begin()) +
               " is parked; action-scheduler parked list shows those that are, by action id or fire id"};
}

int print_parked(const std::vector<ParkedFire>& parked, const ParkedOptions& options, const OperatorConsole& console) {
  if (options.json) {
    console.out << "{\"parked\":" << json_array(parked, parked_json) << "}\n";
  } else if (parked.empty()) {
    console.err << "nothing is parked\n";
  } else {
    console.out << outcome_table({}, parked, true, console.width);
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

LedgerChange drop_of(const std::vector<ParkedFire>& parked, const LedgerState& state, const OperatorConsole& console) {
  LedgerChange change;
  for (const ParkedFire& one : parked) {
    std::string reason = "dropped by hand by " + console.user + ": " + one.reason;
    if (one.batch != 0 && one.batch == state.exception_batch) reason += "; it may have been sent all the same before a crash";
    change.unpark.push_back(one.fire);
    change.outcomes.push_back(
        {one.fire.action, Outcome::failed, one.fire.time, one.fire.time, 1, std::move(reason), console.now});
  }
  return change;
}

int tell_repair(const ParkedOptions& options, std::size_t all, std::size_t expired, const OperatorConsole& console) {
  const bool drop = options.kind == ParkedOptions::Kind::drop;
  if (options.json) {
    console.out << "{\"written\":" << (options.dry_run ? "false" : "true") << (drop ? ",\"dropped\":" : ",\"retried\":")
                << all - expired << ",\"expired\":" << expired << "}\n";
    return console.out.flush() ? kExitDone : kExitFailed;
  }
  if (drop) {
    console.out << (options.dry_run ? "would be dropped: " : "dropped: ") << counted(all, "fire", "fires")
                << "; action-scheduler fires --outcome failed lists dropped fires\n";
  } else {
    console.out << counted(all - expired, "fire is", "fires are") << " tried as soon as the scheduler starts\n";
    if (expired > 0) {
      console.out << counted(expired, "fire is", "fires are") << " older than the actuality time and will expire instead; "
                  << "--late has them sent all the same\n";
    }
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

}  // namespace

int repair_parked(const Settings& settings, const ParkedOptions& options, const OperatorConsole& console) {
  {
    auto looked = look_into(settings, console);
    if (const int* code = std::get_if<int>(&looked)) return *code;
    if (options.kind == ParkedOptions::Kind::list) {
      const auto listed = chosen(std::get<LedgerView>(looked).parked(), options.ids);
      return listed ? print_parked(*listed, options, console) : failed(console, listed.error());
    }
  }
  auto taken = take_ledger(settings, console);
  if (const int* code = std::get_if<int>(&taken)) {
    if (*code == kExitAlreadyRunning && options.kind == ParkedOptions::Kind::retry) {
      console.err << "a running scheduler tries parked fires again by itself, each within a minute\n";
    }
    return *code;
  }
  Ledger& ledger = *std::get<std::unique_ptr<Ledger>>(taken);
  const Result<LedgerState> state = ledger.load();
  if (!state) return failed(console, state.error());
  const Result<std::vector<ParkedFire>> fires = chosen(state->parked, options.ids);
  if (!fires) return failed(console, fires.error());

  LedgerChange change;
  std::size_t expired = 0;
  if (options.kind == ParkedOptions::Kind::drop) {
    change = drop_of(*fires, *state, console);
  } else {
    // Whatever is parked is due when the scheduler starts. Only what has expired needs a word in the ledger.
    for (ParkedFire one : *fires) {
      if (!one.fire.expires || *one.fire.expires >= console.now) continue;
      ++expired;
      one.fire.expires.reset();
      if (options.late) change.park.push_back(std::move(one));
    }
    if (options.late) expired = 0;
  }
  if (!options.dry_run && (!change.park.empty() || !change.unpark.empty())) {
    if (const auto written = ledger.write(change, Durability::power_loss); !written) return failed(console, written.error());
  }
  return tell_repair(options, fires->size(), expired, console);
}

}  // namespace action_scheduler
