// Bytes as the texts of a configuration: the first byte chooses the layer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "action_scheduler/utf8.h"
#include "config/effective.h"
#include "config/load_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace action_scheduler;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  ConfigInputs inputs;
  inputs.callbacks = {"kafka", "stdout"};
  inputs.read_file = [&](const std::string&) { return Result<std::string>(text); };
  switch (data[0] % 5) {
    case 0:
      inputs.yaml = ConfigFile{"config.yaml", text};
      break;
    case 1:
      inputs.dotenv = ConfigFile{".env", text};
      break;
    case 2:
      inputs.environment = {{"KAFKA", text}, {"ACTIONS_DB__PASSWORD_FILE", "f"}};
      break;
    case 3:
      inputs.environment = {{text.substr(0, text.find('=')), text.substr(text.find('=') + 1)}};
      break;
    default:
      inputs.sets = {text};
  }
  const LoadedSettings loaded = load_settings(inputs);
  for (const ConfigFault& fault : loaded.faults) {
    const std::string told = fault.describe();
    std::string printable;
    append_printable(printable, told);
    if (printable != told || told.size() > 2000) {
      std::cerr << "not one short printable line: " << printable << '\n';
      std::abort();
    }
  }
  effective_table(loaded.values);
  effective_json(loaded.values);
  return 0;
}
