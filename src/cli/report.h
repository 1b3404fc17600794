// What `check` found, as lines for people or as JSON.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace action_scheduler {

class CheckReport {
 public:
  void good(std::string_view part, std::string text) { add("ok", part, std::move(text)); }
  // Worth knowing, but the service works.
  void note(std::string_view part, std::string text) { add("note", part, std::move(text)); }
  void fault(std::string_view part, std::string text) {
    has_faults_ = true;
    add("fault", part, std::move(text));
  }
  bool has_faults() const { return has_faults_; }

  // `ok     table   12 rows: ...` a line, or `{"ok":false,"findings":[{"kind":..,"part":..,"text":..}]}`.
  void print(std::ostream& out, bool json) const;

 private:
  struct Finding {
    std::string_view kind;
    std::string part;
    std::string text;
  };
  void add(std::string_view kind, std::string_view part, std::string text) {
    findings_.push_back({kind, std::string(part), std::move(text)});
  }

  std::vector<Finding> findings_;
  bool has_faults_ = false;
};

}  // namespace action_scheduler
