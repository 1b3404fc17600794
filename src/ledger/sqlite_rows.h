// The known rows in the SQLite ledger.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "action_scheduler/ledger.h"
#include "action_scheduler/row_pack.h"
#include "sqlite/database.h"

namespace action_scheduler {

// The known row of this id; absent if there is none. Throws sqlite::Failure or MalformedLedger.
std::optional<std::pair<Row, Instant>> read_row(sqlite::Database& database, std::int64_t shard, ActionId id);

// Calls `visit` for each known row with an id from `first` on, ascending by id, until it returns false. Throws sqlite::Failure or
// MalformedLedger.
void read_rows(sqlite::Database& database, std::int64_t shard, ActionId first, const std::function<bool(const KnownRow&)>& visit);

// Writes known rows. Many new ones at a time, as the first load of a table brings them, go into packs, which are never changed:
// what is known better stands in `ledger_row`, what is gone in `ledger_gone`. Of a pack that has become half of no use the rest
// moves to `ledger_row`; a few packs are looked at in each save, so that none takes long. All throw sqlite::Failure or
// MalformedLedger, and belong into a transaction of the caller.
class RowWriter {
 public:
  RowWriter(sqlite::Database& database, std::int64_t shard);

  void save(const KnownRows& upserts, std::span<const ActionId> removals);
  void replace(std::span<const RowPack> packs, const KnownRows& others);

 private:
  bool save_packed(const KnownRows& upserts);
  void save_merged(std::span<const RowPack> packs, const KnownRows& others);
  void pack(const KnownRow& known);
  void put_pack();
  void put_row(const KnownRow& known);
  void tidy(std::size_t packs);
  void dissolve(ActionId first_id, ActionId last_id);

  std::int64_t shard_;
  sqlite::Statement put_row_;
  sqlite::Statement remove_row_;
  sqlite::Statement note_gone_;
  sqlite::Statement put_pack_;
  sqlite::Statement greatest_id_;
  sqlite::Statement next_pack_;
  sqlite::Statement count_covered_;
  sqlite::Statement gone_in_;
  sqlite::Statement pack_rows_;
  sqlite::Statement keep_row_;
  sqlite::Statement remove_pack_;
  sqlite::Statement forget_gone_;
  std::array<sqlite::Statement, 3> forget_all_;
  RowPacker packer_;
  std::optional<ActionId> tidied_;  // packs below this id were looked at; absent: none since the last round
};

}  // namespace action_scheduler
