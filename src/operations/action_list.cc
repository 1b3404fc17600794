#include "operations/action_list.h"

#include <algorithm>
#include <charconv>

#include "operations/assembly.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

std::optional<ActionId> id_of(const std::string& search) {
  ActionId id = 0;
  const auto [end, error] = std::from_chars(search.data(), search.data() + search.size(), id);
  const bool whole = error == std::errc() && end == search.data() + search.size();
  return whole ? std::optional(id) : std::nullopt;
}

// The row whose id is what is searched for takes its place among the others.
Result<void> add_of_id(const Settings& settings, const ActionQuery& query, RowParser& parser, ActionPage& page) {
  const auto id = id_of(query.search);
  if (!id || (query.after && *id <= *query.after)) return {};
  const auto place = std::ranges::lower_bound(page.actions, *id, {}, [](const ActionReport& one) { return one.row.id; });
  if (place != page.actions.end() && place->row.id == *id) return {};
  if (place == page.actions.end() && page.more) return {};  // on a later page
  const auto row = make_action_table(settings)->find(*id);
  if (!row) return row.error();
  if (!*row) return {};
  ActionReport report = report_on(**row, parser);
  if (query.faults && (report.disabled || !report.fault)) return {};
  page.actions.insert(place, std::move(report));
  if (page.actions.size() <= query.limit) return {};
  page.actions.pop_back();
  page.more = true;
  return {};
}

}  // namespace

Result<ActionPage> read_actions(const Settings& settings, const ActionQuery& query, RowParser& parser,
                                const std::function<void(std::uint64_t rows)>& read) {
  RowQuery rows{query.after, query.search, {}};
  if (!query.faults) rows.limit = query.limit + 1;
  ActionPage page;
  std::uint64_t count = 0;
  const auto done = make_action_table(settings)->read(rows, [&](const RowView& row) {
    read(++count);
    if (query.faults && !std::holds_alternative<RowFault>(parser.parse(row))) return true;
    if (page.actions.size() == query.limit) {
      page.more = true;
      return false;
    }
    page.actions.push_back(report_on(Row(row), parser));
    return true;
  });
  if (!done) return done.error();
  if (const auto added = add_of_id(settings, query, parser, page); !added) return added.error();
  return page;
}

Result<void> tell_last_outcomes(std::vector<ActionReport>& actions, const LedgerView& ledger) {
  for (ActionReport& report : actions) {
    if (!report.trigger) continue;
    auto last = ledger.last_outcome(report.row.view(), *report.trigger);
    if (!last) return last.error();
    report.last = *last;
  }
  return {};
}

std::string page_json(const ActionPage& page, const LedgerView& ledger, Instant now) {
  const auto one = [&](const ActionReport& report) {
    return '{' + report_members_json(report, now) + ",\"parked\":" + std::to_string(ledger.parked_of(report.row.id).size()) + '}';
  };
  return JsonObject()
      .raw("actions", json_array(page.actions, one))
      .raw("next_after", page.more ? std::to_string(page.actions.back().row.id) : "null")
      .text();
}

}  // namespace action_scheduler
