#include "operations/action_list.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

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

bool is_faulty(const ActionReport& report) { return !report.disabled && report.fault; }

// Of the actions, one more than the page takes if there are so many.
void cut_page(ActionPage& page, std::size_t limit) {
  if (page.actions.size() <= limit) return;
  page.actions.pop_back();
  page.next_after = page.actions.back().row.id;
}

// The row whose id is what is searched for takes its place among the others.
Result<void> add_of_id(const Settings& settings, const ActionQuery& query, RowParser& parser, ActionPage& page) {
  const auto id = id_of(query.search);
  if (!id || (query.after && *id <= *query.after)) return {};
  if (query.suspects && query.suspects->more && *id > query.suspects->ids.back()) return {};  // on a later page
  const auto place = std::ranges::lower_bound(page.actions, *id, {}, [](const ActionReport& one) { return one.row.id; });
  if (place != page.actions.end() && place->row.id == *id) return {};
  if (place == page.actions.end() && page.actions.size() > query.limit) return {};  // on a later page
  const auto row = make_action_table(settings)->find(*id);
  if (!row) return row.error();
  if (!*row) return {};
  ActionReport report = report_on(**row, parser);
  if (query.faults && !is_faulty(report)) return {};
  page.actions.insert(place, std::move(report));
  if (page.actions.size() > query.limit + 1) page.actions.pop_back();
  return {};
}

bool same_letter(char a, char b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return small(a) == small(b);
}

bool holds(std::string_view text, const std::string& search) {
  return std::ranges::search(text, search, same_letter).begin() != text.end() || search.empty();
}

// What the table would be asked for, of the rows that the scheduler knows.
Result<ActionPage> known_actions(const ActionQuery& query, RowParser& parser, const LedgerView& ledger, const Error& error) {
  if (query.faults || !ledger.is_there()) return error;
  ActionPage page;
  page.table_error = error.message;
  const auto id = id_of(query.search);
  const auto done = ledger.taken_up_rows(query.after, [&](const KnownRow& known) {
    const RowView& row = known.row;
    const auto has = [&](Column column) { return holds(row[column].value_or(""), query.search); };
    if (row.id == id || has(Column::name) || has(Column::command)) page.actions.push_back(report_on(Row(row), parser));
    return page.actions.size() <= query.limit;
  });
  if (!done || page.actions.empty()) return error;
  cut_page(page, query.limit);
  return page;
}

}  // namespace

Result<ActionPage> read_actions(const Settings& settings, const ActionQuery& query, RowParser& parser, const LedgerView& ledger,
                                const std::function<void(std::uint64_t rows)>& read) {
  RowQuery rows{query.after, query.search, {}};
  if (!query.faults) rows.limit = query.limit + 1;
  ActionPage page;
  if (query.suspects) {
    if (query.suspects->ids.empty()) return page;
    rows.ids = query.suspects->ids;
  }
  std::uint64_t count = 0;
  const auto done = make_action_table(settings)->read(rows, [&](const RowView& row) {
    read(++count);
    if (query.faults && !std::holds_alternative<RowFault>(parser.parse(row))) return true;
    page.actions.push_back(report_on(Row(row), parser));
    return page.actions.size() <= query.limit;
  });
  if (!done) return known_actions(query, parser, ledger, done.error());
  if (const auto added = add_of_id(settings, query, parser, page); !added) return added.error();
  if (query.suspects && query.suspects->more) page.next_after = query.suspects->ids.back();
  cut_page(page, query.limit);
  return page;
}

Result<std::optional<FoundRow>> find_action(const Settings& settings, ActionId id, const LedgerView& ledger) {
  auto row = make_action_table(settings)->find(id);
  if (row && !*row) return std::optional<FoundRow>();
  if (row) return std::optional(FoundRow{**std::move(row), {}});
  auto known = ledger.taken_up(id);
  if (!known || !*known) return row.error();
  return std::optional(FoundRow{std::move((*known)->row), row.error().message});
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
      .raw("next_after", page.next_after ? std::to_string(*page.next_after) : "null")
      .text_or_null("table_error", page.table_error)
      .text();
}

}  // namespace action_scheduler
