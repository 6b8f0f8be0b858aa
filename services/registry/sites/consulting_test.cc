// Consulting requests over gRPC: the term of the answer, the watch, topics that recur.
#include "services/registry/sites/sites_fixture.h"

namespace rsnms::registry::sites {
namespace {

using ::testing::ElementsAre;
using v1::ConsultingRequest;

class ConsultingTest : public SitesTest {
 protected:
  v1::CreateConsultingRequestRequest Question(const std::string& topic, int day) {
    v1::CreateConsultingRequestRequest request;
    request.set_parent(kRegion);
    auto& consulting = *request.mutable_consulting_request();
    consulting.set_organisation(school_);
    consulting.set_provider(centre_);
    consulting.set_topic(topic);
    consulting.set_question("Как оценивать читательскую грамотность?");
    *consulting.mutable_received_date() = D(2024, 3, day);
    return request;
  }
  absl::StatusOr<ConsultingRequest> Make(const std::string& topic, int day) {
    return Ask<ConsultingRequest>("CreateConsultingRequest", Question(topic, day));
  }
  absl::StatusOr<ConsultingRequest> Assign(const std::string& name, google::type::Date day) {
    v1::AssignConsultingRequestRequest request;
    request.set_name(name);
    request.set_expert(MakePerson()->name());
    *request.mutable_assigned_date() = day;
    return Ask<ConsultingRequest>("AssignConsultingRequest", request);
  }
  absl::StatusOr<ConsultingRequest> Answer(const std::string& name, google::type::Date day) {
    v1::AnswerConsultingRequestRequest request;
    request.set_name(name);
    request.set_answer("По критериям демоверсии.");
    *request.mutable_answered_date() = day;
    return Ask<ConsultingRequest>("AnswerConsultingRequest", request);
  }
  void Close(const std::string& name, int mark) {
    v1::CloseConsultingRequestRequest request;
    request.set_name(name);
    request.set_satisfaction(mark);
    ASSERT_TRUE(Ask<ConsultingRequest>("CloseConsultingRequest", request).ok());
  }
  std::vector<int> Overdue(google::type::Date day, int within) {
    v1::ListOverdueConsultingRequestsRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = day;
    request.set_within_days(within);
    const auto list =
        Ask<v1::ListOverdueConsultingRequestsResponse>("ListOverdueConsultingRequests", request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<int> days;
    for (const auto& one : list->overdue()) days.push_back(one.days_left());
    return days;
  }
};

TEST_F(ConsultingTest, TermIsThirtyDaysUnlessTheRequestNamesOne) {
  const auto made = Make("ФГОС", 1);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(ToIso(made->due_date()), "2024-03-31");
  auto request = Question("ФГОС", 10);
  *request.mutable_consulting_request()->mutable_due_date() = D(2024, 3, 15);
  EXPECT_EQ(ToIso(Ask<ConsultingRequest>("CreateConsultingRequest", request)->due_date()),
            "2024-03-15");
  *request.mutable_consulting_request()->mutable_due_date() = D(2024, 3, 9);
  EXPECT_EQ(rpc::ReasonOf(Ask<ConsultingRequest>("CreateConsultingRequest", request).status()),
            "END_BEFORE_START");
}

TEST_F(ConsultingTest, WatchShowsWhatIsPastAndWhatComesUntilItIsAnswered) {
  const auto made = Make("ФГОС", 1);
  EXPECT_THAT(Overdue(D(2024, 3, 31), 0), ElementsAre());
  EXPECT_THAT(Overdue(D(2024, 4, 1), 0), ElementsAre(-1));
  EXPECT_THAT(Overdue(D(2024, 3, 28), 3), ElementsAre(3));
  EXPECT_THAT(Overdue(D(2024, 3, 27), 3), ElementsAre());
  ASSERT_TRUE(Assign(made->name(), D(2024, 3, 2)).ok());
  EXPECT_THAT(Overdue(D(2024, 4, 1), 0), ElementsAre(-1));
  const auto answered = Answer(made->name(), D(2024, 4, 1));
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_TRUE(answered->late());
  EXPECT_THAT(Overdue(D(2024, 4, 1), 0), ElementsAre());
}

TEST_F(ConsultingTest, QuestionIsFrozenOnceAnExpertIsNamed) {
  const auto made = Make("ФГОС", 1);
  EXPECT_EQ(rpc::ReasonOf(Assign(made->name(), D(2024, 2, 28)).status()), "DATES_OUT_OF_ORDER");
  ASSERT_TRUE(Assign(made->name(), D(2024, 3, 2)).ok());
  v1::UpdateConsultingRequestRequest update;
  update.mutable_consulting_request()->set_name(made->name());
  update.mutable_consulting_request()->set_question("Иное");
  EXPECT_EQ(rpc::ReasonOf(Ask<ConsultingRequest>("UpdateConsultingRequest", update).status()),
            "RECORD_FROZEN");
}

// Dagestan WF_CONSULT: recurring problems are analysed.
TEST_F(ConsultingTest, TopicsAreCountedByPeriod) {
  for (int day : {1, 2, 31}) ASSERT_TRUE(Make("Оценивание", day).ok());
  const auto quick = Make("ФГОС", 5), slow = Make("ФГОС", 6);
  ASSERT_TRUE(Assign(quick->name(), D(2024, 3, 7)).ok());
  ASSERT_TRUE(Assign(slow->name(), D(2024, 3, 7)).ok());
  ASSERT_TRUE(Answer(quick->name(), D(2024, 3, 8)).ok());
  ASSERT_TRUE(Answer(slow->name(), D(2024, 5, 8)).ok());
  Close(quick->name(), 5);
  Close(slow->name(), 2);
  v1::CountConsultingTopicsRequest request;
  request.set_parent(kRegion);
  *request.mutable_start_date() = D(2024, 3, 1);
  *request.mutable_end_date() = D(2024, 3, 30);
  const auto counts = Ask<v1::CountConsultingTopicsResponse>("CountConsultingTopics", request);
  ASSERT_TRUE(counts.ok()) << counts.status();
  ASSERT_EQ(counts->topics_size(), 2);
  EXPECT_EQ(counts->topics(0).topic(), "Оценивание");
  EXPECT_EQ(counts->topics(0).request_count(), 2);
  EXPECT_FALSE(counts->topics(0).has_satisfaction_hundredths());
  EXPECT_EQ(counts->topics(1).answered_in_time_count(), 1);
  EXPECT_EQ(counts->topics(1).answered_late_count(), 1);
  EXPECT_EQ(counts->topics(1).satisfaction_hundredths(), 350);
  EXPECT_EQ(counts->topics(1).organisation_count(), 1);
}

// An educator's scope holds themselves and their posts, not bodies.
TEST_F(ConsultingTest, EducatorAsksAndTheirBodyIsTakenFromTheirPost) {
  const std::string person = MakePerson()->name();
  ASSERT_TRUE(Employ(Post(person, school_, absl::CivilDay(2023, 9, 1))).ok());
  auto request = Question("ФГОС", 1);
  request.mutable_consulting_request()->clear_organisation();
  request.mutable_consulting_request()->set_person(person);
  const auto educator = service_->Connect({"educator"}, {person});
  const auto made = Ask<ConsultingRequest>(*educator, "CreateConsultingRequest", request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->organisation(), school_);
  EXPECT_EQ(made->municipality(), kSurgut);
  request.mutable_consulting_request()->set_person(MakePerson()->name());
  EXPECT_FALSE(Ask<ConsultingRequest>(*educator, "CreateConsultingRequest", request).ok())
      << "for somebody else";
}

TEST_F(ConsultingTest, OnlyThoseConcernedSeeTheQuestion) {
  const auto made = Make("ФГОС", 1);
  v1::GetConsultingRequestRequest get;
  get.set_name(made->name());
  const auto in = [&](const std::string& scope) {
    const auto client = service_->Connect({"municipal_service"}, {scope});
    return Ask<ConsultingRequest>(*client, "GetConsultingRequest", get).ok();
  };
  EXPECT_TRUE(in(school_));
  EXPECT_TRUE(in(centre_));
  EXPECT_TRUE(in(kSurgut));
  EXPECT_FALSE(in(kUrai));
  EXPECT_FALSE(in(MakeBody("Другая школа")->name()));
}

}  // namespace
}  // namespace rsnms::registry::sites
