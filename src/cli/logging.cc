#include "cli/logging.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>
#include <utility>

#include "action_scheduler/event.h"

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
      const std::string line = json_ ? event_members(event, fields) : event_pairs(event, fields);
      logger_.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (const std::exception&) {
      // Without memory for the line there is nobody to tell.
    }
  }

 private:
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
