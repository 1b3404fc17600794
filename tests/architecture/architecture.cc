#include "tests/architecture/architecture.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

// ---------------------------------------------------------------------------------------------------------------------------
// The rules.

// A part is what lies under one of `paths` (a folder ends in '/', the longest match wins). It may include itself and what `uses`
// names.
struct Part {
  std::string_view name;
  std::vector<std::string_view> paths;
  std::vector<std::string_view> uses;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> table = {
      {"core", {"include/action_scheduler/", "src/core/"}, {}},
      {"ports",
       {"include/action_scheduler/action_source.h", "include/action_scheduler/callback.h", "include/action_scheduler/clock.h",
        "include/action_scheduler/ledger.h", "include/action_scheduler/log.h"},
       {"core"}},
      {"zones", {"src/zones/"}, {"core", "ports"}},
      {"sqlite", {"src/sqlite/"}, {"core"}},
      {"sources", {"src/sources/"}, {"core", "ports", "sqlite"}},
      {"ledger", {"src/ledger/"}, {"core", "ports", "sqlite"}},
      {"callbacks", {"src/callbacks/"}, {"core", "ports"}},
      {"config", {"src/config/"}, {"core", "ports"}},
      {"engine", {"src/engine/"}, {"core", "ports"}},
      {"operations", {"src/operations/"}, {"core", "ports", "sources", "ledger", "callbacks", "config"}},
      {"http", {"src/http/"}, {"core", "ports", "sources", "ledger", "config", "engine", "operations"}},
      {"cli",
       {"src/cli/"},
       {"core", "ports", "zones", "sqlite", "sources", "ledger", "callbacks", "config", "engine", "operations", "http"}},
  };
  return table;
}

// What stands under src/core/ is the core's own affair: others go through include/action_scheduler/, the program's own shells
// excepted.
constexpr std::array kMayUsePrivateCore = {"callbacks"sv, "operations"sv, "http"sv, "cli"sv};

// A third-party header starts with `header` and is included by files whose path starts with one of `files` only.
struct ThirdParty {
  std::string_view header;
  std::vector<std::string_view> files;
};

const std::vector<ThirdParty>& third_parties() {
  static const std::vector<ThirdParty> table = {
      {"cctz/", {"src/zones/"}},
      {"nlohmann/", {"src/core/json.cc", "src/config/json_reader.cc"}},
      {"pqxx/", {"src/sources/postgres"}},
      {"libpq-fe.h", {"src/sources/postgres"}},
      {"sqlite3.h", {"src/sqlite/database.cc"}},
      {"yaml-cpp/", {"src/config/yaml_reader.cc"}},
      {"spdlog/", {"src/cli/logging.cc"}},
      {"CLI/", {"src/cli/command_line.cc", "src/cli/operator_command_line.cc"}},
      {"librdkafka/", {"src/callbacks/kafka/"}},
      {"httplib.h", {"src/http/http_server.cc", "src/http/http_client.cc"}},
      {"prometheus/", {"src/http/metrics.cc"}},
  };
  return table;
}

// The operating system: free to the adapters, the engine and the program, closed to the core, the ports and every public header.
constexpr std::array kSystemHeaders = {"arpa/"sv,     "dirent.h"sv, "dlfcn.h"sv,   "errno.h"sv,  "fcntl.h"sv,
                                       "limits.h"sv,  "linux/"sv,   "netdb.h"sv,   "netinet/"sv, "poll.h"sv,
                                       "pthread.h"sv, "pwd.h"sv,    "signal.h"sv,  "stdlib.h"sv, "spawn.h"sv,
                                       "sys/"sv,      "syslog.h"sv, "termios.h"sv, "time.h"sv,   "unistd.h"sv};

// Pure means: no I/O, no threads, no clock, no environment. The instant is an argument.
constexpr std::array kHeadersClosedToCore = {"barrier"sv,   "condition_variable"sv, "csignal"sv,    "filesystem"sv, "fstream"sv,
                                             "future"sv,    "iostream"sv,           "latch"sv,      "mutex"sv,      "random"sv,
                                             "semaphore"sv, "shared_mutex"sv,       "stop_token"sv, "thread"sv};
constexpr std::array kTextsClosedToCore = {"::now("sv,     "std::cout"sv,   "std::cerr"sv,     "std::clog"sv,
                                           "getenv("sv,    "std::thread"sv, "std::mutex"sv,    "printf("sv,
                                           "std::time("sv, "fopen("sv,      "gettimeofday("sv, "clock_gettime("sv};
constexpr std::array kTextsOpenAfterAll = {"snprintf("sv};  // contains printf( and writes to memory only

constexpr int kLinesMax = 500;

// ---------------------------------------------------------------------------------------------------------------------------

struct Include {
  std::string_view name;
  bool quoted = false;
};

// One source file as the rules see it.
struct Source {
  std::string path;  // relative to the root, with '/'
  std::string text;
};

bool is_source(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".cc" || extension == ".h" || extension == ".c" || extension == ".cpp" || extension == ".hpp";
}

std::vector<Source> read_sources(const fs::path& root) {
  std::vector<Source> sources;
  for (const auto* folder : {"include", "src", "tests"}) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      sources.push_back(Source{.path = entry.path().lexically_relative(root).generic_string(),
                               .text = std::string(std::istreambuf_iterator<char>(file), {})});
    }
  }
  std::ranges::sort(sources, {}, &Source::path);
  return sources;
}

// The part that `path` belongs to, or null.
const Part* part_of(std::string_view path) {
  const Part* best = nullptr;
  std::size_t best_length = 0;
  for (const Part& part : parts()) {
    for (const std::string_view prefix : part.paths) {
      if (path.starts_with(prefix) && prefix.size() > best_length) {
        best = &part;
        best_length = prefix.size();
      }
    }
  }
  return best;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<Include> parse_include(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = trimmed(line.substr(1));
  if (!line.starts_with("include")) return std::nullopt;
  line = trimmed(line.substr("include"sv.size()));
  if (line.size() < 2 || (line[0] != '<' && line[0] != '"')) return std::nullopt;
  const bool quoted = line[0] == '"';
  const auto end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{.name = line.substr(1, end - 1), .quoted = quoted};
}

template <typename Range>
bool starts_with_any(std::string_view text, const Range& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

template <typename Range>
bool has(const Range& range, std::string_view name) {
  return std::ranges::find(range, name) != std::ranges::end(range);
}

// Names of the C++ standard library have neither a slash nor a dot.
bool is_standard_header(std::string_view name) { return name.find_first_of("/.") == std::string_view::npos; }

class Check {
 public:
  explicit Check(const fs::path& root) : root_(root), sources_(read_sources(root)) {}

  std::vector<std::string> run() {
    if (sources_.empty()) faults_.push_back(root_.string() + ": no source files here");
    for (const Source& source : sources_) check_file(source);
    return std::move(faults_);
  }

 private:
  void fault(const std::string& what) { faults_.push_back(source_->path + ":" + std::to_string(line_number_) + ": " + what); }

  void check_file(const Source& source) {
    source_ = &source;
    line_number_ = 1;
    const bool product = !source.path.starts_with("tests/");
    part_ = part_of(source.path);
    if (product && part_ == nullptr) fault("belongs to no part; add it to the table in tests/architecture/architecture.cc");

    line_number_ = 0;
    std::string_view rest = source.text;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      ++line_number_;
      if (product && part_ != nullptr) check_line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (line_number_ > kLinesMax) fault("longer than " + std::to_string(kLinesMax) + " lines");
  }

  void check_line(std::string_view line) {
    if (const auto include = parse_include(line)) {
      check_include(*include);
      return;
    }
    if (part_->name != "core") return;
    std::string code(line.substr(0, line.find("//")));
    for (const std::string_view open : kTextsOpenAfterAll) {
      for (auto at = code.find(open); at != std::string::npos; at = code.find(open)) code.erase(at, open.size());
    }
    for (const std::string_view closed : kTextsClosedToCore) {
      if (code.find(closed) != std::string::npos) fault("the core is pure and has no " + std::string(closed));
    }
  }

  void check_include(const Include& include) {
    const std::string name(include.name);
    if (include.quoted) {
      if (const auto target = resolve(include)) {
        check_own(*target);
      } else {
        fault("\"" + name + "\" is none of our files; third-party headers go into <>");
      }
      return;
    }
    if (resolve(include)) {
      fault("<" + name + "> is our own header and goes into quotes");
      return;
    }
    const bool is_public = source_->path.starts_with("include/");
    const bool is_closed = is_public || part_->name == "core";
    if (is_standard_header(name)) {
      if (part_->name == "core" && has(kHeadersClosedToCore, name)) fault("the core is pure and has no <" + name + ">");
    } else if (starts_with_any(name, kSystemHeaders)) {
      if (is_closed) fault("<" + name + "> in the core or a public header");
    } else {
      check_third_party(name, is_public);
    }
  }

  void check_own(const std::string& target) {
    const Part* used = part_of(target);
    if (used == nullptr) {
      fault("\"" + target + "\" belongs to no part");
    } else if (used != part_ && !has(part_->uses, used->name)) {
      fault(std::string(part_->name) + " must not include " + std::string(used->name) + " (\"" + target + "\")");
    } else if (used != part_ && target.starts_with("src/core/") && !has(kMayUsePrivateCore, part_->name)) {
      fault(std::string(part_->name) + " must not include a private header of " + std::string(used->name) + " (\"" + target +
            "\")");
    } else if (source_->path.starts_with("include/") && target.starts_with("src/")) {
      fault("a public header must not include the private \"" + target + "\"");
    }
  }

  void check_third_party(const std::string& name, bool is_public) {
    if (is_public) {
      fault("a public header must not include the third-party <" + name + ">");
      return;
    }
    for (const ThirdParty& third_party : third_parties()) {
      if (!name.starts_with(third_party.header)) continue;
      if (!starts_with_any(source_->path, third_party.files)) fault("<" + name + "> outside the file that adapts it");
      return;
    }
    fault("<" + name + "> is in no table: name the file that adapts it in tests/architecture/architecture.cc");
  }

  // The file of ours, relative to the root, that `include` means in the current file. Angles do not look beside the file.
  std::optional<std::string> resolve(const Include& include) const {
    std::vector<fs::path> folders = {"include", "src"};
    if (include.quoted) folders.push_back(fs::path(source_->path).parent_path());
    for (const fs::path& folder : folders) {
      std::string candidate = (folder / include.name).lexically_normal().generic_string();
      if (std::ranges::binary_search(sources_, candidate, {}, &Source::path)) return candidate;
    }
    return std::nullopt;
  }

  fs::path root_;
  std::vector<Source> sources_;
  std::vector<std::string> faults_;
  const Source* source_ = nullptr;
  const Part* part_ = nullptr;
  int line_number_ = 0;
};

}  // namespace

std::vector<std::string> architecture_faults(const fs::path& root) { return Check(root).run(); }

}  // namespace action_scheduler
