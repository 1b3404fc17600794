// The API as its clients have it: the real server before a running service, with a table and a ledger in SQLite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <future>

#include "core/json.h"
#include "engine/service.h"
#include "engine/system_clock.h"
#include "http/embedded_files.h"
#include "http/http_service.h"
#include "operations/assembly.h"
#include "tests/callbacks/recording_callback.h"
#include "tests/engine/world.h"
#include "tests/http/http_connection.h"
#include "zones/system_zones.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kYearly =
    R"({"name":"report","command":"build <it>","cron":{"format":"unix","params":{"value":"0 0 1 1 *"}}})";

class Silent : public Log {
 public:
  bool enabled(Level) const override { return false; }
  void write(Level, std::string_view, std::span<const Field>) override {}
};

class Api : public ::testing::Test {
 protected:
  Api() {
    std::string pattern = (std::filesystem::temp_directory_path() / "api-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.instance = "test";
    settings_.action.callback = "stdout";
    settings_.actions_db.dialect = Dialect::sqlite;
    settings_.actions_db.database = (folder_ / "actions.db").string();
    settings_.actions_db.table = "action";
    settings_.internal_db = InternalDbSettings{(folder_ / "ledger.db").string()};
    settings_.track_changes_period = Seconds{3600};
    settings_.http.listen = ListenAddress{"127.0.0.1", 0};
  }

  ~Api() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void start() {
    EXPECT_TRUE(make_action_table(settings_)->create_if_missing());
    auto opening = open_ledger(settings_);
    ledger_ = std::move(std::get<OpenedLedger>(opening).ledger);
    source_ = make_source(settings_);
    callback_ = std::make_unique<RecordingCallback>(receiver_);
    parser_ = std::make_unique<RowParser>(row_defaults(settings_), zones_);
    engine_ = std::make_unique<Engine>(Engine::Options{}, Engine::Ports{clock_, *ledger_, *callback_, *parser_, log_});
    ASSERT_TRUE(engine_->open());
    service_ =
        std::make_unique<Service>(Service::Options{std::chrono::seconds{3600}, std::chrono::seconds{2}, std::chrono::seconds{10}},
                                  Service::Ports{clock_, *callback_, *source_, *parser_, log_}, *engine_);
    auto http = HttpService::start(settings_, effective_config_, *service_, {clock_, *callback_, zones_, log_});
    ASSERT_TRUE(http.ok());
    http_ = *std::move(http);
    end_ = std::async(std::launch::async, [this] { return service_->run(); });
    ASSERT_TRUE(eventually([&] { return get("/readyz").status == 200; })) << get("/readyz").body;
  }

  void stop() {
    if (!service_) return;
    service_->stop();
    end_.wait();
    http_.reset();
    service_.reset();
    engine_.reset();
    ledger_.reset();
  }

  static bool eventually(const std::function<bool()>& done) {
    for (int i = 0; i < 400; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{25});
    }
    return false;
  }

  std::uint16_t port() const { return http_->port(); }
  Reply get(const std::string& target, RequestHeaders headers = {}) const {
    return ask(port(), "GET", target, std::move(headers));
  }

  // The member at `path` ("table/rows") of a JSON text; what it is as text.
  static std::string member(const std::string& text, const std::string& path) {
    const auto document = parse_json(std::string_view(text));
    if (!document) return "no JSON: " + text;
    const Json* value = &document->root();
    for (std::size_t begin = 0; begin <= path.size() && value != nullptr;) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      value = value->find(path.substr(begin, end - begin));
      begin = end + 1;
    }
    return value == nullptr ? "absent" : std::string(value->text());
  }

  // Adds the action and waits until the engine has taken it up.
  void add(const std::string& json) {
    const std::string before = member(get("/api/v1/status").body, "actions");
    const Reply reply = post(port(), "/api/v1/actions", json);
    ASSERT_EQ(reply.status, 201) << reply.body;
    ASSERT_TRUE(eventually([&] { return member(get("/api/v1/status").body, "actions") != before; }));
  }

  std::vector<std::string> fired() {
    std::vector<std::string> ids;
    EXPECT_TRUE(service_->between_steps([&](Engine&) { ids = receiver_.ids(); }, std::chrono::seconds{5}));
    return ids;
  }

  std::filesystem::path folder_;
  Settings settings_;
  const std::string effective_config_ = R"({"debug": {"value": false, "origin": "default"}})";
  SystemClock clock_;
  SystemZones zones_;
  Silent log_;
  RecordedReceiver receiver_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<ActionSource> source_;
  std::unique_ptr<RecordingCallback> callback_;
  std::unique_ptr<RowParser> parser_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<HttpService> http_;
  std::future<Service::End> end_;
};

TEST_F(Api, TellsHowTheServiceDoes) {
  start();
  const Reply reply = get("/api/v1/status");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "application/json");
  EXPECT_EQ(member(reply.body, "alive/ok"), "true");
  EXPECT_EQ(member(reply.body, "ready/ok"), "true");
  EXPECT_EQ(member(reply.body, "access/writes"), "open");
  EXPECT_EQ(member(reply.body, "table/polls"), "1");
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_THAT(get("/metrics").body, HasSubstr("action_scheduler_polls_total{result=\"good\"} 1\n"));
  EXPECT_EQ(get("/api/v1/openapi.json").body, openapi_file().content);
}

TEST_F(Api, AddsShowsChangesAndRemovesAnAction) {
  start();
  add(kYearly);
  const Reply shown = get("/api/v1/actions/1");
  EXPECT_EQ(member(shown.body, "schedule"), "at 00:00 on the 1st of January, UTC") << shown.body;
  EXPECT_EQ(member(shown.body, "cells/command"), "build <it>");
  EXPECT_EQ(member(shown.body, "taken_up"), "true");

  Reply changed = ask(port(), "PATCH", "/api/v1/actions/1", {{"Content-Type", "application/json"}},
                      R"({"merge_missed":true,"actuality_time":60,"timezone":"Europe/Berlin","headers":{"a":"b"}})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(member(changed.body, "action/timezone"), "Europe/Berlin");
  EXPECT_EQ(member(changed.body, "action/cells/headers"), R"({"a":"b"})");
  changed = ask(port(), "PATCH", "/api/v1/actions/1", {{"Content-Type", "application/json"}}, R"({"timezone":null})");
  EXPECT_EQ(member(changed.body, "action/timezone"), "UTC");

  EXPECT_EQ(member(ask(port(), "POST", "/api/v1/actions/1/disable?dry_run=true").body, "written"), "false");
  EXPECT_EQ(member(get("/api/v1/actions/1").body, "state"), "scheduled");
  EXPECT_EQ(member(ask(port(), "POST", "/api/v1/actions/1/disable").body, "action/state"), "disabled");
  EXPECT_EQ(member(ask(port(), "POST", "/api/v1/actions/1/enable").body, "action/state"), "scheduled");
  EXPECT_EQ(member(ask(port(), "DELETE", "/api/v1/actions/1").body, "done"), "removed");
  EXPECT_EQ(get("/api/v1/actions/1").status, 404);
  EXPECT_EQ(ask(port(), "DELETE", "/api/v1/actions/1").status, 404);
}

TEST_F(Api, ARowWithAFaultIsNotWritten) {
  start();
  const Reply reply =
      post(port(), "/api/v1/actions", R"({"name":"x","command":"y","cron":{"format":"unix","params":{"value":"61 * * * *"}}})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(member(reply.body, "fault/column"), "cron");
  EXPECT_THAT(member(reply.body, "detail"), HasSubstr("nothing was written"));
  EXPECT_EQ(member(get("/api/v1/actions").body, "next_after"), "null");
}

TEST_F(Api, BodiesAndParametersAreChecked) {
  start();
  const auto refused = [&](const std::string& json) { return post(port(), "/api/v1/actions", json); };
  EXPECT_THAT(refused("{").body, HasSubstr("not JSON"));
  EXPECT_THAT(refused("[]").body, HasSubstr("expected an object"));
  EXPECT_THAT(refused(R"({"name":"a","command":"b"})").body, HasSubstr("cron: missing"));
  EXPECT_THAT(refused(R"({"name":1,"command":"b","cron":{}})").body, HasSubstr("name: expected a text, got 1"));
  EXPECT_THAT(refused(R"({"nam":"a"})").body, HasSubstr("did you mean \\\"name\\\""));
  EXPECT_EQ(refused("{").status, 400);
  EXPECT_EQ(get("/api/v1/actions?limit=0").status, 400);
  EXPECT_EQ(get("/api/v1/actions?limit=1001").status, 400);
  EXPECT_EQ(get("/api/v1/actions?limits=1").status, 400);
  EXPECT_EQ(get("/api/v1/actions?limit=1&limit=2").status, 400);
  EXPECT_EQ(get("/api/v1/actions/abc").status, 400);
  EXPECT_EQ(get("/api/v1/actions/9223372036854775808").status, 400);
  EXPECT_EQ(get("/api/v1/fires?before=0").status, 400);
  EXPECT_EQ(get("/api/v1/simulate?from=yesterday").status, 400);
}

TEST_F(Api, ListsAPageAtATimeAndFindsByNameCommandAndId) {
  start();
  const auto table = make_action_table(settings_);
  for (int i = 1; i <= 25; ++i) {
    const CellChanges cells = {{Column::name, "job " + std::to_string(i)},
                               {Column::command, i == 7 ? "special" : "usual"},
                               {Column::cron, R"({"format":"interval","params":{"hours":1}})"}};
    ASSERT_TRUE(table->insert({}, cells, Writing::kept));
  }
  const Reply first = get("/api/v1/actions?limit=10");
  EXPECT_EQ(member(first.body, "next_after"), "10");
  EXPECT_EQ(member(get("/api/v1/actions?limit=10&after=20").body, "next_after"), "null");
  EXPECT_THAT(get("/api/v1/actions?search=SPECIAL").body, AllOf(HasSubstr("\"id\":7,"), Not(HasSubstr("\"id\":8,"))));
  EXPECT_THAT(get("/api/v1/actions?search=job%2025").body, HasSubstr("\"id\":25,"));
  EXPECT_THAT(get("/api/v1/actions?search=13").body, HasSubstr("\"id\":13,"));
}

TEST_F(Api, ListsRowsWithFaults) {
  const auto table = make_action_table(settings_);
  ASSERT_TRUE(table->create_if_missing());
  const auto insert = [&](ActionId id, const char* cron) {
    const CellChanges cells = {{Column::name, "n" + std::to_string(id)}, {Column::command, "c"}, {Column::cron, cron}};
    ASSERT_TRUE(table->insert(id, cells, Writing::kept));
  };
  constexpr const char* kHourly = R"({"format":"interval","params":{"hours":1}})";
  for (const ActionId id : {2, 3, 5, 7}) insert(id, "{}");
  insert(4, kHourly);
  start();
  const auto ids = [&](const std::string& more) {
    const std::string body = get("/api/v1/actions?state=faulty" + more).body;
    std::string found;
    for (const std::string id : {"2", "3", "4", "5", "7"}) {
      if (body.find("{\"id\":" + id + ",") != std::string::npos) found += id;
    }
    return found + ' ' + member(body, "next_after");
  };
  EXPECT_EQ(ids(""), "2357 null");
  EXPECT_EQ(ids("&limit=2"), "23 3");
  EXPECT_EQ(ids("&limit=2&after=3"), "57 null");
  EXPECT_EQ(ids("&search=N5"), "5 null");
  EXPECT_EQ(ids("&search=7"), "7 null");
  EXPECT_EQ(ids("&search=4"), " null");
  ASSERT_TRUE(table->update(3, {{Column::cron, kHourly}}, Writing::kept));
  EXPECT_EQ(ids(""), "257 null") << "mended since the last look at the table";
}

TEST_F(Api, WhatATableHoldsIsEscapedWhateverItIs) {
  start();
  const CellChanges cells = {{Column::name, "</script>\xff\"\n"},
                             {Column::command, "\x01"},
                             {Column::cron, R"({"format":"interval","params":{"hours":1}})"}};
  ASSERT_TRUE(make_action_table(settings_)->insert({}, cells, Writing::kept));
  EXPECT_EQ(member(get("/api/v1/actions/1").body, "name"), "</script>\xef\xbf\xbd\"\n");
}

TEST_F(Api, ExplainsASchedule) {
  start();
  const Reply reply = post(
      port(), "/api/v1/explain",
      R"({"cron":{"format":"unix","params":{"value":"30 2 * * *"}},"timezone":"Europe/Berlin","after":"2026-03-28T12:00:00Z","count":2})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(member(reply.body, "timezone"), "Europe/Berlin");
  EXPECT_THAT(reply.body, HasSubstr(R"("fires":[{"utc":"2026-03-29T01:00:00Z","local":"2026-03-29T03:00:00+02:00"},)"));
  const Reply next = post(port(), "/api/v1/next",
                          R"({"cron":"{\"format\":\"interval\",\"params\":{\"days\":1}}","after":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(next.body, "{\"fires\":[\"2026-01-02T00:00:00Z\"]}\n");
  EXPECT_EQ(post(port(), "/api/v1/next", R"({"cron":{"format":"unix"}})").status, 422);
  EXPECT_EQ(post(port(), "/api/v1/next", R"({"cron":{},"timezone":"Mars"})").status, 422);
}

TEST_F(Api, ReadsAScheduleThatNamesNoZoneInTheConfiguredOne) {
  settings_.timezone = "Asia/Tokyo";
  start();
  const Reply reply = post(port(), "/api/v1/explain", R"({"cron":{"format":"unix","params":{"value":"30 2 * * *"}}})");
  EXPECT_EQ(member(reply.body, "timezone"), "Asia/Tokyo");
}

TEST_F(Api, CountsWhatWillFire) {
  start();
  add(R"({"name":"hourly","command":"x","cron":{"format":"interval","params":{"hours":1}}})");
  add(kYearly);
  const Reply reply = get("/api/v1/simulate?from=2030-06-01T00:00:00Z&to=2030-06-02T00:00:00Z&bins=24");
  EXPECT_EQ(member(reply.body, "fires"), "24") << reply.body;
  EXPECT_EQ(member(reply.body, "bin_s"), "3600");
  EXPECT_EQ(member(reply.body, "silent_actions"), "1");
  EXPECT_THAT(reply.body, HasSubstr(R"("busiest":[{"id":1,"name":"hourly","fires":24}])"));
  EXPECT_EQ(get("/api/v1/simulate?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z").status, 422);
}

TEST_F(Api, FiresByHandOnceForOneKey) {
  start();
  add(kYearly);
  const Reply reply =
      post(port(), "/api/v1/actions/1/fire", R"({"by":"ada","reason":"it\nfailed"})", {{"Idempotency-Key", "one"}});
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(member(reply.body, "repeated"), "false");
  ASSERT_TRUE(eventually([&] { return !fired().empty(); }));
  const Reply again = post(port(), "/api/v1/actions/1/fire", "{}", {{"Idempotency-Key", "one"}});
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(member(again.body, "repeated"), "true");
  EXPECT_EQ(member(again.body, "requested_at"), member(reply.body, "requested_at"));
  EXPECT_THAT(reply.body, HasSubstr('"' + fired().front() + '"'));
  ASSERT_TRUE(eventually([&] { return get("/api/v1/fires?outcome=delivered").body.find("ada") != std::string::npos; }));
  EXPECT_THAT(get("/api/v1/fires?outcome=delivered").body, HasSubstr(R"("reason":"ada: it\\nfailed")"));
  EXPECT_THAT(fired(), SizeIs(1));
}

TEST_F(Api, TellsTheLatestDeliveries) {
  start();
  add(R"({"name":"n","command":"c","cron":{"format":"interval","params":{"seconds":1}}})");
  add(kYearly);
  const auto told = [&](const std::string& target) { return get(target).body; };
  ASSERT_TRUE(eventually([&] { return told("/api/v1/deliveries").find("\"action\":1") != std::string::npos; }));
  const std::string first = fired().front();
  EXPECT_THAT(told("/api/v1/deliveries?action=1"), HasSubstr(R"({"id":")" + first + R"(","action":1,"time":")"));
  EXPECT_THAT(told("/api/v1/actions/1"), HasSubstr(R"("deliveries":[{"id":"1@)"));
  EXPECT_EQ(told("/api/v1/deliveries?action=2"), "{\"deliveries\":[]}\n");
  EXPECT_EQ(get("/api/v1/deliveries?limit=0").status, 400);
}

TEST_F(Api, ReasonsForNotFiringAreTold) {
  start();
  EXPECT_EQ(post(port(), "/api/v1/actions/1/fire", "").status, 404);
  add(kYearly);
  EXPECT_EQ(post(port(), "/api/v1/actions/1/backfill", R"({"from":"2020-01-01T00:00:00Z"})").status, 400);
  EXPECT_EQ(post(port(), "/api/v1/actions/1/backfill", R"({"from":"2020-01-01T00:00:00Z","to":"2020-01-01T00:00:00Z"})").status,
            422);
  EXPECT_EQ(post(port(), "/api/v1/actions/1/backfill", R"({"from":"2020-01-01T00:00:00Z","to":"2999-01-01T00:00:00Z"})").status,
            422);
  const Reply dry =
      post(port(), "/api/v1/actions/1/backfill?dry_run=true", R"({"from":"2020-01-01T00:00:00Z","to":"2022-01-01T00:00:00Z"})");
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(member(dry.body, "count"), "2");
  EXPECT_EQ(post(port(), "/api/v1/actions/1/fire", "", {{"Idempotency-Key", std::string(101, 'k')}}).status, 400);
}

TEST_F(Api, WhatToDoAboutAnActionThatIsNotScheduledIsTold) {
  start();
  const auto refused = [&](ActionId id, const CellChanges& more) {
    CellChanges cells = {
        {Column::name, "n"}, {Column::command, "c"}, {Column::cron, R"({"format":"interval","params":{"days":1}})"}};
    for (const auto& [column, cell] : more) cells[column] = cell;
    EXPECT_TRUE(make_action_table(settings_)->insert(id, cells, Writing::kept));
    const Reply reply = post(port(), "/api/v1/actions/" + std::to_string(id) + "/fire", "");
    EXPECT_EQ(reply.status, 409);
    return member(reply.body, "detail");
  };
  EXPECT_THAT(refused(5, {{Column::enabled, "false"}}), HasSubstr("action-scheduler enable 5"));
  EXPECT_THAT(refused(6, {{Column::cron, "{}"}}), AllOf(HasSubstr("column cron: "), HasSubstr("action-scheduler edit 6")));
  EXPECT_THAT(refused(7, {}), HasSubstr("try again"));
  EXPECT_TRUE(eventually([&] { return post(port(), "/api/v1/actions/7/fire", "").status == 202; })) << "it looks at the table";
}

TEST_F(Api, ParkedFiresAreListedRetriedAndDropped) {
  receiver_.refuse = [](const Fire&, const ActionText&) -> std::optional<Refusal> { return Refusal{0, "unknown topic"}; };
  start();
  add(kYearly);
  const Reply reply =
      post(port(), "/api/v1/actions/1/backfill", R"({"from":"2020-01-01T00:00:00Z","to":"2023-01-01T00:00:00Z"})");
  ASSERT_EQ(reply.status, 202) << reply.body;
  const Reply page = get("/api/v1/parked?limit=2");
  EXPECT_EQ(member(page.body, "total"), "3");
  EXPECT_THAT(member(page.body, "next_after"), StartsWith("1@2021-01-01T00:00:00Z+"));
  EXPECT_TRUE(eventually([&] { return member(get("/api/v1/status").body, "requested") == "3"; }));
  const std::string after = member(page.body, "next_after");
  const Reply rest = get("/api/v1/parked?limit=2&after=" + std::string(after).replace(after.find('+'), 1, "%2B"));
  EXPECT_EQ(member(rest.body, "next_after"), "null") << rest.body;

  EXPECT_EQ(post(port(), "/api/v1/parked/retry", R"({"ids":["7"]})").status, 404);
  EXPECT_EQ(post(port(), "/api/v1/parked/retry", "{}").status, 400);
  EXPECT_EQ(member(post(port(), "/api/v1/parked/retry", R"({"all":true})").body, "retried"), "3");
  EXPECT_EQ(member(post(port(), "/api/v1/parked/drop", R"({"ids":["1"],"by":"ada"})").body, "dropped"), "3");
  EXPECT_EQ(member(get("/api/v1/parked").body, "total"), "0");
  const Reply failed = get("/api/v1/fires?outcome=failed&limit=2");
  EXPECT_THAT(failed.body, HasSubstr("dropped by hand by ada"));
  EXPECT_EQ(member(get("/api/v1/fires?outcome=failed&limit=2&before=" + member(failed.body, "next_before")).body, "next_before"),
            "null");
}

TEST_F(Api, SettlesWhatWasMissed) {
  start();
  EXPECT_EQ(post(port(), "/api/v1/settle", R"({"until":"2999-01-01T00:00:00Z"})").status, 422);
  const Reply reply = post(port(), "/api/v1/settle?dry_run=true", R"({"until":"now"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(member(reply.body, "written"), "false");
}

TEST_F(Api, AsksForTheTokenWhereThereIsOne) {
  settings_.http.token = "secret";
  start();
  EXPECT_EQ(get("/api/v1/status").status, 200);
  const Reply refused = post(port(), "/api/v1/actions", kYearly);
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.headers.at("www-authenticate"), StartsWith("Bearer"));
  EXPECT_EQ(post(port(), "/api/v1/actions", kYearly, {{"Authorization", "Bearer secret"}}).status, 201);
  EXPECT_EQ(
      post(port(), "/api/v1/actions", kYearly, {{"Authorization", "Bearer secret"}, {"Origin", "http://example.org"}}).status,
      403);
}

TEST_F(Api, WhileTheTableIsAwayItShowsWhatIsKnownOfIt) {
  start();
  add(kYearly);
  add(R"({"name":"Other","command":"x","cron":{"format":"interval","params":{"hours":1}}})");
  std::filesystem::remove(folder_ / "actions.db");
  std::filesystem::create_directory(folder_ / "actions.db");
  const Reply page = get("/api/v1/actions?limit=1");
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_THAT(member(page.body, "table_error"), HasSubstr("unable to open database file"));
  EXPECT_THAT(page.body, AllOf(HasSubstr("\"id\":1,"), HasSubstr("\"next_after\":1,"), Not(HasSubstr("\"id\":2,"))));
  EXPECT_THAT(get("/api/v1/actions?after=1").body, AllOf(HasSubstr("\"id\":2,"), HasSubstr("\"next_after\":null")));
  EXPECT_THAT(get("/api/v1/actions?search=oTHER").body, AllOf(HasSubstr("\"id\":2,"), Not(HasSubstr("\"id\":1,"))));
  EXPECT_THAT(get("/api/v1/actions?search=2").body, AllOf(HasSubstr("\"id\":2,"), Not(HasSubstr("\"id\":1,"))));
  EXPECT_EQ(member(get("/api/v1/actions/2").body, "cells/name"), "Other");
  EXPECT_NE(member(get("/api/v1/actions/2").body, "table_error"), "");

  EXPECT_EQ(get("/api/v1/actions/3").status, 503);
  EXPECT_EQ(get("/api/v1/status").status, 200);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Api, TellsTheConfigurationAndChecksTheInstallation) {
  start();
  EXPECT_EQ(get("/api/v1/config").body, effective_config_);
  EXPECT_EQ(member(get("/api/v1/check").body, "ok"), "true");
  const CellChanges faulty = {{Column::name, "n"}, {Column::command, "c"}, {Column::cron, "{}"}};
  ASSERT_TRUE(make_action_table(settings_)->insert(5, faulty, Writing::kept));
  const Reply reply = get("/api/v1/check");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(member(reply.body, "ok"), "false");
  EXPECT_THAT(reply.body, AllOf(HasSubstr(R"({"kind":"ok","part":"ledger")"),
                                HasSubstr(R"("kind":"fault","part":"row","text":"row 5)"), HasSubstr(R"("part":"callback")")));
}

}  // namespace
}  // namespace action_scheduler::testing
