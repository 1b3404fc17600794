#include "http/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/embedded_files.h"
#include "tests/http/answers.h"

namespace action_scheduler::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

HttpResponse get(const std::string& path, std::map<std::string, std::string> headers = {}) {
  const Router router(AccessRules("0.0.0.0", ""), page_routes());
  return router.answer({"GET", path, {}, std::move(headers), ""});
}

TEST(Page, IsServedAtTheRootToAll) {
  const HttpResponse page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, StartsWith("<!doctype html>"));
  EXPECT_EQ(get("/index.html").body, page.body);
}

TEST(Page, MayLoadItsOwnFilesOnly) {
  const std::string policy = header(get("/"), "Content-Security-Policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST(Page, IsNotSentAgainWhileItIsTheSame) {
  const std::string tag = header(get("/"), "ETag");
  EXPECT_EQ(get("/", {{"if-none-match", tag}}).status, 304);
  EXPECT_EQ(get("/", {{"if-none-match", tag}}).body, "");
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}}).status, 200);
}

TEST(Page, NothingElseIsServed) {
  for (const char* path : {"/../openapi.json", "/page/index.html", "/index", "//index.html"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST(EmbeddedFiles, AreThoseOfTheSourceTree) {
  ASSERT_FALSE(page_files().empty());
  for (const EmbeddedFile& file : page_files()) {
    std::ifstream source("src/http/page/" + std::string(file.name), std::ios::binary);
    EXPECT_EQ(file.content, std::string(std::istreambuf_iterator<char>(source), {})) << file.name;
  }
  std::ifstream source("src/http/openapi.json", std::ios::binary);
  EXPECT_EQ(openapi_file().content, std::string(std::istreambuf_iterator<char>(source), {}));
}

}  // namespace
}  // namespace action_scheduler::testing
