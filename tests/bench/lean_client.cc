#include "tests/bench/lean_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace rsnms::bench {
namespace {

constexpr int32_t kWindow = 16 << 20;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

nghttp2_nv Header(const std::string& name, const std::string& value) {
  auto bytes = [](const std::string& s) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(s.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// The headers of every call and the requests as gRPC frames.
struct Script {
  explicit Script(const Load& load)
      : fields{{":method", "POST"},          {":scheme", "http"},
               {":path", "/" + load.method}, {":authority", load.target},
               {"te", "trailers"},           {"content-type", "application/grpc"}} {
    if (!load.token.empty()) fields.emplace_back("authorization", "Bearer " + load.token);
    for (const auto& [name, value] : fields) headers.push_back(Header(name, value));
    for (const auto& request : load.requests) {
      const uint32_t size = htonl(static_cast<uint32_t>(request.size()));
      std::string frame(5, '\0');
      std::memcpy(frame.data() + 1, &size, sizeof size);
      frames.push_back(frame + request);
    }
  }

  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<nghttp2_nv> headers;
  std::vector<std::string> frames;
  size_t next = 0;  // frame of the next call
  std::vector<double> seconds;
};

class Connection {
 public:
  Connection(const std::string& target, Script& script) : script_(script), fd_(Dial(target)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  }
  Connection(const Connection&) = delete;
  ~Connection() {
    nghttp2_session_del(session_);
    close(fd_);
  }

  int fd() const { return fd_; }

  void Call() {
    auto answer = std::make_unique<Answer>();
    answer->frame = &script_.frames[script_.next++ % script_.frames.size()];
    nghttp2_data_provider body;
    body.source.ptr = answer.get();
    body.read_callback = ReadBody;
    if (nghttp2_submit_request(session_, nullptr, script_.headers.data(), script_.headers.size(),
                               &body, answer.release()) < 0) {
      Fail("cannot submit a request");
    }
  }

  void Send() {
    while (true) {
      const uint8_t* bytes = nullptr;
      const ssize_t n = nghttp2_session_mem_send(session_, &bytes);
      if (n < 0) Fail("HTTP/2 failure while sending");
      if (n == 0) break;
      out_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
    }
    for (size_t sent = 0; sent < out_.size();) {
      const ssize_t n = send(fd_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) Fail("the server hung up");
      sent += static_cast<size_t>(n);
    }
    out_.clear();
  }

  void Receive() {
    static thread_local uint8_t buffer[256 << 10];
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) Fail("the server hung up");
    if (nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(n)) < 0) {
      Fail("HTTP/2 failure while receiving");
    }
  }

 private:
  struct Answer {
    const std::string* frame = nullptr;
    size_t received = 0;
    bool ok = false;
    absl::Time begin = absl::Now();
  };

  static int Dial(const std::string& target) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(target, absl::MaxSplits(':', 1));
    int port = 0;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    if (!absl::SimpleAtoi(parts.second, &port) ||
        inet_pton(AF_INET, parts.first.c_str(), &address.sin_addr) != 1) {
      Fail("not an address: " + target);
    }
    address.sin_port = htons(static_cast<uint16_t>(port));
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      Fail("cannot connect to " + target);
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }

  static Answer* AnswerOf(nghttp2_session* session, int32_t stream) {
    return static_cast<Answer*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  // Requests are small: the whole frame fits the first DATA frame.
  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* out, size_t room, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    const std::string& frame = *static_cast<Answer*>(source->ptr)->frame;
    if (frame.size() > room) return NGHTTP2_ERR_CALLBACK_FAILURE;
    std::memcpy(out, frame.data(), frame.size());
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(frame.size());
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void*) {
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (key == "grpc-status") AnswerOf(session, frame->hd.stream_id)->ok = text == "0";
    return 0;
  }
  static int OnData(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t*, size_t size,
                    void*) {
    AnswerOf(session, stream)->received += size;
    return 0;
  }
  static int OnClose(nghttp2_session* session, int32_t stream, uint32_t, void* self) {
    const std::unique_ptr<Answer> answer(AnswerOf(session, stream));
    if (!answer->ok || answer->received < 5) Fail("a call failed");
    auto* connection = static_cast<Connection*>(self);
    connection->script_.seconds.push_back(absl::ToDoubleSeconds(absl::Now() - answer->begin));
    connection->Call();
    return 0;
  }

  Script& script_;
  const int fd_;
  nghttp2_session* session_ = nullptr;
  std::string out_;
};

}  // namespace

LeanCalls LeanCall(const Load& load, absl::Duration duration) {
  Script script(load);
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<pollfd> sockets;
  for (int i = 0; i < load.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(load.target, script));
    for (int call = i; call < load.callers; call += load.connections) connections[i]->Call();
    connections[i]->Send();
    sockets.push_back({connections[i]->fd(), POLLIN, 0});
  }
  const absl::Time begin = absl::Now();
  while (absl::Now() < begin + duration) {
    if (poll(sockets.data(), sockets.size(), 1000) < 0 && errno != EINTR) Fail("poll");
    for (size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      connections[i]->Receive();
      connections[i]->Send();
    }
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  connections.clear();
  return {static_cast<double>(script.seconds.size()) / seconds, std::move(script.seconds)};
}

}  // namespace rsnms::bench
