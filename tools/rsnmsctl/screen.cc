#include "tools/rsnmsctl/screen.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"

namespace rsnms::ctl {

size_t Width(std::string_view text) {
  size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

void Table::Print() const {
  std::vector<size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t i = 0; i < rows_[r].size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "  ", rows_[r][i]);
      if (i + 1 < rows_[r].size()) line.append(widths[i] - Width(rows_[r][i]), ' ');
    }
    std::puts(line.c_str());
    if (r == 0) {
      size_t total = 2 * (widths.size() - 1);
      for (const size_t w : widths) total += w;
      std::string rule;
      for (size_t i = 0; i < total; ++i) rule += "─";
      std::puts(rule.c_str());
    }
  }
}

Progress::Progress(std::string title, int64_t total)
    : title_(std::move(title)),
      total_(total),
      begin_(absl::Now()),
      drawn_(absl::InfinitePast()),
      terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { Draw(true); }

void Progress::Set(int64_t done) {
  done_ = done;
  if (terminal_ && absl::Now() - drawn_ > absl::Milliseconds(100)) Draw(false);
}

void Progress::Draw(bool last) {
  drawn_ = absl::Now();
  const double seconds = std::max(absl::ToDoubleSeconds(drawn_ - begin_), 1e-3);
  std::string bar;
  if (total_ > 0) {
    const int filled = static_cast<int>(30 * std::min(done_, total_) / total_);
    for (int i = 0; i < 30; ++i) bar += i < filled ? "█" : "░";
    absl::StrAppendFormat(&bar, " %3d%%", static_cast<int>(100 * done_ / total_));
  }
  std::fprintf(stderr, "%s%s %s %d (%.0f/с, %.1f с)%s", terminal_ ? "\r\033[K" : "", title_.c_str(),
               bar.c_str(), static_cast<int>(done_), static_cast<double>(done_) / seconds, seconds,
               last ? "\n" : "");
  std::fflush(stderr);
}

std::string Explain(const absl::Status& status) {
  // What no service said, this program says itself, in Russian already.
  bool from_service = false;
  status.ForEachPayload([&](auto, const auto&) { from_service = true; });
  if (!from_service) {
    return absl::StrCat("Ошибка: ", std::string(status.message()), "\n  (",
                        absl::StatusCodeToString(status.code()), ")");
  }
  std::string text = "Ошибка";
  std::string notes;
  const google::rpc::Status proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::LocalizedMessage localized;
    google::rpc::BadRequest bad;
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&localized)) {
      text = localized.message();
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        absl::StrAppend(&notes, "\n  поле ", violation.field(), ": ", violation.description());
      }
    } else if (detail.UnpackTo(&info)) {
      absl::StrAppend(&notes, "\n  причина: ", info.reason());
      for (const auto& [key, value] : info.metadata()) {
        absl::StrAppend(&notes, "\n  ", key, ": ", value);
      }
    } else if (detail.UnpackTo(&retry)) {
      absl::StrAppend(&notes, "\n  повторите через ", retry.retry_delay().seconds(), " с");
    }
  }
  return absl::StrCat(text, notes, "\n  (", absl::StatusCodeToString(status.code()), ": ",
                      std::string(status.message()), ")");
}

}  // namespace rsnms::ctl
