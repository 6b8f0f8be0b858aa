// What people do in an invented region, as calls of the registry: a story is what happens to one
// thing, from its creation through the steps its contract declares.
#ifndef RSNMS_TOOLS_DEMO_STORY_H_
#define RSNMS_TOOLS_DEMO_STORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "google/protobuf/message.h"
#include "tools/demo/generator.h"

namespace rsnms::demo {

// One call. Its `request_id` is part of the data's identity, so that a story told again is answered
// as before.
struct Step {
  std::string method;   // `rsnms.registry.v1.Communities/CreateCommunity`
  std::string created;  // collection of what it creates, `communities`; empty: it creates nothing
  std::unique_ptr<google::protobuf::Message> request;
};
using Story = std::vector<Step>;

// Writes one story. Fields are given as protobuf text, so that a story reads as what is sent.
// Programming errors (no such method, text that does not parse) end the program.
class Teller {
 public:
  // `number` tells the stories of a region apart; below 2^32.
  Teller(const Generator& generator, int region, uint64_t number);

  // Creates a `noun` through a service of the registry and returns its name.
  std::string Create(const std::string& service, const std::string& noun,
                     const std::string& fields);
  // A step of the thing named so.
  void Do(const std::string& service, const std::string& method, const std::string& name,
          const std::string& fields = "");
  // Says that the last step creates something too, in that collection.
  void Creates(const char* collection) { story_.back().created = collection; }
  // The id of what step `step` of a story creates.
  static std::string IdOf(const Generator& generator, int region, uint64_t number, size_t step);
  Story Take() { return std::move(story_); }

 private:
  google::protobuf::Message* Add(const std::string& service, const std::string& method,
                                 const std::string& fields);

  const Dice& dice_;
  const std::string parent_;
  const uint64_t number_;
  Story story_;
};

// `field { year: 2026 month: 9 day: 1 } `
std::string On(const char* field, absl::CivilDay day);
// `field: "value" `; the value is escaped.
std::string Text(const char* field, const std::string& value);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_STORY_H_
