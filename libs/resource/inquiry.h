// What a service must ask others before a client's Create or Update can be judged: asked outside
// the transaction, so that no row is locked while somebody else is waited for.
#ifndef RSNMS_LIBS_RESOURCE_INQUIRY_H_
#define RSNMS_LIBS_RESOURCE_INQUIRY_H_

#include <functional>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"

namespace rsnms::resource {

// Sees the request of a standard Create or Update, whose form alone was judged: names and values in
// it may be wrong. It keeps what it learned where a preparation finds it; an error ends the call.
using Inquiry = std::function<absl::Status(const rpc::Call&, const Message& request)>;

// Call before serving. Import and domain methods are not asked: they know when to.
void AddInquiry(Engine& engine, const google::protobuf::Descriptor* resource, Inquiry inquiry);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_INQUIRY_H_
