// What is said of each value that a key does not take, for people to read: data/key_messages.txt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "tests/config/one_key.h"

namespace action_scheduler {
namespace {

constexpr const char* kTable = "tests/config/data/key_messages.txt";
constexpr const char* kHead =
    "# What is said of a value that a key does not take: key, value as it stands in config.yaml, message.\n"
    "# Written by key_messages_test: KEY_MESSAGES_UPDATE=1 build/tests/config/config_test --gtest_filter='KeyMessages*'\n";

// As JSON, which YAML takes.
std::vector<std::string> misfits(const KeySpec& key) {
  std::vector<std::string> values{"null", R"("")", R"(["x"])", R"({"a": "x"})"};
  switch (key.type) {
    case KeyType::integer:
      values.insert(values.end(), {R"("soon")", "true", "1.5", std::to_string(key.min - 1), std::to_string(key.max + 1)});
      break;
    case KeyType::boolean:
      values.insert(values.end(), {R"("maybe")", "2"});
      break;
    case KeyType::choice: {
      const std::string first(key.choices.substr(0, key.choices.find('|')));
      values.insert(values.end(), {R"("other")", "true", json_string(first + "s")});
      break;
    }
    case KeyType::text:
      values.insert(values.end(), {R"("a b")", R"("a\nb")", R"("a\u0000b")", R"("a@b")", json_string(std::string(1001, 'x'))});
      break;
    case KeyType::servers:
      values.insert(values.end(),
                    {"[]", R"([["a"]])", R"("http://a")", R"("a:b")", R"("a:0")", R"("a:65536")", R"("a b")", R"("u:p@a")"});
      break;
    case KeyType::properties:
      values.insert(values.end(), {R"("x")", R"({"a": null})", R"({"a": ["x"]})", R"({"a": {"b": "x"}})"});
      break;
  }
  return values;
}

void append(std::string& text, std::string_view key, const std::vector<std::string>& values) {
  text += '\n';
  for (const std::string& value : values) {
    const std::string shown = value.size() > 40 ? value.substr(0, 4) + "..." : value;
    for (const ConfigFault& fault : load_settings(with_key(key, value)).faults) {
      text.append(key).append(": ").append(shown).append("\n    ");
      if (fault.key != key) text.append(fault.key).append(": ");
      text.append(fault.message).append("\n");
    }
  }
}

std::string table() {
  std::string text = kHead;
  for (const SectionSpec& section : config_sections())
    append(text, section.name, {"null", R"("x")", "5", R"(["x"])", R"({"x": 1})"});
  for (const KeySpec& key : config_keys()) append(text, key.name, misfits(key));
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(KeyMessages, AreThoseOfTheTable) {
  const std::string now = table();
  if (std::getenv("KEY_MESSAGES_UPDATE") != nullptr) std::ofstream(kTable, std::ios::binary) << now;
  std::ifstream file(kTable, std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  if (now == written) return;
  const auto new_lines = lines_of(now);
  const auto old_lines = lines_of(written);
  const auto [differs, before] = std::ranges::mismatch(new_lines, old_lines);
  ADD_FAILURE() << kTable << ':' << differs - new_lines.begin() + 1 << ": now it is\n"
                << (differs == new_lines.end() ? "" : *differs) << "\nand was\n"
                << (before == old_lines.end() ? "" : *before)
                << "\nRead what is new as a user would; if it is clear, KEY_MESSAGES_UPDATE=1 writes it.";
}

}  // namespace
}  // namespace action_scheduler
