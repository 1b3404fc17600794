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

std::string printable(std::string_view text) {
  std::string shown;
  append_printable(shown, text);
  return shown;
}

TEST(Utf8, PrintableTextStaysAndTheRestIsEscaped) {
  EXPECT_EQ(printable("a \"b\" \\ Йж€😀"), "a \"b\" \\ Йж€😀");
  EXPECT_EQ(printable("a\nb\tc\r"), "a\\nb\\u0009c\\u000d");
  EXPECT_EQ(printable("\x1b[2J\x7f\xc2\x9b"), "\\u001b[2J\\u007f\\u009b");
  EXPECT_EQ(printable("\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf"), "\\u2028\\u202e\\ufeff");
  EXPECT_EQ(printable("\xff\xc3"), "\\ufffd\\ufffd");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u0000");
}

TEST(Utf8, PrintableTextIsOneLineOfCharactersWhateverItWas) {
  for (std::uint32_t code = 0; code <= 0x10ffff; ++code) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const std::string once = printable(encoded(code));
    ASSERT_EQ(printable(once), once) << code;
    ASSERT_EQ(once == encoded(code), is_printable(code)) << code;
  }
}

TEST(Utf8, TheFirstBytesEndBetweenCharacters) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("abc", 2), "ab");
  EXPECT_EQ(first_bytes("aй€", 2), "a");
  EXPECT_EQ(first_bytes("aй€", 5), "aй");
  EXPECT_EQ(first_bytes("\x80\x80\x80", 2), "");
}

}  // namespace
}  // namespace action_scheduler
