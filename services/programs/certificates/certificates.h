// Certificates, their verification, and their way to ФИС ФРДО: service
// rsnms.programs.v1.Certificates. Standard methods and declared steps are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/frdo.pb.h"
#include "services/programs/certificates/certificate_keys.h"
#include "services/programs/certificates/frdo_people.h"

namespace rsnms::programs {

const google::protobuf::ServiceDescriptor* CertificatesContract();

struct CertificatesOptions {
  std::shared_ptr<const CertificateKeys> keys;  // null: nothing is issued, nothing is valid
  People people;                                // null: nothing is exported
  std::string row_key;                          // 32 bytes, keys the hashes of rows
  std::function<absl::Time()> now = absl::Now;
};

// How often one caller may be refused by VerifyCertificate for one number: guessing codes of 100
// bits is hopeless anyway, this keeps it from costing us. By number, for a public page asks for all
// its visitors as one caller. Per replica. Thread-safe.
class RefusalLimit {
 public:
  // How long the caller must wait; zero when it may ask.
  absl::Duration Wait(const std::string& who_and_what, absl::Time now);
  void Refused(const std::string& who_and_what, absl::Time now);

 private:
  struct Window {
    absl::Time start;
    int refusals = 0;
  };
  absl::Mutex mutex_;
  std::map<std::string, Window> windows_ ABSL_GUARDED_BY(mutex_);
};

class CertificatesService {
 public:
  // Adds the rules to the engine, which must outlive the service.
  CertificatesService(resource::Engine* engine, CertificatesOptions options);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

 private:
  absl::Status BatchCreateCertificates(rpc::Call& call,
                                       const v1::BatchCreateCertificatesRequest& request,
                                       v1::BatchCreateCertificatesResponse* response);
  absl::Status DuplicateCertificate(rpc::Call& call, const v1::DuplicateCertificateRequest& request,
                                    v1::Certificate* response);
  absl::Status ReplaceCertificate(rpc::Call& call, const v1::ReplaceCertificateRequest& request,
                                  v1::Certificate* response);
  absl::Status ReissueCertificate(rpc::Call& call, const v1::ReissueCertificateRequest& request,
                                  v1::Certificate* response);
  absl::Status VerifyCertificate(rpc::Call& call, const v1::VerifyCertificateRequest& request,
                                 v1::VerifyCertificateResponse* response);
  absl::Status SignCertificate(rpc::Call& call, const v1::SignCertificateRequest& request,
                               v1::SignCertificateResponse* response);
  absl::Status GetCertificateKeys(rpc::Call& call, const v1::GetCertificateKeysRequest& request,
                                  v1::GetCertificateKeysResponse* response);
  absl::Status ExportFrdo(rpc::Call& call, const v1::ExportFrdoRequest& request,
                          rpc::Writer<v1::ExportFrdoResponse>& writer);
  absl::Status CancelFrdoPackage(rpc::Call& call, const v1::CancelFrdoPackageRequest& request,
                                 v1::FrdoPackage* response);
  absl::Status RecordFrdoReceipts(rpc::Call& call, const v1::RecordFrdoReceiptsRequest& request,
                                  v1::FrdoPackage* response);

  void AddRules();
  // Ends the old document by the method's declared step and issues the next one.
  template <class Request>
  absl::Status Succeed(rpc::Call& call, const Request& request, v1::CertificateGround ground,
                       v1::Certificate* response);

  resource::Engine* const engine_;
  const CertificatesOptions options_;
  const resource::Table<v1::Certificate> certificates_;
  v1::Certificate decoy_;  // what is verified when nothing was found
  RefusalLimit refusals_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_H_
