// Keys of personal data at rest: fields declared `encrypted` are sealed under them, and found again
// by a keyed hash, the blind index.
#ifndef RSNMS_LIBS_RESOURCE_KEYRING_H_
#define RSNMS_LIBS_RESOURCE_KEYRING_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace rsnms::resource {

// Immutable. Thread-safe.
//
// A stored value is: the id of its key (one byte), nonce, tag, cipher text (AES-256-GCM, random
// nonce). Key id 0 means that the value stands in clear behind the byte: what was there before the
// field became encrypted, until it is sealed (Engine::SealPersonal).
class Keyring {
 public:
  // `index:<64 hex>,<id>:<64 hex>[,<id>:<64 hex>…]`, ids 1–255, or `@<file>` that holds such a
  // text. `index` keys the blind index; it stays for ever, for unique values are compared by it.
  // The first numbered key seals, the others open what was sealed before a change of keys.
  // INVALID_ARGUMENT never repeats the text.
  static absl::StatusOr<std::shared_ptr<const Keyring>> Parse(std::string_view text);

  // `bound` is authenticated but not carried: the place the value belongs to.
  std::string Seal(std::string_view bound, std::string_view text) const;
  // Nothing when no key opens it, or it was touched or moved.
  std::optional<std::string> Open(std::string_view bound, std::string_view sealed) const;
  // HMAC-SHA256 of the text, different for every `field`.
  std::string Index(std::string_view field, std::string_view text) const;

  unsigned char current() const { return keys_.front().id; }
  // Former keys are listed: what they sealed is to be sealed anew.
  bool rotating() const { return keys_.size() > 1; }

 private:
  struct Key {
    unsigned char id;
    std::string bytes;
  };
  Keyring() = default;
  absl::Status Add(std::string_view entry);

  std::string index_;
  std::vector<Key> keys_;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_KEYRING_H_
