// All that the service answers over HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "action_scheduler/result.h"
#include "action_scheduler/zone.h"
#include "config/settings.h"
#include "engine/service.h"
#include "http/probes.h"

namespace action_scheduler {

// How long a turn of the loop may last: it may wait for the receiver a few times.
ProbeLimits probe_limits(const Settings& settings);

class HttpService {
 public:
  struct Ports {
    Clock& clock;
    Callback& callback;
    ZoneSource& zones;
    Log& log;
  };

  // Listens on settings.http.listen, which is given, and answers from here on. `effective_config`: the same settings as JSON,
  // with the place that each comes from, secrets masked. Everything outlives it. An Error if the address cannot be listened on.
  static Result<std::unique_ptr<HttpService>> start(const Settings& settings, const std::string& effective_config,
                                                    Service& service, Ports ports);

  // Ends it; requests that are being answered are waited for.
  virtual ~HttpService() = default;

  virtual std::uint16_t port() const = 0;
};

}  // namespace action_scheduler
