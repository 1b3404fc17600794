#include "http/page.h"

#include <array>
#include <string>
#include <string_view>

#include "http/embedded_files.h"

namespace action_scheduler {
namespace {

// Nothing from outside, nothing inline.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string content_type(std::string_view name) {
  struct Type {
    std::string_view ending;
    const char* type;
  };
  constexpr std::array kTypes = std::to_array<Type>({{".html", "text/html; charset=utf-8"},
                                                     {".js", "text/javascript; charset=utf-8"},
                                                     {".mjs", "text/javascript; charset=utf-8"},
                                                     {".css", "text/css; charset=utf-8"},
                                                     {".json", "application/json"},
                                                     {".webmanifest", "application/manifest+json"},
                                                     {".svg", "image/svg+xml"},
                                                     {".png", "image/png"},
                                                     {".ico", "image/x-icon"},
                                                     {".woff2", "font/woff2"},
                                                     {".txt", "text/plain; charset=utf-8"}});
  for (const Type& known : kTypes) {
    if (name.ends_with(known.ending)) return known.type;
  }
  return "application/octet-stream";
}

// A browser asks each time whether its copy is still good: the files change with the program.
HttpResponse send(const EmbeddedFile& file, const HttpRequest& request) {
  const std::string tag = '"' + std::string(file.hash) + '"';
  HttpResponse response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}, {"Content-Security-Policy", kPagePolicy}};
  response.content_type = content_type(file.name);
  const std::string* known = request.header("if-none-match");
  if (known != nullptr && known->find(tag) != std::string::npos) {
    response.status = 304;
  } else {
    response.body = file.content;
  }
  return response;
}

}  // namespace

std::vector<Route> page_routes() {
  std::vector<Route> routes;
  const auto add = [&](std::string path, const EmbeddedFile& file) {
    routes.push_back({"GET", std::move(path), Access::open,
                      [&file](const HttpRequest& request, const std::string&) { return send(file, request); }});
  };
  for (const EmbeddedFile& file : page_files()) {
    add('/' + std::string(file.name), file);
    if (file.name == "index.html") add("/", file);
  }
  return routes;
}

}  // namespace action_scheduler
