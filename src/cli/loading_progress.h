// A line on the terminal while the table is read for the first time.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <utility>

#include "action_scheduler/action_source.h"
#include "cli/progress.h"

namespace action_scheduler {

// Counts the rows of the first good poll, which reads them all, on `err`; later polls are left alone. `shown` and `err` as for
// ProgressLine.
class LoadingProgress : public ActionSource {
 public:
  LoadingProgress(std::unique_ptr<ActionSource> source, std::ostream& err, bool shown,
                  ProgressLine::Now now = std::chrono::steady_clock::now)
      : source_(std::move(source)), err_(err), shown_(shown), now_(std::move(now)) {}

  Result<PollSummary> poll(ChangeVisitor& visitor) override {
    if (!shown_) return source_->poll(visitor);
    Counter counter(visitor, err_, now_);
    Result<PollSummary> summary = source_->poll(counter);
    if (summary) shown_ = false;
    return summary;
  }

  int hint_descriptor() const override { return source_->hint_descriptor(); }

  void interrupt() override { source_->interrupt(); }

 private:
  class Counter : public ChangeVisitor {
   public:
    Counter(ChangeVisitor& visitor, std::ostream& err, const ProgressLine::Now& now) : visitor_(visitor), line_(err, true, now) {}
    void changed(const RowView& row) override {
      visitor_.changed(row);
      constexpr std::uint64_t kRowsBetweenLooks = 1024;  // at the clock
      if (++rows_ % kRowsBetweenLooks == 0) line_.count("Reading rows", rows_);
    }
    void removed(ActionId id) override { visitor_.removed(id); }

   private:
    ChangeVisitor& visitor_;
    ProgressLine line_;
    std::uint64_t rows_ = 0;
  };

  std::unique_ptr<ActionSource> source_;
  std::ostream& err_;
  bool shown_;
  const ProgressLine::Now now_;
};

}  // namespace action_scheduler
