#include "libs/observe/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "absl/time/time.h"
#include "libs/observe/trace.h"

namespace rsnms::observe {
namespace {

// Before a message that already is a list of JSON members. The byte never starts UTF-8 text.
constexpr char kMembers = '\xFF';

// Tests write to spdlog's own logger, as text.
std::atomic<bool> json_lines{false};

// Length of the UTF-8 sequence that begins at `text`; 0 when it is not one.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80   ? 1
                        : byte(0) < 0xC2 ? 0
                        : byte(0) < 0xE0 ? 2
                        : byte(0) < 0xF0 ? 3
                        : byte(0) < 0xF5 ? 4
                                         : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void AppendEscaped(std::string_view text, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  while (!text.empty()) {
    const char c = text[0];
    const size_t length = SequenceLength(text);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (c == '\n') {
      *out += "\\n";
    } else if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)) {
      *out += "\\u00";
      *out += kDigits[(c >> 4) & 0xF];
      *out += kDigits[c & 0xF];
    } else if (length == 0) {
      *out += "\\ufffd";
    } else {
      *out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

class JsonFormatter final : public spdlog::formatter {
 public:
  explicit JsonFormatter(std::string service) : service_(std::move(service)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string_view payload(message.payload.data(), message.payload.size());
    std::string line = "{\"time\":\"";
    line += absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromChrono(message.time),
                             absl::UTCTimeZone());
    const auto level = spdlog::level::to_string_view(message.level);
    line.append("\",\"level\":\"").append(level.data(), level.size());
    line.append("\",\"service\":").append(service_).append(",");
    if (!payload.empty() && payload[0] == kMembers) {
      line += payload.substr(1);
    } else {
      line.append("\"message\":").append(JsonString(payload));
    }
    if (const TraceContext* trace = CurrentTrace(); trace != nullptr) {
      line.append(",\"trace_id\":\"").append(trace->trace_id).append("\"");
    }
    line += "}\n";
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>(service_);
  }

 private:
  const std::string service_;  // a JSON string
};

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  AppendEscaped(text, &out);
  return out + '"';
}

void InitLogging(std::string_view service, std::string_view level) {
  auto logger = std::make_shared<spdlog::logger>(std::string(service),
                                                 std::make_shared<spdlog::sinks::stdout_sink_mt>());
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->flush_on(spdlog::level::info);
  logger->set_formatter(std::make_unique<JsonFormatter>(JsonString(service)));
  json_lines = true;
  spdlog::set_default_logger(std::move(logger));
}

bool Logs(spdlog::level::level_enum level) { return spdlog::should_log(level); }

void Log(spdlog::level::level_enum level, std::string_view message,
         std::initializer_list<LogField> fields) {
  if (!Logs(level)) return;
  std::string members;
  if (json_lines) members += kMembers;
  members.append("\"message\":").append(JsonString(message));
  for (const LogField& field : fields) {
    members.append(",").append(JsonString(field.key)).append(":");
    members.append(field.quoted ? JsonString(field.text) : field.text);
  }
  spdlog::default_logger_raw()->log(level, spdlog::string_view_t(members.data(), members.size()));
}

}  // namespace rsnms::observe
