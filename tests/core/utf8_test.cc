#include "action_scheduler/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace action_scheduler {
namespace {

// The encoding by its definition, RFC 3629 section 3.
std::string encoded(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000) return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
}

TEST(Utf8, ReadsEveryCharacterAndNoSurrogate) {
  for (std::uint32_t code = 0; code <= 0x10ffff; ++code) {
    const std::string text = encoded(code) + "x";
    const Utf8Character character = first_character(text);
    if (code >= 0xd800 && code <= 0xdfff) {
      ASSERT_EQ(character.bytes, 0U) << code;
    } else {
      ASSERT_EQ(character.code, code);
      ASSERT_EQ(character.bytes, text.size() - 1);
    }
  }
}

TEST(Utf8, RefusesOverlongAndTooLargeCharacters) {
  for (const std::string text : {"\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                 "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\x80", "\xc3", "\xe2\x82", "\xc3z"}) {
    EXPECT_EQ(first_character(text).bytes, 0U);
    EXPECT_EQ(invalid_utf8_at("й" + text), 2U);
  }
}

TEST(Utf8, FindsNothingWrongWithGoodText) {
  EXPECT_EQ(invalid_utf8_at(""), std::nullopt);
  EXPECT_EQ(invalid_utf8_at("aй€😀"), std::nullopt);
}

}  // namespace
}  // namespace action_scheduler
