// One export for ФИС ФРДО, from the request to the stream of rows.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_EXPORT_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_EXPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/frdo.pb.h"
#include "services/programs/certificates/frdo_people.h"
#include "services/programs/certificates/frdo_store.h"

namespace rsnms::programs {

// Lives for one call. Order: certificates due → people (on behalf of the caller, each read
// recorded) → rows and their faults → package and hashes, in one transaction → the stream. So
// nothing leaves that is not recorded, and nothing is written while a row is faulty. A package has
// 5 000 rows at most; they are held in memory until they are sent.
class FrdoExport {
 public:
  FrdoExport(resource::Engine& engine, const People& people, const std::string& row_key,
             rpc::Call& call, const v1::ExportFrdoRequest& request);

  // Errors: those of ExportFrdo; ABORTED CONCURRENT_UPDATE when another export took the same
  // certificates meanwhile.
  absl::Status Run(rpc::Writer<v1::ExportFrdoResponse>& writer);

 private:
  struct Line {
    std::string certificate, provider, sent_row_id, content_hash;
    google::protobuf::Timestamp certificate_time;
    bool accepted_before = false;
    std::vector<std::string> values;
  };

  absl::Status CheckRequest() const;
  absl::Status CountAwaiting();
  absl::Status Collect();
  // What stayed the same is due no more.
  absl::Status Confirm();
  absl::StatusOr<PeopleByName> ReadPeople(const std::vector<frdo_store::Candidate>& candidates);
  // False when the package is full.
  bool Take(const frdo_store::Candidate& candidate, const PeopleByName& people);
  absl::Status Record();
  absl::Status InsertPackage(pg::Tx& tx);
  absl::Status Send(rpc::Writer<v1::ExportFrdoResponse>& writer) const;

  resource::Engine& engine_;
  const People& people_;
  const std::string& row_key_;
  rpc::Call& call_;
  const v1::ExportFrdoRequest& request_;
  const size_t most_rows_;
  v1::FrdoSummary summary_;
  std::vector<v1::FrdoFault> faults_;
  std::vector<Line> lines_;
  std::vector<frdo_store::Confirmed> confirmed_;  // of this page
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_EXPORT_H_
