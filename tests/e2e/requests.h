// Requests made from the contracts: for every RPC of the running system a plausible one, aimed at
// real resources of a region, so that a new RPC is covered by itself.
#ifndef RSNMS_TESTS_E2E_REQUESTS_H_
#define RSNMS_TESTS_E2E_REQUESTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "rsnms/options/v1/options.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {

// A gRPC service and the process that serves it.
struct Contract {
  std::string service, name;
};
const std::vector<Contract>& Contracts();

std::vector<const google::protobuf::MethodDescriptor*> MethodsOf(const Contract& contract);
std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type);
// `rsnms.registry.v1.Registry/GetPerson`, as rpc::Client wants it.
std::string FullName(const google::protobuf::MethodDescriptor* method);
options::v1::Standard StandardOf(const google::protobuf::MethodDescriptor* method);
bool Streams(const google::protobuf::MethodDescriptor* method);
bool Has(const google::protobuf::FieldDescriptor* field, int behavior);  // of FieldBehavior

// Real resources of one region, as an administrator sees them.
class Samples {
 public:
  Samples(System& system, const std::string& parent);

  // Number of types of which the region has resources.
  size_t size() const { return by_type_.size(); }
  // A few resources of that message type; empty when the region has none.
  std::vector<const google::protobuf::Message*> Of(
      const google::protobuf::Descriptor* resource) const;
  // Makes the request pass its own validation: every name points at a resource of the region,
  // every required field holds something plausible.
  void Aim(const google::protobuf::MethodDescriptor* method,
           google::protobuf::Message* request) const {
    AimFields(method, request, 0);
  }

 private:
  void ReadAll(const google::protobuf::MethodDescriptor* list, rpc::Client& client);
  std::string NameOf(const std::string& type) const;
  std::string TextFor(const google::protobuf::MethodDescriptor* method,
                      const google::protobuf::FieldDescriptor* field) const;
  void AimFields(const google::protobuf::MethodDescriptor* method,
                 google::protobuf::Message* message, int depth) const;
  void AimField(const google::protobuf::MethodDescriptor* method,
                const google::protobuf::FieldDescriptor* field, google::protobuf::Message* message,
                int depth) const;
  void AimMessage(const google::protobuf::MethodDescriptor* method,
                  const google::protobuf::FieldDescriptor* field,
                  google::protobuf::Message* message, int depth) const;

  const std::string parent_;
  std::map<std::string, std::vector<std::unique_ptr<google::protobuf::Message>>> by_type_;
  std::map<std::string, std::string> collections_;  // by type
};

// Everything stored, as one hash for each table of the four schemas but the logs of reading:
// equal digests mean that nothing was written. With a region code, its rows only.
std::string Digest(const System& system, const std::string& region = "");

}  // namespace rsnms::e2e

#endif  // RSNMS_TESTS_E2E_REQUESTS_H_
