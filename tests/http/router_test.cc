#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "tests/http/answers.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;

HttpResponse told(const HttpRequest& request, const std::string& part) {
  HttpResponse response;
  response.body = request.method + ' ' + part;
  return response;
}

const Router kRouter(AccessRules("127.0.0.1", "secret"), {{"GET", "/things", Access::open, told},
                                                          {"POST", "/things", Access::open, told},
                                                          {"GET", "/things/{id}", Access::open, told},
                                                          {"POST", "/things/{id}/fire", Access::write, told}});

HttpResponse answer(const std::string& method, const std::string& path, std::map<std::string, std::string> headers = {},
                    const std::string& body = "") {
  headers.try_emplace("host", "localhost");
  return kRouter.answer({method, path, {}, headers, body});
}

TEST(Router, FindsThePartInBraces) {
  EXPECT_EQ(answer("GET", "/things/42").body, "GET 42");
  EXPECT_EQ(answer("POST", "/things/42/fire", {{"authorization", "Bearer secret"}}).body, "POST 42");
}

TEST(Router, RefusesWhatItDoesNotKnow) {
  for (const char* path : {"/", "/thing", "/things/", "/things/4/2", "/things//fire", "/things/42/fire/"}) {
    EXPECT_EQ(answer("GET", path).status, 404) << path;
  }
  const HttpResponse other = answer("DELETE", "/things");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(header(other, "Allow"), "GET, POST");
}

TEST(Router, AsksForAccessBeforeAnythingElse) { EXPECT_EQ(answer("POST", "/things/42/fire", {}, "no json").status, 401); }

TEST(Router, TakesNoBodyButJson) {
  EXPECT_EQ(answer("POST", "/things", {{"content-type", "application/json; charset=utf-8"}}, "{}").status, 200);
  EXPECT_EQ(answer("POST", "/things").status, 200);
  EXPECT_EQ(answer("POST", "/things", {{"content-type", "text/plain"}}, "{}").status, 415);
  EXPECT_EQ(answer("POST", "/things", {{"content-type", "application/x-www-form-urlencoded"}}).status, 415);
  EXPECT_EQ(answer("POST", "/things", {}, "{}").status, 415);
}

TEST(Router, RefusesAddressesThatAreNoText) {
  EXPECT_EQ(answer("GET", "/things/\xff").status, 400);
  EXPECT_EQ(answer("GET", std::string("/things/\0x", 10)).status, 400);
}

TEST(Router, TellsBrowsersToTrustNothing) {
  for (const char* path : {"/things", "/nothing"}) {
    const HttpResponse response = answer("GET", path);
    EXPECT_THAT(header(response, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(header(response, "X-Frame-Options"), "DENY");
  }
}

TEST(Problem, EscapesWhatItSays) {
  const HttpResponse response = problem(404, "no \"\n\xff</script>");
  const auto document = parse_json(std::string_view(response.body));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().find("detail")->text(), "no \"\n\xef\xbf\xbd</script>");
  EXPECT_EQ(document->root().find("status")->text(), "404");
  EXPECT_EQ(document->root().find("title")->text(), "Not Found");
}

}  // namespace
}  // namespace action_scheduler::testing
