// Calls of the service `programs` told as text, so that what people do reads as what is sent.
//
// Everything told here may be told again: a request's id is made from its words, so the service
// answers what it answered before; and a story whose beginning exists was told before.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_DESK_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_DESK_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {

// One call: `Training/OpenGroup` and its request as protobuf text, without `request_id`.
struct Act {
  std::string method, fields;
};
// What happens to one thing, from its creation on.
using Acts = std::vector<Act>;

// Thread-safe.
class Desk {
 public:
  Desk(Session& session, const CampaignOptions& options)
      : session_(session), client_(session.client("programs")), options_(options) {}

  // Programming errors (no such method, text that does not parse) end the program.
  absl::Status Tell(std::string_view method, const std::string& fields,
                    google::protobuf::Message* answer) const;
  template <class Answer>
  absl::StatusOr<Answer> Ask(std::string_view method, const std::string& fields) const {
    Answer answer;
    auto status = Tell(method, fields, &answer);
    if (!status.ok()) return status;
    return answer;
  }
  // Where the answer does not matter.
  absl::Status Do(const Act& act) const;
  // By another token than the operator's.
  absl::Status As(const std::string& token, const Act& act) const;
  // One after the other. When the first says ALREADY_EXISTS all of them were told long ago, and
  // what the rest say does not matter: things went on since.
  absl::Status Play(const Acts& acts) const;
  // Stories that do not need each other, a few at a time; the first failure ends them.
  absl::Status PlayAll(const std::vector<Acts>& stories) const;

  const CampaignOptions& options() const { return options_; }
  Session& session() const { return session_; }
  // `regions/86`.
  std::string parent() const { return "regions/" + options_.region; }
  // The name of a thing of this job: the same words are the same thing.
  std::string NameOf(std::string_view collection, std::string_view words) const;

 private:
  Session& session_;
  rpc::Client& client_;
  const CampaignOptions& options_;
};

// `do_one(i)` for every i below `count`, a few at a time; the first failure ends them.
absl::Status Together(size_t count, const std::function<absl::Status(size_t)>& do_one);

// `field: 'value' `; the value is escaped.
std::string Text(std::string_view field, std::string_view value);
// `field {year: 2026 month: 4 day: 10} `.
std::string On(std::string_view field, int year, int month, int day);
// The last part of a name.
std::string_view IdOf(std::string_view name);
// `<noun>_id` and `<noun> { fields }` of a creation in the desk's region.
std::string Creation(const Desk& desk, std::string_view noun, std::string_view name,
                     const std::string& fields);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_DESK_H_
