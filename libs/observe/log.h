// Logs: one JSON object a line on standard output, with the trace id of the call that wrote it.
#ifndef RSNMS_LIBS_OBSERVE_LOG_H_
#define RSNMS_LIBS_OBSERVE_LOG_H_

#include <spdlog/common.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace rsnms::observe {

// Sets spdlog's default logger for the process: everything written by spdlog::info(…) and by Log
// becomes JSON. `level`: trace, debug, info, warn, err, off. Call once, at start.
void InitLogging(std::string_view service, std::string_view level = "info");

// One member of a log line. Never personal data, never a request's body, never a token.
struct LogField {
  LogField(std::string_view key, std::string_view text) : key(key), text(text), quoted(true) {}
  LogField(std::string_view key, const char* text) : LogField(key, std::string_view(text)) {}
  LogField(std::string_view key, const std::string& text) : LogField(key, std::string_view(text)) {}
  LogField(std::string_view key, int64_t number)
      : key(key), text(std::to_string(number)), quoted(false) {}
  LogField(std::string_view key, int number) : LogField(key, static_cast<int64_t>(number)) {}
  LogField(std::string_view key, double number)
      : key(key), text(std::to_string(number)), quoted(false) {}

  std::string key, text;
  bool quoted;
};

// Writes a line with members of its own beside time, level, service, message and trace_id.
void Log(spdlog::level::level_enum level, std::string_view message,
         std::initializer_list<LogField> fields = {});
// Whether lines of that level are written at all.
bool Logs(spdlog::level::level_enum level);
inline void LogInfo(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(spdlog::level::info, message, fields);
}
inline void LogWarning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(spdlog::level::warn, message, fields);
}
inline void LogError(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(spdlog::level::err, message, fields);
}

// `text` as a JSON string, with quotes. Bytes that are not UTF-8 become U+FFFD.
std::string JsonString(std::string_view text);

}  // namespace rsnms::observe

#endif  // RSNMS_LIBS_OBSERVE_LOG_H_
