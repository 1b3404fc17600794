#include "http/http_message.h"

#include <array>

#include "core/json.h"

namespace action_scheduler {

std::string_view status_words(int status) {
  struct Words {
    int status;
    std::string_view words;
  };
  constexpr std::array kWords = std::to_array<Words>({{400, "Bad Request"},
                                                      {401, "Unauthorized"},
                                                      {403, "Forbidden"},
                                                      {404, "Not Found"},
                                                      {405, "Method Not Allowed"},
                                                      {409, "Conflict"},
                                                      {413, "Content Too Large"},
                                                      {414, "URI Too Long"},
                                                      {415, "Unsupported Media Type"},
                                                      {416, "Range Not Satisfiable"},
                                                      {417, "Expectation Failed"},
                                                      {422, "Unprocessable Content"},
                                                      {500, "Internal Server Error"},
                                                      {503, "Service Unavailable"}});
  for (const Words& known : kWords) {
    if (known.status == status) return known.words;
  }
  return status < 500 ? "Bad Request" : "Internal Server Error";
}

HttpResponse problem(int status, std::string_view detail, std::string_view more) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = R"({"type":"about:blank","title":)" + json_quoted(status_words(status)) +
                  ",\"status\":" + std::to_string(status) + ",\"detail\":" + json_quoted(detail) + std::string(more) + "}\n";
  return response;
}

}  // namespace action_scheduler
