#include "bench/peer_programs.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace action_scheduler::bench {
namespace {

// An environment that was not finished has an interpreter, but not all of the packages.
bool has_python_peers(const std::string& python) {
  return ::access(python.c_str(), X_OK) == 0 &&
         std::system((python + " -c 'import apscheduler, celery, croniter, kafka' 2>/dev/null").c_str()) == 0;
}

}  // namespace

PeerPrograms peers_in(const std::string& folder) {
  PeerPrograms found;
  if (folder.empty()) return found;
  if (const std::string robfig = folder + "/robfig"; ::access(robfig.c_str(), X_OK) == 0) found.robfig = robfig;
  if (const std::string python = folder + "/venv/bin/python"; has_python_peers(python)) found.python = python;
  if (found.robfig.empty() || found.python.empty()) {
    std::fprintf(stderr, "%s lacks %s; going on without\n", folder.c_str(),
                 !found.robfig.empty()   ? "the Python peers"
                 : !found.python.empty() ? "robfig/cron"
                                         : "the peers");
  }
  return found;
}

}  // namespace action_scheduler::bench
