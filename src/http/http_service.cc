#include "http/http_service.h"

#include <iterator>
#include <utility>
#include <vector>

#include "http/access.h"
#include "http/action_routes.h"
#include "http/fire_routes.h"
#include "http/http_context.h"
#include "http/http_server.h"
#include "http/page.h"
#include "http/router.h"
#include "http/schedule_routes.h"
#include "http/service_routes.h"

namespace action_scheduler {
namespace {

std::vector<Route> all_routes(const HttpContext& context) {
  std::vector<Route> all = service_routes(context);
  for (std::vector<Route> more : {action_routes(context), schedule_routes(context), fire_routes(context), page_routes()}) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

class RunningHttpService : public HttpService {
 public:
  RunningHttpService(const Settings& settings, const std::string& effective_config, Service& service, Ports ports)
      : rules_(settings.http.listen->host, settings.http.token),
        context_{settings, effective_config,       service,  ports.callback, ports.clock, ports.zones,
                 rules_,   probe_limits(settings), ports.log},
        router_(rules_, all_routes(context_)) {}

  Result<void> listen(const ListenAddress& address) {
    HttpServer::Options options;
    options.host = address.host;
    options.port = address.port;
    auto started = HttpServer::start(options, [this](const HttpRequest& request) { return router_.answer(request); });
    if (!started) return started.error();
    server_ = *std::move(started);
    return {};
  }

  std::uint16_t port() const override { return server_->port(); }

 private:
  const AccessRules rules_;
  const HttpContext context_;
  const Router router_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

ProbeLimits probe_limits(const Settings& settings) {
  ProbeLimits limits;
  constexpr int kHandOversOfATurn = 4;
  if (settings.kafka) limits.turn_max += settings.kafka->delivery_timeout * kHandOversOfATurn;
  return limits;
}

Result<std::unique_ptr<HttpService>> HttpService::start(const Settings& settings, const std::string& effective_config,
                                                        Service& service, Ports ports) {
  auto running = std::make_unique<RunningHttpService>(settings, effective_config, service, ports);
  if (auto listening = running->listen(*settings.http.listen); !listening) return listening.error();
  const char* writes = AccessRules(settings.http.listen->host, settings.http.token).writes();
  ports.log.info("listening for HTTP", {{"host", settings.http.listen->host}, {"port", running->port()}, {"writes", writes}});
  return std::unique_ptr<HttpService>(std::move(running));
}

}  // namespace action_scheduler
