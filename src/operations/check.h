// What would keep the service from working: what `check` and the API tell.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action_scheduler/zone.h"
#include "config/settings.h"

namespace action_scheduler {

class CheckReport {
 public:
  struct Finding {
    std::string_view kind;  // `ok`, `note` or `fault`
    std::string part;       // of the installation: `table`
    std::string text;       // one line
  };

  void good(std::string_view part, std::string text) { add("ok", part, std::move(text)); }
  // Worth knowing, but the service works.
  void note(std::string_view part, std::string text) { add("note", part, std::move(text)); }
  void fault(std::string_view part, std::string text) {
    has_faults_ = true;
    add("fault", part, std::move(text));
  }

  bool has_faults() const { return has_faults_; }
  const std::vector<Finding>& findings() const { return findings_; }

  // `{"ok":false,"findings":[{"kind":..,"part":..,"text":..}]}`
  std::string json() const;

 private:
  void add(std::string_view kind, std::string_view part, std::string text);

  std::vector<Finding> findings_;
  bool has_faults_ = false;
};

// Tries the table with every row, and the receiver with the topics that the rows name. Changes nothing, and does not disturb a
// scheduler that runs; takes up to about half a minute where nobody answers. `exactly_once_used`: as the ledger knows.
void check_table_and_receiver(const Settings& settings, ZoneSource& zones, bool exactly_once_used, CheckReport& report);

}  // namespace action_scheduler
