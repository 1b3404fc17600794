#include "tests/documents/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ParseDocument, TakesAScriptWhole) {
  const Document page = parse_document("Text.\n\n```sh\nmkdir a\ncd a\n```\n");
  EXPECT_THAT(page.faults, IsEmpty());
  ASSERT_THAT(page.steps, SizeIs(1));
  EXPECT_EQ(page.steps[0].text, "mkdir a\ncd a\n");
  EXPECT_EQ(page.steps[0].line, 3);
}

TEST(ParseDocument, PairsCommandsWithWhatTheyPrint) {
  const Document page = parse_document("```console\n$ one \\\n    --more\nresult\n$ two\n```\n");
  ASSERT_THAT(page.steps, SizeIs(2));
  EXPECT_EQ(page.steps[0].text, "one \\\n    --more\n");
  EXPECT_EQ(page.steps[0].printed, "result\n");
  EXPECT_EQ(page.steps[1].text, "two\n");
  EXPECT_EQ(page.steps[1].printed, "");
}

TEST(ParseDocument, TakesABlockInAListWithoutItsIndent) {
  const Document page = parse_document("1. Do:\n\n   ```sh\n   if true; then\n     ls\n   fi\n   ```\n");
  ASSERT_THAT(page.steps, SizeIs(1));
  EXPECT_EQ(page.steps[0].text, "if true; then\n  ls\nfi\n");
}

TEST(ParseDocument, HeedsTheCommentBeforeABlock) {
  const Document page = parse_document(
      "<!-- run: with servers -->\n<!-- run: no, needs Docker -->\n```sh\ndocker\n```\n<!-- run: file a.yaml -->\n\n```yaml\na: "
      "1\n```\n"
      "<!-- run: end -->\n<!-- run: until, like -->\n```console\n$ x\n```\n<!-- run: before\nsetup\n-->\n");
  EXPECT_THAT(page.faults, IsEmpty());
  EXPECT_TRUE(page.servers);
  ASSERT_THAT(page.steps, SizeIs(5));
  EXPECT_EQ(page.steps[0].skipped, "needs Docker");
  EXPECT_EQ(page.steps[1].kind, DocumentStep::Kind::file);
  EXPECT_EQ(page.steps[1].file, "a.yaml");
  EXPECT_EQ(page.steps[1].text, "a: 1\n");
  EXPECT_EQ(page.steps[2].kind, DocumentStep::Kind::end);
  EXPECT_TRUE(page.steps[3].until);
  EXPECT_TRUE(page.steps[3].like);
  EXPECT_EQ(page.steps[4].text, "setup\n");
}

TEST(ParseDocument, FindsWhatWouldNotBeRun) {
  EXPECT_THAT(parse_document("<!-- run: unitl -->\n```sh\nx\n```\n").faults, ElementsAre(HasSubstr("unitl")));
  EXPECT_THAT(parse_document("<!-- run: fails -->\nText.\n").faults, ElementsAre(HasSubstr("before no block")));
  EXPECT_THAT(parse_document("<!-- run: fails -->\n```json\n{}\n```\n").faults, ElementsAre(HasSubstr("neither")));
  EXPECT_THAT(parse_document("```\n$ ls\n```\n").faults, ElementsAre(HasSubstr("not marked console")));
  EXPECT_THAT(parse_document("    $ ls\n").faults, ElementsAre(HasSubstr("outside a fenced block")));
  EXPECT_THAT(parse_document("    action-scheduler check\n").faults, ElementsAre(HasSubstr("outside a fenced block")));
}

TEST(PrintedAsShown, ComparesLineByLine) {
  EXPECT_TRUE(printed_as_shown("a\nb\n", "a\nb\n", false));
  EXPECT_FALSE(printed_as_shown("a\nb\n", "a\nc\n", false));
  EXPECT_FALSE(printed_as_shown("a\n", "a\nb\n", false));
  EXPECT_FALSE(printed_as_shown("", "a\n", false));
}

TEST(PrintedAsShown, LetsDotsStandForAnything) {
  EXPECT_TRUE(printed_as_shown("a\n...\nd\n", "a\nb\nc\nd\n", false));
  EXPECT_TRUE(printed_as_shown("a\n...\n", "a\n", false));
  EXPECT_FALSE(printed_as_shown("...\nd\n", "a\nb\n", false));
  EXPECT_TRUE(printed_as_shown("took ... ms, id=...\n", "took 12 ms, id=7\n", false));
  EXPECT_FALSE(printed_as_shown("took ... ms\n", "took 12 s\n", false));
}

TEST(PrintedAsShown, TakesAnyTimesAsAlikeWhereAsked) {
  EXPECT_TRUE(printed_as_shown("next 2026-11-21T10:00:00Z\n", "next 2027-01-01T00:00:05Z\n", true));
  EXPECT_FALSE(printed_as_shown("next 2026-11-21T10:00:00Z\n", "next 2027-01-01T00:00:05Z\n", false));
  EXPECT_TRUE(printed_as_shown("Mon 2026-11-23 10:00:00 +01:00\n", "Sat 2027-01-02 00:00:00 -05:00\n", true));
}

}  // namespace
}  // namespace action_scheduler::testing
