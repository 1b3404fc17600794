// A table that is made ready before it is first read.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "action_scheduler/action_source.h"
#include "action_scheduler/log.h"
#include "sources/action_table.h"

namespace action_scheduler {

// Creates the table if it is missing and writes the sample rows into it if it is empty, before the first poll: the database may
// come up long after the scheduler. Where there is no right to create it, polling goes on until somebody else has.
class PreparedSource : public ActionSource {
 public:
  PreparedSource(std::unique_ptr<ActionSource> source, std::unique_ptr<ActionTable> table, std::vector<Row> samples, Log& log)
      : source_(std::move(source)), table_(std::move(table)), samples_(std::move(samples)), log_(log) {}

  Result<PollSummary> poll(ChangeVisitor& visitor) override {
    if (table_) {
      if (auto prepared = prepare(); !prepared) return prepared.error();
      table_.reset();
    }
    return source_->poll(visitor);
  }

  int hint_descriptor() const override { return source_->hint_descriptor(); }

  void interrupt() override { source_->interrupt(); }

 private:
  Result<void> prepare() {
    const Result<TableCreation> creation = table_->create_if_missing();
    if (!creation) return creation.error();
    if (*creation == TableCreation::created) log_.info("the table of actions was created");
    if (samples_.empty()) return {};
    const Result<std::size_t> written = table_->write_if_empty(samples_);
    if (!written) return written.error();
    if (*written > 0) log_.info("sample actions were written", {{"rows", *written}});
    return {};
  }

  std::unique_ptr<ActionSource> source_;
  std::unique_ptr<ActionTable> table_;  // null once all is ready
  std::vector<Row> samples_;
  Log& log_;
};

}  // namespace action_scheduler
