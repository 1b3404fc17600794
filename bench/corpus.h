// The bytes of messages, ready made: what a bare loop sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "action_scheduler/callback.h"

namespace action_scheduler::bench {

struct CorpusMessage {
  std::string_view key;
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

// Messages in one block of memory. Not copyable: the messages point into it.
class Corpus {
 public:
  Corpus() = default;
  Corpus(Corpus&&) = default;
  Corpus& operator=(Corpus&&) = default;

  // The messages that the Kafka callback makes of `batch` with its default options for this `source`: of its first `most` fires.
  Corpus(const Batch& batch, std::string_view source, std::size_t most = SIZE_MAX);

  const std::vector<CorpusMessage>& messages() const { return messages_; }

 private:
  std::vector<char> text_;
  std::vector<CorpusMessage> messages_;
};

}  // namespace action_scheduler::bench
