#include "libs/auth/key_source.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "libs/observe/log.h"

namespace rsnms::auth {
namespace {

constexpr absl::Duration kFileInterval = absl::Seconds(1);
constexpr absl::Duration kLeastInterval = absl::Seconds(10);  // between fetches from a host
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr int kMostWaiting = 1;
constexpr size_t kLargestDocument = 256 << 10;

bool IsUrl(const std::string& location) {
  return location.rfind("http://", 0) == 0 || location.rfind("https://", 0) == 0;
}

size_t Append(char* data, size_t size, size_t count, void* to) {
  auto* document = static_cast<std::string*>(to);
  if (document->size() + size * count > kLargestDocument) return 0;  // aborts the transfer
  document->append(data, size * count);
  return size * count;
}

absl::StatusOr<std::string> Fetch(const std::string& url) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  if (initialised != CURLE_OK || curl == nullptr) return absl::InternalError("curl failed");
  std::string document;
  long code = 0;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &document);
  const CURLcode result = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  if (result != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(result));
  if (code != 200) return absl::UnavailableError("HTTP status " + std::to_string(code));
  return document;
}

std::string StampOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return "";
  return std::to_string(info.st_size) + "/" + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec) + "/" + std::to_string(info.st_ino);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream document;
  if (!file || !(document << file.rdbuf())) return absl::NotFoundError("cannot read " + path);
  return document.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeySource>> KeySource::Create(std::string location,
                                                             absl::Duration refresh) {
  auto source = std::unique_ptr<KeySource>(new KeySource(std::move(location), refresh));
  const absl::Status loaded = source->Load(/*force=*/true);
  if (!loaded.ok() && !source->remote_) return loaded;
  source->thread_ = std::thread([s = source.get()] { s->Run(); });
  return source;
}

KeySource::KeySource(std::string location, absl::Duration refresh)
    : location_(std::move(location)), remote_(IsUrl(location_)), refresh_(refresh) {}

KeySource::~KeySource() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const KeySet> KeySource::keys() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_;
}

void KeySource::Refresh() {
  absl::MutexLock lock(&mutex_);
  const absl::Duration least = remote_ ? kLeastInterval : absl::Milliseconds(100);
  if (wanted_ == loaded_ && absl::Now() < last_load_ + least) return;
  if (wanted_ == loaded_) ++wanted_;
  if (waiting_ >= kMostWaiting) return;
  ++waiting_;
  struct Until {
    const KeySource* source;
    int64_t load;
    bool Done() const { return source->stopped_ || source->loaded_ >= load; }
  } until{this, wanted_};
  mutex_.AwaitWithTimeout(absl::Condition(&until, &Until::Done), kPatience);
  --waiting_;
}

void KeySource::Run() {
  while (true) {
    int64_t wanted = 0;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Duration pause = !remote_         ? kFileInterval
                                   : keys_->empty() ? kLeastInterval
                                                    : refresh_;
      mutex_.AwaitWithTimeout(absl::Condition(this, &KeySource::Woken), pause);
      if (stopped_) return;
      wanted = wanted_;
    }
    const absl::Status loaded = Load(/*force=*/false);
    if (!loaded.ok()) {
      observe::LogWarning("keys not refreshed", {{"error", std::string(loaded.message())}});
    }
    absl::MutexLock lock(&mutex_);
    loaded_ = wanted;
  }
}

absl::Status KeySource::Load(bool force) {
  const std::string stamp = remote_ ? "" : StampOf(location_);
  {
    absl::MutexLock lock(&mutex_);
    last_load_ = absl::Now();
  }
  if (!remote_ && !force && stamp == stamp_) return absl::OkStatus();
  stamp_ = stamp;
  const auto document = remote_ ? Fetch(location_) : ReadFile(location_);
  if (!document.ok()) return document.status();
  auto keys = ParseJwks(*document);
  if (!keys.ok()) return keys.status();
  auto shared = std::make_shared<const KeySet>(*std::move(keys));
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(shared);
  return absl::OkStatus();
}

}  // namespace rsnms::auth
