// The programs that measure other schedulers, as bench/peers/prepare.sh leaves them.
#pragma once

#include <string>

namespace action_scheduler::bench {

struct PeerPrograms {
  std::string python;  // an interpreter that has the Python peers; empty: it is not there
  std::string robfig;  // robfig/cron; empty: it is not there
};

// Those in `folder`. Says on stderr in one line which are not there. An empty name asks for none, and nothing is said.
PeerPrograms peers_in(const std::string& folder);

}  // namespace action_scheduler::bench
