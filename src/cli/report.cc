#include "cli/report.h"

#include <iomanip>
#include <ostream>

#include "action_scheduler/message.h"
#include "action_scheduler/utf8.h"

namespace action_scheduler {

void CheckReport::print(std::ostream& out, bool json) const {
  if (!json) {
    for (const Finding& finding : findings_) {
      std::string text;
      append_printable(text, finding.text);
      out << std::left << std::setw(6) << finding.kind << std::setw(9) << finding.part << text << '\n';
    }
    return;
  }
  std::string text = has_faults_ ? "{\"ok\":false,\"findings\":[" : "{\"ok\":true,\"findings\":[";
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    if (i > 0) text += ',';
    text += "{\"kind\":";
    append_json_string(text, findings_[i].kind);
    text += ",\"part\":";
    append_json_string(text, findings_[i].part);
    text += ",\"text\":";
    append_json_string(text, findings_[i].text);
    text += '}';
  }
  out << text << "]}\n";
}

}  // namespace action_scheduler
