// A fuzzer's bytes as the choices of a test. When they have run out every choice is the first one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace action_scheduler::testing {

class FuzzBytes {
 public:
  FuzzBytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool at_end() const { return size_ == 0; }

  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }

  bool flag() { return (byte() & 1) != 0; }

  // In least..greatest; two bytes where one cannot say it all.
  int number(int least, int greatest) {
    const auto values = static_cast<unsigned>(greatest - least) + 1;
    unsigned choice = byte();
    if (values > 256) choice = choice << 8 | byte();
    return least + static_cast<int>(choice % values);
  }

  // In least..greatest, from five bytes.
  std::int64_t wide_number(std::int64_t least, std::int64_t greatest) {
    std::uint64_t choice = 0;
    for (int i = 0; i < 5; ++i) choice = choice << 8 | byte();
    return least + static_cast<std::int64_t>(choice % (static_cast<std::uint64_t>(greatest - least) + 1));
  }

  // Up to the next `end` or the end of all.
  std::string text_until(char end) {
    std::string text;
    while (size_ > 0) {
      const char c = static_cast<char>(byte());
      if (c == end) break;
      text += c;
    }
    return text;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

}  // namespace action_scheduler::testing
