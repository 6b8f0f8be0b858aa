// Enrolment and groups against a withdrawal of their programme in the same moment.
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;

class OfferRace : public TrainingFixture {
 protected:
  // As the mirror withdraws: no key of the row changes.
  static std::string Withdrawal(const std::string& programme) {
    return Cat("UPDATE programme SET register_state = 'WITHDRAWN' WHERE id = '", IdOf(programme),
               "'");
  }
  absl::Status In(const std::function<absl::Status(pg::Tx&)>& body) {
    pg::TxOptions everything;
    everything.scopes = "*";
    return service_->database().app().Run(everything, body);
  }
  absl::Status Enrol(const std::string& programme, int person) {
    return Send<E>("CreateEnrolment",
                   Cat("parent: 'regions/86' enrolment ", Application(programme, person)))
        .status();
  }
};

TEST_F(OfferRace, WhoComesWhileAProgrammeIsWithdrawnWaitsAndIsRefused) {
  const std::string planned = Need(CreateGroup(5)).name(), open = OpenGroup(5);
  const std::vector<std::function<absl::Status()>> calls = {
      [&] { return Enrol(programme_, 1); }, [&] { return Apply(open, 2).status(); },
      [&] {
        return Send<v1::BatchCreateEnrolmentsResponse>(
                   "BatchCreateEnrolments",
                   Cat("parent: 'regions/86' enrolments ", Application(programme_, 3)))
            .status();
      },
      [&] { return CreateGroup(5).status(); },
      [&] { return Step<v1::Group>("OpenGroup", planned).status(); }};
  std::atomic<int> answered = 0;
  std::vector<absl::Status> statuses(calls.size());
  std::vector<std::thread> threads;
  const auto withdrawn = In([&](pg::Tx& tx) {
    auto status = tx.Query(Withdrawal(programme_)).status();
    for (size_t i = 0; i < calls.size(); ++i) {
      threads.emplace_back([&, i] {
        statuses[i] = calls[i]();
        ++answered;
      });
    }
    absl::SleepFor(absl::Milliseconds(300));
    EXPECT_EQ(answered, 0) << "nobody is told before it is settled";
    return status;
  });
  EXPECT_TRUE(withdrawn.ok()) << withdrawn;
  for (auto& thread : threads) thread.join();
  for (const auto& status : statuses) {
    EXPECT_EQ(rpc::ReasonOf(status), "PROGRAMME_NOT_OFFERED") << status;
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM enrolment"), "0");
}

TEST_F(OfferRace, AWithdrawalFindsEverybodyWhoWasEnrolledBefore) {
  for (int round = 0; round < 12; ++round) {
    const std::string programme = CreateProgramme(Cat("Программа ", round)).name();
    const std::string count =
        Cat("SELECT count(*) FROM enrolment WHERE programme_id = '", IdOf(programme), "'");
    std::string found;
    Race(7, [&](int i) {
      if (i < 6) return Enrol(programme, 100 * round + i + 1);
      absl::SleepFor(absl::Milliseconds(round));
      return In([&](pg::Tx& tx) -> absl::Status {
        if (auto s = tx.Query(Withdrawal(programme)).status(); !s.ok()) return s;
        auto rows = tx.Query(count);
        if (rows.ok()) found = (*rows)[0][0].c_str();
        return rows.status();
      });
    });
    EXPECT_EQ(Sql(count), found) << "enrolled after the withdrawal";
  }
}

}  // namespace
}  // namespace rsnms::programs
