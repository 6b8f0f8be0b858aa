// Executes the standard methods of every resource a contract declares, from its options and one
// table each.
//
// Whoever has no right to a resource gets what the absent one gets: NOT_FOUND, or an empty list.
// Creating outside one's scope, and moving a row out of it, is PERMISSION_DENIED, whether the
// region exists or not (AIP-211): region codes are public. So is changing or deleting what one's
// scope shows and does not let be changed, by policies that tell seeing from writing.
//
// A living row refers to living rows only, among the resources of one service: whatever creates,
// updates, revives or imports a row refuses a new reference to one that is absent or deleted
// (FAILED_PRECONDITION REFERENCE_NOT_FOUND), deleting refuses while living rows refer to the row
// (STILL_REFERENCED), seen by the caller or not. This holds at read committed, for references that
// are fields of the resource; those inside nested messages are the service's own matter.
//
// Get, BatchGet, List, Create, Update, Delete, Undelete and Import need no code in a service. What
// a service adds: rules (pure functions over the images before and after), and domain methods,
// which read and write resources through Table<R> inside a transaction, so that validation, etag,
// journal and versions stay the same.
//
// Mapping of a message to its table (schema = the service's, search_path set):
// clang-format off
//   regions/{region_code}/{collection}/{id}  columns region_code text, id uuid|text; primary key (region_code, id)
//   regions/{id} (the region itself)         the same columns, region_code = id
//   every table also has                     version bigint, create_time, update_time timestamptz not null,
//                                            delete_time timestamptz null
//   string, int32/64, double, bool, bytes    text, integer/bigint, double precision, boolean, bytea;
//                                            `optional` and oneof members = nullable
//   enum                                     text: the value's name without the enum's prefix (`ACTIVE`)
//   google.type.Date / protobuf.Timestamp    date / timestamptz (null when unset)
//   google.type.Decimal                      numeric (null when unset)
//   string with `encrypted`                  bytea, and <field>_index bytea (keyring.h); both null for the empty string
//   resource_reference (same region)         <field>_id uuid|text, null when empty; foreign keys (region_code, <field>_id)
//   repeated resource_reference              <field>_ids text[]
//   repeated string, repeated enum           text[]
//   other messages, repeated fields, maps    jsonb (protobuf JSON, field names as in the proto)
// clang-format on
// An empty string is stored as '' (not null). `name`, `etag` and the three times are computed.
#ifndef RSNMS_LIBS_RESOURCE_ENGINE_H_
#define RSNMS_LIBS_RESOURCE_ENGINE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/journal/journal.h"
#include "libs/pg/pool.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"

namespace rsnms::resource {

using google::protobuf::Message;

class Keyring;  // keys of personal data at rest (keyring.h)
class Type;     // everything the engine derived from one resource message (type.h)

struct EngineOptions {
  // 32 bytes, from which the keys of page tokens and of the hashes in request_log are derived
  // (sealing.h): replicas share it, and after a change a repeated request_id is refused as
  // REQUEST_ID_REUSED.
  std::string secret_key;
  // Seals fields declared `encrypted`; may be null when there are none.
  std::shared_ptr<const Keyring> personal_keys;
  std::function<void()> after_commit;  // wakes the sealer
  int gather_lanes = 2;                // gathered point reads in flight at once, a thread each
};

// What happens to a resource when a rule is asked.
enum class Change { kCreate, kUpdate, kDelete, kUndelete };

class Engine {
 public:
  // Reads the descriptors of the services' methods and their resources. `Check` below compares them
  // with the schema.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(
      pg::Pool* pool, const std::vector<const google::protobuf::ServiceDescriptor*>& services,
      EngineOptions options);
  virtual ~Engine() = default;

  // FAILED_PRECONDITION when the schema lacks a declared column or filter index, or no policy looks
  // at a column the contract gives a scope. Run once the database answers.
  virtual absl::Status Check() = 0;

  // Seals the values of encrypted fields that stand in clear, and while former keys are listed what
  // those sealed. Run after Check, before serving; several replicas may. FAILED_PRECONDITION when
  // stored values are of other keys.
  virtual absl::Status SealPersonal() = 0;

  // Registers the standard methods on the server, and has the requests of all other methods checked
  // by their declarations before their handlers see them (ValidateRequest).
  virtual void Serve(rpc::Server& server) = 0;

  // A rule of resource R: pure; sees the images and says no, or completes `after` (defaults,
  // derived fields). `before` is null for kCreate. Asked inside the transaction by every write,
  // imports and domain methods included. Field paths of its errors, and of a preparation's, begin
  // at the resource (`inn`): the engine puts the request's field before them (`organisation.inn`).
  template <class R>
  void Rule(std::function<absl::Status(Change, const R* before, R* after)> rule) {
    RuleFor(R::descriptor(), [rule](Change change, const Message* before, Message* after) {
      return rule(change, static_cast<const R*>(before), static_cast<R*>(after));
    });
  }
  virtual void RuleFor(const google::protobuf::Descriptor* resource,
                       std::function<absl::Status(Change, const Message*, Message*)> rule) = 0;

  // What a rule cannot know, because it stands in other rows. A preparation is called inside the
  // transaction, before the rules, with every row about to be created or updated: one for Create,
  // Update and domain writes, a batch for Import and Merge. With one set-based query it completes
  // derived fields of `after` (an employment's municipality), or refuses a row by its `status`; an
  // error it returns fails the whole write.
  struct Pending {
    const Message* before;  // null when the row is created
    Message* after;
    absl::Status status;
    const journal::Author* author = nullptr;  // who writes the row; set while a preparation runs
  };
  using Preparation = std::function<absl::Status(pg::Tx&, std::vector<Pending>&)>;
  virtual void PrepareFor(const google::protobuf::Descriptor* resource,
                          Preparation preparation) = 0;

  // The body of a typical domain method: locks and reads the resource, checks etag (when not
  // empty), runs `change`, validates, writes with the journal, commits, and answers the new image.
  // With `request_id` the answer is replayed.
  //   return engine.Write<Route>(call, request, [&](pg::Tx& tx, Route& route) { … });
  // `request` must have the fields `name`, and may have `etag`, `request_id`, `reason`,
  // `validate_only`.
  template <class R, class Request>
  absl::Status Write(rpc::Call& call, const Request& request,
                     const std::function<absl::Status(pg::Tx&, R&)>& change, R* response) {
    return WriteMessage(
        call, request, R::descriptor(),
        [&](pg::Tx& tx, Message& r) { return change(tx, static_cast<R&>(r)); }, response);
  }
  virtual absl::Status WriteMessage(rpc::Call& call, const Message& request,
                                    const google::protobuf::Descriptor* resource,
                                    const std::function<absl::Status(pg::Tx&, Message&)>& change,
                                    Message* response) = 0;

  // A domain method that writes several resources: runs `body` in one transaction on behalf of the
  // caller, made idempotent by the request's `request_id`, waking the sealer after commit.
  virtual absl::Status Transact(rpc::Call& call, const Message& request, Message* response,
                                const std::function<absl::Status(pg::Tx&)>& body) = 0;

  virtual const Type& TypeOf(const google::protobuf::Descriptor* resource) const = 0;
  virtual const Type* FindType(std::string_view resource_type) const = 0;
  virtual std::vector<const Type*> types() const = 0;
  virtual pg::Pool& pool() const = 0;
  virtual void WakeSealer() const = 0;
};

// Author of journal rows for a call.
journal::Author AuthorOf(const rpc::Call& call, const Message& request);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_ENGINE_H_
