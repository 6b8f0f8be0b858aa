#include "services/programs/certificates/certificates.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/certificates/certificate_rules.h"
#include "services/programs/certificates/certificate_store.h"
#include "services/programs/certificates/frdo_export.h"
#include "services/programs/certificates/frdo_receipts.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using v1::Certificate;

constexpr char kContract[] = "rsnms.programs.v1.Certificates";
constexpr char kCertificate[] = "programs.rsnms/Certificate";
constexpr absl::Duration kWindow = absl::Minutes(1);
constexpr int kMostRefusals = 30;
constexpr size_t kMostWindows = 10'000;

absl::StatusOr<std::string> RegionOfParent(std::string_view parent) {
  const auto region = resource::ParseParent(parent);
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{region}", "укажите регион, например regions/86");
  }
  return std::string(*region);
}

// In the same time whatever the texts are, given their lengths.
bool Same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The method's declared step, taking only the day and the reason: the rest of the request is the
// next document's.
absl::StatusOr<resource::Step> OldDocumentsStep(const google::protobuf::MethodDescriptor& method,
                                                const resource::Type& type) {
  auto step = resource::BindStep(&method, type);
  if (!step.ok()) return step;
  std::erase_if(step->values, [](const auto& value) {
    return value.first->name() != "state_date" && value.first->name() != "state_reason";
  });
  return step;
}

}  // namespace

const google::protobuf::ServiceDescriptor* CertificatesContract() {
  return v1::Certificate::descriptor()->file()->pool()->FindServiceByName(kContract);
}

absl::Duration RefusalLimit::Wait(const std::string& who_and_what, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto found = windows_.find(who_and_what);
  if (found == windows_.end() || found->second.refusals < kMostRefusals) {
    return absl::ZeroDuration();
  }
  return std::max(found->second.start + kWindow - now, absl::ZeroDuration());
}

void RefusalLimit::Refused(const std::string& who_and_what, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (windows_.size() >= kMostWindows) {
    std::erase_if(windows_, [&](const auto& w) { return w.second.start + kWindow <= now; });
    if (windows_.size() >= kMostWindows) windows_.clear();
  }
  Window& window = windows_[who_and_what];
  if (window.start + kWindow <= now) window = {now, 0};
  ++window.refusals;
}

CertificatesService::CertificatesService(resource::Engine* engine, CertificatesOptions options)
    : engine_(engine), options_(std::move(options)), certificates_(*engine) {
  decoy_.set_name("regions/00/certificates/decoy");
  if (options_.keys != nullptr) (void)options_.keys->Sign(&decoy_);
  AddRules();
}

void CertificatesService::AddRules() {
  engine_->PrepareFor(Certificate::descriptor(),
                      certificate_store::IssueBy(*engine_, options_.keys, options_.now));
  engine_->Rule<Certificate>(
      [now = options_.now](resource::Change change, const Certificate* before, Certificate* after) {
        if (change != resource::Change::kUpdate) return absl::OkStatus();
        return certificate_rules::CheckStep(*before, *after, certificate_rules::LatestDay(now()));
      });
  engine_->PrepareFor(v1::FrdoPackage::descriptor(), frdo_store::CheckSending);
  engine_->Rule<v1::FrdoPackage>(
      [now = options_.now](resource::Change, const v1::FrdoPackage*, v1::FrdoPackage* after) {
        return certificate_rules::CheckPackage(*after, certificate_rules::LatestDay(now()));
      });
}

void CertificatesService::Serve(rpc::Server& server) {
  const auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kContract, "/", method), this, fn);
  };
  serve("BatchCreateCertificates", &CertificatesService::BatchCreateCertificates);
  serve("DuplicateCertificate", &CertificatesService::DuplicateCertificate);
  serve("ReplaceCertificate", &CertificatesService::ReplaceCertificate);
  serve("ReissueCertificate", &CertificatesService::ReissueCertificate);
  serve("VerifyCertificate", &CertificatesService::VerifyCertificate);
  serve("SignCertificate", &CertificatesService::SignCertificate);
  serve("GetCertificateKeys", &CertificatesService::GetCertificateKeys);
  serve("CancelFrdoPackage", &CertificatesService::CancelFrdoPackage);
  serve("RecordFrdoReceipts", &CertificatesService::RecordFrdoReceipts);
  server.ServerStream(Cat(kContract, "/ExportFrdo"), this, &CertificatesService::ExportFrdo);
}

absl::Status CertificatesService::BatchCreateCertificates(
    rpc::Call& call, const v1::BatchCreateCertificatesRequest& request,
    v1::BatchCreateCertificatesResponse* response) {
  const auto region = RegionOfParent(request.parent());
  if (!region.ok()) return region.status();
  if (!call.identity().TouchesRegion(*region)) {
    return rpc::NotFound("registry.rsnms/Region", request.parent());
  }
  if (request.certificates().empty()) {
    return rpc::InvalidField("certificates", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "must hold 1 to 1000 elements", "от 1 до 1000 элементов");
  }
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    if (auto s = certificate_store::Hold(tx, *region, request.certificates()); !s.ok()) return s;
    const auto author = resource::AuthorOf(call, request);
    for (int i = 0; i < request.certificates_size(); ++i) {
      Certificate& next = *response->add_certificates() = request.certificates(i);
      resource::ClearOutputOnly(&next);
      next.set_name(NameOf(*region, "certificates", resource::NewUuid()));
      next.set_state(Certificate::STATE_ISSUED);
      if (auto s = certificates_.Insert(tx, author, next); !s.ok()) {
        return rpc::UnderField(s, Cat("certificates[", i, "]"));
      }
    }
    return absl::OkStatus();
  });
}

template <class Request>
absl::Status CertificatesService::Succeed(rpc::Call& call, const Request& request,
                                          v1::CertificateGround ground, Certificate* response) {
  const resource::Type& type = engine_->TypeOf(Certificate::descriptor());
  const auto step = OldDocumentsStep(call.method(), type);
  if (!step.ok()) return step.status();
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto before = certificates_.Get(tx, request.name(), Lock::kUpdate);
    if (!before.ok()) return before.status();
    if (!request.etag().empty() && request.etag() != before->etag()) {
      return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                        "the certificate has changed")
          .Resource(kCertificate, request.name());
    }
    Certificate old = *before;
    if (ground == v1::CERTIFICATE_GROUND_REISSUE && !old.successor().empty()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_INVALID_STATE,
                        "the certificate was issued anew already")
          .Resource(kCertificate, old.successor());
    }
    if (auto s = resource::MakeStep(*step, type, request, &old); !s.ok()) return s;
    Certificate next;
    next.set_name(NameOf(RegionOf(request.name()), "certificates", resource::NewUuid()));
    next.set_completion(old.completion());
    next.set_series(request.series());
    next.set_number(request.number());
    next.set_registration_number(request.registration_number());
    *next.mutable_issue_date() = request.issue_date();
    next.set_state(Certificate::STATE_ISSUED);
    next.set_ground(ground);
    if constexpr (std::is_same_v<Request, v1::ReplaceCertificateRequest>) {
      next.set_programme_title(request.programme_title());
      next.set_study_form(request.study_form());
    }
    next.set_predecessor(old.name());
    if (auto s = certificate_rules::CheckSuccession(old, next); !s.ok()) return s;
    const auto author = resource::AuthorOf(call, request);
    if (auto s = certificates_.Insert(tx, author, next); !s.ok()) return s;
    old.set_successor(next.name());
    if (auto s = certificates_.Update(tx, author, *before, old); !s.ok()) return s;
    *response = std::move(next);
    return absl::OkStatus();
  });
}

absl::Status CertificatesService::DuplicateCertificate(
    rpc::Call& call, const v1::DuplicateCertificateRequest& request, Certificate* response) {
  return Succeed(call, request, v1::CERTIFICATE_GROUND_DUPLICATE, response);
}

absl::Status CertificatesService::ReplaceCertificate(rpc::Call& call,
                                                     const v1::ReplaceCertificateRequest& request,
                                                     Certificate* response) {
  return Succeed(call, request, v1::CERTIFICATE_GROUND_REPLACEMENT, response);
}

absl::Status CertificatesService::ReissueCertificate(rpc::Call& call,
                                                     const v1::ReissueCertificateRequest& request,
                                                     Certificate* response) {
  return Succeed(call, request, v1::CERTIFICATE_GROUND_REISSUE, response);
}

absl::Status CertificatesService::VerifyCertificate(rpc::Call& call,
                                                    const v1::VerifyCertificateRequest& request,
                                                    v1::VerifyCertificateResponse* response) {
  const auto region = RegionOfParent(request.parent());
  if (!region.ok()) return region.status();
  const std::string number = NumberKey(request.series() + request.number());
  const std::string asking = Cat(call.identity().subject, "\n", *region, "\n", number);
  if (const auto wait = refusals_.Wait(asking, options_.now()); wait > absl::ZeroDuration()) {
    return rpc::Error(absl::StatusCode::kResourceExhausted, v1::PROGRAMS_REASON_VERIFIED_TOO_OFTEN,
                      "too many refusals in a minute")
        .RetryAfter(wait);
  }
  Certificate found;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto read = certificate_store::FindByCode(*engine_, tx, *region, NormaliseCode(request.code()));
    if (read.ok()) found = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  // The same work whatever was found: nothing, another number, or what was asked for.
  const bool known = !found.name().empty();
  const Certificate& candidate = known ? found : decoy_;
  const bool same_number = Same(NumberKey(candidate.series() + candidate.number()), number);
  const bool holds = options_.keys != nullptr && options_.keys->Verify(candidate);
  response->set_valid(known && same_number && holds);
  if (!response->valid()) refusals_.Refused(asking, options_.now());
  return absl::OkStatus();
}

absl::Status CertificatesService::SignCertificate(rpc::Call& call,
                                                  const v1::SignCertificateRequest& request,
                                                  v1::SignCertificateResponse* response) {
  Certificate certificate;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto read = certificates_.Get(tx, request.name());
    if (read.ok()) certificate = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  if (options_.keys == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_CERTIFICATE_KEY_MISSING, "no keys are configured");
  }
  auto jws = options_.keys->Jws(certificate);
  if (!jws.ok()) return jws.status();
  response->set_jws(*std::move(jws));
  return absl::OkStatus();
}

absl::Status CertificatesService::GetCertificateKeys(rpc::Call&,
                                                     const v1::GetCertificateKeysRequest&,
                                                     v1::GetCertificateKeysResponse* response) {
  response->set_jwks(options_.keys == nullptr ? "{\"keys\":[]}" : options_.keys->jwks());
  return absl::OkStatus();
}

absl::Status CertificatesService::ExportFrdo(rpc::Call& call, const v1::ExportFrdoRequest& request,
                                             rpc::Writer<v1::ExportFrdoResponse>& writer) {
  const auto region = RegionOfParent(request.parent());
  if (!region.ok()) return region.status();
  if (!call.identity().TouchesRegion(*region)) {
    return rpc::NotFound("registry.rsnms/Region", request.parent());
  }
  return FrdoExport(*engine_, options_.people, options_.row_key, call, request).Run(writer);
}

absl::Status CertificatesService::CancelFrdoPackage(rpc::Call& call,
                                                    const v1::CancelFrdoPackageRequest& request,
                                                    v1::FrdoPackage* response) {
  return CancelPackage(*engine_, call, request, response);
}

absl::Status CertificatesService::RecordFrdoReceipts(rpc::Call& call,
                                                     const v1::RecordFrdoReceiptsRequest& request,
                                                     v1::FrdoPackage* response) {
  return RecordReceipts(*engine_, call, request, options_.now(), response);
}

}  // namespace rsnms::programs
