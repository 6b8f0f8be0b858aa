// Typed registration of handlers: the templates of server.h.
#ifndef RSNMS_LIBS_RPC_SERVER_INL_H_
#define RSNMS_LIBS_RPC_SERVER_INL_H_

#include <functional>
#include <string_view>
#include <utility>

#include "libs/rpc/server.h"

namespace rsnms::rpc {

namespace internal {

template <class Response>
class TypedWriter final : public Writer<Response> {
 public:
  explicit TypedWriter(Writer<Message>& untyped) : untyped_(untyped) {}
  bool Write(const Response& response) override { return untyped_.Write(response); }

 private:
  Writer<Message>& untyped_;
};

template <class Request>
class TypedReader final : public Reader<Request> {
 public:
  explicit TypedReader(Reader<Message>& untyped) : untyped_(untyped) {}
  bool Read(Request* request) override { return untyped_.Read(request); }
  absl::Status status() const override { return untyped_.status(); }

 private:
  Reader<Message>& untyped_;
};

}  // namespace internal

// The casts are safe: Match compared the descriptors, and the dispatcher makes messages by
// descriptor.
template <class Request, class Response>
void Server::Unary(std::string_view method,
                   std::function<absl::Status(Call&, const Request&, Response*)> fn) {
  const auto* descriptor = Match(method, Request::descriptor(), Response::descriptor());
  if (descriptor == nullptr) return;
  Handle(descriptor, [fn = std::move(fn)](Call& call, const Message& request, Message* response) {
    return fn(call, static_cast<const Request&>(request), static_cast<Response*>(response));
  });
}

template <class Request, class Response>
void Server::ServerStream(
    std::string_view method,
    std::function<absl::Status(Call&, const Request&, Writer<Response>&)> fn) {
  const auto* descriptor = Match(method, Request::descriptor(), Response::descriptor());
  if (descriptor == nullptr) return;
  HandleServerStream(
      descriptor, [fn = std::move(fn)](Call& call, const Message& request, Writer<Message>& out) {
        internal::TypedWriter<Response> writer(out);
        return fn(call, static_cast<const Request&>(request), writer);
      });
}

template <class Request, class Response>
void Server::ClientStream(std::string_view method,
                          std::function<absl::Status(Call&, Reader<Request>&, Response*)> fn) {
  const auto* descriptor = Match(method, Request::descriptor(), Response::descriptor());
  if (descriptor == nullptr) return;
  HandleClientStream(descriptor,
                     [fn = std::move(fn)](Call& call, Reader<Message>& in, Message* response) {
                       internal::TypedReader<Request> reader(in);
                       return fn(call, reader, static_cast<Response*>(response));
                     });
}

template <class Service, class Request, class Response>
void Server::Unary(std::string_view method, Service* service,
                   absl::Status (Service::*fn)(Call&, const Request&, Response*)) {
  Unary<Request, Response>(method, [=](Call& call, const Request& request, Response* response) {
    return (service->*fn)(call, request, response);
  });
}

template <class Service, class Request, class Response>
void Server::ServerStream(std::string_view method, Service* service,
                          absl::Status (Service::*fn)(Call&, const Request&, Writer<Response>&)) {
  ServerStream<Request, Response>(
      method, [=](Call& call, const Request& request, Writer<Response>& writer) {
        return (service->*fn)(call, request, writer);
      });
}

template <class Service, class Request, class Response>
void Server::ClientStream(std::string_view method, Service* service,
                          absl::Status (Service::*fn)(Call&, Reader<Request>&, Response*)) {
  ClientStream<Request, Response>(method,
                                  [=](Call& call, Reader<Request>& reader, Response* response) {
                                    return (service->*fn)(call, reader, response);
                                  });
}

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_SERVER_INL_H_
