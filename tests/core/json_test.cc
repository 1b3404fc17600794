// The JSON reader: against RFC 8259, and against another reader on texts that somebody has damaged.
#include "core/json.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

namespace action_scheduler {
namespace {

std::string fault_of(std::string_view text) {
  const Result<JsonDocument> document = parse_json(text);
  return document ? std::string() : document.error().message;
}

TEST(Json, KeepsOrderKindsAndTheTextOfNumbers) {
  const std::string text =
      R"( {"a" : [1, -0, 5.0, 1e3, 123456789012345678901234567890], "b":{"c":null,"d":{}}, "e":true, "f":"x"} )";
  const Result<JsonDocument> document = parse_json(text);
  ASSERT_TRUE(document) << document.error().message;
  const Json& root = document->root();
  std::string keys;
  for (const Json& member : root.children()) keys += member.key();
  EXPECT_EQ(keys, "abef");
  std::vector<std::string> items;
  for (const Json& item : root.find("a")->children()) {
    items.push_back(std::string(item.text()) + ' ' + std::string(kind_name(item.kind())));
  }
  const std::string fraction = " a number with a fraction or exponent";
  EXPECT_EQ(items, (std::vector<std::string>{"1 an integer", "0 an integer", "5.0" + fraction, "1e3" + fraction,
                                             "123456789012345678901234567890 an integer"}));
  EXPECT_TRUE(root.find("b")->find("c")->is(Json::Kind::null));
  EXPECT_TRUE(root.find("b")->find("d")->is(Json::Kind::object));
  EXPECT_EQ(root.find("c"), nullptr);
  EXPECT_TRUE(root.find("e")->boolean());
  EXPECT_EQ(root.find("f")->text(), "x");
}

TEST(Json, HoldsAsManyValuesAsThereAre) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "[" + std::to_string(i) + "],";
  text += "{}]";
  const Result<JsonDocument> document = parse_json(text);
  ASSERT_TRUE(document);
  int expected = 0;
  for (const Json& item : document->root().children()) {
    if (item.is(Json::Kind::array)) {
      EXPECT_EQ((*item.children().begin()).integer(), expected++);
    }
  }
  EXPECT_EQ(expected, 1000);
}

TEST(Json, UnescapesStringsAndKeys) {
  const std::string text = R"({"k\u00e9y\n":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00","plain":"é","":"\u0000"})";
  const Result<JsonDocument> document = parse_json(text);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->root().find("k\xC3\xA9y\n")->text(), "\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(document->root().find("plain")->text(), "\xC3\xA9");
  EXPECT_EQ(document->root().find("")->text(), std::string_view("\0", 1));
}

TEST(Json, SaysWhereAndWhyItIsNone) {
  EXPECT_EQ(fault_of(""), "not valid JSON at character 1: it ends where a value is expected");
  EXPECT_EQ(fault_of("{\"a\":1,}"), "not valid JSON at character 8, near \"}\": a key in double quotes is expected");
  EXPECT_EQ(fault_of("[1 2]"), "not valid JSON at character 4, near \"2]\": `,` or `]` is expected");
  EXPECT_EQ(fault_of("{'a':1}"), "not valid JSON at character 2, near \"'a':1}\": a key in double quotes is expected");
  EXPECT_EQ(fault_of("\"a"), "not valid JSON at character 3: a string has no closing quote");
  EXPECT_EQ(fault_of("[nul]"),
            "not valid JSON at character 2, near \"nul]\": a value is expected; words are only true, false and null");
  EXPECT_EQ(fault_of("{\"a\":1,\"a\":2}"), "the key \"a\" stands twice in one object");
  EXPECT_EQ(fault_of(std::string("[\0]", 3)), "not valid JSON at character 2: a NUL byte");
  EXPECT_NE(fault_of(std::string(33, '[') + std::string(33, ']')), "");
  EXPECT_EQ(fault_of(std::string(32, '[') + std::string(32, ']')), "");
}

// What the other reader makes of it; duplicate keys are left to the test above.
void expect_same(const Json& ours, const nlohmann::json& theirs, const std::string& text) {
  ASSERT_EQ(ours.is(Json::Kind::object), theirs.is_object()) << text;
  ASSERT_EQ(ours.is(Json::Kind::array), theirs.is_array()) << text;
  ASSERT_EQ(ours.is(Json::Kind::string), theirs.is_string()) << text;
  if (theirs.is_string()) {
    ASSERT_EQ(ours.text(), theirs.get<std::string>()) << text;
  }
  if (theirs.is_number()) {
    // strtod and not stod, which throws at numbers too small for a normal double.
    ASSERT_EQ(std::strtod(std::string(ours.text()).c_str(), nullptr), theirs.get<double>()) << text;
  }
  if (theirs.is_boolean()) {
    ASSERT_EQ(ours.boolean(), theirs.get<bool>()) << text;
  }
  std::size_t children = 0;
  for (const Json& child : ours.children()) {
    ASSERT_LT(children, theirs.size());
    expect_same(child, theirs.is_object() ? theirs.at(std::string(child.key())) : theirs.at(children), text);
    ++children;
  }
  ASSERT_EQ(children, theirs.is_structured() ? theirs.size() : 0) << text;
}

TEST(Json, AgreesWithAnotherReaderOnDamagedTexts) {
  const std::vector<std::string> good = {
      R"({"format":"unix","params":{"value":"*/5 9-17 * * mon-fri","timezone":"Europe/Berlin","jitter":30}})",
      R"([0,-1,2.5,1e-3,1e-310,-0.0E+2,true,false,null,"\u00e9\ud83d\ude00\"\\",{"a":{"b":[]}},"é€😀"])",
  };
  constexpr std::string_view kBytes = "{}[]\",:0123456789.-+eE\\untrfalse \n\t\x80\xC3\xA9\xED\xA0\xF4\x7F";
  const unsigned seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  int valid = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text = good[random() % good.size()];
    for (auto damage = random() % 3 + 1; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, random() % 3 + 1);
      }
    }
    const Result<JsonDocument> ours = parse_json(text);
    if (!ours && ours.error().message.find("stands twice") != std::string::npos) continue;
    const nlohmann::json theirs = nlohmann::json::parse(text, nullptr, false);
    const bool out_of_range = ours.ok() && theirs.is_discarded() && nlohmann::json::accept(text) == false &&
                              text.find_first_of("eE") != std::string::npos;
    if (out_of_range) continue;  // 1e999 is a number here, and infinite there
    ASSERT_EQ(ours.ok(), !theirs.is_discarded()) << "seed " << seed << ": " << text << (ours ? "" : ours.error().message);
    if (!ours) continue;
    ++valid;
    expect_same(ours->root(), theirs, text);
  }
  EXPECT_GT(valid, 1000);
}

}  // namespace
}  // namespace action_scheduler
