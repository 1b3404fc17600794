#include "config/dotenv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace action_scheduler {
namespace {

std::vector<std::string> read(std::string_view text) {
  std::vector<std::string> lines;
  const DotenvReading reading = read_dotenv(text, ".env");
  for (const DotenvEntry& entry : reading.entries)
    lines.push_back(std::to_string(entry.line) + ' ' + entry.name + '=' + entry.value);
  for (const ConfigFault& fault : reading.faults) lines.push_back(fault.describe());
  return lines;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Dotenv, ReadsANameAndAValueALine) {
  EXPECT_THAT(read("A=1\nB = two words \nexport C=3\r\n\texport\tD=4"), ElementsAre("1 A=1", "2 B=two words", "3 C=3", "4 D=4"));
}

TEST(Dotenv, SkipsCommentsEmptyLinesAndNamesWithoutAValue) {
  EXPECT_THAT(read("\n# A=1\n   \n  #B=2\nUNSET\nC=3"), ElementsAre("6 C=3"));
  EXPECT_THAT(read(""), IsEmpty());
}

TEST(Dotenv, ACommentBehindAValueNeedsABlank) {
  EXPECT_THAT(read("A=1 # one\nB=pass#word\nC=#none\nD='a # b' # c"), ElementsAre("1 A=1", "2 B=pass#word", "3 C=", "4 D=a # b"));
}

TEST(Dotenv, SingleQuotesKeepEverything) { EXPECT_THAT(read(R"(A='a\n"$B" ')"), ElementsAre(R"(1 A=a\n"$B" )")); }

TEST(Dotenv, DoubleQuotesKnowEscapes) { EXPECT_THAT(read(R"(A="a\n\t\"\\\$\x")"), ElementsAre("1 A=a\n\t\"\\$\\x")); }

TEST(Dotenv, QuotesMayRunOverLines) { EXPECT_THAT(read("A=\"x\ny\"\nB=1"), ElementsAre("1 A=x\ny", "3 B=1")); }

TEST(Dotenv, EqualsSignsBelongToTheValue) { EXPECT_THAT(read("A=b=c=="), ElementsAre("1 A=b=c==")); }

TEST(Dotenv, AByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_THAT(read("\xef\xbb\xbf"
                   "A=1"),
              ElementsAre("1 A=1"));
}

TEST(Dotenv, TellsAnOpenQuoteAndGoesOn) {
  EXPECT_THAT(read("A=1\nB=\"open\nC=3"), ElementsAre("1 A=1", "3 C=3", ".env:2: B: expected a closing quote"));
}

TEST(Dotenv, LinesThatAreNoAssignmentsAreNobodys) {
  EXPECT_THAT(read("debug: true\nsetenv DEBUG x\nexport DEBUG\n\xff\xfe\n[section]\nA=1"), ElementsAre("6 A=1"));
  EXPECT_THAT(read("set DEBUG=1\n=x\n"), ElementsAre("1 set DEBUG=1", "2 =x"));
}

TEST(Dotenv, ALaterLineOfANameIsAnEntryOfItsOwn) { EXPECT_THAT(read("A=1\nA=2\n"), ElementsAre("1 A=1", "2 A=2")); }

TEST(Dotenv, NothingIsExpanded) {
  EXPECT_THAT(read("A=$HOME ${B} `id` $(id) %s\nB=\"$A\""), ElementsAre("1 A=$HOME ${B} `id` $(id) %s", "2 B=$A"));
}

TEST(Dotenv, BytesThatAreNoTextStayInTheirValue) {
  using namespace std::string_literals;
  EXPECT_THAT(read("A=a\0b\nB=\xff\n"s), ElementsAre("1 A=a\0b"s, "2 B=\xff"));
}

TEST(Dotenv, TellsTextBehindAQuote) {
  EXPECT_THAT(read("A='x' y\nB=1"), ElementsAre("1 A=x", "2 B=1", ".env:1: A: expected nothing behind the closing quote"));
}

}  // namespace
}  // namespace action_scheduler
