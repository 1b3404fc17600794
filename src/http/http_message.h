// Requests and responses as the handlers see them, whatever library speaks HTTP.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace action_scheduler {

struct HttpRequest {
  std::string method;                                      // "GET"
  std::string path;                                        // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // decoded, as they came
  std::map<std::string, std::string> headers;              // names in lower case
  std::string body;

  // The header of this name (lower case); null if it was not sent.
  const std::string* header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? nullptr : &found->second;
  }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Why a request is not done, as problem details (RFC 9457). `detail` is one line that says what to do; `more` are further
// members,
// `,"name":...`.
HttpResponse problem(int status, std::string_view detail, std::string_view more = {});

// "Not Found"
std::string_view status_words(int status);

}  // namespace action_scheduler
