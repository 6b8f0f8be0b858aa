// Tells ThreadSanitizer about absl::Mutex, CondVar and Notification, which the packaged Abseil
// does not: defined in the program, these functions come before the library's own, which they call.
// gRPC's locks are the same functions. Linked under -fsanitize=thread only.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

template <class Function>
Function Real(const char* symbol) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol));
}

constexpr unsigned kWrite = 0, kRead = __tsan_mutex_read_lock, kTry = __tsan_mutex_try_lock;

class Locking {
 public:
  Locking(void* mutex, unsigned flags) : mutex_(mutex), flags_(flags) {
    __tsan_mutex_pre_lock(mutex_, flags_);
  }
  ~Locking() { __tsan_mutex_post_lock(mutex_, flags_, 0); }
  void Failed() { flags_ |= __tsan_mutex_try_lock_failed; }

 private:
  void* const mutex_;
  unsigned flags_;
};

// Whoever gives a mutex up evaluates the conditions that others wait for, at a time when the
// sanitizer already takes it for free: those reads are not looked at.
class Unlocking {
 public:
  Unlocking(void* mutex, unsigned flags) : mutex_(mutex), flags_(flags) {
    __tsan_mutex_pre_unlock(mutex_, flags_);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  }
  ~Unlocking() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    __tsan_mutex_post_unlock(mutex_, flags_);
  }

 private:
  void* const mutex_;
  const unsigned flags_;
};

}  // namespace

#define ABSL_NAME(rest) "_ZN4absl7debian3" rest

namespace absl {

void Mutex::Lock() {
  static const auto real = Real<void (*)(Mutex*)>(ABSL_NAME("5Mutex4LockEv"));
  const Locking locking(this, kWrite);
  real(this);
}

void Mutex::Unlock() {
  static const auto real = Real<void (*)(Mutex*)>(ABSL_NAME("5Mutex6UnlockEv"));
  const Unlocking unlocking(this, kWrite);
  real(this);
}

bool Mutex::TryLock() {
  static const auto real = Real<bool (*)(Mutex*)>(ABSL_NAME("5Mutex7TryLockEv"));
  Locking locking(this, kWrite | kTry);
  const bool locked = real(this);
  if (!locked) locking.Failed();
  return locked;
}

void Mutex::ReaderLock() {
  static const auto real = Real<void (*)(Mutex*)>(ABSL_NAME("5Mutex10ReaderLockEv"));
  const Locking locking(this, kRead);
  real(this);
}

void Mutex::ReaderUnlock() {
  static const auto real = Real<void (*)(Mutex*)>(ABSL_NAME("5Mutex12ReaderUnlockEv"));
  const Unlocking unlocking(this, kRead);
  real(this);
}

void Mutex::LockWhen(const Condition& condition) {
  Lock();
  Await(condition);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  return LockWhenWithDeadline(condition, Now() + timeout);
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  Lock();
  return AwaitWithDeadline(condition, deadline);
}

void Mutex::Await(const Condition& condition) {
  static const auto real =
      Real<void (*)(Mutex*, const Condition&)>(ABSL_NAME("5Mutex5AwaitERKNS0_9ConditionE"));
  {
    const Unlocking unlocking(this, kWrite);
    real(this, condition);
  }
  const Locking locking(this, kWrite);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return AwaitWithDeadline(condition, Now() + timeout);
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static const auto real = Real<bool (*)(Mutex*, const Condition&, Time)>(
      ABSL_NAME("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  bool met = false;
  {
    const Unlocking unlocking(this, kWrite);
    met = real(this, condition, deadline);
  }
  const Locking locking(this, kWrite);
  return met;
}

void CondVar::Wait(Mutex* mutex) {
  static const auto real =
      Real<void (*)(CondVar*, Mutex*)>(ABSL_NAME("7CondVar4WaitEPNS0_5MutexE"));
  {
    const Unlocking unlocking(mutex, kWrite);
    real(this, mutex);
  }
  const Locking locking(mutex, kWrite);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  return WaitWithDeadline(mutex, Now() + timeout);
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static const auto real = Real<bool (*)(CondVar*, Mutex*, Time)>(
      ABSL_NAME("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  bool late = false;
  {
    const Unlocking unlocking(mutex, kWrite);
    late = real(this, mutex, deadline);
  }
  const Locking locking(mutex, kWrite);
  return late;
}

void Notification::Notify() {
  static const auto real = Real<void (*)(Notification*)>(ABSL_NAME("12Notification6NotifyEv"));
  __tsan_release(this);
  real(this);
}

void Notification::WaitForNotification() const {
  static const auto real =
      Real<void (*)(const Notification*)>("_ZNK4absl7debian312Notification19WaitForNotificationEv");
  real(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

}  // namespace absl
