#include "config/sample_actions.h"

#include <gtest/gtest.h>

namespace action_scheduler {
namespace {

std::string fault(std::string_view yaml) {
  const auto rows = read_sample_actions(yaml, "s.yaml");
  return rows ? "no fault" : rows.error().message;
}

TEST(SampleActions, EveryColumnHasItsCellText) {
  const auto rows = read_sample_actions(
      "- id: 7\n  name: n\n  command: 12\n  cron: {format: interval, params: {seconds: 10}}\n  merge_missed: yes\n  "
      "actuality_time: 60\n"
      "  enabled: false\n  timezone: Europe/Berlin\n  topic: t\n  key: k\n  headers: {a: \"1\"}\n",
      "s.yaml");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), 1U);
  Row row = rows->front();
  EXPECT_EQ(row.id, 7);
  EXPECT_EQ(row[Column::name], "n");
  EXPECT_EQ(row[Column::command], "12");
  EXPECT_EQ(row[Column::cron], R"({"format": "interval", "params": {"seconds": 10}})");
  EXPECT_EQ(row[Column::merge_missed], "t");
  EXPECT_EQ(row[Column::actuality_time], "60");
  EXPECT_EQ(row[Column::enabled], "f");
  EXPECT_EQ(row[Column::timezone], "Europe/Berlin");
  EXPECT_EQ(row[Column::topic], "t");
  EXPECT_EQ(row[Column::key], "k");
  EXPECT_EQ(row[Column::headers], R"({"a": "1"})");
}

TEST(SampleActions, NullCellsAreAbsentAndTheIdIsLeftToTheTable) {
  const auto rows = read_sample_actions("- {name: n, command: c, cron: {}, merge_missed: null, topic: ~}\n", "s.yaml");
  ASSERT_TRUE(rows.ok());
  Row row = rows->front();
  EXPECT_EQ(row.id, 0);
  EXPECT_FALSE(row[Column::merge_missed]);
  EXPECT_FALSE(row[Column::topic]);
}

TEST(SampleActions, AnEmptyFileHasNone) {
  const auto rows = read_sample_actions("# nothing\n", "s.yaml");
  ASSERT_TRUE(rows.ok());
  EXPECT_TRUE(rows->empty());
}

TEST(SampleActions, FaultsNameTheirPlace) {
  EXPECT_EQ(fault("a: 1\n"), "s.yaml:1:1: expected a list of actions");
  EXPECT_EQ(fault("- 5\n"), "s.yaml:1:3: expected an action with name, command and cron");
  EXPECT_EQ(fault("- name: n\n  command: c\n"), "s.yaml:1:3: cron: missing");
  EXPECT_EQ(fault("- name: n\n  comand: c\n"), "s.yaml:2:3: comand: unknown column (did you mean \"command\"?)");
  EXPECT_EQ(fault("- name: [n]\n"), "s.yaml:1:3: name: expected a single value");
  EXPECT_EQ(fault("- merge_missed: 5\n"), "s.yaml:1:3: merge_missed: expected true or false, got \"5\"");
  EXPECT_EQ(fault("- actuality_time: soon\n"), "s.yaml:1:3: actuality_time: expected seconds as an integer, got \"soon\"");
  EXPECT_EQ(fault("- id: x\n"), "s.yaml:1:3: id: expected an integer");
  EXPECT_EQ(fault("- name: a\n  name: b\n"), "s.yaml:2:3: name: duplicate key, given first at s.yaml:1:3");
}

}  // namespace
}  // namespace action_scheduler
