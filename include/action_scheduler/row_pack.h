// Many known rows as one piece of bytes, as ledgers keep them: a tenth of the work that a table row each takes, and half of the
// space.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "action_scheduler/row.h"
#include "action_scheduler/time.h"

namespace action_scheduler {

// The last text of each column.
using LastTexts = std::array<std::string, kColumnCount>;

// A pack that takes no further row.
class RowPack {
 public:
  ActionId first_id() const { return first_id_; }
  ActionId last_id() const { return last_id_; }
  std::int64_t rows() const { return rows_; }
  std::string_view bytes() const { return bytes_; }

  // For a pack whose rows all count from one instant: from now on they count from this one.
  void count_from(Instant instant);

 private:
  friend class RowPacker;
  ActionId first_id_ = 0;
  ActionId last_id_ = 0;
  std::int64_t rows_ = 0;
  std::string bytes_;
};

// Packs rows, ascending by id, until a pack is full. Texts that occur again and again, as schedules do, stand in a pack once; of
// names and commands, which often are the same but for a number, what they begin with like the one before stands there once.
class RowPacker {
 public:
  // A pack of more bytes or of so many rows takes no further row: what is of use in it must be moved out in one go one day.
  static constexpr std::size_t kFullBytes = 64 * 1024;
  static constexpr std::int64_t kFullRows = 1200;

  // `known` comes behind all that the pack holds.
  void add(const KnownRow& known);

  bool full() const { return size_ >= kFullBytes || rows_ >= kFullRows; }
  std::int64_t rows() const { return rows_; }
  ActionId first_id() const { return first_id_; }
  ActionId last_id() const { return last_id_; }
  std::string_view bytes() const { return {bytes_.get(), size_}; }

  // The pack as it is. Begins the next one.
  RowPack take();

  // Begins the next pack.
  void clear();

 private:
  char* room(std::size_t bytes);
  static char* add_cell_like(char* at, std::string_view text, std::string& last);
  char* add_cell(char* at, std::string_view text);

  struct Repeatable {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;  // of what is written
  std::size_t capacity_ = 0;
  std::int64_t rows_ = 0;
  ActionId first_id_ = 0;
  ActionId last_id_ = 0;
  std::int64_t counts_from_s_ = 0;  // of the last row
  LastTexts last_;
  std::vector<Repeatable> repeatables_;
  std::array<std::uint32_t, 1024> latest_by_hash_{};  // one more than its index in repeatables_; 0: none
};

// Calls `visit` with each row of the pack, ascending by id. The views are valid during the call. False if the bytes are no
// pack; `visit` may have been called then.
[[nodiscard]] bool unpack_rows(std::string_view bytes, const std::function<void(const KnownRow&)>& visit);

}  // namespace action_scheduler
