#include "config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/keys.h"
#include "config/settings_files.h"

namespace action_scheduler {
namespace {

TEST(Reference, TheCommittedPageIsTheOneOfTheKeyTable) {
  const auto committed = read_text_file("docs/configuration.md", 1 << 20);
  ASSERT_TRUE(committed.ok()) << committed.error().message;
  EXPECT_EQ(*committed, configuration_markdown()) << "renew it: action-scheduler docs-config > docs/configuration.md";
}

TEST(Reference, TheHelpNamesEveryKey) {
  for (const KeySpec& key : config_keys()) {
    EXPECT_THAT(configuration_help(), testing::HasSubstr("  " + std::string(key.name) + ' ')) << key.name;
    EXPECT_FALSE(key.help.empty()) << key.name;
    EXPECT_NE(key.store, nullptr) << key.name;
  }
}

TEST(Reference, EveryKeyStandsOnALevelOfItsOwnNameOnce) {
  std::set<std::string_view> names;
  for (const KeySpec& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    const auto dot = key.name.rfind('.');
    EXPECT_TRUE(dot == std::string_view::npos || is_level(key.name.substr(0, dot))) << key.name;
  }
}

TEST(Reference, EveryDefaultIsAllowed) {
  for (const KeySpec& key : config_keys()) EXPECT_NO_THROW(fallback_value(key)) << key.name;
}

}  // namespace
}  // namespace action_scheduler
