// Opinions of experts: who is asked, who answers.
#include <string>
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/catalogue.h"
#include "services/programs/catalogue/catalogue_store.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/expert_lookup.h"
#include "services/programs/catalogue/review_rules.h"
#include "services/programs/catalogue/scopes.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using resource::Table;
using Version = v1::ProgrammeVersion;

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

// What the registry is asked about, as it stood before.
struct Seen {
  Version version;
  v1::ExpertReview review;  // when an opinion is given
  review_rules::Interest interest;
};

absl::Status ReadInterest(const resource::Engine& engine, pg::Tx& tx, absl::CivilDay today,
                          Seen& seen) {
  auto rules = catalogue_store::RulesOfRound(engine, tx, seen.version);
  if (!rules.ok()) return rules.status();
  const absl::CivilDay created =
      RegisterDay(absl::FromUnixSeconds(seen.version.create_time().seconds()));
  seen.interest = review_rules::InterestIn(seen.version, *rules, created, today);
  return absl::OkStatus();
}

absl::StatusOr<Seen> ReadVersion(const resource::Engine& engine, const rpc::Call& call,
                                 const std::string& name, absl::CivilDay today) {
  Seen seen;
  auto status = engine.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto version = Table<Version>(engine).Get(tx, name);
    if (!version.ok()) return version.status();
    seen.version = *std::move(version);
    return ReadInterest(engine, tx, today, seen);
  });
  if (!status.ok()) return status;
  return seen;
}

// Of a version the expert may not see any more.
absl::StatusOr<Seen> ReadReview(const resource::Engine& engine, const rpc::Call& call,
                                const std::string& name, absl::CivilDay today) {
  Seen seen;
  auto status = engine.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto review = Table<v1::ExpertReview>(engine).Get(tx, name);
    if (!review.ok()) return review.status();
    seen.review = *std::move(review);
    auto read = tx.Unscoped(RegionOf(name), [&] {
      auto version = Table<Version>(engine).Get(tx, seen.review.programme_version());
      if (version.ok()) seen.version = *std::move(version);
      return version.status();
    });
    return read.ok() ? ReadInterest(engine, tx, today, seen) : read;
  });
  if (!status.ok()) return status;
  return seen;
}

}  // namespace

// The registry is asked between two transactions: one reads whom to ask about, one writes, and says
// first what else is wrong.
absl::Status CatalogueService::AssignExpert(rpc::Call& call, const v1::AssignExpertRequest& request,
                                            v1::ExpertReview* response) {
  if (auto s = CheckNames(request); !s.ok()) return s;
  const absl::CivilDay today = RegisterDay(now_());
  auto seen = ReadVersion(engine_, call, request.programme_version(), today);
  if (!seen.ok()) return seen.status();
  auto expert = FindExpert(call, registry_.get(), request.expert(), seen->interest);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto version = Table<Version>(engine_).Get(tx, request.programme_version(), Lock::kUpdate);
    if (!version.ok()) return version.status();
    if (auto s = UnderExpertise(*version, version->round()); !s.ok()) return s;
    if (!expert.ok()) return expert.status();
    if (version->etag() != seen->version.etag()) return Moved();
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
  auto seen = ReadReview(engine_, call, request.name(), RegisterDay(now_()));
  if (!seen.ok()) return seen.status();
  if (auto s = MayAnswer(call, seen->review); !s.ok()) return s;
  auto expert = FindExpert(call, registry_.get(), seen->review.expert(), seen->interest);
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
        auto rules = catalogue_store::RulesOfRound(engine_, tx, version);
        if (!rules.ok()) return rules.status();
        return review_rules::CheckOpinion(*rules, version, review, LatestDay(now_()));
      },
      response);
}

}  // namespace rsnms::programs
