#include "zones/system_zones.h"

#include <cctz/time_zone.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "action_scheduler/suggestion.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;

constexpr Seconds kPeriod{146097LL * 86400};  // 400 Gregorian years
constexpr std::size_t kNameBytesMax = 64;
// It keeps each name for ever.
constexpr std::size_t kLoadsMax = 16;

fs::path system_directory() {
  const char* directory = std::getenv("TZDIR");
  return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

// Parts of letters, digits, `_`, `+` and `-`, separated by single slashes: so never absolute and never `..`.
bool well_formed(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-";
  if (name.empty() || name.size() > kNameBytesMax) return false;
  while (true) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part.find_first_not_of(kAllowed) != std::string_view::npos) return false;
    if (slash == name.size()) return true;
    name.remove_prefix(slash + 1);
  }
}

// Files of the directory that are not zones of their own.
bool is_alias_of_the_system(std::string_view name) {
  return name == "localtime" || name == "posixrules" || name.starts_with("posix/") || name.starts_with("right/");
}

enum class Kind : std::uint8_t { zone, no_zone, unreadable };

// What the file is, judged by its first bytes; all of it is read, to see that it can be. `fault` says why it is unreadable.
Kind kind_of(const fs::path& path, std::error_code& fault) {
  if (!fs::is_regular_file(path, fault)) {
    const bool nothing_there = !fault || fault == std::errc::no_such_file_or_directory || fault == std::errc::not_a_directory;
    return nothing_there ? Kind::no_zone : Kind::unreadable;
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ssize_t got = -1;
  std::array<char, 4096> bytes{};
  bool is_tzif = false;
  if (file >= 0) {
    got = ::read(file, bytes.data(), bytes.size());
    is_tzif = got >= 4 && std::string_view(bytes.data(), 4) == "TZif";
    while (is_tzif && got > 0) got = ::read(file, bytes.data(), bytes.size());
  }
  if (got < 0) fault = std::error_code(errno, std::generic_category());
  if (file >= 0) ::close(file);
  return got < 0 ? Kind::unreadable : is_tzif ? Kind::zone : Kind::no_zone;
}

// On file systems that ignore case a file opens under a name that is not its own.
Kind exact_kind_of(const fs::path& directory, const fs::path& name, std::error_code& fault) {
  if (const Kind kind = kind_of(directory / name, fault); kind != Kind::zone) return kind;
  fs::path place = directory;
  for (const fs::path& part : name) {
    bool found = false;
    for (fs::directory_iterator entry(place, fault), end; !fault && entry != end; entry.increment(fault)) {
      found = found || entry->path().filename() == part;
    }
    if (fault) return Kind::unreadable;
    if (!found) return Kind::no_zone;
    place /= part;
  }
  return Kind::zone;
}

Seconds offset_at(const cctz::time_zone& zone, Instant t) { return Seconds{zone.lookup(t).offset}; }

// All changes of offset that the file has, and those of its last rule for 400 years.
std::vector<ZoneTransition> transitions_of(const cctz::time_zone& zone) {
  std::vector<ZoneTransition> transitions;
  cctz::time_zone::civil_transition change;
  Seconds offset = offset_at(zone, Instant::min());
  for (Instant t = Instant::min(); zone.next_transition(t, &change);) {
    const Instant at = zone.lookup(change.to).trans;
    if (at <= t) break;
    t = at;
    const Seconds after = offset_at(zone, at);
    if (after == offset) continue;  // another name or another kind of time, with the same offset
    transitions.push_back({at, after});
    offset = after;
  }
  return transitions;
}

// The library unrolls a rule without end over 400 years; a list that reaches this far was unrolled.
Instant start_of_period(const std::vector<ZoneTransition>& transitions) {
  constexpr Instant kUnrolled = instant_from_unix(10413792000);  // 2300-01-01
  if (transitions.empty() || transitions.back().at < kUnrolled) return Instant::max();
  return transitions.back().at - kPeriod;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name.substr(0, kNameBytesMax)) text += c >= ' ' && c <= '~' ? c : '?';
  return text + (name.size() > kNameBytesMax ? "...\"" : "\"");
}

}  // namespace

SystemZones::SystemZones() : SystemZones(system_directory()) {}
SystemZones::SystemZones(fs::path directory) : directory_(std::move(directory)) {}

Result<const Zone*> SystemZones::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto known = zones_.find(name); known != zones_.end()) return known->second.get();
  std::unique_ptr<const Zone> zone;
  if (name == "UTC") {
    zone = std::make_unique<const Zone>("UTC", Seconds{0}, std::vector<ZoneTransition>(), Instant::max());
  } else {
    if (!well_formed(name) || is_alias_of_the_system(name)) return unknown(name);
    const fs::path path = directory_ / name;
    std::error_code fault;
    switch (exact_kind_of(directory_, name, fault)) {
      case Kind::no_zone:
        return unknown(name);
      case Kind::unreadable:
        return Error{"the file of time zone " + quoted(name) + ", " + path.string() + ", cannot be read now (" + fault.message() +
                         "); it is tried again",
                     true};
      case Kind::zone:
        break;
    }
    cctz::time_zone loaded;
    // The library never tries a name again that failed once; slashes make it another one.
    const std::string slashes(std::min(failed_loads_, kLoadsMax), '/');
    if (!cctz::load_time_zone(fs::absolute(directory_).string() + '/' + slashes + std::string(name), &loaded)) {
      ++failed_loads_;
      return Error{"the file of time zone " + quoted(name) + ", " + path.string() + ", cannot be read; install tzdata anew",
                   true};
    }
    std::vector<ZoneTransition> transitions = transitions_of(loaded);
    const Instant periodic_from = start_of_period(transitions);
    const Seconds first_offset = offset_at(loaded, Instant::min());
    zone = std::make_unique<const Zone>(std::string(name), first_offset, std::move(transitions), periodic_from);
  }
  return zones_.emplace(std::string(name), std::move(zone)).first->second.get();
}

Error SystemZones::unknown(std::string_view name) {
  std::error_code fault;
  if (!fs::is_directory(directory_, fault)) {
    return Error{"unknown time zone " + quoted(name) + ": there is no tz database in " + directory_.string() +
                 "; install tzdata or set TZDIR"};
  }
  // Walking through the directory takes milliseconds, and a table may have a bad name in each row.
  if (suggested_.empty()) suggested_ = names();
  std::string message = "unknown time zone " + quoted(name) + suggestion(name, suggested_);
  return Error{message + "; expected is the exact name of a zone in " + directory_.string() +
               ", such as \"Europe/Berlin\" or \"UTC\""};
}

std::vector<std::string> SystemZones::names() const {
  std::vector<std::string> names = {"UTC"};
  std::error_code fault;
  for (fs::recursive_directory_iterator entry(directory_, fs::directory_options::skip_permission_denied, fault), end;
       !fault && entry != end; entry.increment(fault)) {
    std::string name = entry->path().lexically_relative(directory_).generic_string();
    if (name == "posix" || name == "right") entry.disable_recursion_pending();
    std::error_code ignored;
    if (name != "UTC" && well_formed(name) && !is_alias_of_the_system(name) && kind_of(entry->path(), ignored) == Kind::zone)
      names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace action_scheduler
