// What the HTTP handlers work with.
#pragma once

#include <string>

#include "action_scheduler/callback.h"
#include "action_scheduler/clock.h"
#include "action_scheduler/log.h"
#include "action_scheduler/zone.h"
#include "config/settings.h"
#include "engine/service.h"
#include "http/access.h"
#include "http/probes.h"

namespace action_scheduler {

// Everything in it outlives the server, and is used by many threads at once: what is not thread safe in itself only as its header
// allows.
struct HttpContext {
  const Settings& settings;
  const std::string& effective_config;  // JSON
  Service& service;
  const Callback& callback;  // measurements() alone
  Clock& clock;
  ZoneSource& zones;
  const AccessRules& access;
  ProbeLimits limits;
  Log& log;
};

}  // namespace action_scheduler
