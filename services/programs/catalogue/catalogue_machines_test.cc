// The state machines of the catalogue: as the acts have them, and every declared step from every
// state.
#include "services/programs/catalogue/catalogue_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;
using testing::ExpectMachine;

// Workflow `dpp_lifecycle` (Altai 2.2#2, Yugra 4.2, Orenburg 3.3.5) and `dpp_expertise` (Volgodonsk
// 2.Councils#2): drafted, in review, returned, approved or declined, submitted, in the register or
// refused by it, withdrawn.
TEST(CatalogueWorkflows, ProgrammeVersionIsThatOfTheActs) {
  ExpectMachine(*CatalogueContract(), "ProgrammeVersion", 16,
                {
                    {"SendProgrammeVersionToExpertise", {"DRAFT", "REWORK"}, "EXPERTISE"},
                    {"ReturnProgrammeVersion", {"EXPERTISE"}, "REWORK"},
                    {"RejectProgrammeVersion", {"EXPERTISE"}, "REJECTED"},
                    {"ApproveProgrammeVersion", {"EXPERTISE"}, "APPROVED"},
                    {"SubmitProgrammeVersion", {"APPROVED", "DECLINED"}, "SUBMITTED"},
                    {"RecordRegisterEntry", {"SUBMITTED"}, "IN_REGISTER"},
                    {"RecordRegisterRefusal", {"SUBMITTED"}, "DECLINED"},
                    {"WithdrawProgrammeVersion",
                     {"APPROVED", "SUBMITTED", "IN_REGISTER", "DECLINED"},
                     "WITHDRAWN"},
                    {"ArchiveProgrammeVersion", {"REWORK", "REJECTED", "WITHDRAWN"}, "ARCHIVED"},
                });
}

TEST(CatalogueWorkflows, ExpertReviewIsAskedForGivenOrNot) {
  ExpectMachine(*CatalogueContract(), "ExpertReview", 3,
                {
                    {"SubmitExpertReview", {"ASSIGNED"}, "GIVEN"},
                    {"DeclineExpertReview", {"ASSIGNED"}, "DECLINED"},
                    {"RecallExpertReview", {"ASSIGNED"}, "RECALLED"},
                });
}

class CatalogueMachines : public CatalogueTest {
 protected:
  testing::StepCounts TryMachine(const std::string& resource, const std::string& table,
                                 std::function<std::string()> make,
                                 std::function<void(Message&)> fill, rpc::Client& client) {
    testing::StateMachine machine{.service = CatalogueContract(),
                                  .resource = "programs.rsnms/" + resource};
    machine.make = std::move(make);
    machine.force = [=, this](const std::string& name, const std::string& state) {
      const std::string id(IdOf(name));
      EXPECT_EQ(Sql(Cat("UPDATE ", table, " SET state = '", state, "' WHERE id = '", id,
                        "' RETURNING id")),
                id);
    };
    machine.read = [=, this](const std::string& name) {
      return Sql(Cat("SELECT to_jsonb(r) FROM ", table, " r WHERE id = '", IdOf(name), "'"));
    };
    machine.state = [=, this](const std::string& name) {
      return Sql(Cat("SELECT state FROM ", table, " WHERE id = '", IdOf(name), "'"));
    };
    machine.fill = std::move(fill);
    return testing::TryEveryStep(machine, client);
  }
};

TEST_F(CatalogueMachines, EveryStepOfAVersionWorksAndNoOther) {
  Travel(2024, 9, 1);  // the day steps are made on
  int numbers = 0;
  const auto counts = TryMachine(
      "ProgrammeVersion", "programme_version",
      [&] {
        const std::string version = InExpertise();
        Review(version, 21);
        Review(version, 22);
        Review(version, 23, "NEGATIVE");  // may be approved and rejected
        return version;
      },
      [&](Message& request) {
        if (auto* entry = dynamic_cast<v1::RecordRegisterEntryRequest*>(&request)) {
          entry->set_federal_register_number(Cat("ДПП-", ++numbers));
        }
      },
      *admin_);
  EXPECT_EQ(counts.allowed, 16);
  EXPECT_EQ(counts.allowed + counts.refused, 9 * 10);
}

TEST_F(CatalogueMachines, EveryStepOfAReviewWorksAndNoOther) {
  Travel(2024, 9, 1);
  const std::string version = InExpertise();
  std::vector<std::string> scopes = {"regions/86"};
  for (int n = 101; n < 120; ++n) scopes.push_back(Person(n));
  auto everybody = service_->Connect({"administrator"}, scopes);
  int expert = 100;
  const auto counts = TryMachine(
      "ExpertReview", "expert_review",
      [&] { return Done(Assign(version, Expert(++expert))).name(); }, [](Message&) {}, *everybody);
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.allowed + counts.refused, 3 * 4);
}

}  // namespace
}  // namespace rsnms::programs
