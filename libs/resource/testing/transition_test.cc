// State machines: every declared step works, every other is refused and changes nothing.
#include <gtest/gtest.h>

#include "libs/resource/testing/museum.h"

namespace rsnms::resource {
namespace {

using absl::StatusCode;

museum::Loan NewLoan(Museum& m) {
  museum::CreateLoanRequest request;
  request.set_parent("regions/86");
  request.mutable_loan()->set_borrower("Музей природы");
  request.mutable_loan()->set_state(museum::Loan::STATE_RETURNED);  // not the caller's to say
  auto loan = m.Call<museum::Loan>("CreateLoan", request);
  EXPECT_TRUE(loan.ok()) << loan.status();
  return *loan;
}

museum::GrantLoanRequest Grant(const std::string& name) {
  museum::GrantLoanRequest request;
  request.set_name(name);
  request.mutable_due_date()->set_year(2027);
  request.mutable_due_date()->set_month(3);
  request.mutable_due_date()->set_day(1);
  request.set_fee(5);
  return request;
}

absl::StatusOr<museum::Loan> Step(Museum& m, const std::string& rpc, const std::string& name) {
  if (rpc == "GrantLoan") return m.Call<museum::Loan>(rpc, Grant(name));
  if (rpc == "RefuseLoan") {
    museum::RefuseLoanRequest request;
    request.set_name(name);
    request.set_reason("нет страховки");
    return m.Call<museum::Loan>(rpc, request);
  }
  museum::ReturnLoanRequest request;
  request.set_name(name);
  request.add_remarks("скол");
  request.add_remarks("пыль");
  return m.Call<museum::Loan>(rpc, request);
}

TEST(TransitionTest, CreatedResourceBeginsInItsInitialState) {
  Museum m;
  EXPECT_EQ(NewLoan(m).state(), museum::Loan::STATE_REQUESTED);
}

TEST(TransitionTest, EveryStepOfTheContractWorksAndNoOther) {
  Museum m;
  const auto* service = Contract("Museum");
  int allowed = 0, refused = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& options = service->method(i)->options().GetExtension(options::v1::method);
    if (options.standard() != options::v1::STANDARD_TRANSITION) continue;
    for (const std::string state : {"REQUESTED", "GRANTED", "RETURNED", "REFUSED"}) {
      const museum::Loan loan = NewLoan(m);
      const std::string id = loan.name().substr(loan.name().rfind('/') + 1);
      m.Value("UPDATE loan SET state = '" + state + "' WHERE id = '" + id + "' RETURNING state");
      const auto& from = options.transition().from();
      const auto after = Step(m, service->method(i)->name(), loan.name());
      const std::string stored = m.Value("SELECT state FROM loan WHERE id = '" + id + "'");
      if (std::find(from.begin(), from.end(), state) != from.end()) {
        ASSERT_TRUE(after.ok()) << after.status();
        EXPECT_EQ(stored, options.transition().to());
        ++allowed;
      } else {
        EXPECT_EQ(after.status().code(), StatusCode::kFailedPrecondition);
        EXPECT_EQ(rpc::ReasonOf(after.status()), "INVALID_STATE");
        EXPECT_EQ(stored, state);
        ++refused;
      }
    }
  }
  EXPECT_EQ(allowed, 3);
  EXPECT_EQ(refused, 9);
}

TEST(TransitionTest, ValuesOfTheRequestAreStoredAndTheReasonIsKept) {
  Museum m;
  const auto loan = NewLoan(m);
  auto request = Grant(loan.name());
  request.set_reason("выставка");
  const auto granted = m.Call<museum::Loan>("GrantLoan", request);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(granted->due_date().year(), 2027);
  EXPECT_EQ(granted->fee(), 5);
  EXPECT_EQ(m.Value("SELECT reason FROM journal ORDER BY seq DESC LIMIT 1"), "выставка");
  const auto returned = Step(m, "ReturnLoan", loan.name());
  ASSERT_TRUE(returned.ok());
  ASSERT_EQ(returned->remarks_size(), 2);
  EXPECT_EQ(returned->remarks(1), "пыль");
  EXPECT_EQ(returned->due_date().year(), 2027);
}

TEST(TransitionTest, ValuesAreValidatedLikeTheResource) {
  Museum m;
  const auto loan = NewLoan(m);
  auto request = Grant(loan.name());
  request.set_fee(101);
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Loan>("GrantLoan", request).status()), "OUT_OF_RANGE");
  request = Grant(loan.name());
  request.set_reason(std::string("a\0b", 3));
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Loan>("GrantLoan", request).status()), "NUL_CHARACTER");
  request = Grant(loan.name());
  request.clear_due_date();
  EXPECT_EQ(rpc::ReasonOf(m.Call<museum::Loan>("GrantLoan", request).status()),
            "REQUIRED_FIELD_MISSING");
}

TEST(TransitionTest, StaleEtagAbortsRepeatedRequestAnswersAgainAndValidateOnlyChangesNothing) {
  Museum m;
  const auto loan = NewLoan(m);
  auto request = Grant(loan.name());
  request.set_validate_only(true);
  ASSERT_TRUE(m.Call<museum::Loan>("GrantLoan", request).ok());
  request.set_validate_only(false);
  request.set_etag("\"9\"");
  EXPECT_EQ(m.Call<museum::Loan>("GrantLoan", request).status().code(), StatusCode::kAborted);
  request.set_etag(loan.etag());
  request.set_request_id("0190b6a0-0000-7000-8000-000000000001");
  const auto first = m.Call<museum::Loan>("GrantLoan", request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = m.Call<museum::Loan>("GrantLoan", request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->etag(), second->etag());
}

TEST(TransitionTest, ContractWithAStepThatCannotBeMadeIsRefusedAtStart) {
  Museum m;
  for (const auto& [service, word] : {std::pair{"NoSuchState", "no such state: LOST"},
                                      std::pair{"NoSuchValue", "is not a field of the resource"}}) {
    EngineOptions options;
    options.secret_key = std::string(32, 'k');
    options.personal_keys = Keys();
    const auto made = Engine::Create(&m.database->app(), {Contract(service)}, options);
    EXPECT_NE(made.status().message().find(word), std::string::npos) << made.status();
  }
}

}  // namespace
}  // namespace rsnms::resource
