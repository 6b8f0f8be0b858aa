#include "services/programs/catalogue/catalogue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/catalogue_store.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/expert_lookup.h"
#include "services/programs/catalogue/review_rules.h"
#include "services/programs/catalogue/version_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using resource::Table;
using Version = v1::ProgrammeVersion;

constexpr char kContract[] = "rsnms.programs.v1.Catalogue";

// Writes a programme after `change`, under a lock.
template <class Change>
absl::Status ChangeProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const std::string& name,
                             const Change& change) {
  const Table<v1::Programme> programmes(engine);
  auto before = programmes.Get(tx, name, Lock::kUpdate);
  if (!before.ok()) return before.status();
  v1::Programme after = *before;
  if (!change(after)) return absl::OkStatus();
  return programmes.Update(tx, author, *before, after);
}

// The former version stays as it was and says which one took its place.
absl::Status Supersede(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                       const std::string& former, const Version& version) {
  if (former.empty() || former == version.name()) return absl::OkStatus();
  const Table<Version> versions(engine);
  auto before = versions.Get(tx, former, Lock::kUpdate);
  if (!before.ok()) return before.status();
  Version after = *before;
  after.set_superseded_by(version.name());
  return versions.Update(tx, author, *before, after);
}

// The programme shows the version from now on, and is made when there was none.
absl::Status ShowVersion(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                         Version& version) {
  if (version.programme().empty()) {
    v1::Programme programme;
    programme.set_name(Cat("regions/", RegionOf(version.name())));
    version_rules::Show(version, programme);
    auto status = Table<v1::Programme>(engine).Insert(tx, author, programme);
    version.set_programme(programme.name());
    return status;
  }
  std::string former;
  auto status = ChangeProgramme(engine, tx, author, version.programme(), [&](v1::Programme& shown) {
    former = shown.current_version();
    version_rules::Show(version, shown);
    return true;
  });
  if (!status.ok()) return status;
  return Supersede(engine, tx, author, former, version);
}

// The number of the programme that shows the version, unless the register's own listing has given
// it one; then it is the same.
absl::Status NumberProgramme(const resource::Engine& engine, pg::Tx& tx,
                             const journal::Author& author, const Version& version) {
  const std::string& number = version.federal_register_number();
  auto taken = catalogue_store::IsNumberTaken(tx, version);
  if (!taken.ok()) return taken.status();
  if (*taken) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_REGISTER_NUMBER_TAKEN,
                      "another programme of the region has this number");
  }
  if (version.programme().empty()) return absl::OkStatus();
  bool differs = false;
  auto status = ChangeProgramme(engine, tx, author, version.programme(), [&](v1::Programme& shown) {
    if (shown.current_version() != version.name()) return false;
    differs = shown.register_state() == v1::REGISTER_STATE_LISTED &&
              shown.federal_register_number() != number;
    if (shown.register_state() != v1::REGISTER_STATE_NOT_LISTED) return false;
    shown.set_federal_register_number(number);
    return true;
  });
  if (!status.ok() || !differs) return status;
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_REGISTER_NUMBER_DIFFERS,
                    "the register lists the programme under another number");
}

absl::Status Denied(std::string_view text) {
  return rpc::Error(absl::StatusCode::kPermissionDenied,
                    options::v1::COMMON_REASON_PERMISSION_DENIED, text);
}

bool HasScope(const rpc::Call& call, const std::string& scope) {
  const auto& scopes = call.identity().scopes;
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

// The provider writes its versions; what becomes of them is the region's to decide, and of nobody
// who acts for the provider as well.
absl::Status MayDecide(const rpc::Call& call, const Version& version) {
  if (!call.identity().CoversRegion(RegionOf(version.name()))) {
    return Denied("decided by the scope of the region");
  }
  if (HasScope(call, version.provider())) return Denied("not decided by the provider itself");
  return absl::OkStatus();
}

// Nobody gives an opinion for another.
absl::Status MayAnswer(const rpc::Call& call, const v1::ExpertReview& review) {
  if (HasScope(call, review.person())) return absl::OkStatus();
  return Denied("given by the scope of the expert's own person");
}

// The version stands where the review was asked for.
absl::Status UnderExpertise(const Version& version, int round) {
  if (version.state() == Version::STATE_EXPERTISE && version.round() == round) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_VERSION_NOT_IN_EXPERTISE,
                    "the version is not under expertise, or in another round of it");
}

// `name` is regions/<region>/<collection>/<uuid>.
absl::Status CheckName(const std::string& name, std::string_view region,
                       std::string_view collection, std::string_view path) {
  if (name == NameOf(region, collection, IdOf(name)) && resource::IsUuid(IdOf(name))) {
    return absl::OkStatus();
  }
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           Cat("must be regions/", region, "/", collection, "/{uuid}"),
                           "имя должно принадлежать региону программы");
}

// Everything a review binds lies in one region.
absl::Status CheckNames(const v1::AssignExpertRequest& request) {
  const std::string_view region = RegionOf(request.programme_version());
  if (auto s =
          CheckName(request.programme_version(), region, "programmeVersions", "programme_version");
      !s.ok()) {
    return s;
  }
  if (request.parent() != Cat("regions/", region)) {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be the region of the version",
                             "регион не совпадает с регионом программы");
  }
  return CheckName(request.expert(), region, "experts", "expert");
}

absl::Status Moved() {
  return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                    "the version changed meanwhile");
}

template <class R>
absl::StatusOr<R> Read(const resource::Engine& engine, const rpc::Call& call,
                       const std::string& name) {
  R found;
  auto status = engine.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto read = Table<R>(engine).Get(tx, name);
    if (read.ok()) found = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace

const google::protobuf::ServiceDescriptor* CatalogueContract() {
  v1::ProgrammeVersion::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void CatalogueService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kContract, "/", method), this, fn);
  };
  serve("ApproveProgrammeVersion", &CatalogueService::ApproveProgrammeVersion);
  serve("ReturnProgrammeVersion", &CatalogueService::ReturnProgrammeVersion);
  serve("RejectProgrammeVersion", &CatalogueService::RejectProgrammeVersion);
  serve("RecordRegisterRefusal", &CatalogueService::RecordRegisterRefusal);
  serve("SubmitProgrammeVersion", &CatalogueService::SubmitProgrammeVersion);
  serve("RecordRegisterEntry", &CatalogueService::RecordRegisterEntry);
  serve("WithdrawProgrammeVersion", &CatalogueService::WithdrawProgrammeVersion);
  serve("AssignExpert", &CatalogueService::AssignExpert);
  serve("SubmitExpertReview", &CatalogueService::SubmitExpertReview);
}

template <class Request>
absl::Status CatalogueService::Decide(rpc::Call& call, const Request& request, Version* response) {
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx&, Version& version) -> absl::Status {
        if (auto s = MayDecide(call, version); !s.ok()) return s;
        return MakeDeclaredStep(engine_, call, request, &version);
      },
      response);
}

absl::Status CatalogueService::ApproveProgrammeVersion(
    rpc::Call& call, const v1::ApproveProgrammeVersionRequest& request, Version* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx& tx, Version& version) -> absl::Status {
        if (auto s = MayDecide(call, version); !s.ok()) return s;
        if (auto s = MakeDeclaredStep(engine_, call, request, &version); !s.ok()) return s;
        auto rules = catalogue_store::RulesInForce(engine_, tx, RegionOf(version.name()),
                                                   RegisterDay(now_()));
        if (!rules.ok()) return rules.status();
        auto reviews = catalogue_store::ReadReviews(tx, version.name(), version.round());
        if (!reviews.ok()) return reviews.status();
        if (auto s = review_rules::MayApprove(*rules, *reviews); !s.ok()) return s;
        const auto& day = version.approval_date();
        if (auto s = review_rules::CheckApprovalDate(*reviews, day); !s.ok()) return s;
        if (auto s = NotToCome(day, "approval_date"); !s.ok()) return s;
        version.set_given_reviews(reviews->given);
        version.set_positive_reviews(reviews->positive);
        return ShowVersion(engine_, tx, author, version);
      },
      response);
}

absl::Status CatalogueService::NotToCome(const google::type::Date& date,
                                         std::string_view path) const {
  return review_rules::CheckNotToCome(date, LatestDay(now_()), path);
}

// A step stores what a request sets; an application without a number has none.
absl::Status CatalogueService::SubmitProgrammeVersion(
    rpc::Call& call, const v1::SubmitProgrammeVersionRequest& request, Version* response) {
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx&, Version& version) -> absl::Status {
        version.clear_submission_number();
        return MakeDeclaredStep(engine_, call, request, &version);
      },
      response);
}

absl::Status CatalogueService::ReturnProgrammeVersion(
    rpc::Call& call, const v1::ReturnProgrammeVersionRequest& request, Version* response) {
  return Decide(call, request, response);
}

absl::Status CatalogueService::RecordRegisterRefusal(
    rpc::Call& call, const v1::RecordRegisterRefusalRequest& request, Version* response) {
  return Decide(call, request, response);
}

absl::Status CatalogueService::RejectProgrammeVersion(
    rpc::Call& call, const v1::RejectProgrammeVersionRequest& request, Version* response) {
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx& tx, Version& version) -> absl::Status {
        if (auto s = MayDecide(call, version); !s.ok()) return s;
        if (auto s = MakeDeclaredStep(engine_, call, request, &version); !s.ok()) return s;
        auto reviews = catalogue_store::ReadReviews(tx, version.name(), version.round());
        if (!reviews.ok()) return reviews.status();
        return review_rules::MayReject(*reviews);
      },
      response);
}

absl::Status CatalogueService::RecordRegisterEntry(rpc::Call& call,
                                                   const v1::RecordRegisterEntryRequest& request,
                                                   Version* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx& tx, Version& version) -> absl::Status {
        if (auto s = MayDecide(call, version); !s.ok()) return s;
        if (auto s = MakeDeclaredStep(engine_, call, request, &version); !s.ok()) return s;
        return NumberProgramme(engine_, tx, author, version);
      },
      response);
}

absl::Status CatalogueService::WithdrawProgrammeVersion(
    rpc::Call& call, const v1::WithdrawProgrammeVersionRequest& request, Version* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Write<Version>(
      call, request,
      [&](pg::Tx& tx, Version& version) -> absl::Status {
        if (auto s = MakeDeclaredStep(engine_, call, request, &version); !s.ok()) return s;
        if (auto s = NotToCome(version.withdrawal_date(), "withdrawal_date"); !s.ok()) return s;
        if (version.programme().empty()) return absl::OkStatus();
        return ChangeProgramme(engine_, tx, author, version.programme(), [&](v1::Programme& shown) {
          if (shown.current_version() != version.name()) return false;
          shown.set_withdrawn(true);
          return true;
        });
      },
      response);
}

// The registry is asked between two transactions: one reads whom to ask about, one writes, and says
// first what else is wrong.
absl::Status CatalogueService::AssignExpert(rpc::Call& call, const v1::AssignExpertRequest& request,
                                            v1::ExpertReview* response) {
  if (auto s = CheckNames(request); !s.ok()) return s;
  auto seen = Read<Version>(engine_, call, request.programme_version());
  if (!seen.ok()) return seen.status();
  const absl::CivilDay today = RegisterDay(now_());
  auto expert = FindExpert(call, registry_.get(), request.expert(), seen->provider(), today);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto version = Table<Version>(engine_).Get(tx, request.programme_version(), Lock::kUpdate);
    if (!version.ok()) return version.status();
    if (auto s = UnderExpertise(*version, version->round()); !s.ok()) return s;
    if (!expert.ok()) return expert.status();
    if (version->provider() != seen->provider()) return Moved();
    auto writers = catalogue_store::ReadWriters(tx, version->name());
    if (!writers.ok()) return writers.status();
    if (auto s = review_rules::MayReview(*expert, *writers); !s.ok()) return s;
    auto review = review_rules::NewReview(request, *version, expert->person, ToDate(today));
    if (!review.ok()) return review.status();
    auto asked = catalogue_store::IsAsked(tx, *review);
    if (!asked.ok()) return asked.status();
    if (*asked) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        v1::PROGRAMS_REASON_EXPERT_ALREADY_ASSIGNED,
                        "the expert has been asked for this opinion");
    }
    auto status =
        Table<v1::ExpertReview>(engine_).Insert(tx, resource::AuthorOf(call, request), *review);
    *response = *std::move(review);
    return status;
  });
}

// An expert may have come to work for the provider since they were asked: the registry is asked
// again.
absl::Status CatalogueService::SubmitExpertReview(rpc::Call& call,
                                                  const v1::SubmitExpertReviewRequest& request,
                                                  v1::ExpertReview* response) {
  auto seen = Read<v1::ExpertReview>(engine_, call, request.name());
  if (!seen.ok()) return seen.status();
  if (auto s = MayAnswer(call, *seen); !s.ok()) return s;
  auto expert =
      FindExpert(call, registry_.get(), seen->expert(), seen->provider(), RegisterDay(now_()));
  return engine_.Write<v1::ExpertReview>(
      call, request,
      [&](pg::Tx& tx, v1::ExpertReview& review) -> absl::Status {
        if (auto s = MakeDeclaredStep(engine_, call, request, &review); !s.ok()) return s;
        Version version;
        // Held against an approval meanwhile; experts may not write versions, so not as the caller.
        auto status = tx.Unscoped(RegionOf(review.name()), [&] {
          auto held = Table<Version>(engine_).Get(tx, review.programme_version(), Lock::kShare);
          if (held.ok()) version = *std::move(held);
          return held.status();
        });
        if (!status.ok()) return status;
        if (auto s = UnderExpertise(version, review.round()); !s.ok()) return s;
        if (!expert.ok()) return expert.status();
        auto writers = catalogue_store::ReadWriters(tx, version.name());
        if (!writers.ok()) return writers.status();
        if (auto s = review_rules::MayReview(*expert, *writers); !s.ok()) return s;
        auto rules = catalogue_store::RulesInForce(engine_, tx, RegionOf(review.name()),
                                                   RegisterDay(now_()));
        if (!rules.ok()) return rules.status();
        return review_rules::CheckOpinion(*rules, version, review, LatestDay(now_()));
      },
      response);
}

}  // namespace rsnms::programs
