// What will fire, counted from the engine's actions without copying them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "action_scheduler/forecast.h"
#include "http/http_context.h"

namespace action_scheduler {

// Thread safe. One forecast is counted at a time, in the thread that asks; the newest is kept for a minute.
class Simulations {
 public:
  explicit Simulations(const HttpContext& context) : context_(context) {}

  struct Question {
    std::optional<Instant> from;  // absent: now, and an answer up to a minute old will do
    std::optional<Instant> to;    // absent: a day behind `from`
    std::int64_t bins = 96;       // about so many

    friend bool operator==(const Question&, const Question&) = default;
  };

  HttpResponse answer(const Question& question);

 private:
  struct Kept {
    Question question;
    Instant counted_at;
    HttpResponse answer;
  };

  const HttpContext& context_;
  std::mutex counting_;
  std::mutex mutex_;
  std::optional<Kept> kept_;  // guarded by mutex_
};

}  // namespace action_scheduler
