// Who may be enrolled by whom, once the registry was heard.
#include "rsnms/registry/v1/employment.pb.h"
#include "services/programs/learning/learning_fixture.h"
#include "services/programs/learning/registry_projection.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;
using ::testing::HasSubstr;

class LearnerPosts : public LearningFixture {
 protected:
  static constexpr int kSchool = 7, kOther = 8, kProvider = 9;

  LearnerPosts() { today_ = now_; }
  void SetUp() override {
    LearningFixture::SetUp();
    school_ = service_->Connect({"organisation"}, {Body(kSchool)});
    town_ = service_->Connect({"municipal_service"}, {Town("north")});
    Work(1, 1, kSchool, "north");
    Work(2, 2, kOther, "south");
  }
  // Person `person` works in the body since 2020, or from and until the days given.
  void Work(int post, int person, int body, const std::string& town, const std::string& more = "") {
    registry::v1::Employment image;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        Cat("person: '", Person(person), "' organisation: '", Body(body), "' municipality: '",
            Town(town), "' category: STAFF_CATEGORY_PEDAGOGUE ",
            more.empty() ? "start_date {year: 2020 month: 9 day: 1}" : more),
        &image));
    feed::v1::Change change;
    change.set_resource_type("registry.rsnms/Employment");
    change.set_resource(NameOf("86", "employments", Uuid(post)));
    change.set_kind(feed::v1::CHANGE_KIND_UPDATED);
    change.mutable_image()->PackFrom(image);
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->host().pool().Run(
        everything, [&](pg::Tx& tx) { return ApplyRegistryChanges(tx, {change}); });
    ASSERT_TRUE(status.ok()) << status;
  }
  void Hear() {
    Sql("INSERT INTO feed_cursor (source, name, epoch) VALUES ('registry', 'programs.learning', "
        "'e') RETURNING 1");
  }
  absl::StatusOr<E> Enrol(rpc::Client& client, int person, int body, const std::string& more = "") {
    return Send<E>(
        client, "CreateEnrolment",
        Cat("parent: 'regions/86' enrolment ", Application(programme_, person, body, more)));
  }
  static std::string In(const std::string& town) { return Cat("municipality: '", Town(town), "'"); }

  std::unique_ptr<rpc::Client> school_, town_;
};

TEST_F(LearnerPosts, ABodyEnrolsThoseWhoWorkThere) {
  Hear();
  const auto foreign = Enrol(*school_, 2, kSchool);
  EXPECT_REASON(foreign, "LEARNER_NOT_EMPLOYED");
  EXPECT_THAT(Told(foreign.status()), HasSubstr("\"enrolment.person\""));
  EXPECT_REASON(Enrol(*school_, 3, kSchool), "LEARNER_NOT_EMPLOYED") << "nobody at all";
  EXPECT_EQ(Sql("SELECT count(*) FROM enrolment"), "0");
  Need(Enrol(*school_, 1, kSchool));
  auto centre = service_->Connect({"centre"}, {Body(kSchool)});
  EXPECT_REASON(Send<v1::BatchCreateEnrolmentsResponse>(
                    *centre, "BatchCreateEnrolments",
                    Cat("parent: 'regions/86' initial_state: STATE_IN_PROGRESS enrolments ",
                        Application(programme_, 2, kSchool))),
                "LEARNER_NOT_EMPLOYED");
  auto region = service_->Connect({"centre"}, {"regions/86"});
  Need(Enrol(*region, 3, kSchool));
}

TEST_F(LearnerPosts, TheRefusalDoesNotTellWhoLearnsElsewhere) {
  Hear();
  Need(Enrol(*admin_, 2, kOther));
  EXPECT_REASON(Enrol(*school_, 2, kSchool), "LEARNER_NOT_EMPLOYED");
  Need(Enrol(*admin_, 1, kSchool));
  EXPECT_REASON(Enrol(*school_, 1, kSchool), "ALREADY_ENROLLED") << "one's own";
}

TEST_F(LearnerPosts, AMunicipalityEnrolsThoseOfItsBodies) {
  Hear();
  Need(Enrol(*town_, 1, kSchool, In("north")));
  EXPECT_REASON(Enrol(*town_, 2, kOther, In("north")), "LEARNER_NOT_EMPLOYED")
      << "whatever municipality is said";
}

TEST_F(LearnerPosts, ThePostIsThereWhenLearningBeginsOrToday) {
  Hear();
  Work(3, 3, kSchool, "north",
       "start_date {year: 2020 month: 9 day: 1} end_date {year: 2025 month: 6 day: 30}");
  Work(4, 4, kSchool, "north", "start_date {year: 2026 month: 9 day: 1}");
  EXPECT_REASON(Enrol(*school_, 3, kSchool), "LEARNER_NOT_EMPLOYED") << "left";
  Need(Enrol(*school_, 3, kSchool, Cat("start_date ", Day(3, 1, 2025))));
  EXPECT_REASON(Enrol(*school_, 4, kSchool), "LEARNER_NOT_EMPLOYED") << "comes in autumn";
  Need(Enrol(*school_, 4, kSchool, Cat("start_date ", Day(9, 5))));
}

TEST_F(LearnerPosts, AProviderTakesLearnersOfOtherBodiesIntoItsGroups) {
  Hear();
  const std::string group = OpenGroup(5);
  auto provider = service_->Connect({"institute"}, {Body(kProvider)});
  const auto apply = [&](int person, int body) {
    return Send<E>(*provider, "EnrolInGroup",
                   Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                       Application(programme_, person, body)));
  };
  Need(apply(1, kSchool));
  EXPECT_REASON(apply(2, kSchool), "LEARNER_NOT_EMPLOYED") << "works elsewhere";
}

TEST_F(LearnerPosts, APersonByAFormerName) {
  Hear();
  Sql(Cat(
      "INSERT INTO redirected (region_code, target_type, original_id, present_id) VALUES ('86', "
      "'registry.rsnms/Person', '",
      Uuid(50), "', '", Uuid(1), "') RETURNING 1"));
  Need(Enrol(*school_, 50, kSchool));
}

TEST_F(LearnerPosts, WhileTheRegistryWasNeverHeardNothingIsAsked) {
  Need(Enrol(*school_, 3, kSchool));
}

}  // namespace
}  // namespace rsnms::programs
