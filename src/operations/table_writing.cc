#include "operations/table_writing.h"

#include <utility>

#include "operations/assembly.h"
#include "operations/json_object.h"

namespace action_scheduler {
namespace {

using Kind = WriteRequest::Kind;
using Written = std::variant<WrittenRow, RefusedRow, NoSuchAction, Error>;

// A row that is not there yet has no id.
RefusedRow refuse(const RowFault& fault, bool has_id) {
  const std::string text = fault.describe();
  return {fault, has_id ? text : "new row" + text.substr(text.find_first_of(" ,", std::string("row ").size()))};
}

void put(Row& row, const CellChanges& cells) {
  for (const auto& [column, cell] : cells) row[column] = cell;
}

Written add(const Settings& settings, const WriteRequest& request, RowParser& parser, Writing writing) {
  const auto table = make_action_table(settings);
  Row row;
  row.id = request.id.value_or(0);
  put(row, request.cells);
  if (const ActionReport report = report_on(row, parser); report.fault) return refuse(*report.fault, request.id.has_value());
  bool created = false;
  if (!request.dry_run) {
    // As the service does, so that the first action may come before its first start.
    const Result<TableCreation> creation = table->create_if_missing();
    if (!creation) return creation.error();
    created = *creation == TableCreation::created;
  }
  Result<Row> written = table->insert(request.id, request.cells, writing);
  if (!written) return written.error();
  return WrittenRow{*std::move(written), request.id.has_value() || !request.dry_run, created};
}

Written change(const Settings& settings, const WriteRequest& request, RowParser& parser, Writing writing) {
  const auto table = make_action_table(settings);
  Result<std::optional<Row>> row = table->find(*request.id);
  if (!row) return row.error();
  if (!*row) return NoSuchAction{};
  put(**row, request.cells);
  const bool must_be_good = request.kind != Kind::disable;
  if (const ActionReport report = report_on(**row, parser); report.fault && must_be_good) return refuse(*report.fault, true);
  Result<std::optional<Row>> written = table->update(*request.id, request.cells, writing);
  if (!written) return written.error();
  if (!*written) return NoSuchAction{};
  return WrittenRow{std::move(**written)};
}

Written remove(const Settings& settings, const WriteRequest& request, Writing writing) {
  Result<std::optional<Row>> removed = make_action_table(settings)->erase(*request.id, writing);
  if (!removed) return removed.error();
  if (!*removed) return NoSuchAction{};
  return WrittenRow{std::move(**removed)};
}

}  // namespace

Written write_row(const Settings& settings, const WriteRequest& request, RowParser& parser) {
  const Writing writing = request.dry_run ? Writing::tried : Writing::kept;
  switch (request.kind) {
    case Kind::add:
      return add(settings, request, parser, writing);
    case Kind::remove:
      return remove(settings, request, writing);
    default:
      return change(settings, request, parser, writing);
  }
}

const char* done_word(Kind kind) {
  switch (kind) {
    case Kind::add:
      return "added";
    case Kind::edit:
      return "changed";
    case Kind::enable:
      return "enabled";
    case Kind::disable:
      return "disabled";
    case Kind::remove:
      return "removed";
  }
  return "";
}

std::string written_json(const WriteRequest& request, const WrittenRow& written, RowParser& parser, Instant now) {
  return JsonObject()
      .flag("written", !request.dry_run)
      .quoted("done", done_word(request.kind))
      .flag("dry_run", request.dry_run)
      .raw("action", action_json(report_on(written.row, parser), now, ""))
      .text();
}

}  // namespace action_scheduler
