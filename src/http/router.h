// From a request's method and path to what answers it, through the rules that hold for all.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/access.h"
#include "http/http_message.h"

namespace action_scheduler {

struct Route {
  std::string method;
  std::string path;  // a part such as `{id}` stands for any text without '/'
  Access access = Access::read;
  // `part` is what stood for the part in braces; empty if there is none.
  std::function<HttpResponse(const HttpRequest& request, const std::string& part)> answer;
};

// Immutable, so any thread may use it, if the routes allow.
class Router {
 public:
  Router(AccessRules rules, std::vector<Route> routes) : rules_(std::move(rules)), routes_(std::move(routes)) {}

  // The answer of the route, or why there is none, with the headers that browsers heed. What a route throws is passed on.
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse find(const HttpRequest& request) const;

  const AccessRules rules_;
  const std::vector<Route> routes_;
};

}  // namespace action_scheduler
