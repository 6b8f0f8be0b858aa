// The ledger of seats: enrolments and the groups they are in, changed together.
//
// Whatever takes or gives up a seat locks the group's row first, then the enrolment's: writers of
// one group come one after another, and none waits for another in a circle. Counts stand in the
// group's row, where the database refuses more taken seats than there are. A seat that becomes free
// goes to the first who waits in the same transaction.
//
// Groups and those who wait are read and written with the whole region in scope: whoever may write
// an enrolment moves the seats of its group, seen or not.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "rsnms/programs/v1/training_service.pb.h"

namespace rsnms::programs::ledger {

// One transaction's work on the ledger. Used by one thread, not kept beyond it.
class Ledger {
 public:
  Ledger(pg::Tx& tx, const resource::Engine& engine, journal::Author author)
      : tx_(tx), engine_(engine), author_(std::move(author)) {}

  // Locks the enrolment and the group it is in, and `other` group unless that is empty. NOT_FOUND,
  // ABORTED ETAG_MISMATCH, FAILED_PRECONDITION DELETED.
  absl::StatusOr<v1::Enrolment> Lock(std::string_view name, std::string_view etag,
                                     std::string_view other = "");
  // Locks the enrolment alone, for what moves no seat. Errors as of Lock.
  absl::StatusOr<v1::Enrolment> LockAlone(std::string_view name, std::string_view etag);
  // Locks a group alone. NOT_FOUND.
  absl::Status LockGroup(std::string_view name);
  // A group locked by these; null when it is none of them. Seats are counted in it.
  v1::Group* FindGroup(std::string_view name);

  // Writes what became of an enrolment: a seat it gave up goes to those who wait.
  absl::Status Write(const v1::Enrolment& before, v1::Enrolment& after);
  // Writes a new enrolment, whose seat was counted by group_rules::Arrive.
  absl::Status Add(v1::Enrolment& enrolment);
  // Writes the counts; the last call.
  absl::Status Close();

 private:
  struct Counted {
    v1::Group before, now;
  };

  pg::Tx& tx_;
  const resource::Engine& engine_;
  const journal::Author author_;
  std::map<std::string, Counted, std::less<>> groups_;
};

// The first of those who wait take the seats that are free: for groups whose row is locked.
// Whole region in scope.
absl::Status TakeInWaiting(pg::Tx& tx, const resource::Engine& engine,
                           const journal::Author& author, v1::Group* group);

// Takes the step that the call's method declares, with the request's `name`, `etag`, `reason`,
// `state_date` and other values. Errors of the step and of enrolment_rules.
absl::Status TakeStep(resource::Engine& engine, rpc::Call& call,
                      const google::protobuf::Message& request, absl::Time now,
                      v1::Enrolment* response);

absl::Status EnrolInGroup(resource::Engine& engine, rpc::Call& call,
                          const v1::EnrolInGroupRequest& request, absl::Time now,
                          v1::Enrolment* response);
absl::Status Place(resource::Engine& engine, rpc::Call& call,
                   const v1::PlaceEnrolmentRequest& request, v1::Enrolment* response);
absl::Status Transfer(resource::Engine& engine, rpc::Call& call,
                      const v1::TransferEnrolmentRequest& request, absl::Time now,
                      v1::Enrolment* response);

// The engine's preparation of enrolments in groups (enrolment_rules::CheckInGroup).
absl::Status CheckGroups(pg::Tx& tx, const resource::Engine& engine,
                         std::vector<resource::Engine::Pending>& rows);
// The engine's preparation of groups: PROGRAMME_NOT_OFFERED for a new or opened one,
// GROUP_NOT_EMPTY for one that ends, MEMBERS_OUTSIDE_DATES; more seats take in those who wait.
absl::Status PrepareGroups(pg::Tx& tx, const resource::Engine& engine,
                           std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs::ledger

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_LEDGER_H_
