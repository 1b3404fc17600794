// The commands that look into the ledger or repair it: `fires`, `settle`, `parked`.
#include <algorithm>
#include <array>
#include <functional>
#include <ostream>
#include <set>
#include <tuple>
#include <utility>

#include "action_scheduler/plan.h"
#include "action_scheduler/suggestion.h"
#include "action_scheduler/utf8.h"
#include "cli/exit_codes.h"
#include "cli/operator_commands.h"
#include "cli/progress.h"
#include "cli/service_commands.h"
#include "cli/time_option.h"
#include "core/json.h"
#include "engine/requests.h"
#include "operations/action_report.h"
#include "operations/assembly.h"
#include "operations/json_object.h"
#include "operations/recent_deliveries.h"
#include "operations/schedule_question.h"
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

// The ledger of a stopped scheduler, for writing; an exit code where it runs (the console is told why if it cannot be asked
// instead). Only for a ledger that could be looked into: one
// that is damaged would be moved aside.
std::variant<std::unique_ptr<Ledger>, int> take_ledger(const Settings& settings, const OperatorConsole& console) {
  auto opening = open_ledger(settings);
  if (auto* opened = std::get_if<OpenedLedger>(&opening)) {
    if (!opened->moved_aside.empty()) return failed(console, {opened->moved_aside});
    return std::move(opened->ledger);
  }
  const auto& failure = std::get<LedgerOpenFailure>(opening);
  if (failure.kind != LedgerOpenFailure::Kind::locked) return failed(console, failure.error);
  if (!settings.http.listen) console.err << "action-scheduler: " << failure.error.message << '\n';
  return kExitAlreadyRunning;
}

// ---------------------------------------------------------------------------------------------------------------------- fires

constexpr std::array<std::string_view, 6> kOutcomeNames = {"delivered", "merged", "expired", "failed", "disabled", "parked"};

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::delivered, Outcome::merged, Outcome::expired, Outcome::failed, Outcome::disabled}) {
    if (to_string(outcome) == name) return outcome;
  }
  return std::nullopt;
}

// What `fires` shows, each list newest first.
struct FireLists {
  std::vector<NotedOutcome> outcomes;
  std::vector<ParkedFire> parked;
  std::vector<PlainDelivery> deliveries;
  bool more = false;
};

// The newest of all lists together.
Result<FireLists> newest_fires(const LedgerView& ledger, RowParser& parser, const FiresOptions& options) {
  const auto needed = static_cast<std::size_t>(options.skip + options.limit) + 1;
  FireLists all;
  if (options.outcome.empty() || options.outcome == "parked") {
    all.parked = options.action ? ledger.parked_of(*options.action) : ledger.parked();
    std::ranges::sort(all.parked, [](const ParkedFire& a, const ParkedFire& b) {
      return std::tie(b.parked_at, a.fire.action, a.fire.time) < std::tie(a.parked_at, b.fire.action, b.fire.time);
    });
  }
  if (options.outcome != "parked") {
    auto read = ledger.outcomes({options.action, outcome_named(options.outcome), needed});
    if (!read) return read.error();
    all.outcomes = *std::move(read);
  }
  if (options.outcome == "delivered") {
    auto read = recent_deliveries(ledger, parser, options.action, needed);
    if (!read) return read.error();
    all.deliveries = *std::move(read);
  }
  FireLists shown;
  auto outcome = all.outcomes.begin();
  auto parked = all.parked.begin();
  auto delivery = all.deliveries.begin();
  for (std::int64_t place = 0;; ++place) {
    const auto at = [](const auto& next, const auto& list, auto member) {
      return next == list.end() ? std::nullopt : std::optional(std::invoke(member, *next));
    };
    const auto outcome_at = at(outcome, all.outcomes, &NotedOutcome::noted_at);
    const auto parked_at = at(parked, all.parked, &ParkedFire::parked_at);
    const auto delivery_at = at(delivery, all.deliveries, &PlainDelivery::time);
    if (!outcome_at && !parked_at && !delivery_at) return shown;
    if (place == options.skip + options.limit) break;
    const bool take = place >= options.skip;
    if (parked_at >= outcome_at && parked_at >= delivery_at) {
      if (take) shown.parked.push_back(*parked);
      ++parked;
    } else if (outcome_at >= delivery_at) {
      if (take) shown.outcomes.push_back(*outcome);
      ++outcome;
    } else {
      if (take) shown.deliveries.push_back(*delivery);
      ++delivery;
    }
  }
  shown.more = true;
  return shown;
}

}  // namespace

int list_fires(const Settings& settings, const FiresOptions& options, const OperatorConsole& console) {
  if (!options.outcome.empty() && std::ranges::find(kOutcomeNames, options.outcome) == kOutcomeNames.end()) {
    return misused(console, {"--outcome: expected delivered, merged, expired, failed, disabled or parked, got " +
                             quoted_excerpt(options.outcome) + suggestion(options.outcome, kOutcomeNames)});
  }
  auto looked = look_into(settings, console);
  if (const int* code = std::get_if<int>(&looked)) return *code;
  const LedgerView& ledger = std::get<LedgerView>(looked);
  SystemZones zones;
  RowParser parser(row_defaults(settings), zones);
  auto read = newest_fires(ledger, parser, options);
  if (!read) return failed(console, read.error());
  FireLists& lists = *read;
  if (options.json) {
    console.out << JsonObject()
                       .raw("outcomes", json_array(lists.outcomes, outcome_json))
                       .raw("parked", json_array(lists.parked, parked_json))
                       .raw("deliveries", json_array(lists.deliveries, delivery_json))
                       .raw("next_skip", lists.more ? std::to_string(options.skip + options.limit) : "null")
                       .text()
                << '\n';
  } else if (lists.outcomes.empty() && lists.parked.empty() && lists.deliveries.empty()) {
    const bool any = options.outcome.empty() && !options.action && options.skip == 0;
    console.err << (any ? "nothing but deliveries so far; --outcome delivered shows the latest\n"
                        : "there is none of this kind\n");
  } else {
    for (const PlainDelivery& one : lists.deliveries) {
      lists.outcomes.push_back({one.action, Outcome::delivered, one.time, one.time, 1, "by its schedule", one.time});
    }
    std::ranges::stable_sort(lists.outcomes, std::ranges::greater(), &NotedOutcome::noted_at);
    console.out << outcome_table(lists.outcomes, lists.parked, true, console.width);
    if (lists.more) console.err << "there are more: --skip " << options.skip + options.limit << '\n';
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

// --------------------------------------------------------------------------------------------------------------------- settle

namespace {

// Who asks, and why.
std::string asker(const OperatorConsole& console, const std::string& reason) {
  return reason.empty() ? console.user : console.user + ": " + reason;
}

struct Skipped {
  std::vector<NotedOutcome> outcomes;
  std::uint64_t fires = 0;
  std::uint64_t actions = 0;
};

// Noted are as many as the ledger keeps; the rest is counted only.
Result<Skipped> skipped_until(Ledger& ledger, const LedgerState& state, Instant until, const Settings& settings,
                              const SettleOptions& options, const OperatorConsole& console) {
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
  for (const ParkedFire& one : state.parked) {
    if (!is_requested(one.fire)) parked.insert(one.fire);
  }
  const PlanWindow window = state.intent ? state.intent->window : untouched_window(*state.watermark, until);
  Skipped skipped;
  for (const ActionId id : ids) {
    std::optional<NotedOutcome> outcome = unsettled_due(actions, *actions.find(id), window, *state.watermark, until, parked);
    if (!outcome) continue;
    ++skipped.actions;
    skipped.fires += outcome->count;
    if (skipped.outcomes.size() == noted_max) continue;
    outcome->noted_at = console.now;
    outcome->reason = "settled by hand by " + asker(console, options.reason);
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

void tell_settlement(const Settlement& done, const SettleOptions& options, const OperatorConsole& console) {
  if (options.json) {
    console.out << JsonObject()
                       .flag("written", !options.dry_run)
                       .time("from", done.from)
                       .time("until", done.until)
                       .number("fires", done.fires)
                       .number("actions", done.actions)
                       .number("parked", done.parked)
                       .text()
                << '\n';
    return;
  }
  console.out << (options.dry_run ? "would be settled: " : "settled: ") << format_utc(done.from) << " to "
              << format_utc(done.until) << "; " << counted(done.fires, "fire", "fires") << " of "
              << counted(done.actions, "action", "actions") << (options.dry_run ? " would be skipped\n" : " skipped\n");
  if (done.parked > 0) {
    console.out << counted(done.parked, "parked fire stays", "parked fires stay")
                << " to be tried again; action-scheduler parked list shows them, parked drop gives them up\n";
  }
}

std::uint64_t number_of(const Json& answer, std::string_view name) {
  const Json* member = answer.find(name);
  return member == nullptr ? 0 : static_cast<std::uint64_t>(member->integer().value_or(0));
}

int settle_running(const Settings& settings, const SettleOptions& options, Instant until, const OperatorConsole& console) {
  const std::string time = options.until == "now" ? "now" : format_utc(until);
  const std::string path = options.dry_run ? "/api/v1/settle?dry_run=true" : "/api/v1/settle";
  const auto answer =
      ask_service(settings, console, path, "{\"until\":\"" + time + "\"," + asker_json(console, options.reason) + '}');
  if (const int* code = std::get_if<int>(&answer)) return *code;
  const auto document = parse_json(std::string_view(std::get<std::string>(answer)));
  const Json* from = document ? document->root().find("from") : nullptr;
  const Json* to = document ? document->root().find("until") : nullptr;
  if (from == nullptr || to == nullptr) return failed(console, {"the scheduler's answer cannot be read; is it of this version?"});
  const Json& root = document->root();
  tell_settlement({parse_utc(from->text()).value_or(until), parse_utc(to->text()).value_or(until), number_of(root, "fires"),
                   number_of(root, "actions"), number_of(root, "parked")},
                  options, console);
  return console.out.flush() ? kExitDone : kExitFailed;
}

}  // namespace

int settle(const Settings& settings, const SettleOptions& options, const OperatorConsole& console) {
  const Result<Instant> read = read_time("--until", options.until, console.now);
  if (!read) return misused(console, read.error());
  const Instant until = *read;
  {
    auto looked = look_into(settings, console);
    if (const int* code = std::get_if<int>(&looked)) return *code;
  }
  auto taken = take_ledger(settings, console);
  if (const int* code = std::get_if<int>(&taken)) {
    return *code == kExitAlreadyRunning && settings.http.listen ? settle_running(settings, options, until, console) : *code;
  }
  Ledger& ledger = *std::get<std::unique_ptr<Ledger>>(taken);
  const Result<LedgerState> state = ledger.load();
  if (!state) return failed(console, state.error());
  if (!state->watermark)
    return failed(console, {"the ledger knows no watermark yet: nothing is due before the scheduler first runs"});
  if (const auto reason = objection(*state, until, console.now)) return misused(console, {*reason});

  Result<Skipped> skipped = skipped_until(ledger, *state, until, settings, options, console);
  if (!skipped) return failed(console, skipped.error());
  if (!options.dry_run) {
    LedgerChange change;
    change.watermark = Position{until};
    change.close_intent = true;
    change.outcomes = std::move(skipped->outcomes);
    if (const auto written = ledger.write(change, Durability::power_loss); !written) return failed(console, written.error());
  }
  tell_settlement({state->watermark->instant, until, skipped->fires, skipped->actions, state->parked.size()}, options, console);
  if (state->exactly_once_used) {
    console.err
        << "Kafka keeps a position too, and the scheduler goes on from the later one of the two. Keep this ledger: one that"
           " starts without it goes on from Kafka's position, which moves with the next fire.\n";
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

// --------------------------------------------------------------------------------------------------------------------- parked

namespace {

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

int tell_repair(const ParkedOptions& options, const char* when, std::size_t all, std::size_t expired,
                const OperatorConsole& console) {
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
    console.out << counted(all - expired, "fire is", "fires are") << " tried " << when << '\n';
    if (expired > 0) {
      console.out << counted(expired, "fire is", "fires are") << " older than the actuality time and will expire instead; "
                  << "--late has them sent all the same\n";
    }
  }
  return console.out.flush() ? kExitDone : kExitFailed;
}

int repair_running(const Settings& settings, const ParkedOptions& options, const OperatorConsole& console) {
  const bool drop = options.kind == ParkedOptions::Kind::drop;
  std::string body = asker_json(console, options.reason);
  body += options.ids.empty() ? ",\"all\":true" : ",\"ids\":" + json_array(options.ids, json_quoted);
  if (options.late) body += ",\"late\":true";
  const auto answer = ask_service(settings, console, drop ? "/api/v1/parked/drop" : "/api/v1/parked/retry", '{' + body + '}');
  if (const int* code = std::get_if<int>(&answer)) return *code;
  const auto document = parse_json(std::string_view(std::get<std::string>(answer)));
  if (!document) return failed(console, {"the scheduler's answer cannot be read; is it of this version?"});
  const std::uint64_t expired = number_of(document->root(), "expired");
  const std::uint64_t done = number_of(document->root(), drop ? "dropped" : "retried");
  return tell_repair(options, "now", done + expired, expired, console);
}

// What becomes of them if they are tried again: those that would expire instead, and, with `late`, those to be written.
std::size_t plan_retry(const std::vector<ParkedFire>& fires, bool late, Instant now, LedgerChange& change) {
  std::size_t expired = 0;
  for (ParkedFire one : fires) {
    if (!one.fire.expires || *one.fire.expires >= now) continue;
    ++expired;
    one.fire.expires.reset();
    if (late) change.park.push_back(std::move(one));
  }
  return late ? 0 : expired;
}

}  // namespace

int repair_parked(const Settings& settings, const ParkedOptions& options, const OperatorConsole& console) {
  {
    auto looked = look_into(settings, console);
    if (const int* code = std::get_if<int>(&looked)) return *code;
    if (options.kind == ParkedOptions::Kind::list || options.dry_run) {
      const auto listed = parked_named(std::get<LedgerView>(looked).parked(), options.ids);
      if (!listed) return failed(console, listed.error());
      if (options.kind == ParkedOptions::Kind::list) return print_parked(*listed, options, console);
      LedgerChange unused;
      const bool retry = options.kind == ParkedOptions::Kind::retry;
      return tell_repair(options, "now", listed->size(), retry ? plan_retry(*listed, options.late, console.now, unused) : 0,
                         console);
    }
  }
  auto taken = take_ledger(settings, console);
  if (const int* code = std::get_if<int>(&taken)) {
    if (*code != kExitAlreadyRunning) return *code;
    if (settings.http.listen) return repair_running(settings, options, console);
    console.err << "a running scheduler tries parked fires again by itself, each within a minute; where http.listen is "
                   "configured it can be asked\n";
    return *code;
  }
  Ledger& ledger = *std::get<std::unique_ptr<Ledger>>(taken);
  const Result<LedgerState> state = ledger.load();
  if (!state) return failed(console, state.error());
  const Result<std::vector<ParkedFire>> fires = parked_named(state->parked, options.ids);
  if (!fires) return failed(console, fires.error());

  LedgerChange change;
  std::size_t expired = 0;
  if (options.kind == ParkedOptions::Kind::drop) {
    if (state->watermark) {
      const Position origin = state->intent ? state->intent->window.from : *state->watermark;
      if (const auto can = can_be_given_up(*fires, origin); !can) return failed(console, can.error());
    }
    change = give_up_parked(*fires, state->exception_batch, asker(console, options.reason), console.now);
  } else {
    // Whatever is parked is due when the scheduler starts. Only what has expired needs a word in the ledger.
    expired = plan_retry(*fires, options.late, console.now, change);
  }
  if (!change.park.empty() || !change.unpark.empty()) {
    if (const auto written = ledger.write(change, Durability::power_loss); !written) return failed(console, written.error());
  }
  return tell_repair(options, "as soon as the scheduler starts", fires->size(), expired, console);
}

}  // namespace action_scheduler
