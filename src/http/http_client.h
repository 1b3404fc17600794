// Asking a running scheduler.
#pragma once

#include <string>

#include "action_scheduler/result.h"
#include "config/settings.h"

namespace action_scheduler {

struct HttpReply {
  int status = 0;
  std::string body;
};

// POSTs `json` to `path` of the scheduler that listens on `address`, with the token, if there is one. Waits half a minute at
// most. An Error if nobody answers.
Result<HttpReply> post_to_service(const ListenAddress& address, const std::string& token, const std::string& path,
                                  const std::string& json);

// GETs `path`, which is open to all. Waits five seconds at most.
Result<HttpReply> get_from_service(const ListenAddress& address, const std::string& path);

}  // namespace action_scheduler
