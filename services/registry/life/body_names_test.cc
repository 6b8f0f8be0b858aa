// Names a body bears and bore: kept whoever writes, found for ever.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "services/registry/life/life_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const CivilDay kFirst(2020, 9, 1);

class BodyNames : public LifeTest {
 protected:
  void SetUp() override {
    LifeTest::SetUp();
    MakeRegion();
  }
  absl::StatusOr<v1::Organisation> Update(v1::Organisation body, const std::string& path) {
    v1::UpdateOrganisationRequest request;
    body.clear_etag();
    *request.mutable_organisation() = std::move(body);
    request.mutable_update_mask()->add_paths(path);
    return Call<v1::Organisation>("UpdateOrganisation", request);
  }
  absl::StatusOr<options::v1::ImportReport> Load(v1::Organisation body) {
    body.clear_etag();
    bool sent = false;
    return Import<v1::ImportOrganisationsRequest, v1::ImportOrganisationsResponse>(
        "ImportOrganisations", &v1::ImportOrganisationsRequest::mutable_organisation,
        demo::Stream<v1::Organisation>([&](v1::Organisation* row) {
          if (sent) return false;
          *row = body;
          return sent = true;
        }),
        options::v1::IMPORT_MODE_SKIP_BAD);
  }
  v1::CorrectOrganisationRequest Correction(const std::string& name) {
    v1::CorrectOrganisationRequest request;
    request.set_name(name);
    request.set_reason("описка при вводе");
    return request;
  }
  absl::StatusOr<v1::Organisation> Correct(const v1::CorrectOrganisationRequest& request) {
    return Ask<v1::Organisation>("CorrectOrganisation", request);
  }
  v1::SearchOrganisationsResponse Search(const std::string& query, CivilDay day = kFirst) {
    v1::SearchOrganisationsRequest request;
    request.set_parent(kRegion);
    request.set_query(query);
    *request.mutable_as_of_date() = ToDate(day);
    auto found = Ask<v1::SearchOrganisationsResponse>("SearchOrganisations", request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : v1::SearchOrganisationsResponse();
  }
  int FormerNames() {
    v1::ListOrganisationFormerNamesRequest request;
    request.set_parent(kRegion);
    auto page =
        Ask<v1::ListOrganisationFormerNamesResponse>("ListOrganisationFormerNames", request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->organisation_former_names_size() : -1;
  }
};

TEST_F(BodyNames, UpdateNeitherRenamesNorCloses) {
  auto school = *MakeBody("Школа № 1");
  auto other = school;
  other.set_official_name("Лицей № 1");
  EXPECT_EQ(rpc::ReasonOf(Update(other, "official_name").status()), "IMMUTABLE_FIELD");
  EXPECT_EQ(rpc::ReasonOf(Update(other, "*").status()), "IMMUTABLE_FIELD");
  other = school;
  *other.mutable_closed_date() = ToDate(kFirst);
  EXPECT_EQ(rpc::ReasonOf(Update(other, "closed_date").status()), "IMMUTABLE_FIELD");
  other = school;
  other.set_short_name("Школа");
  EXPECT_TRUE(Update(other, "short_name").ok()) << "it had none";
  other.set_short_name("СОШ");
  EXPECT_EQ(rpc::ReasonOf(Update(other, "short_name").status()), "IMMUTABLE_FIELD");
  other.set_kind(v1::ORGANISATION_KIND_COLLEGE);
  EXPECT_TRUE(Update(other, "kind").ok());
  EXPECT_EQ(Body(school.name()).official_name(), "Школа № 1");
}

TEST_F(BodyNames, ImportTellsOfAnotherNameAndKeepsTheStoredOne) {
  auto school = *MakeBody("Школа № 1");
  auto row = school;
  row.set_official_name("Лицей № 1");
  row.set_ogrn("1027700132195");
  auto report = Load(row);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->rejected_count(), 1);
  EXPECT_EQ(report->errors(0).field(), "official_name");
  EXPECT_NE(report->errors(0).message_ru().find("переименуйте"), std::string::npos);
  EXPECT_EQ(Body(school.name()).ogrn(), "");
  row.set_official_name("Школа № 1");
  EXPECT_EQ(Load(row)->updated_count(), 1);
  // Whoever is new may come with a last day.
  v1::Organisation closed;
  closed.set_official_name("Закрытая школа");
  closed.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  closed.set_municipality(kSurgut);
  *closed.mutable_closed_date() = ToDate(kFirst);
  EXPECT_EQ(Load(closed)->created_count(), 1);
}

TEST_F(BodyNames, TheShortNameChangesFromADayToo) {
  auto school = MakeBody("Школа № 1");
  v1::RenameOrganisationRequest request;
  request.set_name(school->name());
  request.set_official_name("Школа № 1");
  *request.mutable_change_date() = ToDate(kFirst);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::OrganisationChange>("RenameOrganisation", request).status()),
            "NAME_UNCHANGED");
  request.set_short_name("СОШ № 1");
  ASSERT_TRUE(Ask<v1::OrganisationChange>("RenameOrganisation", request).ok());
  EXPECT_EQ(Body(school->name()).short_name(), "СОШ № 1");
}

TEST_F(BodyNames, ACorrectedMisprintIsHistoryAndNoFormerName) {
  auto school = MakeBody("Шкала № 1");
  auto request = Correction(school->name());
  request.set_official_name("Школа № 1");
  request.set_validate_only(true);
  ASSERT_TRUE(Correct(request).ok());
  EXPECT_EQ(Body(school->name()).official_name(), "Шкала № 1");
  request.set_validate_only(false);
  const auto corrected = Correct(request);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->official_name(), "Школа № 1");
  EXPECT_EQ(FormerNames(), 0);
  EXPECT_THAT(Search("Шкала").matches(), IsEmpty());
  EXPECT_THAT(Search("Школа № 1").matches(), SizeIs(1));
  v1::ListRevisionsRequest history;
  history.set_name(school->name());
  const auto revisions = Ask<v1::ListRevisionsResponse>("ListRevisions", history);
  ASSERT_TRUE(revisions.ok()) << revisions.status();
  ASSERT_EQ(revisions->revisions_size(), 2);
  EXPECT_EQ(revisions->revisions(0).reason(), "описка при вводе");
  v1::Organisation was;
  ASSERT_TRUE(revisions->revisions(1).image().UnpackTo(&was));
  EXPECT_EQ(was.official_name(), "Шкала № 1");
  auto municipal = service_->Connect({"authority"}, {kSurgut});
  EXPECT_TRUE(absl::IsPermissionDenied(
      Ask<v1::Organisation>(*municipal, "CorrectOrganisation", request).status()));
  request.clear_reason();
  EXPECT_TRUE(absl::IsInvalidArgument(Correct(request).status()));
}

TEST_F(BodyNames, TheLastDayIsCorrectedOnlyWhereNoChangeGaveIt) {
  auto school = *MakeBody("Школа № 1");
  auto request = Correction(school.name());
  *request.mutable_closed_date() = ToDate(kFirst);
  EXPECT_EQ(rpc::ReasonOf(Correct(request).status()), "ORGANISATION_CLOSED") << "it works";
  ASSERT_TRUE(Close(school.name(), kFirst).ok());
  EXPECT_EQ(rpc::ReasonOf(Correct(request).status()), "ORGANISATION_CLOSED") << "undo the closing";

  v1::Organisation closed;
  closed.set_name("regions/86/organisations/0190a000-0000-7000-8000-0000000000bb");
  closed.set_official_name("Закрытая школа");
  closed.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  closed.set_municipality(kSurgut);
  *closed.mutable_closed_date() = ToDate(kFirst);
  ASSERT_EQ(Load(closed)->created_count(), 1);
  auto person = MakePerson();
  auto post = Post(person->name(), closed.name(), kFirst - 100);
  *post.mutable_end_date() = ToDate(kFirst);
  ASSERT_TRUE(Employ(post).ok());
  request.set_name(closed.name());
  *request.mutable_closed_date() = ToDate(kFirst - 50);
  EXPECT_EQ(rpc::ReasonOf(Correct(request).status()), "NOT_APPORTIONED");
  *request.mutable_closed_date() = ToDate(kFirst + 50);
  EXPECT_TRUE(Correct(request).ok());
  request.clear_closed_date();
  request.set_clear_closed_date(true);
  ASSERT_TRUE(Correct(request).ok());
  EXPECT_FALSE(Body(closed.name()).has_closed_date());
}

// --- random histories against a naive one

constexpr int kSteps = 60, kDays = 1000;

class NameHistories : public BodyNames, public ::testing::WithParamInterface<int> {
 protected:
  // A name and the first day it was borne.
  struct Borne {
    int day;
    std::string name, change;  // the renaming that gave it
    bool corrected = false;
  };
  int Random(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string NewName() { return absl::StrCat("имя-", GetParam(), "-", made_++, "-конец"); }

  std::string NameOn(int day) const {
    std::string name = history_.front().name;
    for (const Borne& borne : history_)
      if (borne.day <= day) name = borne.name;
    return name;
  }
  void TryRename() {
    const std::string name = NewName();
    const int day = 1 + Random(kDays);
    const auto change = Rename(body_, name, kFirst + day);
    const bool forward = day > history_.back().day;
    ASSERT_EQ(change.ok(), forward) << change.status();
    if (forward) history_.push_back({day, name, change->name()});
  }
  void TryUndo() {
    if (history_.size() < 2) return;
    const size_t at = 1 + Random(static_cast<int>(history_.size()) - 1);
    const auto undone = Undo(history_[at].change);
    const bool last = at + 1 == history_.size() && !history_[at].corrected;
    ASSERT_EQ(undone.ok(), last) << undone.status();
    if (last) history_.pop_back();
  }
  void TryCorrect() {
    auto request = Correction(body_);
    request.set_official_name(NewName());
    ASSERT_TRUE(Correct(request).ok());
    gone_.push_back(history_.back().name);
    history_.back().name = request.official_name();
    history_.back().corrected = true;
  }
  void TryOverwrite() {
    auto body = Body(body_);
    body.set_official_name(NewName());
    if (Random(2) == 0) {
      EXPECT_EQ(rpc::ReasonOf(Update(body, Random(2) == 0 ? "*" : "official_name").status()),
                "IMMUTABLE_FIELD");
    } else {
      auto report = Load(body);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->rejected_count(), 1);
    }
  }
  void Compare() {
    for (const Borne& borne : history_) {
      const int day = Random(kDays);
      const auto found = Search(borne.name, kFirst + day);
      ASSERT_THAT(found.matches(), SizeIs(1)) << borne.name;
      EXPECT_EQ(found.matches(0).organisation().name(), body_);
      EXPECT_EQ(found.matches(0).name_on_date(), NameOn(day)) << "on day " << day;
    }
    EXPECT_EQ(FormerNames(), static_cast<int>(history_.size()) - 1);
    for (const std::string& name : gone_) EXPECT_THAT(Search(name).matches(), IsEmpty()) << name;
  }

  std::mt19937 random_;
  std::string body_;
  std::vector<Borne> history_;
  std::vector<std::string> gone_;
  int made_ = 0;
};

TEST_P(NameHistories, EveryNameBorneFindsTheBodyForEver) {
  random_.seed(GetParam());
  history_.push_back({0, NewName(), ""});
  body_ = MakeBody(history_.front().name)->name();
  for (int i = 0; i < kSteps && !HasFailure(); ++i) {
    switch (Random(6)) {
      case 0:
      case 1:
        TryRename();
        break;
      case 2:
        TryUndo();
        break;
      case 3:
        if (Random(4) == 0) TryCorrect();
        break;
      default:
        TryOverwrite();
    }
    if (!HasFailure() && i % 4 == 0) Compare();
  }
  Compare();
}

INSTANTIATE_TEST_SUITE_P(Seeds, NameHistories, ::testing::Range(0, 6));

}  // namespace
}  // namespace rsnms::registry
