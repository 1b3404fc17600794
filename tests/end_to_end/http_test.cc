// Operators before a running scheduler, over HTTP, with a real Kafka.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/end_to_end/world.h"
#include "tests/http/http_connection.h"

namespace action_scheduler::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// One that nobody uses at this moment.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool good = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  EXPECT_TRUE(good);
  return ntohs(address.sin_port);
}

TEST(Http, AFireByHandIsReadCommittedOnceThoughTheSchedulerIsKilled) {
  const Stage stage;
  stage.create_table();
  stage.sql(
      "INSERT INTO $T (id, name, command, cron) VALUES (1, 'yearly', 'hello', "
      "'{\"format\": \"unix\", \"params\": {\"value\": \"0 0 1 1 *\"}}')");
  const std::uint16_t port = free_port();
  const WorkFolder folder;
  folder.write("config.yaml",
               stage.config("exactly_once", "http: {listen: \"127.0.0.1:" + std::to_string(port) + "\", token: secret}\n"));
  const auto call = [&](const std::vector<std::string>& arguments) { return run_to_end(folder, arguments); };
  EXPECT_THAT(call({"fire", "1"}).err, HasSubstr("no scheduler answers at 127.0.0.1:" + std::to_string(port)));

  const WorkFolder elsewhere;  // what the service says does not mix with what the commands say
  elsewhere.write("config.yaml", folder.read("config.yaml"));
  const std::string ledger = "internal_db.database=" + (folder.path() / "ledger.db").string();
  const auto start = [&] {
    auto process = std::make_unique<SchedulerProcess>(elsewhere, std::vector<std::string>{"--set", ledger, "run"});
    EXPECT_TRUE(eventually([&] { return ask(port, "GET", "/readyz").status == 200; })) << process->err();
    return process;
  };
  auto scheduler = start();

  const Finished fired = call({"fire", "1", "--reason", "a test"});
  EXPECT_EQ(fired.code, 0) << fired.err;
  EXPECT_THAT(fired.out, MatchesRegex("accepted: 1 fire\n  1@[-0-9:TZ]+\\+[-0-9:TZ]+\n"));
  EXPECT_TRUE(stage.fires_until([](const FiredList& list) { return list.count(1) == 1; }));
  const std::string body = R"({"from":"2020-06-01T00:00:00Z","to":"2023-06-01T00:00:00Z"})";
  const RequestHeaders with_token = {{"Authorization", "Bearer secret"}, {"Idempotency-Key", "again"}};
  EXPECT_EQ(post(port, "/api/v1/actions/1/backfill", body).status, 401);
  const Reply accepted = post(port, "/api/v1/actions/1/backfill", body, with_token);
  EXPECT_EQ(accepted.status, 202) << accepted.body;
  scheduler->signal(SIGKILL);
  scheduler->wait();
  scheduler = start();
  const Reply repeated = post(port, "/api/v1/actions/1/backfill", body, with_token);
  EXPECT_THAT(repeated.body, HasSubstr("\"repeated\":true"));
  EXPECT_TRUE(stage.fires_until([](const FiredList& list) { return list.count(1) >= 4; }));

  const FiredList all = stage.fired();
  EXPECT_EQ(all.count(1), 4U);
  EXPECT_TRUE(all.repeated().empty());
  EXPECT_EQ(all.messages().front().header("ce_reason"), "manual");
  EXPECT_EQ(all.messages().back().header("ce_reason"), "backfill");
  EXPECT_THAT(all.messages().back().header("ce_id"), MatchesRegex("1@2023-01-01T00:00:00Z\\+[-0-9:TZ]+"));
  EXPECT_TRUE(eventually([&] { return call({"fires", "--outcome", "delivered"}).out.find(": a test") != std::string::npos; }));

  EXPECT_THAT(call({"settle", "--until", "now", "--dry-run"}).out, HasSubstr("would be settled: "));
  EXPECT_THAT(call({"parked", "drop", "--all"}).out, HasSubstr("dropped: 0 fires"));
  const std::string metrics = ask(port, "GET", "/metrics").body;
  EXPECT_THAT(metrics, AllOf(HasSubstr("action_scheduler_receiver_up 1\n"), HasSubstr("action_scheduler_table_up 1\n")));
  EXPECT_TRUE(eventually(
      [&] { return ask(port, "GET", "/metrics").body.find("action_scheduler_kafka_brokers_up 1\n") != std::string::npos; }));
  EXPECT_EQ(scheduler->stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
