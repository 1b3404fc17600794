// Bytes as the cells of a row: cells are separated by byte 0xfe, an empty one is NULL.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <variant>

#include "action_scheduler/action.h"
#include "action_scheduler/utf8.h"
#include "tests/fuzz/fuzz_bytes.h"
#include "zones/system_zones.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace action_scheduler;
  static SystemZones zones;
  RowParser parser({{}, "UTC"}, zones);
  testing::FuzzBytes bytes(data, size);
  Row row;
  row.id = 1;
  for (auto& cell : row.cells) {
    std::string text = bytes.text_until(static_cast<char>(0xfe));
    if (!text.empty()) cell = std::move(text);
  }
  const ParsedRow parsed = parser.parse(row.view());
  if (const auto* fault = std::get_if<RowFault>(&parsed)) {
    std::string printable;
    append_printable(printable, fault->describe());
    if (printable != fault->describe() || printable.size() > 1000) {
      std::cerr << "not one short printable line: " << printable << '\n';
      std::abort();
    }
  }
  return 0;
}
