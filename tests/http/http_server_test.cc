#include "http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <stdexcept>

#include "tests/http/http_connection.h"

namespace action_scheduler::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

// Tells what it was asked.
HttpResponse echo(const HttpRequest& request) {
  if (request.path == "/throws") throw std::runtime_error("on purpose");
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = request.method + ' ' + request.path + ' ' + request.body;
  for (const auto& [name, value] : request.query) response.body += '[' + name + '=' + value + ']';
  return response;
}

std::unique_ptr<HttpServer> serve(HttpServer::Options options = {}, HttpServer::Handler handler = echo) {
  options.host = "127.0.0.1";
  auto started = HttpServer::start(std::move(options), std::move(handler));
  EXPECT_TRUE(started.ok());
  return *std::move(started);
}

TEST(HttpServer, PassesOnMethodPathQueryAndBody) {
  const auto server = serve();
  EXPECT_EQ(ask(server->port(), "GET", "/a%20b?x=1%26&y=").body, "GET /a b [x=1&][y=]");
  EXPECT_EQ(post(server->port(), "/there", "{}").body, "POST /there {}");
  EXPECT_EQ(ask(server->port(), "DELETE", "/there").body, "DELETE /there ");
}

TEST(HttpServer, APostThatTellsNoLengthHasNoBody) {
  const auto server = serve();
  HttpConnection connection(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(connection.send("POST /a HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_EQ(connection.receive().body, "POST /a ");
  }
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  const auto server = serve();
  const Reply reply = ask(server->port(), "HEAD", "/a");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-length"), "7");
}

TEST(HttpServer, AnswersManyRequestsOfOneConnection) {
  const auto server = serve();
  HttpConnection connection(server->port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(connection.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_EQ(connection.receive().body, "GET /" + std::to_string(i) + ' ');
  }
}

TEST(HttpServer, WhatAHandlerThrowsIsAProblem) {
  const auto server = serve();
  const Reply reply = ask(server->port(), "GET", "/throws");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
  EXPECT_THAT(reply.body, HasSubstr("on purpose"));
}

TEST(HttpServer, RefusesABodyThatIsTooLarge) {
  HttpServer::Options options;
  options.body_bytes_max = 1000;
  const auto server = serve(options);
  EXPECT_EQ(post(server->port(), "/", std::string(1000, 'x')).status, 200);
  EXPECT_EQ(post(server->port(), "/", std::string(1001, 'x')).status, 413);
}

TEST(HttpServer, RefusesAHeadThatIsTooLong) {
  const auto server = serve();
  EXPECT_EQ(ask(server->port(), "GET", "/", {{"X-Filler", std::string(4000, 'x')}}).status, 200);
  HttpConnection connection(server->port());
  (void)connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  for (int i = 0; i < 5; ++i) (void)connection.send("X-Filler-" + std::to_string(i) + ": " + std::string(4000, 'x') + "\r\n");
  EXPECT_EQ(connection.receive().status, 400);
  EXPECT_TRUE(connection.closes(seconds{5}));
}

TEST(HttpServer, RefusesAHeaderThatCountsTwice) {
  const auto server = serve();
  HttpConnection connection(server->port());
  ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n\r\n"));
  EXPECT_EQ(connection.receive().status, 400);
}

TEST(HttpServer, DoesNotWaitForASlowRequest) {
  HttpServer::Options options;
  options.read_max = milliseconds{200};
  const auto server = serve(options);
  HttpConnection connection(server->port());
  ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\nHost: loc"));
  EXPECT_TRUE(connection.closes(seconds{5}));
}

TEST(HttpServer, ClosesIdleConnections) {
  HttpServer::Options options;
  options.idle_max = milliseconds{100};
  const auto server = serve(options);
  HttpConnection connection(server->port());
  EXPECT_TRUE(connection.closes(seconds{5}));
}

TEST(HttpServer, IdleConnectionsMakeRoomForOthers) {
  HttpServer::Options options;
  options.threads = 2;
  options.idle_max = milliseconds{60'000};
  const auto server = serve(options);
  std::deque<HttpConnection> idle;
  for (int i = 0; i < 4; ++i) idle.emplace_back(server->port());
  EXPECT_EQ(ask(server->port(), "GET", "/").status, 200);
}

TEST(HttpServer, ConnectionsBeyondTheLimitAreClosedAtOnce) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  HttpServer::Options options;
  options.threads = 1;
  options.waiting_max = 1;
  std::promise<void> entered;
  const auto server = serve(options, [&, once = std::make_shared<std::atomic<bool>>(false)](const HttpRequest& request) {
    if (!once->exchange(true)) entered.set_value();
    released.wait();
    return echo(request);
  });
  HttpConnection first(server->port());
  ASSERT_TRUE(first.send("GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  entered.get_future().wait();
  HttpConnection second(server->port());
  HttpConnection third(server->port());
  EXPECT_TRUE(third.closes(seconds{5}));
  release.set_value();
  EXPECT_EQ(first.receive().status, 200);
}

TEST(HttpServer, RefusesWhatIsNoHttp) {
  const auto server = serve();
  HttpConnection connection(server->port());
  ASSERT_TRUE(connection.send("hello\r\n\r\n"));
  EXPECT_EQ(connection.receive().status, 400);
}

TEST(HttpServer, EndsBeforeConnectionsThatAreOpen) {
  HttpServer::Options options;
  options.idle_max = std::chrono::hours{1};
  auto server = serve(options);
  std::optional<HttpConnection> connection(server->port());
  ASSERT_TRUE(connection->send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_EQ(connection->receive().status, 200);
  const auto ended = std::async(std::launch::async, [&server] { server.reset(); });
  EXPECT_EQ(ended.wait_for(seconds{30}), std::future_status::ready);
  connection.reset();  // one that waits for it ends now
}

TEST(HttpServer, SaysThatTheAddressIsTaken) {
  const auto server = serve();
  HttpServer::Options options;
  options.host = "127.0.0.1";
  options.port = server->port();
  const auto second = HttpServer::start(options, echo);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("http.listen: 127.0.0.1:" + std::to_string(server->port())));
}

}  // namespace
}  // namespace action_scheduler::testing
