#include "http/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace action_scheduler::testing {
namespace {

using Headers = std::map<std::string, std::string>;

// The status with which a request is refused; 0 if it is not.
int refused(const AccessRules& rules, Access wanted, Headers headers) {
  headers.try_emplace("host", "localhost:8080");
  const auto answer = rules.refuse({"POST", "/", {}, headers, ""}, wanted);
  return answer ? answer->status : 0;
}

const AccessRules kLocal("127.0.0.1", "");
const AccessRules kLocalWithToken("::1", "secret");
const AccessRules kPublic("0.0.0.0", "secret");
const AccessRules kPublicWithoutToken("0.0.0.0", "");

TEST(Access, ProgramsOfThisMachineMayDoAllWhereNoTokenIsConfigured) {
  EXPECT_EQ(refused(kLocal, Access::read, {}), 0);
  EXPECT_EQ(refused(kLocal, Access::write, {}), 0);
  EXPECT_STREQ(kLocal.writes(), "open");
}

TEST(Access, WritingNeedsTheTokenWhereThereIsOne) {
  for (const AccessRules* rules : {&kLocalWithToken, &kPublic}) {
    EXPECT_EQ(refused(*rules, Access::write, {}), 401);
    EXPECT_EQ(refused(*rules, Access::write, {{"authorization", "Bearer secret"}}), 0);
    EXPECT_EQ(refused(*rules, Access::write, {{"authorization", "bearer secret"}}), 0);
    EXPECT_STREQ(rules->writes(), "token");
  }
}

TEST(Access, AWrongTokenIsRefusedEvenForReading) {
  for (const char* token :
       {"Bearer wrong", "Bearer ", "Bearer secre", "Bearer secretsecret", "Bearer  secret", "Bearer secret "}) {
    EXPECT_EQ(refused(kLocalWithToken, Access::read, {{"authorization", token}}), 401) << token;
    EXPECT_EQ(refused(kPublic, Access::write, {{"authorization", token}}), 401) << token;
  }
  EXPECT_EQ(refused(kPublic, Access::write, {{"authorization", "Basic secret"}}), 401);
}

TEST(Access, ReadingNeedsTheTokenOnlyBeyondThisMachine) {
  EXPECT_EQ(refused(kLocalWithToken, Access::read, {}), 0);
  EXPECT_EQ(refused(kPublic, Access::read, {}), 401);
}

TEST(Access, WithoutATokenNothingIsToldBeyondThisMachine) {
  EXPECT_EQ(refused(kPublicWithoutToken, Access::read, {}), 403);
  EXPECT_EQ(refused(kPublicWithoutToken, Access::write, {{"authorization", "Bearer "}}), 403);
  EXPECT_STREQ(kPublicWithoutToken.writes(), "off");
}

TEST(Access, ProbesAreOpenToAll) {
  for (const AccessRules* rules : {&kLocal, &kPublic, &kPublicWithoutToken}) {
    EXPECT_EQ(refused(*rules, Access::open, {{"host", "example.org"}, {"sec-fetch-site", "cross-site"}}), 0);
  }
}

TEST(Access, PagesOfOtherSitesAreRefused) {
  for (const Access access : {Access::read, Access::write}) {
    EXPECT_EQ(refused(kLocal, access, {{"sec-fetch-site", "cross-site"}}), 403);
    EXPECT_EQ(refused(kLocal, access, {{"sec-fetch-site", "same-site"}}), 403);  // another port of this machine
    EXPECT_EQ(refused(kLocal, access, {{"sec-fetch-site", "same-origin"}}), 0);
    EXPECT_EQ(refused(kLocal, access, {{"sec-fetch-site", "none"}}), 0);
    EXPECT_EQ(refused(kLocal, access, {{"origin", "http://example.org"}}), 403);
    EXPECT_EQ(refused(kLocal, access, {{"origin", "null"}}), 403);
    EXPECT_EQ(refused(kLocal, access, {{"origin", "http://localhost:3000"}}), 403);
    EXPECT_EQ(refused(kLocal, access, {{"origin", "http://localhost:8080"}}), 0);
  }
  EXPECT_EQ(refused(kPublic, Access::write, {{"authorization", "Bearer secret"}, {"sec-fetch-site", "cross-site"}}), 403);
}

TEST(Access, ANameThatOnlyLeadsHereIsRefused) {
  for (const char* host :
       {"example.org", "example.org:8080", "localhost.example.org", "127.0.0.1.example.org", "", "10.0.0.1", "[::2]:80"}) {
    EXPECT_EQ(refused(kLocal, Access::read, {{"host", host}}), 403) << host;
  }
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "127.1.2.3"}) {
    EXPECT_EQ(refused(kLocal, Access::write, {{"host", host}}), 0) << host;
  }
}

TEST(Access, WithTheTokenAnyHostNameWillDo) {
  EXPECT_EQ(refused(kPublic, Access::write, {{"host", "scheduler.example.org"}, {"authorization", "Bearer secret"}}), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
