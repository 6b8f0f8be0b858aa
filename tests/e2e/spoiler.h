// Spoils requests: every field of a message in every way its type allows.
#ifndef RSNMS_TESTS_E2E_SPOILER_H_
#define RSNMS_TESTS_E2E_SPOILER_H_

#include <functional>
#include <set>
#include <string>

#include "tests/e2e/requests.h"

namespace rsnms::e2e {

using Reasons = std::set<std::string>;  // ErrorInfo.reason, any of them

inline const std::string kNul("a\0b", 3);

// These reasons, and what that field may be refused for whatever is wrong with it.
Reasons And(Reasons reasons, const google::protobuf::FieldDescriptor* field);

// Spoils one field after another of a good request, and asks `tell` with each: where the fault
// lies, what it is, and the reasons it may be refused for. The request is good again afterwards.
class Spoiler {
 public:
  using Tell = std::function<void(const std::string& path, const char* how, const Reasons&)>;
  Spoiler(const google::protobuf::MethodDescriptor* method, google::protobuf::Message* request,
          Tell tell)
      : standard_(StandardOf(method)), tell_(std::move(tell)) {
    Fields(request, "", 0);
  }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  using Message = google::protobuf::Message;

  void Fields(Message* message, const std::string& path, int depth);
  void Single(const FieldDescriptor* field, Message* message, const std::string& at, int depth);
  void Element(const FieldDescriptor* field, Message* message, const std::string& at, int depth);
  void Text(const FieldDescriptor* field, const std::string& at,
            const std::function<void(const std::string&)>& set);
  void Nested(const FieldDescriptor* field, Message* nested, const std::string& at, int depth);

  const options::v1::Standard standard_;
  const Tell tell_;
};

}  // namespace rsnms::e2e

#endif  // RSNMS_TESTS_E2E_SPOILER_H_
