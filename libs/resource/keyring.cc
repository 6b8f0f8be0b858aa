#include "libs/resource/keyring.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/resource/sealing.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

absl::Status Bad(std::string_view why) {
  return absl::InvalidArgumentError(Cat("keys of personal data: ", why));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Keyring>> Keyring::Parse(std::string_view text) {
  std::string content(text);
  if (text.starts_with('@')) {
    std::ifstream file{std::string(text.substr(1))};
    std::stringstream read;
    read << file.rdbuf();
    if (!file) return Bad("the file cannot be read");
    content = read.str();
  }
  std::shared_ptr<Keyring> ring(new Keyring);
  const auto trimmed = absl::StripAsciiWhitespace(content);
  for (const auto entry : absl::StrSplit(trimmed, ',')) {
    if (auto s = ring->Add(std::string_view(entry.data(), entry.size())); !s.ok()) return s;
  }
  if (ring->index_.empty()) return Bad("no key `index`");
  if (ring->keys_.empty()) return Bad("no numbered key");
  return ring;
}

absl::Status Keyring::Add(std::string_view entry) {
  const size_t colon = entry.find(':');
  if (colon == std::string_view::npos) return Bad("an entry is not `<id>:<key>`");
  const std::string id(entry.substr(0, colon)), hex(entry.substr(colon + 1));
  const bool digits =
      hex.size() == 2 * kSecretBytes &&
      std::all_of(hex.begin(), hex.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (!digits) return Bad("a key is not 64 hexadecimal digits");
  std::string bytes = absl::HexStringToBytes(hex);
  if (id == "index") {
    if (!index_.empty()) return Bad("two keys `index`");
    index_ = std::move(bytes);
    return absl::OkStatus();
  }
  int number = 0;
  if (!absl::SimpleAtoi(id, &number) || number < 1 || number > 255) {
    return Bad("an id is neither `index` nor a number from 1 to 255");
  }
  for (const auto& key : keys_) {
    if (key.id == number) return Bad("two keys of one id");
  }
  keys_.push_back({static_cast<unsigned char>(number), std::move(bytes)});
  return absl::OkStatus();
}

std::string Keyring::Seal(std::string_view bound, std::string_view text) const {
  const auto id = static_cast<char>(current());
  return Cat(std::string_view(&id, 1), SealBytes(keys_.front().bytes, bound, text));
}

std::optional<std::string> Keyring::Open(std::string_view bound, std::string_view sealed) const {
  if (sealed.empty()) return std::string();
  const auto id = static_cast<unsigned char>(sealed[0]);
  sealed.remove_prefix(1);
  if (id == 0) return std::string(sealed);
  for (const auto& key : keys_) {
    if (key.id == id) return UnsealBytes(key.bytes, bound, sealed);
  }
  return std::nullopt;
}

std::string Keyring::Index(std::string_view field, std::string_view text) const {
  return Hmac(index_, Cat(field, "\n", text));
}

}  // namespace rsnms::resource
