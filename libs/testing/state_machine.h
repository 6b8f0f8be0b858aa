// State machines, tested twice. What the contract declares is compared with tables written from the
// acts (ExpectMachine, `*_workflows_test`): a step that lost a state, or leads elsewhere, shows.
// And what is declared is tried: every declared step works from every state it begins in; from
// every other it is refused with INVALID_STATE and changes nothing (TryEveryStep).
#ifndef RSNMS_LIBS_TESTING_STATE_MACHINE_H_
#define RSNMS_LIBS_TESTING_STATE_MACHINE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "google/api/field_behavior.pb.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::testing {

struct StateMachine {
  const google::protobuf::ServiceDescriptor* service = nullptr;
  std::string resource;  // `registry.rsnms/Mentorship`
  // A new resource of its own, complete enough for any step; answers its name.
  std::function<std::string()> make = nullptr;
  // Puts it into a state, past the contract (`DRAFT`).
  std::function<void(const std::string& name, const std::string& state)> force = nullptr;
  // State and version as stored, in any form.
  std::function<std::string(const std::string& name)> read = nullptr;
  // The state alone as stored (`DRAFT`), asked after every try when it is given.
  std::function<std::string(const std::string& name)> state = nullptr;
  // Completes a request; required fields are filled with plain values already.
  std::function<void(google::protobuf::Message&)> fill = [](auto&) {};
};

// A step of a table: from which states it leads to which.
struct Edge {
  std::string step;
  std::vector<std::string> from;
  std::string to;
  bool operator==(const Edge& other) const {
    return step == other.step && from == other.from && to == other.to;
  }
};
inline std::ostream& operator<<(std::ostream& out, const Edge& edge) {
  return out << edge.step << ": " << absl::StrJoin(edge.from, "|") << " -> " << edge.to;
}

// The contract declares the steps of the table for `resource` (`Site`, of whatever service) and no
// other; `edges` is their number, one for each state a step begins in.
inline void ExpectMachine(const google::protobuf::ServiceDescriptor& service,
                          const std::string& resource, size_t edges, std::vector<Edge> table) {
  std::vector<Edge> declared;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& method = service.method(i)->options().GetExtension(options::v1::method);
    if (!absl::EndsWith(method.resource(), "/" + resource) || !method.has_transition()) continue;
    const auto& from = method.transition().from();
    const std::string& field = method.transition().field();  // empty: the state
    declared.push_back({service.method(i)->name(),
                        {from.begin(), from.end()},
                        absl::StrCat(field, field.empty() ? "" : "=", method.transition().to())});
  }
  size_t counted = 0;
  for (auto* steps : {&declared, &table}) {
    for (Edge& edge : *steps) std::sort(edge.from.begin(), edge.from.end());
  }
  for (const Edge& edge : table) counted += edge.from.size();
  EXPECT_THAT(declared, ::testing::UnorderedElementsAreArray(table));
  EXPECT_EQ(counted, edges);
}

struct StepCounts {
  int allowed = 0, refused = 0;
};

// Plain values for what the step requires.
inline void FillRequired(google::protobuf::Message& request) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = request.GetReflection();
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const auto* field = request.GetDescriptor()->field(i);
    const auto& behaviour = field->options().GetRepeatedExtension(google::api::field_behavior);
    if (std::find(behaviour.begin(), behaviour.end(), google::api::REQUIRED) == behaviour.end() ||
        field->name() == "name")
      continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      field->is_repeated() ? reflection->AddString(&request, field, "так решено")
                           : reflection->SetString(&request, field, "так решено");
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      field->is_repeated() ? reflection->AddEnumValue(&request, field, 1)
                           : reflection->SetEnumValue(&request, field, 1);
    } else if (field->message_type() == google::type::Date::descriptor()) {
      auto* date = static_cast<google::type::Date*>(reflection->MutableMessage(&request, field));
      date->set_year(2024);
      date->set_month(9);
      date->set_day(1);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      reflection->SetInt32(&request, field, 1);
    }
  }
}

inline void TryStep(const StateMachine& machine, rpc::Client& client,
                    const google::protobuf::MethodDescriptor& step, const std::string& state,
                    StepCounts& counts) {
  using google::protobuf::Message;
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<Message> request(factory->GetPrototype(step.input_type())->New());
  const std::unique_ptr<Message> response(factory->GetPrototype(step.output_type())->New());
  const std::string name = machine.make();
  machine.force(name, state);
  const std::string before = machine.read(name);
  request->GetReflection()->SetString(request.get(), step.input_type()->FindFieldByName("name"),
                                      name);
  FillRequired(*request);
  machine.fill(*request);
  const auto status = client.Unary(absl::StrCat(step.service()->full_name(), "/", step.name()),
                                   *request, response.get(), absl::Now() + absl::Seconds(20));
  const auto& transition = step.options().GetExtension(options::v1::method).transition();
  const auto& from = transition.from();
  const bool allowed = std::find(from.begin(), from.end(), state) != from.end();
  if (machine.state) {
    EXPECT_EQ(machine.state(name), allowed ? transition.to() : state) << step.name();
  }
  if (allowed) {
    EXPECT_TRUE(status.ok()) << step.name() << " from " << state << ": " << status;
    const auto* field = response->GetDescriptor()->FindFieldByName(
        transition.field().empty() ? "state" : transition.field());
    EXPECT_TRUE(absl::EndsWith(response->GetReflection()->GetEnum(*response, field)->name(),
                               "_" + transition.to()))
        << step.name();
    ++counts.allowed;
  } else {
    EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE")
        << step.name() << " from " << state << ": " << status;
    EXPECT_EQ(machine.read(name), before) << step.name() << " from " << state;
    ++counts.refused;
  }
}

// Every step of the resource from every state of it.
inline StepCounts TryEveryStep(const StateMachine& machine, rpc::Client& client) {
  StepCounts counts;
  for (int i = 0; i < machine.service->method_count(); ++i) {
    const auto& step = *machine.service->method(i);
    const auto& declared = step.options().GetExtension(options::v1::method);
    if (declared.resource() != machine.resource || !declared.has_transition()) continue;
    const std::string field =
        declared.transition().field().empty() ? "state" : declared.transition().field();
    const auto* states = step.output_type()->FindFieldByName(field)->enum_type();
    const std::string zero = states->value(0)->name();
    const size_t prefix = zero.size() - std::string("UNSPECIFIED").size();
    for (int s = 1; s < states->value_count(); ++s)
      TryStep(machine, client, step, states->value(s)->name().substr(prefix), counts);
  }
  return counts;
}

}  // namespace rsnms::testing

#endif  // RSNMS_LIBS_TESTING_STATE_MACHINE_H_
