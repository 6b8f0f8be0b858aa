// Certificates due to ФИС ФРДО, and what was sent of them.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/frdo.pb.h"

namespace rsnms::programs::frdo_store {

// The last row sent of a certificate, rows of cancelled packages left out. Without an id: none was.
struct Sent {
  std::string row_id, content_hash;
  bool rejected = false;
  bool accepted_before = false;  // some row, not necessarily the last
  bool older = false;            // than the certificate's last change
};

struct Candidate {
  v1::Certificate certificate;
  // Of a duplicate, and of a duplicate of it: the document all of them stand for.
  std::optional<v1::Certificate> original;
  Sent sent;
};

// Where the walk over certificates stands; they are taken by day of issue.
struct Place {
  std::string date = "-infinity", id = "00000000-0000-0000-0000-000000000000";
};

// The next at most `limit` certificates the request is about; none at the end. Those whose last row
// waits for its receipt are left out: nobody knows yet what the register holds of them.
absl::StatusOr<std::vector<Candidate>> ReadCandidates(const resource::Engine& engine, pg::Tx& tx,
                                                      const v1::ExportFrdoRequest& request,
                                                      int limit, Place* place);

// How many certificates of the issuer and days asked for wait for a receipt.
absl::StatusOr<int> CountAwaiting(pg::Tx& tx, const v1::ExportFrdoRequest& request);

// A preparation of packages: what was taken into a later package is not sent by an earlier one, or
// its old state would reach the register last (INVALID_STATE).
absl::Status CheckSending(pg::Tx& tx, std::vector<resource::Engine::Pending>& packages);

// By certificate id; who is missing was never sent.
absl::StatusOr<std::map<std::string, Sent>> ReadSent(pg::Tx& tx, std::string_view region_code,
                                                     const std::vector<std::string>& ids);

// A row that says what its certificate says now, though that changed since.
struct Confirmed {
  std::string row_id;
  google::protobuf::Timestamp certificate_time;
};
// Notes it, so that these certificates are due no more; never backwards.
absl::Status ConfirmRows(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                         std::string_view region_code, const std::vector<Confirmed>& confirmed);

// Makes exports of a region wait for each other until the transaction ends.
absl::Status LockRegion(pg::Tx& tx, std::string_view region_code);

// Records that the caller read these persons (152-ФЗ, article 19), beside the registry's own
// record.
absl::Status RecordReads(pg::Tx& tx, const rpc::Call& call, const std::vector<std::string>& names);

}  // namespace rsnms::programs::frdo_store

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_STORE_H_
