#include "libs/pg/cutting_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

namespace rsnms::pg {
namespace {

// The statement alone, as Parse carries it, not a word of another.
constexpr std::string_view kCommit("\0COMMIT\0", 8);

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

CuttingProxy::CuttingProxy(int port)
    : server_port_(port), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener_, 8);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  own_port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

CuttingProxy::~CuttingProxy() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

void CuttingProxy::Serve() {
  while (!stop_) {
    pollfd waiting = {listener_, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    Pass(client);
    close(client);
  }
}

void CuttingProxy::Pass(int client) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(server_port_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  bool commit_sent = false;
  char buffer[65536];
  while (open && !stop_) {
    pollfd both[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(both, 2, 20) <= 0) continue;
    if (both[0].revents != 0) {
      const ssize_t size = recv(client, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      if (armed_ && std::string_view(buffer, size).find(kCommit) != std::string_view::npos) {
        commit_sent = true;
      }
      open = send(server, buffer, size, MSG_NOSIGNAL) == size;
    }
    if (both[1].revents != 0) {
      const ssize_t size = recv(server, buffer, sizeof buffer, 0);
      if (size <= 0 || commit_sent) break;
      open = send(client, buffer, size, MSG_NOSIGNAL) == size;
    }
  }
  close(server);
}

}  // namespace rsnms::pg
