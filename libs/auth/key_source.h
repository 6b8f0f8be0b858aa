// Where the issuer's public keys come from, kept fresh.
#ifndef RSNMS_LIBS_AUTH_KEY_SOURCE_H_
#define RSNMS_LIBS_AUTH_KEY_SOURCE_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/auth/jose.h"

namespace rsnms::auth {

// A JWKS file (looked at every second) or URL (fetched every `refresh`, and on an unknown key at
// most every ten seconds). Keys once read are kept while the file is damaged or the host is away.
// Thread-safe.
class KeySource {
 public:
  // A file must be readable now. A host may be away: there are no keys until it is back.
  static absl::StatusOr<std::unique_ptr<KeySource>> Create(std::string location,
                                                           absl::Duration refresh);
  ~KeySource();

  // Never null; a new object whenever the keys were read anew.
  std::shared_ptr<const KeySet> keys() const;
  // Looks again because a token names a key that keys() lacks. Waits for the answer one second at
  // most, and only one caller at a time: tokens with invented key ids must not hold up the others.
  void Refresh();

 private:
  KeySource(std::string location, absl::Duration refresh);
  void Run();
  // Reads the keys when due. `force` ignores the file's time of change.
  absl::Status Load(bool force);
  bool Woken() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || wanted_ > loaded_; }

  const std::string location_;
  const bool remote_;
  const absl::Duration refresh_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_) = std::make_shared<KeySet>();
  absl::Time last_load_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t wanted_ ABSL_GUARDED_BY(mutex_) = 0;  // loads asked for by Refresh
  int64_t loaded_ ABSL_GUARDED_BY(mutex_) = 0;  // of these, done
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::string stamp_;  // of the file last read: size and time of change
  std::thread thread_;
};

}  // namespace rsnms::auth

#endif  // RSNMS_LIBS_AUTH_KEY_SOURCE_H_
