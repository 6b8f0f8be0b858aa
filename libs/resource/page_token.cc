#include "libs/resource/page_token.h"

#include "libs/resource/sealing.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

constexpr size_t kMaxTokenBytes = 32 << 10;

// Length-prefixed, so that no two lists of parts look alike: `3:abc`, `-` for NULL.
void AppendPart(const std::optional<std::string>& part, std::string* out) {
  if (part) {
    Append(out, part->size(), ":", *part);
  } else {
    Append(out, "-");
  }
}

bool TakePart(std::string_view* text, std::optional<std::string>* part) {
  if (text->empty()) return false;
  if ((*text)[0] == '-') {
    text->remove_prefix(1);
    part->reset();
    return true;
  }
  const size_t colon = text->find(':');
  int64_t size = 0;
  if (colon == std::string_view::npos || !ParseInteger(text->substr(0, colon), &size)) {
    return false;
  }
  text->remove_prefix(colon + 1);
  if (size < 0 || static_cast<int64_t>(text->size()) < size) return false;
  *part = std::string(text->substr(0, size));
  text->remove_prefix(size);
  return true;
}

absl::Status Invalid() {
  return rpc::InvalidField("page_token", options::v1::COMMON_REASON_INVALID_PAGE_TOKEN,
                           "does not belong to this list; start from the first page");
}

}  // namespace

std::string PageBinding::Serialize() const {
  std::string out;
  for (const auto* part : {&method, &parent, &filter, &order_by, &subject, &scopes}) {
    AppendPart(*part, &out);
  }
  return Cat(out, show_deleted ? "1" : "0");
}

std::string MakePageToken(std::string_view key, const PageBinding& binding, const Values& row_key,
                          absl::Time now) {
  std::string text;
  AppendPart(Cat(absl::ToUnixSeconds(now)), &text);
  for (const auto& value : row_key) AppendPart(value, &text);
  return Seal(key, binding.Serialize(), text);
}

absl::StatusOr<Values> ReadPageToken(std::string_view key, const PageBinding& binding,
                                     std::string_view token, size_t key_columns, absl::Time now) {
  if (token.size() > kMaxTokenBytes) return Invalid();
  const auto text = Unseal(key, binding.Serialize(), token);
  if (!text) return Invalid();
  std::string_view rest = *text;
  std::optional<std::string> issued;
  int64_t seconds = 0;
  if (!TakePart(&rest, &issued) || !issued || !ParseInteger(*issued, &seconds)) {
    return Invalid();
  }
  const absl::Duration age = now - absl::FromUnixSeconds(seconds);
  if (age > kPageTokenLifetime) return Invalid();
  Values values(key_columns);
  for (auto& value : values) {
    if (!TakePart(&rest, &value)) return Invalid();
  }
  if (!rest.empty()) return Invalid();
  return values;
}

}  // namespace rsnms::resource
