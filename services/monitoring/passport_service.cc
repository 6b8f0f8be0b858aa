#include "services/monitoring/passport_service.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"
#include "rsnms/monitoring/v1/errors.pb.h"
#include "services/monitoring/fact_store.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/passport_form.h"
#include "services/monitoring/passport_rules.h"
#include "services/monitoring/passport_store.h"
#include "services/monitoring/service_binding.h"

namespace rsnms::monitoring {

namespace {

using v1::Passport;

constexpr char kExchange[] = "rsnms.federal.v1.PassportExchange/";

// `regions/86` of `regions/86/passports/…`.
std::string ParentOf(const std::string& name) {
  const size_t slash = name.find('/', name.find('/') + 1);
  return std::string(name.substr(0, slash));
}

absl::Status NoOperator() {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_OVERLOADED,
                    "no address of the federal operator is configured")
      .Russian("Не настроен адрес федерального оператора.");
}

void Unsign(Passport& passport) {
  passport.clear_sha256();
  passport.clear_signature();
  passport.clear_signer_public_key();
  passport.clear_approver();
  passport.clear_approve_time();
  passport.clear_submission_id();
  passport.clear_receipt();
}

absl::Status Freeze(pg::Tx& tx, const Signer& signer, absl::Time now, Passport& passport) {
  const std::string canonical = CanonicalPassport(passport);
  auto signature = signer.Sign(canonical);
  if (!signature.ok()) return signature.status();
  passport.set_sha256(Sha256Hex(canonical));
  passport.set_signature(absl::Base64Escape(*signature));
  passport.set_signer_public_key(absl::Base64Escape(signer.public_key()));
  passport.mutable_approve_time()->set_seconds(absl::ToUnixSeconds(now));
  passport.set_submission_id(SubmissionId(passport));
  return FreezeRevision(tx, passport, canonical);
}

// What is sent: the frozen bytes, whatever the passport holds by now.
federal::v1::SubmitPassportRequest MakeSubmission(const Passport& passport,
                                                  const v1::ExportPassportResponse& frozen) {
  federal::v1::SubmitPassportRequest request;
  request.set_parent(ParentOf(passport.name()));
  request.set_request_id(passport.submission_id());
  auto& envelope = *request.mutable_envelope();
  envelope.set_region_code(request.parent().substr(request.parent().rfind('/') + 1));
  envelope.set_period(absl::StrCat(passport.period_year()));
  envelope.set_format_version(kPassportFormat);
  envelope.set_payload(frozen.canonical());
  envelope.set_sha256(frozen.sha256());
  envelope.set_passport(passport.name());
  auto& signature = *envelope.add_signatures();
  absl::Base64Unescape(frozen.signature(), signature.mutable_value());
  absl::Base64Unescape(frozen.signer_public_key(), signature.mutable_public_key());
  signature.set_algorithm(AlgorithmOf(signature.public_key()));
  signature.set_signer_role("head-of-authority");
  *signature.mutable_sign_time() = passport.approve_time();
  for (const auto& block : passport.blocks()) {
    auto& digest = *envelope.add_blocks();
    digest.set_number(block.kind());
    digest.set_code(BlockCode(block.kind()));
    digest.set_sha256(Sha256Hex(CanonicalBlock(block)));
    digest.set_item_count(block.fields_size());
  }
  return request;
}

// Before the operator is asked: what follows its answer must not be refused.
absl::Status MatchEtag(const Passport& passport, const std::string& etag) {
  if (etag.empty() || etag == passport.etag()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the passport has changed since this etag was read")
      .With("name", passport.name());
}

}  // namespace

void PassportService::Serve(rpc::Server& server) {
  Bind(server, *this, "AssemblePassport", &PassportService::AssemblePassport);
  Bind(server, *this, "ReassemblePassport", &PassportService::ReassemblePassport);
  Bind(server, *this, "RequestPassportApproval", &PassportService::RequestPassportApproval);
  Bind(server, *this, "ApprovePassport", &PassportService::ApprovePassport);
  Bind(server, *this, "RejectPassport", &PassportService::RejectPassport);
  Bind(server, *this, "SubmitPassport", &PassportService::SubmitPassport);
  Bind(server, *this, "RefreshPassportReceipt", &PassportService::RefreshPassportReceipt);
  Bind(server, *this, "RevisePassport", &PassportService::RevisePassport);
  Bind(server, *this, "ExportPassport", &PassportService::ExportPassport);
  Bind(server, *this, "DiffPassports", &PassportService::DiffPassports);
}

absl::Status PassportService::Fill(pg::Tx& tx, const RegionView& view, Passport& passport) const {
  auto counts = LoadPassportCounts(tx, view.region_code, view.period.year());
  if (!counts.ok()) return counts.status();
  auto indicators = CountIndicators(tx, view, CountOptions());
  if (!indicators.ok()) return indicators.status();
  PassportData data{*std::move(counts), *std::move(indicators),
                    view.standing.loaded.size() == Sources().size()};
  *passport.mutable_blocks() = BuildBlocks(data);
  *passport.mutable_cut_off_date() = view.period.cut_off_date();
  passport.clear_watermarks();
  for (const auto& mark : view.standing.watermarks) *passport.add_watermarks() = mark;
  return FillManualFields(passport);
}

absl::Status PassportService::Refill(pg::Tx& tx, Passport& passport) const {
  const std::string parent = ParentOf(passport.name());
  auto view = LoadRegion(tx, engine_, parent.substr(parent.rfind('/') + 1), passport.profile(),
                         passport.period_year());
  return view.ok() ? Fill(tx, *view, passport) : view.status();
}

absl::StatusOr<Passport> PassportService::Read(pg::Tx& tx, const std::string& name) const {
  return resource::Table<Passport>(engine_).Get(tx, name);
}

absl::Status PassportService::AssemblePassport(rpc::Call& call,
                                               const v1::AssemblePassportRequest& request,
                                               Passport* response) {
  auto region = RegionInReach(call, request.parent(), Reach::kWhole);
  if (!region.ok()) return region.status();
  const resource::Table<Passport> passports(engine_);
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    if (auto status = EnterGate(tx); !status.ok()) return status;
    auto view = LoadRegion(tx, engine_, *region, request.profile(), request.period_year());
    if (!view.ok()) return view.status();
    auto in_work =
        passports.Select(tx,
                         "region_code = $1 AND period_year = $2 AND profile_id = $3 "
                         "AND state <> 'ACCEPTED' AND delete_time IS NULL",
                         *region, request.period_year(),
                         view->profile.name().substr(view->profile.name().rfind('/') + 1));
    if (!in_work.ok()) return in_work.status();
    if (!in_work->empty()) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        v1::MONITORING_REASON_PASSPORT_IN_WORK,
                        "a passport of this period is in work")
          .Resource("monitoring.rsnms/Passport", in_work->front().name());
    }
    response->Clear();
    response->set_name(request.parent());
    response->set_profile(view->profile.name());
    response->set_period_year(request.period_year());
    response->set_revision(1);
    response->set_state(Passport::STATE_DRAFT);
    if (auto status = Fill(tx, *view, *response); !status.ok()) return status;
    return passports.Insert(tx, author, *response);
  });
}

absl::Status PassportService::ReassemblePassport(rpc::Call& call,
                                                 const v1::ReassemblePassportRequest& request,
                                                 Passport* response) {
  return engine_.Write<Passport>(
      call, request,
      [&](pg::Tx& tx, Passport& passport) -> absl::Status {
        if (passport.state() != Passport::STATE_DRAFT) {
          return Pass(passport, Passport::STATE_DRAFT);  // says why not
        }
        if (auto status = EnterGate(tx); !status.ok()) return status;
        return Refill(tx, passport);
      },
      response);
}

absl::Status PassportService::RequestPassportApproval(
    rpc::Call& call, const v1::RequestPassportApprovalRequest& request, Passport* response) {
  return engine_.Write<Passport>(
      call, request,
      [](pg::Tx&, Passport& passport) { return Pass(passport, Passport::STATE_ON_APPROVAL); },
      response);
}

absl::Status PassportService::ApprovePassport(rpc::Call& call,
                                              const v1::ApprovePassportRequest& request,
                                              Passport* response) {
  if (options_.signer == nullptr) return Signer::FromFile("").status();
  return engine_.Write<Passport>(
      call, request,
      [&](pg::Tx& tx, Passport& passport) -> absl::Status {
        if (auto s = Pass(passport, Passport::STATE_APPROVED); !s.ok()) return s;
        passport.set_approver(call.identity().subject);
        return Freeze(tx, *options_.signer, options_.clock(), passport);
      },
      response);
}

absl::Status PassportService::RejectPassport(rpc::Call& call,
                                             const v1::RejectPassportRequest& request,
                                             Passport* response) {
  return engine_.Write<Passport>(
      call, request,
      [&](pg::Tx&, Passport& passport) -> absl::Status {
        if (passport.state() != Passport::STATE_ON_APPROVAL) {
          return Pass(passport, Passport::STATE_ON_APPROVAL);  // says why not
        }
        passport.set_return_reason(request.reason());
        return Pass(passport, Passport::STATE_DRAFT);
      },
      response);
}

absl::Status PassportService::SubmitPassport(rpc::Call& call,
                                             const v1::SubmitPassportRequest& request,
                                             Passport* response) {
  if (options_.federal == nullptr) return NoOperator();
  federal::v1::SubmitPassportRequest submission;
  auto read = engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto passport = Read(tx, request.name());
    if (!passport.ok()) return passport.status();
    *response = *std::move(passport);
    if (response->has_receipt()) return absl::OkStatus();
    if (auto status = MatchEtag(*response, request.etag()); !status.ok()) return status;
    if (response->state() != Passport::STATE_APPROVED) {
      return Pass(*response, Passport::STATE_SUBMITTED);  // says why not
    }
    auto frozen = LoadRevision(tx, request.name(), response->revision());
    if (!frozen.ok()) return frozen.status();
    submission = MakeSubmission(*response, *frozen);
    return absl::OkStatus();
  });
  if (!read.ok() || response->has_receipt()) return read;  // submitted before: the same answer
  federal::v1::PassportReceipt receipt;
  // Outside any transaction. The operator tells a repetition by request_id, which the revision
  // determines: should the answer be lost, asking again yields the same receipt.
  auto sent = options_.federal->Unary(absl::StrCat(kExchange, "SubmitPassport"), submission,
                                      &receipt, call.deadline(), /*idempotent=*/true, &call);
  if (!sent.ok()) return sent;
  return engine_.Write<Passport>(
      call, request, [&](pg::Tx&, Passport& passport) { return TakeReceipt(passport, receipt); },
      response);
}

absl::Status PassportService::RefreshPassportReceipt(
    rpc::Call& call, const v1::RefreshPassportReceiptRequest& request, Passport* response) {
  if (options_.federal == nullptr) return NoOperator();
  auto read = engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto passport = Read(tx, request.name());
    if (!passport.ok()) return passport.status();
    *response = *std::move(passport);
    if (auto status = MatchEtag(*response, request.etag()); !status.ok()) return status;
    return response->state() == Passport::STATE_SUBMITTED
               ? absl::OkStatus()
               : Pass(*response, Passport::STATE_SUBMITTED);  // says why not
  });
  if (!read.ok()) return read;
  federal::v1::GetPassportReceiptRequest ask;
  ask.set_name(response->receipt().receipt());
  federal::v1::PassportReceipt receipt;
  auto asked = options_.federal->Unary(absl::StrCat(kExchange, "GetPassportReceipt"), ask, &receipt,
                                       call.deadline(), /*idempotent=*/true, &call);
  if (!asked.ok()) return asked;
  return engine_.Write<Passport>(
      call, request, [&](pg::Tx&, Passport& passport) { return TakeReceipt(passport, receipt); },
      response);
}

absl::Status PassportService::RevisePassport(rpc::Call& call,
                                             const v1::RevisePassportRequest& request,
                                             Passport* response) {
  return engine_.Write<Passport>(
      call, request,
      [](pg::Tx&, Passport& passport) -> absl::Status {
        if (passport.state() != Passport::STATE_RETURNED) {
          return Pass(passport, Passport::STATE_RETURNED);  // says why not
        }
        if (auto status = Pass(passport, Passport::STATE_DRAFT); !status.ok()) return status;
        passport.set_revision(passport.revision() + 1);
        Unsign(passport);
        return absl::OkStatus();
      },
      response);
}

absl::Status PassportService::ExportPassport(rpc::Call& call,
                                             const v1::ExportPassportRequest& request,
                                             v1::ExportPassportResponse* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto passport = Read(tx, request.name());
    if (!passport.ok()) return passport.status();
    const bool frozen = !passport->sha256().empty();
    if (request.revision() != 0 || frozen) {
      auto revision = LoadRevision(
          tx, request.name(), request.revision() != 0 ? request.revision() : passport->revision());
      if (!revision.ok()) return revision.status();
      *response = *std::move(revision);
      return absl::OkStatus();
    }
    response->set_canonical(CanonicalPassport(*passport));
    response->set_sha256(Sha256Hex(response->canonical()));
    return absl::OkStatus();
  });
}

absl::Status PassportService::DiffPassports(rpc::Call& call,
                                            const v1::DiffPassportsRequest& request,
                                            v1::DiffPassportsResponse* response) {
  return engine_.pool().Run(SnapshotOf(call), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto before = Read(tx, request.name());
    if (!before.ok()) return before.status();
    absl::StatusOr<Passport> after = *before;
    if (!request.other().empty()) {
      after = Read(tx, request.other());
      if (!after.ok()) return after.status();
    } else if (auto status = Refill(tx, *after); !status.ok()) {
      return status;
    }
    for (auto& difference : Differences(*before, *after)) {
      *response->add_differences() = std::move(difference);
    }
    response->set_drifted(request.other().empty() && response->differences_size() > 0);
    return absl::OkStatus();
  });
}

}  // namespace rsnms::monitoring
