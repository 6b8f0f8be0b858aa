// What is on offer, who sees it, and by whose word it is offered.
#include <set>

#include "services/programs/catalogue/catalogue_fixture.h"
#include "services/programs/catalogue/programme_rules.h"

namespace rsnms::programs {
namespace {

using Version = v1::ProgrammeVersion;

constexpr char kLesson[] = "regions/86/competencies/methodical-lesson";

class Offer : public CatalogueTest {
 protected:
  std::unique_ptr<rpc::Client> As(const std::string& role, const std::string& scope) {
    return service_->Connect({role}, {scope});
  }
  static v1::CreateProgrammeRequest Entering(const std::string& title, int body) {
    v1::CreateProgrammeRequest request;
    request.set_parent("regions/86");
    v1::Programme& programme = *request.mutable_programme();
    programme.set_title(title);
    programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    programme.set_duration_hours(36);
    programme.set_for_pedagogues(true);
    programme.set_provider(Body(body));
    programme.add_competencies()->set_competency(kLesson);
    return request;
  }
  v1::Programme Enter(rpc::Client& client, const std::string& title, int body) {
    v1::Programme programme;
    const auto status = Call(client, "CreateProgramme", Entering(title, body), &programme);
    EXPECT_TRUE(status.ok()) << status;
    return programme;
  }
  // Names of programmes selected for the competency; `-` when it is told as taught by nobody.
  std::set<std::string> Selected(rpc::Client& client) {
    v1::SelectProgrammesRequest request;
    request.set_parent("regions/86");
    request.mutable_selection()->add_deficits()->set_competency(kLesson);
    v1::SelectProgrammesResponse response;
    const auto status = Call(client, "SelectProgrammes", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    std::set<std::string> names;
    for (const auto& ranked : response.selected().programmes()) names.insert(ranked.programme());
    if (!response.selected().uncovered().empty()) names.insert("-");
    return names;
  }
  std::set<std::string> Listed(rpc::Client& client, const std::string& parent = "regions/86") {
    v1::ListProgrammesRequest request;
    request.set_parent(parent);
    v1::ListProgrammesResponse response;
    const auto status = Call(client, "ListProgrammes", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    std::set<std::string> names;
    for (const auto& programme : response.programmes()) names.insert(programme.name());
    return names;
  }
  absl::StatusCode Get(rpc::Client& client, const std::string& name) {
    v1::GetProgrammeRequest request;
    request.set_name(name);
    v1::Programme programme;
    return Call(client, "GetProgramme", request, &programme).code();
  }
  std::string Update(rpc::Client& client, const v1::Programme& programme, const std::string& path) {
    v1::UpdateProgrammeRequest request;
    *request.mutable_programme() = programme;
    request.mutable_programme()->clear_etag();
    request.mutable_update_mask()->add_paths(path);
    v1::Programme updated;
    return rpc::ReasonOf(Call(client, "UpdateProgramme", request, &updated));
  }
  std::string Enrol(const std::string& programme) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    v1::Enrolment& enrolment = *request.mutable_enrolment();
    enrolment.set_person(Person(5));
    enrolment.set_organisation(Body(7));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme);
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    return rpc::ReasonOf(Try<v1::Enrolment>("CreateEnrolment", request));
  }
  using Names = std::set<std::string>;
};

TEST_F(Offer, ASchoolAndATownSelectWhatTheRegionOffers) {
  const std::string nobodys = CreateProgramme("Без организации региона").name();
  const std::string institutes = Enter(*admin_, "Институтская", 1).name();
  const Names all = {nobodys, institutes};
  auto methodologist = As("methodologist", "regions/86/municipalities/north");
  EXPECT_EQ(Selected(*methodologist), all);
  EXPECT_EQ(Selected(*As("methodologist", Body(7))), all);
  auto school = As("organisation", Body(7));
  EXPECT_EQ(Listed(*school), all);
  EXPECT_EQ(Listed(*school, "regions/-"), all);
  EXPECT_EQ(Get(*school, nobodys), absl::StatusCode::kOk);
  // Who sees the offer writes none of it.
  v1::Programme taken;
  taken.set_name(nobodys);
  taken.set_title("Чужое");
  auto institute = As("institute", Body(2));
  v1::UpdateProgrammeRequest update;
  *update.mutable_programme() = taken;
  update.mutable_update_mask()->add_paths("title");
  EXPECT_EQ(Call(*institute, "UpdateProgramme", update, &taken).code(),
            absl::StatusCode::kPermissionDenied);
  v1::DeleteProgrammeRequest remove;
  remove.set_name(institutes);
  EXPECT_EQ(Call(*institute, "DeleteProgramme", remove, &taken).code(),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(Offer, AnotherRegionSeesNothingOfIt) {
  const std::string programme = CreateProgramme().name();
  for (const std::string& scope :
       {std::string("regions/61"), NameOf("61", "organisations", Uuid(7)),
        NameOf("61", "municipalities", "north")}) {
    auto foreign = As("institute", scope);
    EXPECT_EQ(Listed(*foreign), Names{}) << scope;
    EXPECT_EQ(Listed(*foreign, "regions/-"), Names{}) << scope;
    EXPECT_EQ(Get(*foreign, programme), absl::StatusCode::kNotFound) << scope;
  }
}

TEST_F(Offer, WhatLeftTheOfferIsSeenByItsProviderAndTheRegionAlone) {
  auto school = As("organisation", Body(7)), institute = As("institute", Body(1));
  const v1::Programme gone = Enter(*admin_, "Снятая", 1);
  EXPECT_EQ(Get(*school, gone.name()), absl::StatusCode::kOk);
  v1::DeleteProgrammeRequest remove;
  remove.set_name(gone.name());
  Must<v1::Programme>("DeleteProgramme", remove);
  EXPECT_EQ(Get(*school, gone.name()), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get(*institute, gone.name()), absl::StatusCode::kOk);
  EXPECT_EQ(Selected(*As("methodologist", Body(7))), Names{"-"});
}

TEST_F(Offer, WhatABodyEntersAwaitsItsApproval) {
  auto institute = As("institute", Body(1)), school = As("organisation", Body(7));
  const v1::Programme entered = Enter(*institute, "Без экспертизы", 1);
  EXPECT_TRUE(entered.awaits_approval());
  EXPECT_EQ(Selected(*institute), Names{"-"});
  EXPECT_EQ(Selected(*admin_), Names{"-"});
  EXPECT_EQ(Enrol(entered.name()), "PROGRAMME_NOT_OFFERED");
  EXPECT_EQ(Get(*school, entered.name()), absl::StatusCode::kNotFound) << "no offer yet";
  EXPECT_EQ(Get(*institute, entered.name()), absl::StatusCode::kOk);
  // Nobody says of themselves that they await nothing, and writing it again is no approval.
  v1::Programme says = entered;
  says.set_awaits_approval(false);
  says.set_title("Без экспертизы, второй раз");
  EXPECT_EQ(Update(*institute, says, "title"), "");
  v1::CreateProgrammeRequest sly = Entering("Ещё одна", 1);
  sly.mutable_programme()->set_register_state(v1::REGISTER_STATE_LISTED);
  v1::Programme other;
  ASSERT_TRUE(Call(*institute, "CreateProgramme", sly, &other).ok());
  EXPECT_TRUE(other.awaits_approval());
  says.set_title("Регион исправил опечатку");
  EXPECT_EQ(Update(*admin_, says, "title"), "");
  EXPECT_TRUE(Shown(entered.name()).awaits_approval());
  EXPECT_EQ(Selected(*admin_), Names{"-"});
}

TEST_F(Offer, AnApprovedVersionEndsTheWaiting) {
  auto institute = As("institute", Body(1));
  const std::string programme = Enter(*institute, "Ждёт", 1).name();
  const std::string version = InExpertise(programme);
  EXPECT_EQ(Selected(*admin_), Names{"-"}) << "a version in expertise offers nothing";
  Review(version, 21);
  Review(version, 22);
  EXPECT_EQ(Enrol(programme), "PROGRAMME_NOT_OFFERED");
  Done(Approve(version));
  EXPECT_FALSE(Shown(programme).awaits_approval());
  EXPECT_EQ(Selected(*As("methodologist", Body(7))), Names{programme});
  EXPECT_EQ(Enrol(programme), "");
}

TEST_F(Offer, TheRegionsWordIsNotRewrittenBelowIt) {
  v1::Programme offered = Enter(*admin_, "Слово региона", 1);
  EXPECT_FALSE(offered.awaits_approval());
  auto institute = As("institute", Body(1));
  offered.set_duration_hours(250);
  EXPECT_EQ(Update(*institute, offered, "duration_hours"), "PROGRAMME_OFFERED_BY_REGION");
  offered.mutable_competencies(0)->set_competency("regions/86/competencies/digital-office");
  EXPECT_EQ(Update(*institute, offered, "competencies"), "PROGRAMME_OFFERED_BY_REGION");
  EXPECT_EQ(Shown(offered.name()).duration_hours(), 36);
  EXPECT_EQ(Update(*institute, Shown(offered.name()), "title"), "") << "says what it said";
  EXPECT_EQ(Update(*admin_, offered, "duration_hours"), "");
  EXPECT_EQ(Shown(offered.name()).duration_hours(), 250);
}

TEST_F(Offer, ImagesAndRowsAgreeOnWhatIsOffered) {
  auto institute = As("institute", Body(1));
  Enter(*institute, "Ждёт", 1);
  Enter(*admin_, "Предлагается", 1);
  v1::DeleteProgrammeRequest remove;
  remove.set_name(Enter(*admin_, "Удалена", 1).name());
  Must<v1::Programme>("DeleteProgramme", remove);
  for (const char* state : {"LISTED", "WITHDRAWN"}) {
    Sql(Cat("UPDATE programme SET register_state = '", state, "' WHERE id = '",
            IdOf(Enter(*admin_, state, 1).name()), "'"));
  }
  Sql(Cat("UPDATE programme SET withdrawn = true WHERE id = '",
          IdOf(Enter(*admin_, "Отозвана", 1).name()), "'"));
  int offered = 0;
  for (const auto& [name, programme] : Programmes()) {
    const bool says =
        Sql(Cat("SELECT on_offer(programme) FROM programme WHERE id = '", IdOf(name), "'")) == "t";
    EXPECT_EQ(programme_rules::OnOffer(programme), says) << programme.title();
    offered += says ? 1 : 0;
  }
  EXPECT_EQ(offered, 2);
}

}  // namespace
}  // namespace rsnms::programs
