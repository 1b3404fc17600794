#include "tests/sources/scripted_source.h"

#include <utility>

namespace action_scheduler::testing {

void ScriptedSource::upsert(const Row& row) {
  std::lock_guard lock(mutex_);
  table_.insert_or_assign(row.id, row);
}

void ScriptedSource::erase(ActionId id) {
  std::lock_guard lock(mutex_);
  table_.erase(id);
}

void ScriptedSource::clear() {
  std::lock_guard lock(mutex_);
  table_.clear();
}

Row ScriptedSource::row(ActionId id, const std::string& cron, const std::string& command) {
  Row row;
  row.id = id;
  row[Column::name] = "action " + std::to_string(id);
  row[Column::command] = command;
  row[Column::cron] = cron;
  return row;
}

void ScriptedSource::fail_next_polls(std::size_t count, std::string message) {
  std::lock_guard lock(mutex_);
  failures_ = count;
  message_ = std::move(message);
}

void ScriptedSource::block() {
  std::lock_guard lock(mutex_);
  blocked_ = true;
}

void ScriptedSource::unblock() {
  std::lock_guard lock(mutex_);
  blocked_ = false;
  woken_.notify_all();
}

std::size_t ScriptedSource::good_polls() const {
  std::lock_guard lock(mutex_);
  return good_polls_;
}

std::size_t ScriptedSource::polls() const {
  std::lock_guard lock(mutex_);
  return polls_;
}

Result<PollSummary> ScriptedSource::poll(ChangeVisitor& visitor) {
  std::map<ActionId, Row> snapshot;
  bool fails = false;
  std::string message;
  {
    std::unique_lock lock(mutex_);
    ++polls_;
    woken_.wait(lock, [this] { return !blocked_ || interrupted_; });
    if (std::exchange(interrupted_, false)) return Error{"table action: the poll was interrupted"};
    if (failures_ > 0) {
      --failures_;
      fails = true;
      message = message_;
    }
    snapshot = table_;
  }
  RowDiff::Scan scan(diff_, visitor);
  std::size_t told = 0;
  for (const auto& [id, row] : snapshot) {
    if (fails && told++ >= snapshot.size() / 2) break;
    scan.row(row.view());
  }
  if (fails) return Error{message};
  Result<PollSummary> summary = scan.finish("table action");
  std::lock_guard lock(mutex_);
  if (summary.ok()) ++good_polls_;
  return summary;
}

void ScriptedSource::interrupt() {
  std::lock_guard lock(mutex_);
  interrupted_ = true;
  woken_.notify_all();
}

}  // namespace action_scheduler::testing
