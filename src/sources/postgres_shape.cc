#include "sources/postgres_shape.h"

#include <array>
#include <charconv>
#include <optional>

#include "sources/postgres_session.h"
#include "sources/table_columns.h"

namespace action_scheduler {
namespace {

// A row per column: name, category and name of the type, whether it may be read, its number, whether it is a NOT NULL integer,
// what its values are as they are stored; then, the same in each row, what file the table has, and what speaks against following
// it by xmin.
// - A view has no xmin, a foreign table somebody else's, and rows of other tables (children, partitions) come and go with them.
// - Row security shows and hides rows that nobody wrote.
// - Only heap tables keep an xmin, and the right to single columns does not cover it.
// - With unique ids the count of rows proves that none was removed.
constexpr const char* kShapeSql =
    "SELECT a.attname, t.typcategory, pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'), a.attnum,"
    " a.attnotnull AND a.atttypid IN ('pg_catalog.int2'::regtype, 'pg_catalog.int4'::regtype, 'pg_catalog.int8'::regtype),"
    " CASE WHEN a.atttypid IN ('pg_catalog.text'::regtype, 'pg_catalog.varchar'::regtype, 'pg_catalog.json'::regtype) THEN 'text'"
    " WHEN a.atttypid IN ('pg_catalog.int2'::regtype, 'pg_catalog.int4'::regtype, 'pg_catalog.int8'::regtype) THEN 'integer'"
    " ELSE '' END,"
    " c.oid::text || ':' || c.relfilenode,"
    " CASE WHEN c.relkind <> 'r' THEN 'it is no plain table'"
    " WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhparent = c.oid) THEN 'other tables inherit from it'"
    " WHEN pg_catalog.row_security_active(c.oid) THEN 'row security decides which rows are seen'"
    " WHEN (SELECT amname FROM pg_catalog.pg_am WHERE oid = c.relam) <> 'heap' THEN 'its storage is no heap'"
    " WHEN NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN 'the right to SELECT is on columns, not on the table'"
    " WHEN NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute k"
    " ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]"
    " WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indnatts = 1 AND i.indpred IS NULL AND k.attname = 'id')"
    " THEN 'it has no unique index on id' ELSE '' END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.oid = pg_catalog.to_regclass($1)";

// The server does not convert what is text already.
void add_to_copy(TableShape& shape, const std::string& name, std::string_view stored_as, bool is_boolean) {
  shape.copy_select += (shape.copy_select.empty() ? "\"" : ", \"") + name + '"';
  if (is_boolean) {
    shape.copy_select += "::pg_catalog.bool";
    shape.forms.push_back(BinaryForm::boolean);
  } else if (stored_as == "integer") {
    shape.forms.push_back(BinaryForm::integer);
  } else {
    if (stored_as != "text") shape.copy_select += "::text";
    shape.forms.push_back(BinaryForm::text);
  }
}

}  // namespace

bool read_id(std::string_view text, ActionId& id) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_id(const pqxx::field& field, ActionId& id) { return read_id(view_of(field), id); }

RowView row_view(const pqxx::row& row, ActionId id, const std::vector<Column>& columns) {
  RowView view;
  view.id = id;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const pqxx::field cell = row[static_cast<pqxx::row::size_type>(i + 1)];
    if (!cell.is_null()) view[columns[i]] = view_of(cell);
  }
  return view;
}

TableShape describe_table(pqxx::transaction_base& transaction, const std::string& table) {
  const pqxx::result found = execute(transaction, kShapeSql, {table});
  if (found.empty()) throw UnusableTable("there is no such table; create it, or name another schema or table");

  TableShape shape;
  shape.identity = view_of(found[0][7]);
  shape.whole_because = view_of(found[0][8]);
  std::array<bool, kColumnCount> has{};
  std::array<bool, kColumnCount> is_boolean{};
  std::array<std::string, kColumnCount> stored_as;
  bool has_id = false;
  for (const auto& row : found) {
    const std::string_view name = view_of(row[0]);
    const std::string_view category = view_of(row[1]);
    const std::optional<Column> column = column_of(name);
    if (name != "id" && !column) continue;
    if (view_of(row[3]) != "t") {
      throw UnusableTable("there is no right to read column " + std::string(name) + "; grant SELECT on it, or on the table");
    }
    shape.identity.append(" ").append(view_of(row[4])).append(":").append(view_of(row[2]));
    if (column) {
      has[static_cast<std::size_t>(*column)] = true;
      is_boolean[static_cast<std::size_t>(*column)] = category == "B";
      stored_as[static_cast<std::size_t>(*column)] = view_of(row[6]);
    } else {
      has_id = true;
      add_to_copy(shape, "id", view_of(row[6]), false);
      if (category != "N") {
        throw UnusableTable("column id is " + std::string(view_of(row[2])) + "; it must be an integer type");
      }
      if (shape.whole_because.empty() && view_of(row[5]) != "t") shape.whole_because = "its column id is no NOT NULL integer";
    }
  }

  if (!has_id) throw UnusableTable("there is no column id; add it");
  shape.select = "\"id\"::text";
  for (const Column column : kColumns) {
    const std::string name(column_name(column));
    if (!has[static_cast<std::size_t>(column)]) {
      if (column < kFirstOptionalColumn) throw UnusableTable("there is no column " + name + "; add it");
      continue;
    }
    shape.columns.push_back(column);
    add_to_copy(shape, name, stored_as[static_cast<std::size_t>(column)], is_boolean[static_cast<std::size_t>(column)]);
    // A boolean stays as it is, because it prints as `t` and `f`; as text it would be `true` and `false`.
    shape.select += ", \"" + name + (is_boolean[static_cast<std::size_t>(column)] ? "\"" : "\"::text");
  }
  return shape;
}

// TRUNCATE and rewriting forms of ALTER TABLE leave nothing for snapshots that were taken before they committed, and ours was
// when we began to wait for their lock. (PostgreSQL documentation, "Caveats" of chapter "Concurrency Control".) They give the
// relation a new file: by our snapshot it has the old one still. Looks at all that the statement has locked, so at what views and
// partitioned tables are made of too.
void check_not_rewritten(pqxx::transaction_base& transaction) {
  const pqxx::result rewritten = transaction.exec(
      "SELECT 1 FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation"
      " WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted"
      " AND (c.oid IS NULL OR c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_catalog.pg_relation_filenode(c.oid))"
      " LIMIT 1");
  if (!rewritten.empty()) throw RewrittenTable("its contents were being replaced while it was read; the next poll tries again");
}

}  // namespace action_scheduler
