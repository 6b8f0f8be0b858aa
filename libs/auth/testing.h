// Keys, key files and a key host for tests.
#ifndef RSNMS_LIBS_AUTH_TESTING_H_
#define RSNMS_LIBS_AUTH_TESTING_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"

namespace rsnms::auth::testing {

// A directory of its own, removed at the end.
class KeyDirectory {
 public:
  KeyDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rsnms-keys-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~KeyDirectory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string jwks() const { return path_ + "/jwks.json"; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
    return path_ + "/" + name;
  }
  void WriteJwks(const std::vector<std::string>& jwks) const {
    Write("jwks.json", "{\"keys\":[" + absl::StrJoin(jwks, ",") + "]}");
  }

 private:
  std::string path_;
};

inline std::string Hmac(const std::string& secret, const std::string& text) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length);
  return std::string(reinterpret_cast<char*>(mac), length);
}

// Answers every request on 127.0.0.1 with one document.
class HttpHost {
 public:
  HttpHost() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), length);
    listen(socket_, 16);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~HttpHost() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  void Serve(std::string document) {
    absl::MutexLock lock(&mutex_);
    document_ = std::move(document);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/jwks.json"; }
  int requests() const { return requests_; }

 private:
  void Run() {
    while (true) {
      const int client = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      char request[4096];
      if (read(client, request, sizeof(request)) > 0) {
        ++requests_;
        absl::MutexLock lock(&mutex_);
        const std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                                   std::to_string(document_.size()) + "\r\n\r\n" + document_;
        if (write(client, answer.data(), answer.size()) < 0) --requests_;
      }
      close(client);
    }
  }

  const int socket_;
  int port_ = 0;
  std::atomic<int> requests_{0};
  absl::Mutex mutex_;
  std::string document_;
  std::thread thread_;
};

}  // namespace rsnms::auth::testing

#endif  // RSNMS_LIBS_AUTH_TESTING_H_
