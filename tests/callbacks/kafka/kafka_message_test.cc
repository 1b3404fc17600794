// The bytes that consumers see.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/callbacks/kafka/kafka_fixture.h"

namespace action_scheduler::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Mode = KafkaOptions::DeliveryMode;

class KafkaMessage : public KafkaTest {
 protected:
  ReadMessage deliver_one(FireList& fires) {
    const DeliveryReport report = callback_->deliver(fires.batch());
    EXPECT_EQ(report.status, DeliveryStatus::settled) << report.error.message;
    auto messages = KafkaReader(address_).read_all(options_.kafka.topic);
    EXPECT_EQ(messages.size(), 1U);
    return messages.empty() ? ReadMessage{} : messages.front();
  }
  void reopen() {
    callback_ = make_kafka(options_);
    claim_ = claim_kafka(*callback_);
  }
};

TEST_F(KafkaMessage, CarriesValueKeyAndCloudEventsHeaders) {
  open(Mode::exactly_once);
  FireList fires;
  fires.add(42, "делай \"это\"", "", {{"team", "ops"}, {"empty", ""}});
  Fire& fire = fires.fires[0];
  fire.merged_count = 3;
  fire.first_missed = fire.time - Seconds{3600};
  fire.expires = fire.time + Seconds{60};
  fire.reason = FireReason::merged;
  fire.attempt = 2;
  const ReadMessage message = deliver_one(fires);
  EXPECT_EQ(message.key, "42");
  EXPECT_EQ(message.value, R"({"command": "\u0434\u0435\u043b\u0430\u0439 \"\u044d\u0442\u043e\""})");
  EXPECT_THAT(
      message.headers,
      ElementsAre(Pair("ce_specversion", "1.0"), Pair("ce_id", "42@2026-11-21T10:00:00Z"), Pair("ce_source", options_.instance),
                  Pair("ce_type", "action.fired"), Pair("ce_time", "2026-11-21T10:00:00Z"), Pair("ce_subject", "action 42"),
                  Pair("content-type", "application/json"), Pair("ce_actionid", "42"), Pair("ce_attempt", "2"),
                  Pair("ce_reason", "merged"), Pair("ce_mergedcount", "3"), Pair("ce_firstmissed", "2026-11-21T09:00:00Z"),
                  Pair("ce_expirytime", "2026-11-21T10:01:00Z"), Pair("team", "ops"), Pair("empty", "")));
}

TEST_F(KafkaMessage, IsWhatThePythonProgramSentWhenKeyAndHeadersAreOff) {
  open(Mode::at_least_once);
  options_.kafka.key = KafkaOptions::Key::none;
  options_.kafka.headers = KafkaOptions::Headers::none;
  reopen();
  FireList fires;
  fires.add(1, "command1");
  const ReadMessage message = deliver_one(fires);
  EXPECT_FALSE(message.key.has_value());
  EXPECT_EQ(message.value, R"({"command": "command1"})");
  EXPECT_TRUE(message.headers.empty());
}

TEST_F(KafkaMessage, TakesNameForAKeyAndTheBareCommandForAValue) {
  open(Mode::at_least_once);
  options_.kafka.key = KafkaOptions::Key::name;
  options_.kafka.value = KafkaOptions::Value::raw;
  options_.kafka.source = "urn:me";
  reopen();
  FireList fires;
  fires.add(1, "");
  const ReadMessage message = deliver_one(fires);
  EXPECT_EQ(message.key, "action 1");
  EXPECT_EQ(message.value, "");  // empty, not null: null would delete from a compacted topic
  EXPECT_EQ(message.header("ce_source"), "urn:me");
  EXPECT_EQ(message.header("content-type"), "text/plain; charset=utf-8");
}

TEST_F(KafkaMessage, HasOneContentTypeWhichIsTheRowsIfItNamesOne) {
  open(Mode::at_least_once);
  FireList fires;
  fires.add(1, "<x/>", "", {{"team", "ops"}, {"content-type", "text/xml"}});
  const ReadMessage message = deliver_one(fires);
  const auto is_type = [](const auto& header) { return header.first == "content-type"; };
  EXPECT_EQ(std::ranges::count_if(message.headers, is_type), 1);
  EXPECT_EQ(message.header("content-type"), "text/xml");
  EXPECT_EQ(message.header("team"), "ops");
}

TEST_F(KafkaMessage, CarriesCommandsNamesAndHeadersThatLookLikeSomethingElse) {
  open(Mode::at_least_once);
  const std::string hostile = "x\r\nce_id: forged\n\x1b[2J %s {} \xe2\x80\xa8";
  FireList fires;
  fires.add(1, hostile + std::string(1, '\0'), "", {{"a\r\nb", hostile}}, hostile.c_str());
  const ReadMessage message = deliver_one(fires);
  EXPECT_EQ(message.value, R"({"command": "x\r\nce_id: forged\n\u001b[2J %s {} \u2028\u0000"})");
  EXPECT_EQ(message.key, hostile);
  EXPECT_EQ(message.header("a\r\nb"), hostile);
  EXPECT_EQ(message.header("ce_id"), "1@2026-11-21T10:00:00Z");
}

TEST_F(KafkaMessage, GoesToTheTopicAndUnderTheKeyOfItsRow) {
  open(Mode::exactly_once);
  const std::string other = unique_name("other");
  create_kafka_topic(address_, other, 3);
  FireList fires;
  fires.add(1, "here").add(2, "there", other, {}, "k").add(3, "there too", other, {}, "");
  EXPECT_EQ(callback_->deliver(fires.batch()).status, DeliveryStatus::settled);
  EXPECT_THAT(values(options_.kafka.topic), ElementsAre(R"({"command": "here"})"));
  std::vector<std::string> keys;
  for (const ReadMessage& message : KafkaReader(address_).read_all(other)) keys.push_back(message.key.value_or("(null)"));
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("k", ""));
}

// Batches that are not full are not waited for, neither when all is handed over nor when the client can hold no more.
TEST_F(KafkaMessage, WaitsForNoLingeringBatch) {
  open(Mode::exactly_once);
  options_.kafka.properties = {{"linger.ms", "9000"}, {"queue.buffering.max.messages", "20"}};
  reopen();
  FireList fires;
  for (int id = 1; id <= 200; ++id) fires.add(id, "x");
  EXPECT_EQ(callback_->deliver(fires.batch()).status, DeliveryStatus::settled) << "ten times nine seconds are too long";
  EXPECT_EQ(values(options_.kafka.topic).size(), 200U);
}

TEST_F(KafkaMessage, PositionStandsAtTheGroupOfTheInstance) {
  open(Mode::exactly_once);
  FireList fires;
  fires.add(7, "a");
  callback_->deliver(fires.batch());
  const auto offset = read_committed_offset(address_, options_.instance, options_.kafka.topic);
  ASSERT_TRUE(offset.has_value());
  EXPECT_EQ(offset->first, unix_seconds(fires.fires[0].due) * 1000);
  EXPECT_THAT(offset->second, ::testing::MatchesRegex("v1 owner=[0-9a-f]+ after=7"));
}

}  // namespace
}  // namespace action_scheduler::testing
