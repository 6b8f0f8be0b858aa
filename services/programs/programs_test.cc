// Enrolments, completions and selection over the wire, with a real database.
#include <set>

#include "services/programs/programs_fixture.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

class Programs : public ProgramsFixture {
 protected:
  static E MakeEnrolment(const std::string& programme, int person) {
    E enrolment;
    enrolment.set_person(NameOf("86", "persons", Uuid(person)));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(7)));
    enrolment.set_municipality("regions/86/municipalities/71876000");
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme);
    enrolment.set_basis(v1::ENROLMENT_BASIS_DIAGNOSTICS);
    enrolment.set_route(NameOf("86", "routes", Uuid(person)));
    *enrolment.mutable_start_date() = Day(2026, 2, 1);
    return enrolment;
  }

  std::vector<E> Enrol(const std::string& programme, int count, E::State state,
                       int first_person = 1) {
    v1::BatchCreateEnrolmentsRequest request;
    request.set_parent("regions/86");
    request.set_initial_state(state);
    for (int i = 0; i < count; ++i) {
      *request.add_enrolments() = MakeEnrolment(programme, first_person + i);
    }
    const auto response = Must<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", request);
    return {response.enrolments().begin(), response.enrolments().end()};
  }

  static v1::CompleteEnrolmentRequest Completing(const std::string& enrolment,
                                                 const std::string& number) {
    v1::CompleteEnrolmentRequest request;
    request.set_name(enrolment);
    request.set_certificate_number(number);
    *request.mutable_completion_date() = Day(2026, 3, 20);
    return request;
  }

  // Tries the custom method that leads to `to`.
  absl::Status MoveTo(E::State to, const std::string& name) {
    auto try_move = [&](const std::string& method, auto request) {
      request.set_name(name);
      return Try<E>(method, request);
    };
    switch (to) {
      case E::STATE_ENROLLED:
        return try_move("ConfirmEnrolment", v1::ConfirmEnrolmentRequest());
      case E::STATE_IN_PROGRESS:
        return try_move("StartEnrolment", v1::StartEnrolmentRequest());
      case E::STATE_WITHDRAWN:
        return try_move("WithdrawEnrolment", v1::WithdrawEnrolmentRequest());
      case E::STATE_FAILED:
        return try_move("FailEnrolment", v1::FailEnrolmentRequest());
      default:
        return Try<v1::Completion>("CompleteEnrolment", Completing(name, "У-" + name));
    }
  }

  E::State StateOf(const std::string& name) {
    v1::GetEnrolmentRequest request;
    request.set_name(name);
    return Must<E>("GetEnrolment", request).state();
  }
};

TEST_F(Programs, EveryTransitionOutsideTheTableIsInvalidState) {
  const std::string programme = CreateProgramme().name();
  const std::map<E::State, std::vector<E::State>> paths = {
      {E::STATE_APPLIED, {}},
      {E::STATE_ENROLLED, {E::STATE_ENROLLED}},
      {E::STATE_IN_PROGRESS, {E::STATE_ENROLLED, E::STATE_IN_PROGRESS}},
      {E::STATE_COMPLETED, {E::STATE_ENROLLED, E::STATE_IN_PROGRESS, E::STATE_COMPLETED}},
      {E::STATE_WITHDRAWN, {E::STATE_WITHDRAWN}},
      {E::STATE_FAILED, {E::STATE_ENROLLED, E::STATE_IN_PROGRESS, E::STATE_FAILED}}};
  const std::set<std::pair<E::State, E::State>> allowed = {
      {E::STATE_APPLIED, E::STATE_ENROLLED},      {E::STATE_APPLIED, E::STATE_WITHDRAWN},
      {E::STATE_ENROLLED, E::STATE_IN_PROGRESS},  {E::STATE_ENROLLED, E::STATE_WITHDRAWN},
      {E::STATE_IN_PROGRESS, E::STATE_COMPLETED}, {E::STATE_IN_PROGRESS, E::STATE_FAILED},
      {E::STATE_IN_PROGRESS, E::STATE_WITHDRAWN}};
  int person = 1;
  for (const auto& [from, path] : paths) {
    for (E::State to : {E::STATE_ENROLLED, E::STATE_IN_PROGRESS, E::STATE_COMPLETED,
                        E::STATE_WITHDRAWN, E::STATE_FAILED}) {
      const std::string name = Enrol(programme, 1, E::STATE_APPLIED, person++).front().name();
      for (E::State step : path) ASSERT_TRUE(MoveTo(step, name).ok());
      const absl::Status status = MoveTo(to, name);
      if (allowed.contains({from, to})) {
        EXPECT_TRUE(status.ok()) << from << " to " << to << ": " << status;
        EXPECT_EQ(StateOf(name), to);
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << from << " to " << to;
        EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE");
        EXPECT_EQ(StateOf(name), from);
      }
    }
  }
}

TEST_F(Programs, StateIsNotWrittenByCreateOrUpdate) {
  const std::string programme = CreateProgramme().name();
  v1::CreateEnrolmentRequest create;
  create.set_parent("regions/86");
  *create.mutable_enrolment() = MakeEnrolment(programme, 1);
  create.mutable_enrolment()->set_state(E::STATE_COMPLETED);
  const E created = Must<E>("CreateEnrolment", create);
  EXPECT_EQ(created.state(), E::STATE_APPLIED);
  v1::UpdateEnrolmentRequest update;
  *update.mutable_enrolment() = created;
  update.mutable_enrolment()->set_state(E::STATE_COMPLETED);
  update.mutable_enrolment()->set_group_code("Г-1");
  update.mutable_update_mask()->add_paths("group_code");
  const E updated = Must<E>("UpdateEnrolment", update);
  EXPECT_EQ(updated.state(), E::STATE_APPLIED);
  EXPECT_EQ(updated.group_code(), "Г-1");
}

TEST_F(Programs, NobodyIsEnrolledInWhatIsNotOfferedOrTwice) {
  const v1::Programme programme = CreateProgramme();
  v1::CreateEnrolmentRequest create;
  create.set_parent("regions/86");
  *create.mutable_enrolment() = MakeEnrolment(programme.name(), 1);
  Must<E>("CreateEnrolment", create);
  absl::Status status = Try<E>("CreateEnrolment", create);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(rpc::ReasonOf(status), "ALREADY_ENROLLED");

  *create.mutable_enrolment() = MakeEnrolment(NameOf("86", "programmes", Uuid(99)), 1);
  status = Try<E>("CreateEnrolment", create);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND");

  const v1::Programme gone = CreateProgramme("Другая");
  v1::DeleteProgrammeRequest remove;
  remove.set_name(gone.name());
  Must<v1::Programme>("DeleteProgramme", remove);
  *create.mutable_enrolment() = MakeEnrolment(gone.name(), 1);
  EXPECT_EQ(rpc::ReasonOf(Try<E>("CreateEnrolment", create)), "PROGRAMME_NOT_OFFERED");
}

TEST_F(Programs, APersonMayLearnAgainAfterTheEnrolmentEnded) {
  const std::string programme = CreateProgramme().name();
  const E first = Enrol(programme, 1, E::STATE_APPLIED).front();
  ASSERT_TRUE(MoveTo(E::STATE_WITHDRAWN, first.name()).ok());
  EXPECT_EQ(Enrol(programme, 1, E::STATE_APPLIED).size(), 1u);
}

TEST_F(Programs, AThousandLearnersAreEnrolledAndCompletedInTwoCalls) {
  const v1::Programme programme = CreateProgramme();
  const std::vector<E> enrolments = Enrol(programme.name(), 1000, E::STATE_IN_PROGRESS);
  ASSERT_EQ(enrolments.size(), 1000u);
  v1::BatchCompleteEnrolmentsRequest request;
  request.set_parent("regions/86");
  request.set_request_id(Uuid(1));
  for (const E& enrolment : enrolments) {
    EXPECT_FALSE(enrolment.etag().empty());
    *request.add_requests() = Completing(enrolment.name(), Cat("У-", request.requests_size()));
  }
  const auto response =
      Must<v1::BatchCompleteEnrolmentsResponse>("BatchCompleteEnrolments", request);
  ASSERT_EQ(response.completions_size(), 1000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(response.completions(i).enrolment(), enrolments[i].name());
    EXPECT_TRUE(response.completions(i).chosen_by_diagnostics());
    EXPECT_FALSE(response.completions(i).register_programme());
    EXPECT_FALSE(response.completions(i).etag().empty());
  }
  EXPECT_EQ(StateOf(enrolments[999].name()), E::STATE_COMPLETED);
  // The same request again gets the same answer, and issues nothing.
  const auto again = Must<v1::BatchCompleteEnrolmentsResponse>("BatchCompleteEnrolments", request);
  EXPECT_EQ(again.SerializeAsString(), response.SerializeAsString());
}

TEST_F(Programs, ABatchIsAllOrNothingAndNamesTheElementAtFault) {
  const std::string programme = CreateProgramme().name();
  const std::vector<E> enrolments = Enrol(programme, 3, E::STATE_IN_PROGRESS);
  v1::BatchCompleteEnrolmentsRequest request;
  request.set_parent("regions/86");
  for (const E& enrolment : enrolments) {
    *request.add_requests() = Completing(enrolment.name(), enrolment.name().substr(0, 60));
  }
  request.mutable_requests(2)->mutable_completion_date()->set_year(2020);
  absl::Status status =
      Try<v1::BatchCompleteEnrolmentsResponse>("BatchCompleteEnrolments", request);
  EXPECT_EQ(rpc::ReasonOf(status), "OUT_OF_RANGE");
  EXPECT_NE(rpc::ToProto(status).DebugString().find("requests[2].completion_date"),
            std::string::npos);
  EXPECT_EQ(StateOf(enrolments[0].name()), E::STATE_IN_PROGRESS);
  v1::BatchCreateEnrolmentsRequest create;
  create.set_parent("regions/86");
  *create.add_enrolments() = MakeEnrolment(programme, 100);
  *create.add_enrolments() = MakeEnrolment(programme, 100);
  EXPECT_EQ(rpc::ReasonOf(Try<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", create)),
            "ALREADY_ENROLLED");
  EXPECT_EQ(Enrol(programme, 1, E::STATE_APPLIED, 100).size(), 1u);
}

TEST_F(Programs, ABatchDoesNotOverwriteAnEnrolment) {
  const std::string programme = CreateProgramme().name();
  const E first = Enrol(programme, 1, E::STATE_IN_PROGRESS).front();
  v1::BatchCreateEnrolmentsRequest create;
  create.set_parent("regions/86");
  *create.add_enrolments() = MakeEnrolment(programme, 2);
  create.mutable_enrolments(0)->set_name(first.name());
  EXPECT_EQ(Try<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", create).code(),
            absl::StatusCode::kAlreadyExists);
  create.mutable_enrolments(0)->set_name(NameOf("61", "enrolments", Uuid(5)));
  EXPECT_EQ(rpc::ReasonOf(Try<v1::BatchCreateEnrolmentsResponse>("BatchCreateEnrolments", create)),
            "INVALID_NAME");
}

TEST_F(Programs, AProviderIssuesANumberOnce) {
  const std::string programme = CreateProgramme().name();
  const std::vector<E> enrolments = Enrol(programme, 3, E::STATE_IN_PROGRESS);
  Must<v1::Completion>("CompleteEnrolment", Completing(enrolments[0].name(), "У-1"));
  absl::Status status =
      Try<v1::Completion>("CompleteEnrolment", Completing(enrolments[1].name(), "У-1"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_TAKEN");
  v1::BatchCompleteEnrolmentsRequest request;
  request.set_parent("regions/86");
  *request.add_requests() = Completing(enrolments[1].name(), "У-2");
  *request.add_requests() = Completing(enrolments[2].name(), "У-2");
  EXPECT_EQ(
      rpc::ReasonOf(Try<v1::BatchCompleteEnrolmentsResponse>("BatchCompleteEnrolments", request)),
      "CERTIFICATE_NUMBER_TAKEN");
}

TEST_F(Programs, AnIssuedCompletionNeverChanges) {
  const std::string programme = CreateProgramme().name();
  const E enrolment = Enrol(programme, 1, E::STATE_IN_PROGRESS).front();
  const auto completion =
      Must<v1::Completion>("CompleteEnrolment", Completing(enrolment.name(), "У-1"));
  for (const char* sql : {"UPDATE completion SET certificate_number = 'x'",
                          "UPDATE completion SET delete_time = now()", "DELETE FROM completion"}) {
    pg::TxOptions options;
    options.scopes = "*";
    EXPECT_FALSE(service_->database()
                     .app()
                     .Run(options, [&](pg::Tx& tx) { return tx.Execute(sql).status(); })
                     .ok())
        << sql;
  }
  v1::GetCompletionRequest get;
  get.set_name(completion.name());
  EXPECT_EQ(Must<v1::Completion>("GetCompletion", get).SerializeAsString(),
            completion.SerializeAsString());
}

TEST_F(Programs, AStaleEtagIsAborted) {
  const std::string programme = CreateProgramme().name();
  const E enrolment = Enrol(programme, 1, E::STATE_ENROLLED).front();
  ASSERT_TRUE(MoveTo(E::STATE_IN_PROGRESS, enrolment.name()).ok());
  auto request = Completing(enrolment.name(), "У-1");
  request.set_etag(enrolment.etag());
  EXPECT_EQ(Try<v1::Completion>("CompleteEnrolment", request).code(), absl::StatusCode::kAborted);
}

TEST_F(Programs, AnotherRegionSeesAndTouchesNothing) {
  const std::string programme = CreateProgramme().name();
  const E enrolment = Enrol(programme, 1, E::STATE_IN_PROGRESS).front();
  auto foreign = service_->Connect({"centre"}, {"regions/61"});
  v1::Completion completion;
  EXPECT_EQ(
      Call(*foreign, "CompleteEnrolment", Completing(enrolment.name(), "У-1"), &completion).code(),
      absl::StatusCode::kNotFound);
  v1::WithdrawEnrolmentRequest withdraw;
  withdraw.set_name(enrolment.name());
  E moved;
  EXPECT_EQ(Call(*foreign, "WithdrawEnrolment", withdraw, &moved).code(),
            absl::StatusCode::kNotFound);
  v1::StartRegisterSyncRequest start;
  start.set_parent("regions/86");
  v1::RegisterSync sync;
  EXPECT_FALSE(Call(*foreign, "StartRegisterSync", start, &sync).ok());
  v1::BatchCreateEnrolmentsRequest create;
  create.set_parent("regions/86");
  *create.add_enrolments() = MakeEnrolment(programme, 5);
  v1::BatchCreateEnrolmentsResponse created;
  EXPECT_FALSE(Call(*foreign, "BatchCreateEnrolments", create, &created).ok());
  v1::SelectProgrammesRequest select;
  select.set_parent("regions/86");
  select.mutable_selection()->add_deficits()->set_competency(
      "regions/86/competencies/methodical-lesson");
  v1::SelectProgrammesResponse selected;
  const absl::Status status = Call(*foreign, "SelectProgrammes", select, &selected);
  EXPECT_TRUE(!status.ok() || selected.selected().programmes().empty());
}

TEST_F(Programs, SelectionRanksWhatIsOffered) {
  const v1::Programme programme = CreateProgramme();
  v1::SelectProgrammesRequest request;
  request.set_parent("regions/86");
  for (const char* code : {"methodical-lesson", "digital-office"}) {
    request.mutable_selection()->add_deficits()->set_competency(NameOf("86", "competencies", code));
  }
  const auto response = Must<v1::SelectProgrammesResponse>("SelectProgrammes", request);
  ASSERT_EQ(response.selected().programmes_size(), 1);
  EXPECT_EQ(response.selected().programmes(0).programme(), programme.name());
  ASSERT_EQ(response.selected().uncovered_size(), 1);
  EXPECT_EQ(response.selected().uncovered(0), "regions/86/competencies/digital-office");
  request.mutable_selection()->mutable_deficits(0)->set_competency("regions/61/competencies/x");
  EXPECT_EQ(Try<v1::SelectProgrammesResponse>("SelectProgrammes", request).code(),
            absl::StatusCode::kInvalidArgument);
  request.mutable_selection()->clear_deficits();
  EXPECT_EQ(Try<v1::SelectProgrammesResponse>("SelectProgrammes", request).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace rsnms::programs
