#include "ledger/ledger_reader.h"

#include <filesystem>
#include <limits>
#include <utility>

#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_rows.h"
#include "ledger/sqlite_schema.h"
#include "ledger/sqlite_state.h"
#include "sqlite/database.h"

namespace action_scheduler {
namespace {

constexpr std::chrono::milliseconds kBusyTimeout{5000};

Error error_of(const std::string& path, const sqlite::Failure& failure) {
  std::string what = "ledger " + path + ": " + failure.what();
  switch (failure.kind()) {
    case sqlite::FailureKind::read_only:
    case sqlite::FailureKind::cannot_open:
      what += "; it takes the right to read the file and to write into its folder: run this as the scheduler's user";
      break;
    case sqlite::FailureKind::corrupt:
      what += "; the scheduler checks it when it starts";
      break;
    default:
      break;
  }
  return {what};
}

template <class Value, class Work>
Result<Value> guarded(const std::string& path, const Work& work) {
  try {
    return work();
  } catch (const sqlite::Failure& failure) {
    return error_of(path, failure);
  } catch (const MalformedLedger& malformed) {
    return Error{"ledger " + path + ": " + malformed.what()};
  }
}

class SqliteLedgerReader : public LedgerReader {
 public:
  SqliteLedgerReader(std::string path, sqlite::Database database, std::int64_t shard)
      : path_(std::move(path)), database_(std::move(database)), shard_(shard) {}

  Result<LedgerState> state() override {
    return guarded<LedgerState>(path_, [&] {
      const sqlite::Transaction snapshot(database_, sqlite::Transaction::Kind::read);
      return read_ledger_state(database_, shard_);
    });
  }

  Result<std::vector<NotedOutcome>> outcomes(const OutcomeQuery& query) override {
    auto page = outcome_page(query);
    if (!page) return page.error();
    return std::move(page->outcomes);
  }

  Result<OutcomePage> outcome_page(const OutcomeQuery& query) override {
    return guarded<OutcomePage>(path_, [&] {
      OutcomePage page;
      const auto placed = read_outcomes(database_, shard_, {query.action, query.outcome, query.before_place}, query.limit + 1);
      for (const PlacedOutcome& one : placed) {
        if (page.outcomes.size() == query.limit) break;
        page.outcomes.push_back(one.outcome);
        if (placed.size() > query.limit) page.next_before = one.place;
      }
      return page;
    });
  }

  Result<std::optional<TakenUp>> taken_up(ActionId id) override {
    return guarded<std::optional<TakenUp>>(path_, [&]() -> std::optional<TakenUp> {
      const sqlite::Transaction snapshot(database_, sqlite::Transaction::Kind::read);
      auto known = read_row(database_, shard_, id);
      if (!known) return std::nullopt;
      return TakenUp{std::move(known->first), known->second};
    });
  }

  Result<void> taken_up_rows(std::optional<ActionId> after, const std::function<bool(const KnownRow&)>& visit) override {
    if (after == std::numeric_limits<ActionId>::max()) return {};
    return guarded<void>(path_, [&]() -> Result<void> {
      const sqlite::Transaction snapshot(database_, sqlite::Transaction::Kind::read);
      read_rows(database_, shard_, after ? *after + 1 : std::numeric_limits<ActionId>::min(), visit);
      return {};
    });
  }

  Result<std::optional<Instant>> outcomes_complete_since() override {
    return guarded<std::optional<Instant>>(path_, [&]() -> std::optional<Instant> {
      sqlite::Statement counted = database_.prepare("SELECT count(*), min(noted_at_s) FROM ledger_outcome");
      const auto kept = static_cast<std::int64_t>(SqliteLedgerOptions().outcomes_max);
      if (!counted.step() || counted.integer(0) < kept) return std::nullopt;
      return instant_from_unix(counted.integer(1));
    });
  }

 private:
  const std::string path_;
  sqlite::Database database_;
  const std::int64_t shard_;
};

}  // namespace

Result<std::unique_ptr<LedgerReader>> LedgerReader::open(const std::string& path, std::int64_t shard) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) return std::unique_ptr<LedgerReader>();
  return guarded<std::unique_ptr<LedgerReader>>(path, [&]() -> Result<std::unique_ptr<LedgerReader>> {
    // Who closes the ledger takes its WAL away. Then a reader must not leave one behind, which may belong to another user than
    // the scheduler's: the next owner could not write into it.
    const std::string file = std::filesystem::absolute(path, unknown).lexically_normal().string();
    const bool closed = !std::filesystem::exists(file + "-wal", unknown);
    sqlite::Database database =
        sqlite::Database::open(file, closed ? sqlite::Database::Access::unchanging : sqlite::Database::Access::read_only);
    database.set_busy_timeout(kBusyTimeout);
    const std::int64_t version = ledger_schema_version(database);
    if (version == 0) return std::unique_ptr<LedgerReader>();
    if (version != kLedgerSchemaVersion) {
      return Error{"ledger " + path + ": its schema version is " + std::to_string(version) + ", this program reads version " +
                   std::to_string(kLedgerSchemaVersion) + "; use the program that the scheduler runs"};
    }
    return std::unique_ptr<LedgerReader>(std::make_unique<SqliteLedgerReader>(path, std::move(database), shard));
  });
}

}  // namespace action_scheduler
