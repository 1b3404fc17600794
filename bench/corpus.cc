#include "bench/corpus.h"

#include <algorithm>

#include "action_scheduler/message.h"

namespace action_scheduler::bench {
namespace {

// Ranges instead of views as long as the block grows.
struct Range {
  std::size_t begin = 0;
  std::size_t size = 0;
};

class Recorder : public HeaderVisitor {
 public:
  Recorder(std::vector<char>& text, std::vector<std::pair<Range, Range>>& headers) : text_(text), headers_(headers) {}
  void header(std::string_view name, std::string_view value) override {
    const Range name_range = keep(name);
    headers_.emplace_back(name_range, keep(value));
  }
  Range keep(std::string_view bytes) {
    const Range range{text_.size(), bytes.size()};
    text_.insert(text_.end(), bytes.begin(), bytes.end());
    return range;
  }

 private:
  std::vector<char>& text_;
  std::vector<std::pair<Range, Range>>& headers_;
};

}  // namespace

Corpus::Corpus(const Batch& batch, std::string_view source, std::size_t most) {
  std::vector<std::pair<Range, Range>> headers;
  std::vector<std::pair<Range, Range>> keys_and_values;
  std::vector<std::size_t> header_ends;
  Recorder recorder(text_, headers);
  const EventContext context{source, "application/json"};
  for (const Fire& fire : batch.fires.all().first(std::min(most, batch.fires.size()))) {
    const ActionText& text = batch.actions.find(fire.action)->text();
    std::string value;
    append_command_json(value, text.command());
    const Range key = recorder.keep(std::to_string(fire.action));
    keys_and_values.emplace_back(key, recorder.keep(value));
    visit_cloudevents_headers(fire, text.name(), context, recorder);
    header_ends.push_back(headers.size());
  }
  const auto view = [this](Range range) { return std::string_view(text_.data() + range.begin, range.size); };
  messages_.reserve(keys_and_values.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < keys_and_values.size(); ++i) {
    CorpusMessage message{view(keys_and_values[i].first), view(keys_and_values[i].second), {}};
    message.headers.reserve(header_ends[i] - next);
    for (; next < header_ends[i]; ++next) message.headers.emplace_back(view(headers[next].first), view(headers[next].second));
    messages_.push_back(std::move(message));
  }
}

}  // namespace action_scheduler::bench
