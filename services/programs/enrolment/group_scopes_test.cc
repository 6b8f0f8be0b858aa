// Who sees and moves the learners of a group: their own body, the group's provider, its curator.
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;
using absl::StatusCode;

class GroupScopes : public TrainingFixture {
 protected:
  void SetUp() override {
    TrainingFixture::SetUp();
    group_ = OpenGroup(5, Cat("curator: '", Person(900), "'"));
  }
  static constexpr int kProvider = 9, kCurator = 900;

  absl::StatusOr<E> As(rpc::Client& client, const std::string& method, const std::string& name) {
    return Send<E>(client, method,
                   Cat("name: '", name, "' reason: 'приказ' state_date ", Day(3, 10)));
  }
  StatusCode Get(rpc::Client& client, const std::string& name) {
    return Send<E>(client, "GetEnrolment", Cat("name: '", name, "'")).status().code();
  }
  int Risks(rpc::Client& client) {
    return Need(Send<v1::ListEnrolmentRisksResponse>(
                    client, "ListEnrolmentRisks", "parent: 'regions/86' as_of_date " + Day(4, 20)))
        .risks_size();
  }
  void HandOver(int curator) {
    Need(Send<v1::Group>("UpdateGroup", Cat("group {name: '", group_, "' curator: '",
                                            Person(curator), "'} update_mask {paths: 'curator'}")));
  }

  std::string group_;
};

TEST_F(GroupScopes, ABodyEnrolsItsPeopleInAnothersProgramme) {
  auto body = service_->Connect({"centre"}, {Body(7)});
  const auto enrol = [&](int person, int organisation) {
    return Send<E>(*body, "EnrolInGroup",
                   Cat("parent: 'regions/86' group: '", group_, "' enrolment ",
                       Application(programme_, person, organisation)));
  };
  const E made = Need(enrol(1, 7));
  EXPECT_EQ(made.seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(enrol(2, 8).status().code(), StatusCode::kPermissionDenied);
  Need(Send<E>(*body, "CreateEnrolment",
               Cat("parent: 'regions/86' enrolment ", Application(programme_, 3))));
  const std::string other = OpenGroup(1);
  const E gone = Need(Send<E>(*body, "TransferEnrolment",
                              Cat("name: '", made.name(), "' group: '", other,
                                  "' reason: 'приказ' state_date ", Day(3, 10))));
  EXPECT_EQ(Get(*body, gone.transferred_to()), StatusCode::kOk);
  EXPECT_EQ(Counts(group_), "0+0");
}

TEST_F(GroupScopes, TheProviderSeesTheLearnersOfItsGroupsAndTakesTheirSteps) {
  auto provider = service_->Connect({"institute"}, {Body(kProvider)});
  const E learner = Need(Apply(group_, 1));
  const E elsewhere = Need(Send<E>(
      "CreateEnrolment", Cat("parent: 'regions/86' enrolment ", Application(programme_, 2))));
  EXPECT_EQ(Get(*provider, learner.name()), StatusCode::kOk);
  EXPECT_EQ(Get(*provider, elsewhere.name()), StatusCode::kNotFound);
  Need(As(*provider, "ConfirmEnrolment", learner.name()));
  EXPECT_EQ(Risks(*provider), 2) << "late, and overdue";
  Need(Send<v1::Group>(*provider, "RunGroup", Cat("name: '", group_, "'")));
  Need(As(*provider, "StartEnrolment", learner.name()));
  const auto issued = Need(Send<v1::Completion>(
      *provider, "CompleteEnrolment",
      Cat("name: '", learner.name(), "' certificate_number: 'У-1' completion_date ", Day(3, 30))));
  EXPECT_EQ(Send<v1::Completion>(*provider, "GetCompletion", Cat("name: '", issued.name(), "'"))
                .status()
                .code(),
            StatusCode::kOk);
  auto stranger = service_->Connect({"institute"}, {Body(10)});
  EXPECT_EQ(Get(*stranger, learner.name()), StatusCode::kNotFound);
  EXPECT_EQ(As(*stranger, "VoidEnrolment", learner.name()).status().code(), StatusCode::kNotFound);
}

TEST_F(GroupScopes, APlacedLearnerIsSeenByTheProvider) {
  const E made = Need(Send<E>("CreateEnrolment",
                              Cat("parent: 'regions/86' enrolment ", Application(programme_, 1))));
  auto provider = service_->Connect({"institute"}, {Body(kProvider)});
  EXPECT_EQ(Get(*provider, made.name()), StatusCode::kNotFound);
  Need(Step<E>("PlaceEnrolment", made.name(), Cat("group: '", group_, "'")));
  EXPECT_EQ(Get(*provider, made.name()), StatusCode::kOk);
}

TEST_F(GroupScopes, TheCuratorReadsTheRiskListAndMovesNobody) {
  const E learner = Need(Apply(group_, 1));
  Need(Step<E>("ConfirmEnrolment", learner.name()));
  auto curator = service_->Connect({"methodologist"}, {Person(kCurator)});
  auto next = service_->Connect({"methodologist"}, {Person(901)});
  EXPECT_EQ(Get(*curator, learner.name()), StatusCode::kOk);
  EXPECT_EQ(Risks(*curator), 2);
  auto powerful = service_->Connect({"centre"}, {Person(kCurator)});
  EXPECT_EQ(As(*powerful, "WithdrawEnrolment", learner.name()).status().code(),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(Get(*next, learner.name()), StatusCode::kNotFound);
  HandOver(901);
  EXPECT_EQ(Get(*next, learner.name()), StatusCode::kOk);
  EXPECT_EQ(Risks(*next), 2);
  EXPECT_EQ(Get(*curator, learner.name()), StatusCode::kNotFound);
  EXPECT_EQ(Risks(*curator), 0);
}

}  // namespace
}  // namespace rsnms::programs
