#include "core/date_rule.h"

#include "core/cron_params.h"

namespace action_scheduler {

std::string DateRule::canonical() const {
  TriggerFrame boundless = frame();
  boundless.first = kFirstInstant;
  boundless.last = kLastInstant;
  return R"({"format":"date","params":{"run_date":")" + format_utc(frame().first) + '"' + frame_members(boundless) + "}}";
}

}  // namespace action_scheduler
