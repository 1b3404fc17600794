#include "tests/torture/hours.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/servers/kafka_reader.h"
#include "tests/torture/subject.h"
#include "tests/torture/watcher.h"

namespace action_scheduler::torture {
namespace {

constexpr int kEachSecond = 4;
// What was missed in hours has to be caught up, and a topic that refused everything is asked again after 30 s.
constexpr std::int64_t kPatienceMs = 180'000;
constexpr std::int64_t kSaidMaxMs = 30'000;
// shutdown_timeout of the schedulers, and a second for a busy machine.
constexpr std::int64_t kShutdownMaxMs = 6000;
// Up to three hours back are waited for.
constexpr std::int64_t kAheadS = 2 * 3600;
constexpr std::int64_t kBackS = 4 * 3600;

constexpr const char* kWaits = "the clock was set back; waiting until it has caught up";
constexpr const char* kGoesOn = "the clock was set back further than is waited for";
constexpr const char* kRefused = "message.timestamp.after.max.ms";

// Brokers refuse what is more than an hour ahead of them.
const std::map<std::string, std::string> kTakesAnyTime{{"message.timestamp.after.max.ms", "1000000000"}};

void add(Verdict& sum, const Verdict& verdict) {
  sum.fires += verdict.fires;
  sum.merged += verdict.merged;
  sum.repeated += verdict.repeated;
  sum.lost += verdict.lost;
  sum.twice += verdict.twice;
  sum.worst_lateness_ms = std::max(sum.worst_lateness_ms, verdict.worst_lateness_ms);
  sum.worst_on_time_lateness_ms = std::max(sum.worst_on_time_lateness_ms, verdict.worst_on_time_lateness_ms);
  sum.complaints.insert(sum.complaints.end(), verdict.complaints.begin(), verdict.complaints.end());
}

// One scheduler, from its first start to its end.
class Story {
 public:
  Story(const std::string& name, const std::string& what, Promise promise, const testing::PostgresServer& postgres,
        const testing::KafkaServer& kafka, const std::map<std::string, std::string>& topic_config, Chance& chance, Part& part)
      : name_(name),
        what_(what),
        kafka_(kafka),
        chance_(chance),
        part_(part),
        rows_(usual_rows(kEachSecond)),
        subject_(name_, promise,
                 databases_config(postgres.port(), name_) +
                     "shutdown_timeout: 5\n"
                     "kafka: {server: \"" +
                     kafka.address() + "\", topic: " + name_ + ", delivery: " + name_of(promise) + "}\n") {
    std::cout << name_of(promise) << ": " << what << std::endl;
    testing::create_kafka_topic(kafka.address(), name_, 1, topic_config);
    std::string statements = create_table_statement(name_);
    for (const RowSpec& row : rows_) statements += insert_statement(name_, row);
    postgres.exec(statements);
    for (const RowSpec& row : rows_) actions_.push_back(row.id);
    watcher_ = std::make_unique<Watcher>(kafka.address(), name_);
    subject_.clock_of_its_own(true);
    subject_.start();
    begin_ms_ = now_ms();
    fires("at first", 0);
  }

  bool fine() const { return fine_; }
  const std::string& name() const { return name_; }
  const Watcher& watcher() const { return *watcher_; }

  void complain(const std::string& text) {
    part_.complaints.push_back(what_ + ": " + text + "; the log ends: " + subject_.log_tail());
  }

  void set_clock(std::int64_t ahead_s) {
    logged_ = subject_.folder().read("stderr").size();
    subject_.step_clock(ahead_s * 1000);
  }

  // Since the clock was set.
  void await_said(const std::string& said) {
    for (const std::int64_t begin_ms = now_ms();
         fine_ && subject_.folder().read("stderr").find(said, logged_) == std::string::npos; sleep_ms(20)) {
      if (now_ms() - begin_ms > kSaidMaxMs) give_up("the log does not say '" + said + "'");
    }
  }

  // Until every row has fired for an instant that is so far ahead of the present one; that instant.
  std::int64_t fires(const std::string& when, std::int64_t ahead_s) {
    const std::int64_t begin_ms = now_ms();
    const std::int64_t second = begin_ms / 1000 + ahead_s;
    for (; fine_ && watcher_->latest_of_all_s(actions_) < second; sleep_ms(20)) {
      const bool running = subject_.running();
      if (!running || now_ms() - begin_ms > kPatienceMs) give_up((running ? "does not fire " : "ended by itself ") + when);
    }
    FaultRecord& record = part_.faults[what_];
    record.worst_recovery_ms = std::max(record.worst_recovery_ms, now_ms() - begin_ms);
    return second;
  }

  // It fires, for whatever instants.
  void fires_at_all(const std::string& what) {
    const std::uint64_t seen = watcher_->seen();
    for (const std::int64_t begin_ms = now_ms(); fine_ && watcher_->seen() < seen + 3 * rows_.size(); sleep_ms(20)) {
      if (now_ms() - begin_ms > kSaidMaxMs) give_up("does not fire " + what);
    }
  }

  // It may be shut down or killed, and started again. Whether it was.
  bool disturb() {
    const std::int64_t choice = chance_.between(1, 3);
    if (choice == 1) return false;
    if (choice == 2) {
      subject_.kill();
    } else {
      FaultRecord& record = part_.faults[what_];
      ++record.shutdowns;
      record.longest_shutdown_ms = std::max(record.longest_shutdown_ms, shut_down());
    }
    subject_.start();
    return true;
  }

  // Ends it, and judges.
  void end(Span due, const std::vector<Span>& repeats_excused) {
    if (subject_.running()) {
      await_all(due, repeats_excused);
      shut_down();
    }
    add(part_.verdict, judged(due, repeats_excused));
    part_.kills += subject_.kills();
    if (const auto report = subject_.sanitizer_report()) part_.complaints.push_back(*report);
    FaultRecord& record = part_.faults[what_];
    ++record.times;
    record.longest_ms = std::max(record.longest_ms, now_ms() - begin_ms_);
  }

 private:
  void give_up(const std::string& why) {
    complain(why);
    fine_ = false;
  }

  std::int64_t shut_down() {
    subject_.terminate();
    const std::int64_t begin_ms = now_ms();
    const auto code = subject_.wait(kShutdownMaxMs * 5);
    const std::int64_t took_ms = now_ms() - begin_ms;
    if (code != 0 || took_ms > kShutdownMaxMs) {
      complain("SIGTERM: " + (code ? "exit code " + std::to_string(*code) : std::string("no end")) + " after " +
               std::to_string(took_ms) + " ms");
      subject_.kill();
    }
    return took_ms;
  }

  // Fires may have been parked and come when they are tried again.
  void await_all(Span due, const std::vector<Span>& repeats_excused) {
    for (const std::int64_t begin_ms = now_ms(); fine_ && now_ms() - begin_ms < kPatienceMs; sleep_ms(2000)) {
      if (judged(due, repeats_excused).lost == 0) return;
    }
  }

  Verdict judged(Span due, const std::vector<Span>& repeats_excused) const {
    std::vector<Expectation> expectations;
    for (const RowSpec& row : rows_) expectations.push_back({row.id, row.period_s, row.merges, due, {}, {}, repeats_excused});
    testing::KafkaReader reader(kafka_.address());
    return judge(subject_.promise(), expectations, arrivals_of(reader.read_all(name_, std::chrono::seconds(120))));
  }

  const std::string name_;  // of table and topic
  const std::string what_;
  const testing::KafkaServer& kafka_;
  Chance& chance_;
  Part& part_;
  const std::vector<RowSpec> rows_;
  std::vector<std::int64_t> actions_;
  Subject subject_;
  std::unique_ptr<Watcher> watcher_;
  std::int64_t begin_ms_ = 0;
  std::size_t logged_ = 0;  // of its log, when the clock was set
  bool fine_ = true;        // false: it does not recover, and there is no use in going on
};

class Hours {
 public:
  Hours(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka, const HoursOptions& options)
      : promise_(promise),
        postgres_(postgres),
        kafka_(kafka),
        options_(options),
        chance_(options.seed * 2 + (promise == Promise::exactly_once ? 0 : 1)) {
    part_.name = "hours";
    part_.promise = promise;
  }

  Part run() {
    const std::int64_t begin_ms = now_ms();
    std::vector<void (Hours::*)()> stories{&Hours::back, &Hours::ahead, &Hours::too_far_ahead_for_the_brokers};
    chance_.shuffle(stories);
    for (std::size_t next = 0; next == 0 || now_ms() - begin_ms < options_.seconds_max * 1000; ++next) {
      (this->*stories[next % stories.size()])();
    }
    part_.seconds = static_cast<double>(now_ms() - begin_ms) / 1000;
    return std::move(part_);
  }

 private:
  Story begin(const std::string& what, const std::map<std::string, std::string>& topic_config = {}) {
    const std::string name = "hours_" + std::to_string(++stories_) + "_" + name_of(promise_);
    return {name, what, promise_, postgres_, kafka_, topic_config, chance_, part_};
  }

  void back() {
    Story story = begin("clock 4 hours back, then right");
    sleep_ms(chance_.between(0, 5000));
    const std::int64_t set_s = now_s();
    story.set_clock(-kBackS);
    story.await_said(kGoesOn);
    const std::int64_t gone_on_s = now_s();
    story.fires_at_all("for the time that the clock was set to");
    if (story.disturb()) story.fires_at_all("for that time after a restart");
    sleep_ms(chance_.between(0, 5000));
    story.set_clock(0);
    const std::int64_t until_s = story.fires("when the clock is right again", 0);
    story.end({gone_on_s - kBackS + 1, until_s}, {{set_s - kBackS, gone_on_s + 1}});
  }

  void ahead() {
    Story story = begin("clock 2 hours ahead, then right", kTakesAnyTime);
    const std::int64_t from_s = now_s();
    sleep_ms(chance_.between(0, 5000));
    story.set_clock(kAheadS);
    sleep_ms(chance_.between(0, 3000));
    story.disturb();
    story.fires("2 hours ahead", kAheadS);
    sleep_ms(chance_.between(0, 5000));
    end_when_the_time_has_come(story, from_s);
  }

  void too_far_ahead_for_the_brokers() {
    Story story = begin("clock 2 hours ahead, refused by the brokers, then right");
    const std::int64_t from_s = now_s();
    sleep_ms(chance_.between(0, 5000));
    story.set_clock(kAheadS);
    story.await_said(kRefused);
    story.disturb();
    sleep_ms(chance_.between(1000, 8000));
    end_when_the_time_has_come(story, from_s);
  }

  // Sets the clock right, sees that it waits, and that it goes on as if the two hours were over.
  void end_when_the_time_has_come(Story& story, std::int64_t from_s) {
    story.set_clock(0);
    story.await_said(kWaits);
    story.disturb();
    sleep_ms(3000);
    const std::uint64_t seen = story.watcher().seen();
    sleep_ms(8000);
    if (const std::uint64_t more = story.watcher().seen() - seen; more > 0)
      story.complain(std::to_string(more) + " messages while it waits for the clock");
    testing::configure_kafka_topic(kafka_.address(), story.name(), kTakesAnyTime);
    story.set_clock(kAheadS);
    const std::int64_t until_s = story.fires("when the time has come", kAheadS);
    story.end({from_s, until_s}, {});
  }

  const Promise promise_;
  const testing::PostgresServer& postgres_;
  const testing::KafkaServer& kafka_;
  const HoursOptions options_;
  Chance chance_;
  int stories_ = 0;
  Part part_;
};

}  // namespace

Part torture_by_hours(Promise promise, const testing::PostgresServer& postgres, const testing::KafkaServer& kafka,
                      const HoursOptions& options) {
  return Hours(promise, postgres, kafka, options).run();
}

}  // namespace action_scheduler::torture
