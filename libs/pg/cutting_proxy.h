// A TCP gate between a pool and its server that hangs up at the worst moment.
#ifndef RSNMS_LIBS_PG_CUTTING_PROXY_H_
#define RSNMS_LIBS_PG_CUTTING_PROXY_H_

#include <atomic>
#include <thread>

namespace rsnms::pg {

// Passes bytes of one connection after another to 127.0.0.1:`port`. Once armed, it lets the next
// COMMIT through to the server, waits until the server has answered it and hangs up on the client
// without passing the answer on.
class CuttingProxy {
 public:
  explicit CuttingProxy(int port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return own_port_; }
  void Arm() { armed_ = true; }

 private:
  void Serve();
  void Pass(int client);

  const int server_port_;
  int listener_;
  int own_port_ = 0;
  std::atomic<bool> armed_ = false;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_CUTTING_PROXY_H_
