// How files look to somebody who is not the superuser.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace action_scheduler {

// To the superuser everything is readable, so as long as it lives the process is nobody.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : before_(::geteuid()) {
    constexpr uid_t kNobody = 65534;
    if (before_ == 0 && ::seteuid(kNobody) != 0) throw std::runtime_error("seteuid");
  }
  ~WithoutPrivileges() {
    if (::seteuid(before_) != 0) std::abort();
  }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  const uid_t before_;
};

}  // namespace action_scheduler
