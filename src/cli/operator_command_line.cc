#include "cli/operator_command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "action_scheduler/suggestion.h"
#include "core/json.h"

namespace action_scheduler {
namespace {

constexpr const char* kListFooter = R"(Examples:
  action-scheduler list                       the first 50 actions, by id
  action-scheduler list --after 50            the next ones
  action-scheduler list --search report       those whose name or command holds "report"
  action-scheduler list --faults --json       rows that cannot be scheduled, for machines
LAST tells how the latest fire time ended, as far as the ledger knows. With --json there is one object: actions; next_after, the id
to go on from (null at the end); table_error, why the table cannot be read (null if it can). Where it cannot, and the ledger is at
hand, what the scheduler goes on with is listed, without actions that are disabled or faulty.)";

constexpr const char* kShowFooter = R"(Example:
  action-scheduler show 42
Every cell, the schedule in words, the next five fires in its zone and in UTC, what is parked, and the newest outcomes. Only looks:
a running scheduler is not disturbed.)";

constexpr const char* kAddFooter = R"(Example:
  action-scheduler add --name report --command build-report --timezone Europe/Berlin \
    --cron '{"format": "unix", "params": {"value": "0 6 * * mon-fri"}}'
The row is checked first: with a fault nothing is written and the exit code is 2. A value that begins with a dash is given as
--command=--all. Needs the right to write the table, which the scheduler itself does not.)";

constexpr const char* kEditFooter = R"(Examples:
  action-scheduler edit 42 --cron '{"format": "interval", "params": {"hours": 6}}'
  action-scheduler edit 42 --topic audit --unset timezone --dry-run
Only what is given changes. A changed schedule counts from the moment that the scheduler sees it; other changes reset nothing.)";

constexpr const char* kEnableFooter = R"(Example:
  action-scheduler enable 42
The time for which it was disabled is not caught up.)";

constexpr const char* kDisableFooter = R"(Example:
  action-scheduler disable 42
It stops as soon as the scheduler sees it, fires that were not handed over yet included.)";

constexpr const char* kRemoveFooter = R"(Example:
  action-scheduler remove 42 --dry-run
Prints the row that it removes, as JSON.)";

constexpr const char* kFiresFooter = R"(Examples:
  action-scheduler fires                       what did not end in a plain delivery, and why; newest first
  action-scheduler fires --skip 50             the next ones
  action-scheduler fires --action 42 --outcome expired
  action-scheduler fires --outcome delivered   the latest deliveries
Plain deliveries are not noted: what is not here was delivered. The latest ones are found by the schedules that the scheduler has
taken up, those that somebody asked for are noted with who and why. The ledger keeps the newest 100,000 outcomes. Only looks: a
running scheduler is not disturbed.)";

constexpr const char* kHealthFooter = R"(Example:
  action-scheduler health --ready
Prints what the scheduler on http.listen says. The exit code is 0 if all is well and 1 if not, or if nobody answers: for the health
checks of containers.)";

constexpr const char* kFireFooter = R"(Example:
  action-scheduler fire 42 --reason "the report was empty"
Asks the running scheduler (http.listen) for a fire now, beside the schedule: its id ends in + and the instant of the request. Once
this command says accepted it is on disk and will be delivered, once. The action must be enabled and without a fault.)";

constexpr const char* kBackfillFooter = R"(Example:
  action-scheduler backfill 42 --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z --dry-run
Asks the running scheduler (http.listen) for all fire times of the action's schedule from --from on and before --to once more,
delivered or not: 10,000 at most. Each id ends in + and the instant of the request, so that consumers take it for a new fire.)";

constexpr const char* kSettleFooter = R"(Example:
  action-scheduler settle --until now --dry-run
For a scheduler that has fallen behind and shall not catch up: moves the watermark of its ledger, so that nothing due until then is
fired. What is skipped is noted as expired, with who did it. Parked fires stay. A running scheduler is asked over http.listen; if
that is not configured it must be stopped (exit code 3 if it runs).
With exactly_once Kafka keeps a position too and the later of both counts: settle cannot bring back what Kafka has taken, and a
scheduler that starts without this ledger does not know of it.)";

constexpr const char* kParkedFooter = R"(Examples:
  action-scheduler parked                     fires that the receiver did not take, and why
  action-scheduler parked retry 42 --late     send those of action 42, however old they are
  action-scheduler parked drop 42@2026-11-21T10:00:00Z
An ID is that of an action or of a fire; none means all (drop wants --all for that). A running scheduler, which tries parked fires
again by itself, is asked over http.listen; if that is not configured retry and drop need a stopped one (exit code 3 if it runs).
What is dropped is noted as failed.)";

const CLI::Validator& action_id() {
  static const CLI::Validator validator(
      [](const std::string& text) {
        ActionId id = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
        const bool good = error == std::errc() && end == text.data() + text.size();
        return good ? std::string() : "expected the id of an action, a whole number, got " + quoted_excerpt(text);
      },
      "", "id");
  return validator;
}

const CLI::Validator& row_limit() {
  static const CLI::Validator validator = CLI::Range(std::int64_t{1}, kListedMax).description("");
  return validator;
}

// "merge-missed" is "merge_missed".
std::optional<Column> column_named(std::string name) {
  std::ranges::replace(name, '-', '_');
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (column_name(static_cast<Column>(i)) == name) return static_cast<Column>(i);
  }
  return std::nullopt;
}

std::vector<std::string_view> column_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kColumnCount; ++i) names.push_back(column_name(static_cast<Column>(i)));
  return names;
}

}  // namespace

OperatorCommandLine::OperatorCommandLine(const AddCommand& add) {
  add_reading(add);
  add_writing(add);
  add_service(add);
  add_ledger(add);
}

void OperatorCommandLine::add_reading(const AddCommand& add) {
  list_ = add("list", "Actions with their schedules in words, next fires, last outcomes and faults");
  list_->add_option("--limit", list_options_.limit, "How many, up to " + std::to_string(kListedMax) + " [50]")
      ->check(row_limit())
      ->type_name("N");
  list_->add_option("--after", list_options_.after, "Only those with a greater id")->check(action_id())->type_name("ID");
  list_->add_option("--search", list_options_.search, "Only those whose name or command holds this, in either case")
      ->type_name("TEXT");
  list_->add_flag("--faults", list_options_.faults, "Only those that cannot be scheduled");
  list_->add_flag("--json", list_options_.json, "For machines");
  list_->footer(kListFooter);

  show_ = add("show", "One action: every cell, the schedule in words, next fires, faults, outcomes");
  show_->add_option("ID", show_options_.id, "The id of the action")->required()->check(action_id())->type_name("");
  show_->add_flag("--json", show_options_.json, "For machines");
  show_->footer(kShowFooter);
}

OperatorCommandLine::WriteRequest& OperatorCommandLine::add_write(const AddCommand& add, WriteOptions::Kind kind,
                                                                  const std::string& name, const std::string& description) {
  WriteRequest& request = writes_.emplace_back();
  request.app = add(name, description);
  request.options.kind = kind;
  if (kind != WriteOptions::Kind::add) {
    request.app->add_option("ID", request.options.id, "The id of the action")->required()->check(action_id())->type_name("");
  }
  return request;
}

void OperatorCommandLine::add_cells(WriteRequest& request) {
  const auto cell = [&](const std::string& option, Column column, const std::string& type, const std::string& description) {
    return request.app
        ->add_option_function<std::string>(
            option, [&request, column](const std::string& text) { request.options.cells[column] = text; }, description)
        ->type_name(type);
  };
  cell("--name", Column::name, "TEXT", "The name, for people");
  cell("--command", Column::command, "TEXT", "The command, handed over as it is");
  cell("--cron", Column::cron, "JSON", "The schedule, as docs/schedules.md has it");
  cell("--merge-missed", Column::merge_missed, "true|false", "Missed fires become one")
      ->check(CLI::IsMember({"true", "false"}).description(""));
  cell("--actuality-time", Column::actuality_time, "SECONDS", "For how long a late fire is worth delivering; negative: for ever");
  cell("--timezone", Column::timezone, "ZONE", "The zone of a schedule that names none");
  cell("--topic", Column::topic, "TOPIC", "The Kafka topic, in place of kafka.topic");
  cell("--key", Column::key, "TEXT", "The key of the message, in place of kafka.key");
  cell("--headers", Column::headers, "JSON", "Headers of the message, an object of strings");
}

void OperatorCommandLine::add_writing(const AddCommand& add) {
  using Kind = WriteOptions::Kind;
  const auto finish = [](WriteRequest& request, const char* footer) {
    request.app->add_flag("--dry-run", request.options.dry_run, "Check it, try it in the database, and take it back");
    request.app->add_flag("--json", request.options.json, "For machines");
    request.app->footer(footer);
  };
  WriteRequest& adding = add_write(add, Kind::add, "add", "Add an action; it is checked first, and its next fires are shown");
  adding.app->add_option("--id", adding.options.id, "The id, where the table gives none by itself")
      ->check(action_id())
      ->type_name("ID");
  add_cells(adding);
  adding.app->add_flag("--disabled", adding.disabled, "It does not fire until it is enabled");
  finish(adding, kAddFooter);

  WriteRequest& editing = add_write(add, Kind::edit, "edit", "Change cells of an action; the row is checked first");
  add_cells(editing);
  editing.app->add_option("--unset", editing.unset, "Make this column null, more than once if need be")
      ->type_name("name|command|cron|merge_missed|actuality_time|enabled|timezone|topic|key|headers")
      ->type_size(1)
      ->allow_extra_args(false);
  finish(editing, kEditFooter);

  finish(add_write(add, Kind::enable, "enable", "Let an action fire again"), kEnableFooter);
  finish(add_write(add, Kind::disable, "disable", "Keep an action from firing"), kDisableFooter);
  finish(add_write(add, Kind::remove, "remove", "Remove an action from the table"), kRemoveFooter);
}

void OperatorCommandLine::add_service(const AddCommand& add) {
  health_ = add("health", "Ask the running scheduler whether it is alive, or ready");
  health_->add_flag("--ready", health_options_.ready, "Whether the table was read, Kafka answers and the ledger can be written");
  health_->add_flag("--json", health_options_.json, "For machines");
  health_->footer(kHealthFooter);

  const auto add_common = [](CLI::App* app, FireOptions& options) {
    app->add_option("ID", options.id, "The id of the action")->required()->check(action_id())->type_name("");
    app->add_option("--reason", options.reason, "Why, for the outcome log")->type_name("TEXT");
    app->add_flag("--json", options.json, "For machines");
  };
  fire_ = add("fire", "Have the running scheduler fire an action now");
  add_common(fire_, fire_options_);
  fire_->footer(kFireFooter);

  backfill_ = add("backfill", "Have the running scheduler deliver past fire times of an action again");
  backfill_options_.backfill = true;
  add_common(backfill_, backfill_options_);
  backfill_->add_option("--from", backfill_options_.from, "The first time that counts, such as 2026-11-21T10:00:00Z")
      ->required()
      ->type_name("TIME");
  backfill_->add_option("--to", backfill_options_.to, "The time behind the last one, not in the future")
      ->required()
      ->type_name("TIME");
  backfill_->add_flag("--dry-run", backfill_options_.dry_run, "Count the fires, fire none");
  backfill_->footer(kBackfillFooter);
}

void OperatorCommandLine::add_ledger(const AddCommand& add) {
  fires_ = add("fires", "What was merged, expired, failed, disabled or parked, and why; the latest deliveries");
  fires_->add_option("--action", fires_options_.action, "Only those of this action")->check(action_id())->type_name("ID");
  fires_->add_option("--outcome", fires_options_.outcome, "Only those that ended so")
      ->type_name("delivered|merged|expired|failed|disabled|parked");
  fires_->add_option("--limit", fires_options_.limit, "How many, up to " + std::to_string(kListedMax) + " [50]")
      ->check(row_limit())
      ->type_name("N");
  fires_->add_option("--skip", fires_options_.skip, "Leave out so many of the newest [0]")
      ->check(CLI::Range(std::int64_t{0}, kListedMax).description(""))
      ->type_name("N");
  fires_->add_flag("--json", fires_options_.json, "For machines");
  fires_->footer(kFiresFooter);

  settle_ = add("settle", "Give up what a scheduler has missed until some time");
  settle_->add_option("--until", settle_options_.until, "Until this time, such as 2026-11-21T10:00:00Z, or now")
      ->required()
      ->type_name("TIME");
  settle_->add_option("--reason", settle_options_.reason, "Why, for the outcome log")->type_name("TEXT");
  settle_->add_flag("--dry-run", settle_options_.dry_run, "Count what would be skipped, change nothing");
  settle_->add_flag("--json", settle_options_.json, "For machines");
  settle_->footer(kSettleFooter);

  parked_ = add("parked", "Fires that the receiver did not take: list them, have them tried again, give them up");
  parked_->add_option("WHAT", parked_what_, "What to do [list]")
      ->check(CLI::IsMember({"list", "retry", "drop"}).description(""))
      ->type_name("list|retry|drop");
  parked_->add_option("ID", parked_options_.ids, "Of actions or of fires")->type_name("");
  parked_->add_flag("--all", parked_options_.all, "drop: everything that is parked");
  parked_->add_flag("--late", parked_options_.late, "retry: those beyond their actuality time too");
  parked_->add_option("--reason", parked_options_.reason, "Why, for the outcome log")->type_name("TEXT");
  parked_->add_flag("--dry-run", parked_options_.dry_run, "Say what would be done, change nothing");
  parked_->add_flag("--json", parked_options_.json, "For machines");
  parked_->footer(kParkedFooter);
}

bool OperatorCommandLine::given() const { return !name().empty(); }

std::string OperatorCommandLine::name() const {
  for (const CLI::App* app : {list_, show_, health_, fire_, backfill_, fires_, settle_, parked_}) {
    if (*app) return app->get_name();
  }
  for (const WriteRequest& request : writes_) {
    if (*request.app) return request.app->get_name();
  }
  return {};
}

Result<OperatorCommand> OperatorCommandLine::command() const {
  if (*list_) return OperatorCommand(list_options_);
  if (*show_) return OperatorCommand(show_options_);
  if (*health_) return OperatorCommand(health_options_);
  if (*fire_) return OperatorCommand(fire_options_);
  if (*backfill_) return OperatorCommand(backfill_options_);
  if (*fires_) return OperatorCommand(fires_options_);
  if (*settle_) return OperatorCommand(settle_options_);
  if (*parked_) {
    ParkedOptions options = parked_options_;
    using Kind = ParkedOptions::Kind;
    options.kind = parked_what_ == "retry" ? Kind::retry : parked_what_ == "drop" ? Kind::drop : Kind::list;
    if (options.late && options.kind != Kind::retry) return Error{"--late goes with parked retry alone"};
    if (options.all && !options.ids.empty()) return Error{"--all does not go with an ID"};
    if (options.kind == Kind::drop && options.ids.empty() && !options.all) {
      return Error{"parked drop needs the IDs of actions or fires, or --all"};
    }
    return OperatorCommand(std::move(options));
  }
  const auto request = std::ranges::find_if(writes_, [](const WriteRequest& one) { return static_cast<bool>(*one.app); });
  WriteOptions options = request->options;
  switch (options.kind) {
    case WriteOptions::Kind::add: {
      std::string missing;
      for (const Column column : {Column::name, Column::command, Column::cron}) {
        if (!options.cells.contains(column)) missing += (missing.empty() ? "" : ", ") + ("--" + std::string(column_name(column)));
      }
      if (!missing.empty()) return Error{"add needs " + missing};
    }
      if (request->disabled) options.cells[Column::enabled] = "false";
      break;
    case WriteOptions::Kind::edit:
      for (const std::string& name : request->unset) {
        const auto column = column_named(name);
        if (!column) return Error{"--unset: unknown column " + quoted_excerpt(name) + suggestion(name, column_names())};
        if (options.cells.contains(*column) && options.cells[*column]) return Error{"--unset: " + name + " is given a value too"};
        options.cells[*column] = std::nullopt;
      }
      if (options.cells.empty()) return Error{"edit needs something to change, such as --name TEXT or --unset COLUMN"};
      break;
    case WriteOptions::Kind::enable:
      options.cells[Column::enabled] = "true";
      break;
    case WriteOptions::Kind::disable:
      options.cells[Column::enabled] = "false";
      break;
    case WriteOptions::Kind::remove:
      break;
  }
  return OperatorCommand(std::move(options));
}

}  // namespace action_scheduler
