#include "services/programs/catalogue/catalogue.h"

#include <string>
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/catalogue_store.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/review_rules.h"
#include "services/programs/catalogue/scopes.h"
#include "services/programs/catalogue/version_rules.h"
#include "services/programs/catalogue/version_steps.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using resource::Table;
using version_steps::ChangeProgramme;
using Version = v1::ProgrammeVersion;

constexpr char kContract[] = "rsnms.programs.v1.Catalogue";

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

// The provider writes its versions; what becomes of them is the region's to decide, and of nobody
// who acts for the provider as well.
absl::Status MayDecide(const rpc::Call& call, const Version& version) {
  if (!call.identity().CoversRegion(RegionOf(version.name()))) {
    return Denied("decided by the scope of the region");
  }
  if (HasScope(call, version.provider())) return Denied("not decided by the provider itself");
  return absl::OkStatus();
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
        auto rules = catalogue_store::RulesOfRound(engine_, tx, version);
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
        return version_steps::NumberProgramme(engine_, tx, author, version);
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

}  // namespace rsnms::programs
