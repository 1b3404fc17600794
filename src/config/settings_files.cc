#include "config/settings_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>
#include <variant>

#include "config/node.h"

namespace action_scheduler {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;

// Absent if there is no such file; a fault if it is there and cannot be read.
std::optional<ConfigFile> read_config_file(const std::string& path, bool must_exist, ConfigFaults& faults) {
  struct stat status{};
  // A link that leads nowhere is there: somebody meant a file.
  if (!must_exist && lstat(path.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
  auto text = read_text_file(path, kFileBytesMax);
  if (text) return ConfigFile{path, std::move(*text)};
  faults.push_back({path, "", text.error().message});
  return std::nullopt;
}

// A database that is a directory no start will open. (Whether a file may be read is another matter: not every command opens it.)
void refuse_directory(std::string_view key, LoadedSettings& loaded) {
  const auto found = std::ranges::find(loaded.values, key, &EffectiveValue::key);
  const std::string* path = found == loaded.values.end() ? nullptr : std::get_if<std::string>(&found->value);
  struct stat status{};
  if (path == nullptr || stat(path->c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return;
  loaded.faults.push_back({found->origin, found->key, "expected a file, got the directory " + quoted_for_fault(*path)});
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  const auto failure = [&](const std::string& reason) { return Error{"cannot read the file " + path + ": " + reason}; };
  struct stat status{};
  if (path.find('\0') != std::string::npos) return failure("its name holds a NUL");
  if (stat(path.c_str(), &status) != 0) return failure(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return failure("it is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure(errno != 0 ? std::strerror(errno) : "it does not open");
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return failure("reading fails");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > bytes_max) return failure("expected at most " + std::to_string(bytes_max) + " bytes");
  return text;
}

LoadedSettings load_settings_of_process(const SettingsSources& sources) {
  ConfigInputs inputs;
  ConfigFaults faults;
  inputs.yaml = read_config_file(sources.config_path.value_or("config.yaml"), sources.config_path.has_value(), faults);
  inputs.yaml_unreadable = !faults.empty();
  inputs.dotenv = read_config_file(".env", false, faults);
  inputs.sets = sources.sets;
  inputs.callbacks = sources.callbacks;
  inputs.read_file = [](const std::string& path) { return read_text_file(path, kFileBytesMax); };
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string assignment = *variable;
    const auto equals = assignment.find('=');
    if (equals != std::string::npos) inputs.environment.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  LoadedSettings loaded = load_settings(inputs);
  loaded.faults.insert(loaded.faults.begin(), faults.begin(), faults.end());
  refuse_directory("internal_db.database", loaded);
  const auto dialect = std::ranges::find(loaded.values, "actions_db.dialect", &EffectiveValue::key);
  if (dialect != loaded.values.end() && dialect->value == ConfigValue(std::string("sqlite"))) {
    refuse_directory("actions_db.database", loaded);
  }
  return loaded;
}

}  // namespace action_scheduler
