// The fault world's learners, and the register as a file.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/programs/register/register_world.h"

namespace rsnms::programs {

using v1::RegisterNotice;
using v1::RegisterSync;

void World::Enrol(bool during_run) {
  const auto programmes = Programmes();
  if (programmes.empty()) return;
  auto it = programmes.begin();
  std::advance(it, Draw(static_cast<int>(programmes.size())));
  if (it->second.register_state() == v1::REGISTER_STATE_WITHDRAWN) return;  // refused
  v1::CreateEnrolmentRequest request;
  request.set_parent("regions/" + region_);
  v1::Enrolment& enrolment = *request.mutable_enrolment();
  enrolment.set_person(NameOf(region_, "persons", Uuid(++turn_)));
  enrolment.set_organisation(NameOf(region_, "organisations", Uuid(1)));
  enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
  enrolment.set_programme(it->second.name());
  enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
  const auto made = Must<v1::Enrolment>("Programs/CreateEnrolment", request);
  learners_[made.name()] = {.programme = made.programme(), .living = true, .fresh = during_run};
}

void World::Learn() {
  if (Draw(2) == 0) Enrol(false);
  for (auto& [name, learner] : learners_) {
    if (!learner.living || Draw(20) != 0) continue;
    v1::WithdrawEnrolmentRequest leave;
    leave.set_name(name);
    leave.set_reason("передумал");
    Must<v1::Enrolment>("Programs/WithdrawEnrolment", leave);
    learner.living = false;
  }
  for (const RegisterNotice& notice : Notices()) {
    if (notice.state() != RegisterNotice::STATE_OPEN || Draw(6) != 0) continue;
    v1::DecideNoticeRequest decide;
    decide.set_name(notice.name());
    decide.set_decision(RegisterNotice::DECISION_FINISH);
    Must<RegisterNotice>("Register/DecideNotice", decide);
  }
}

std::vector<RegisterNotice> World::Notices() const {
  v1::ListRegisterNoticesRequest request;
  request.set_parent("regions/" + region_);
  request.set_page_size(1000);
  const auto page = Must<v1::ListRegisterNoticesResponse>("Register/ListRegisterNotices", request);
  EXPECT_TRUE(page.next_page_token().empty());
  return {page.register_notices().begin(), page.register_notices().end()};
}

// Whoever learns stays where they are, and has one notice for each time the programme left.
void World::ExpectLearners(const ProgrammeMap& after, const RegisterSync& run) {
  std::map<std::string, const v1::Programme*> programmes;
  for (const auto& [number, programme] : after) programmes[programme.name()] = &programme;
  v1::ListEnrolmentsRequest request;
  request.set_parent("regions/" + region_);
  request.set_page_size(1000);
  const auto page = Must<v1::ListEnrolmentsResponse>("Programs/ListEnrolments", request);
  ASSERT_EQ(page.enrolments_size(), static_cast<int>(learners_.size())) << label;
  for (const auto& enrolment : page.enrolments()) {
    const Learner& learner = learners_[enrolment.name()];
    EXPECT_EQ(enrolment.programme(), learner.programme) << label << " moved";
    EXPECT_EQ(enrolment.state() == v1::Enrolment::STATE_APPLIED, learner.living) << label;
  }
  std::map<std::pair<std::string, std::string>, int> given;
  for (const RegisterNotice& notice : Notices()) {
    ++given[{notice.enrolment(), notice.register_sync()}];
    const Learner& learner = learners_[notice.enrolment()];
    EXPECT_EQ(notice.programme(), learner.programme) << label;
    if (notice.state() != RegisterNotice::STATE_OPEN) continue;
    EXPECT_TRUE(learner.living) << label << " idle notice " << run.DebugString();
    const v1::Programme& programme = *programmes[notice.programme()];
    EXPECT_EQ(programme.register_state(), v1::REGISTER_STATE_WITHDRAWN)
        << label << " notice of a standing programme";
    EXPECT_EQ(notice.withdrawn_date().SerializeAsString(),
              programme.register_withdrawn_date().SerializeAsString())
        << label << " notice of another day";
  }
  for (auto& [name, learner] : learners_) {
    const v1::Programme& programme = *programmes[learner.programme];
    const bool due = learner.living && !learner.fresh &&
                     programme.register_state() == v1::REGISTER_STATE_WITHDRAWN;
    const int notices = given[{name, programme.register_sync()}];
    EXPECT_LE(notices, 1) << label << " noticed twice";
    EXPECT_TRUE(!due || notices == 1) << label << " dropped in silence: " << name;
    learner.fresh = false;
  }
}

RegisterSync World::RunFile(const Deaths& deaths, RegisterSync::Mode mode) {
  points_ = 0;
  const bool whole = mode == RegisterSync::MODE_FULL, withdrawn = Draw(2) == 0;
  days_told_ = !whole || withdrawn;
  std::vector<v1::LoadRegisterRequest> pieces(2);
  for (const auto& entry : reg().Truth()) {
    if (whole ? entry.has_withdrawn_date() && !withdrawn : Draw(2) == 0) continue;
    if (pieces.back().entries().programmes_size() == 5) pieces.emplace_back();
    *pieces.back().mutable_entries()->add_programmes() = entry;
  }
  int total = 0;
  for (const auto& piece : pieces) total += piece.entries().programmes_size();
  auto& header = *pieces[0].mutable_header();
  header.set_parent("regions/" + region_);
  header.set_mode(mode);
  header.set_total_size(total);
  header.set_sha256(Sha256Hex(absl::StrCat(++turn_)));
  header.set_ask_again(Draw(4) != 0);
  pieces[1].mutable_entries();
  v1::LoadRegisterRequest request;
  size_t sent = 0;
  RegisterSync run;
  const auto status = admin_->ClientStream(
      "rsnms.programs.v1.Register/LoadRegister", &request,
      [&] {
        if (sent == pieces.size()) return false;
        request = pieces[sent++];
        return true;
      },
      &run, absl::Now() + absl::Seconds(20));
  EXPECT_TRUE(status.ok()) << label << status;
  return Carry(run.name(), deaths);
}

}  // namespace rsnms::programs
