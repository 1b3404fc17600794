#include "cli/logging.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <string>
#include <utility>

#include "action_scheduler/utf8.h"

namespace action_scheduler {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Controls, line separators, and what turns the direction of text around.
bool is_shown(std::uint32_t code) {
  return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && !(code >= 0x200b && code <= 0x200f) &&
         !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069) && code != 0xfeff;
}

void append_escape(std::string& out, std::uint32_t code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 0xf];
}

// Also a JSON string.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (character.bytes == 0) {
      append_escape(out, 0xfffd);
    } else if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += text.front();
    } else if (character.code == '\n') {
      out += "\\n";
    } else if (is_shown(character.code)) {
      out += text.substr(0, bytes);
    } else {
      append_escape(out, character.code);
    }
    text.remove_prefix(bytes);
  }
  out += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || !std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("._:/+@,-").find(c) != std::string_view::npos;
         });
}

class SpdlogLog : public Log {
 public:
  SpdlogLog(const Settings::Log& settings, spdlog::sink_ptr sink)
      : json_(settings.format == LogFormat::json), logger_("action-scheduler", std::move(sink)) {
    const char* pattern =
        json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    logger_.set_level(spdlog_level(settings.level));
    logger_.flush_on(spdlog::level::debug);
    // Standard error is where it would tell that standard error is broken.
    logger_.set_error_handler([](const std::string&) {});
  }

  bool enabled(Level level) const override { return logger_.should_log(spdlog_level(level)); }

  void write(Level level, std::string_view event, std::span<const Field> fields) override {
    try {
      std::string line = json_ ? "\"event\":" : "event=";
      append_quoted(line, event);
      for (const Field& field : fields) append_field(line, field);
      logger_.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
      // Without memory for the line there is nobody to tell.
    }
  }

 private:
  void append_field(std::string& line, const Field& field) const {
    line += json_ ? ",\"" : " ";
    line += field.name;
    line += json_ ? "\":" : "=";
    if (json_ ? field.number : !needs_quotes(field.value)) {
      line += field.value;
    } else {
      append_quoted(line, field.value);
    }
  }

  bool json_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_log(const Settings::Log& settings) {
  return std::make_unique<SpdlogLog>(settings, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

std::unique_ptr<Log> make_stream_log(const Settings::Log& settings, std::ostream& stream) {
  return std::make_unique<SpdlogLog>(settings, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream, true));
}

}  // namespace action_scheduler
