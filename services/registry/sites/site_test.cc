// Calls and sites over gRPC: who may apply, one status of a kind at a time, its term.
#include <atomic>
#include <thread>

#include "services/registry/sites/sites_fixture.h"

namespace rsnms::registry::sites {
namespace {

using absl::StatusCode;
using v1::Site;
using v1::SiteCall;

class SiteTest : public SitesTest {
 protected:
  std::string OpenCall(Site::Kind kind = Site::KIND_INTERNSHIP) {
    v1::CreateSiteCallRequest request;
    request.set_parent(kRegion);
    auto& call = *request.mutable_site_call();
    call.set_kind(kind);
    call.set_title("Отбор стажировочных площадок");
    call.set_organisation(centre_);
    call.set_criteria("Успешный педагогический и управленческий опыт");
    *call.mutable_open_date() = D(2024, 1, 15);
    *call.mutable_close_date() = D(2024, 2, 15);
    const auto made = Ask<SiteCall>("CreateSiteCall", request);
    EXPECT_TRUE(made.ok()) << made.status();
    v1::OpenSiteCallRequest open;
    open.set_name(made->name());
    EXPECT_TRUE(Ask<SiteCall>("OpenSiteCall", open).ok());
    return made->name();
  }
  absl::StatusOr<Site> Apply(const v1::CreateSiteRequest& request) {
    return Ask<Site>("CreateSite", request);
  }
  absl::StatusOr<Site> Revoke(const std::string& name, google::type::Date day) {
    v1::RevokeSiteRequest request;
    request.set_name(name);
    request.set_ground("Отчёт не представлен");
    *request.mutable_ended_date() = day;
    return Ask<Site>("RevokeSite", request);
  }
  absl::StatusOr<Site> Extend(const std::string& name, google::type::Date day) {
    v1::ExtendSiteStatusRequest request;
    request.set_name(name);
    *request.mutable_extended_until_date() = day;
    return Ask<Site>("ExtendSiteStatus", request);
  }
  absl::StatusOr<Site> Expire(const std::string& name, google::type::Date day) {
    v1::ExpireSiteRequest request;
    request.set_name(name);
    *request.mutable_ended_date() = day;
    return Ask<Site>("ExpireSite", request);
  }
};

// Altai 3.2.2#13, rule site_has_experience.
TEST_F(SiteTest, InternshipSiteIsAnEducationalOrganisationWithExperience) {
  const auto authority = MakeBody("Департамент", "", v1::ORGANISATION_KIND_AUTHORITY);
  EXPECT_EQ(rpc::ReasonOf(Apply(Application(authority->name())).status()),
            "NOT_EDUCATIONAL_ORGANISATION");
  auto request = Application(school_);
  request.mutable_site()->clear_experience();
  EXPECT_EQ(rpc::ReasonOf(Apply(request).status()), "EXPERIENCE_REQUIRED");
  const auto site = Apply(Application(school_));
  ASSERT_TRUE(site.ok()) << site.status();
  EXPECT_EQ(site->municipality(), kSurgut);
}

// Dagestan L651: a pilot may be a municipal authority, and shows no experience.
TEST_F(SiteTest, PilotNeedsNeither) {
  const auto authority = MakeBody("Управление", kSurgut, v1::ORGANISATION_KIND_MUNICIPAL_AUTHORITY);
  auto request = Application(authority->name(), Site::KIND_PILOT);
  request.mutable_site()->clear_experience();
  EXPECT_TRUE(Apply(request).ok());
}

TEST_F(SiteTest, CallTakesApplicationsOfItsKindInItsDays) {
  const std::string call = OpenCall();
  auto request = Application(school_);
  request.mutable_site()->set_site_call(call);
  *request.mutable_site()->mutable_applied_date() = D(2024, 2, 16);
  EXPECT_EQ(rpc::ReasonOf(Apply(request).status()), "SITE_CALL_CLOSED");
  *request.mutable_site()->mutable_applied_date() = D(2024, 2, 15);
  EXPECT_TRUE(Apply(request).ok());
  request.mutable_site()->set_kind(Site::KIND_PILOT);
  EXPECT_EQ(rpc::ReasonOf(Apply(request).status()), "SITE_CALL_MISMATCH");
  v1::CloseSiteCallRequest close;
  close.set_name(call);
  ASSERT_TRUE(Ask<SiteCall>("CloseSiteCall", close).ok());
  request.mutable_site()->set_kind(Site::KIND_INTERNSHIP);
  EXPECT_EQ(rpc::ReasonOf(Apply(request).status()), "SITE_CALL_CLOSED");
}

TEST_F(SiteTest, OpenedCallNoLongerChanges) {
  v1::UpdateSiteCallRequest update;
  update.mutable_site_call()->set_name(OpenCall());
  update.mutable_site_call()->set_criteria("Иные");
  EXPECT_EQ(rpc::ReasonOf(Ask<SiteCall>("UpdateSiteCall", update).status()), "RECORD_FROZEN");
}

TEST_F(SiteTest, ApplicationIsFrozenOnceExpertsLookAtIt) {
  const std::string name = Selected(school_);
  v1::UpdateSiteRequest update;
  update.mutable_site()->set_name(name);
  update.mutable_site()->set_direction("Иное");
  EXPECT_EQ(rpc::ReasonOf(Ask<Site>("UpdateSite", update).status()), "RECORD_FROZEN");
  v1::DeleteSiteRequest erase;
  erase.set_name(name);
  EXPECT_EQ(rpc::ReasonOf(Ask<Site>("DeleteSite", erase).status()), "RECORD_FROZEN");
}

TEST_F(SiteTest, GrantFixesTheNameAndTheTerm) {
  const std::string name = Selected(school_);
  EXPECT_EQ(rpc::ReasonOf(Grant(name, D(2024, 2, 29), D(2026, 8, 31)).status()),
            "DATES_OUT_OF_ORDER")
      << "before the decision";
  const auto granted = Grant(name, D(2024, 3, 1), D(2026, 8, 31));
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(granted->organisation_name(), "Школа № 1");
  EXPECT_EQ(rpc::ReasonOf(Expire(name, D(2026, 8, 30)).status()), "STATUS_NOT_OVER");
  EXPECT_TRUE(Expire(name, D(2026, 8, 31)).ok());
}

TEST_F(SiteTest, DraftGrantsNothing) {
  v1::CreateDocumentRequest draft;
  draft.set_parent(kRegion);
  draft.mutable_document()->set_kind(v1::Document::KIND_ORDER);
  draft.mutable_document()->set_title("Проект приказа");
  draft.mutable_document()->set_organisation(centre_);
  v1::Document made;
  ASSERT_TRUE(admin_
                  ->Unary("rsnms.registry.v1.Documents/CreateDocument", draft, &made,
                          absl::Now() + absl::Seconds(20))
                  .ok());
  auto request = Granting(Selected(school_), D(2024, 3, 1), nullptr);
  request.set_decision_document(made.name());
  EXPECT_EQ(rpc::ReasonOf(Ask<Site>("GrantSiteStatus", request).status()), "ACT_NOT_APPROVED");
}

TEST_F(SiteTest, OneStatusOfAKindOnAnyDate) {
  const std::string first = Selected(school_), second = Selected(school_);
  ASSERT_TRUE(Grant(first, D(2024, 3, 1), D(2026, 8, 31)).ok());
  EXPECT_EQ(rpc::ReasonOf(Grant(second, D(2026, 8, 31), D(2027, 8, 31)).status()),
            "SECOND_SITE_STATUS");
  EXPECT_TRUE(Grant(Selected(school_, Site::KIND_PILOT), D(2024, 3, 1), D(2026, 8, 31)).ok())
      << "another kind";
  ASSERT_TRUE(Revoke(first, D(2025, 12, 31)).ok());
  EXPECT_TRUE(Grant(second, D(2026, 1, 1), D(2027, 8, 31)).ok()) << "from the day after";
}

TEST_F(SiteTest, ExtensionDoesNotReachIntoTheNextStatus) {
  const std::string first = Selected(school_), second = Selected(school_);
  ASSERT_TRUE(Grant(first, D(2024, 3, 1), D(2024, 12, 31)).ok());
  ASSERT_TRUE(Grant(second, D(2025, 7, 1), D(2026, 6, 30)).ok());
  EXPECT_EQ(rpc::ReasonOf(Extend(first, D(2025, 7, 1)).status()), "SECOND_SITE_STATUS");
  EXPECT_TRUE(Extend(first, D(2025, 6, 30)).ok());
  EXPECT_EQ(rpc::ReasonOf(Extend(first, D(2025, 5, 1)).status()), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(rpc::ReasonOf(Revoke(first, D(2025, 7, 1)).status()), "DATES_OUT_OF_ORDER");
}

TEST_F(SiteTest, RevocationTellsItsGround) {
  const std::string name = Selected(school_);
  ASSERT_TRUE(Grant(name, D(2024, 3, 1), D(2026, 8, 31)).ok());
  v1::RevokeSiteRequest silent;
  silent.set_name(name);
  *silent.mutable_ended_date() = D(2025, 1, 1);
  EXPECT_EQ(Ask<Site>("RevokeSite", silent).status().code(), StatusCode::kInvalidArgument);
  const auto revoked = Revoke(name, D(2025, 1, 1));
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->ground(), "Отчёт не представлен");
}

// Whatever the order of 64 writers, the body holds one status of the kind.
TEST_F(SiteTest, OneOfSixtyFourRacingGrantsIsMade) {
  constexpr int kWriters = 64;
  std::vector<std::string> names;
  for (int i = 0; i < kWriters; ++i) names.push_back(Selected(school_));
  std::atomic<int> won = 0, refused = 0, other = 0, ready = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      ++ready;
      while (ready < kWriters) std::this_thread::yield();
      for (;;) {
        const auto status = Grant(names[i], D(2024, 3, 1 + i % 28), D(2026, 8, 31)).status();
        const std::string reason = rpc::ReasonOf(status);
        if (reason == "OVERLOADED" || reason == "CONCURRENT_UPDATE") continue;
        const bool lost = reason == "SECOND_SITE_STATUS" || reason == "CONSTRAINT_VIOLATED";
        status.ok() ? ++won : lost ? ++refused : ++other;
        return;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, kWriters - 1);
  EXPECT_EQ(other, 0);
}

// A status of the region is the region's to give, one of the municipality the municipality's.
TEST_F(SiteTest, MunicipalityDecidesOnItsOwnLevelOnly) {
  const auto surgut = service_->Connect({"municipal_service"}, {kSurgut});
  const auto review = [&](v1::Document::Level level, v1::Site::Kind kind) {
    auto application = Application(school_, kind);
    application.mutable_site()->set_level(level);
    const auto site = Ask<Site>(*surgut, "CreateSite", application);
    EXPECT_TRUE(site.ok()) << site.status();
    v1::ReviewSiteRequest request;
    request.set_name(site->name());
    return Ask<Site>(*surgut, "ReviewSite", request).status().code();
  };
  EXPECT_EQ(review(v1::Document::LEVEL_REGION, Site::KIND_INTERNSHIP),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(review(v1::Document::LEVEL_MUNICIPALITY, Site::KIND_INTERNSHIP), StatusCode::kOk);
}

// The register of sites is open to the region: educators choose where to train.
TEST_F(SiteTest, GrantedSiteIsSeenInTheRegionAnApplicationByItsOwn) {
  const std::string name = Selected(school_);
  v1::GetSiteRequest get;
  get.set_name(name);
  const auto urai = service_->Connect({"municipal_service"}, {kUrai});
  const auto surgut = service_->Connect({"municipal_service"}, {kSurgut});
  EXPECT_EQ(Ask<Site>(*urai, "GetSite", get).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(Ask<Site>(*surgut, "GetSite", get).ok());
  ASSERT_TRUE(Grant(name, D(2024, 3, 1), D(2026, 8, 31)).ok());
  EXPECT_TRUE(Ask<Site>(*urai, "GetSite", get).ok());
  v1::SuspendSiteRequest suspend;
  suspend.set_name(name);
  suspend.set_reason("не наше дело");
  EXPECT_EQ(Ask<Site>(*urai, "SuspendSite", suspend).status().code(), StatusCode::kPermissionDenied)
      << "who sees it is told that it is not theirs";
}

}  // namespace
}  // namespace rsnms::registry::sites
