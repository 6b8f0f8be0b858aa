// The state machines of sites, candidates and consulting requests, tried from the contract: every
// step from every state.
#include "libs/testing/state_machine.h"
#include "services/registry/sites/sites_fixture.h"

namespace rsnms::registry::sites {
namespace {

using google::protobuf::Message;

// Nothing beside the state.
std::string Nothing(const std::string&) { return ""; }

class SitesMachineTest : public SitesTest {
 protected:
  testing::StateMachine Machine(
      const std::string& resource, const std::string& table, std::function<std::string()> make,
      std::function<std::string(const std::string&)> columns,
      std::function<void(Message&)> fill = [](auto&) {}) {
    testing::StateMachine machine;
    machine.service = Contract();
    machine.resource = resource;
    machine.make = std::move(make);
    machine.force = [=, this](const std::string& name, const std::string& state) {
      EXPECT_EQ(Sql(absl::StrCat("UPDATE ", table, " SET state = '", state, "'", columns(state),
                                 " WHERE id = '", LastSegment(name), "' RETURNING id")),
                LastSegment(name));
    };
    machine.read = [=, this](const std::string& name) {
      return Sql(absl::StrCat("SELECT state || version FROM ", table, " WHERE id = '",
                              LastSegment(name), "'"));
    };
    machine.fill = std::move(fill);
    return machine;
  }
  void Expect(const testing::StateMachine& machine, int allowed, int refused) {
    const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
    EXPECT_EQ(counts.allowed, allowed);
    EXPECT_EQ(counts.refused, refused);
  }
};

void Set(Message& request, const char* field, const std::string& value) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) request.GetReflection()->SetString(&request, found, value);
}
void SetDate(Message& request, const char* field, const google::type::Date& value) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) request.GetReflection()->MutableMessage(&request, found)->CopyFrom(value);
}

TEST_F(SitesMachineTest, SiteCall) {
  Expect(Machine(
             "registry.rsnms/SiteCall", "site_call",
             [&] {
               v1::CreateSiteCallRequest request;
               request.set_parent(kRegion);
               auto& call = *request.mutable_site_call();
               call.set_kind(v1::Site::KIND_INTERNSHIP);
               call.set_title("Отбор");
               call.set_organisation(centre_);
               call.set_criteria("Опыт");
               *call.mutable_open_date() = D(2024, 1, 1);
               *call.mutable_close_date() = D(2024, 3, 1);
               return Ask<v1::SiteCall>("CreateSiteCall", request)->name();
             },
             Nothing),
         1 + 1 + 2, 3 + 3 + 2);
}

// `internship_site_selection` (Altai 3.2.2#13, Yugra 3.2.3#14, Orenburg Terms#17).
TEST_F(SitesMachineTest, Site) {
  Expect(Machine(
             "registry.rsnms/Site", "site",
             [&] {
               const auto body = MakeBody("Школа");
               return Ask<v1::Site>("CreateSite", Application(body->name()))->name();
             },
             [](const std::string& state) -> std::string {
               const bool ended = state == "STATUS_WITHDRAWN" || state == "EXPIRED";
               if (!ended && state != "STATUS_GRANTED" && state != "SUSPENDED") return "";
               return absl::StrCat(
                   ", status_from_date = '2024-03-01', status_until_date = '2024-09-01'",
                   ended ? ", ended_date = '2024-09-01'" : "");
             },
             [&](Message& request) {
               Set(request, "decision_document", order_);
               SetDate(request, "extended_until_date", D(2025, 9, 1));
             }),
         1 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 2 + 2, 7 + 7 + 6 + 7 + 7 + 7 + 7 + 7 + 6 + 6);
}

// `headreserve` (Orenburg 5 dir.1#4-6).
TEST_F(SitesMachineTest, ReserveCandidate) {
  Expect(Machine(
             "registry.rsnms/ReserveCandidate", "reserve_candidate",
             [&] {
               v1::CreateReserveCandidateRequest request;
               request.set_parent(kRegion);
               auto& candidate = *request.mutable_reserve_candidate();
               candidate.set_person(MakePerson()->name());
               candidate.set_organisation(school_);
               candidate.set_position(v1::ReserveCandidate::POSITION_HEAD);
               *candidate.mutable_applied_date() = D(2024, 2, 1);
               return Ask<v1::ReserveCandidate>("CreateReserveCandidate", request)->name();
             },
             [](const std::string&) -> std::string {
               const auto passed = [](const char* kind) {
                 return absl::StrCat(
                     R"({"kind": "KIND_)", kind,
                     R"(", "passed": true, "date": {"year": 2024, "month": 2, "day": 2}})");
               };
               return absl::StrCat(", instruments = '[", passed("DIAGNOSTICS"), ",",
                                   passed("INTERVIEW"), "]'");
             },
             [&](Message& request) {
               Set(request, "decision_document", order_);
               Set(request, "appointed_organisation", school_);
             }),
         1 + 1 + 3 + 1 + 1 + 2 + 6, 7 + 7 + 5 + 7 + 7 + 6 + 2);
}

// `targeted_support` (Altai 3.2.2#11) and WF_CONSULT (Dagestan).
TEST_F(SitesMachineTest, ConsultingRequest) {
  const std::string expert = MakePerson()->name();
  Expect(Machine(
             "registry.rsnms/ConsultingRequest", "consulting_request",
             [&] {
               v1::CreateConsultingRequestRequest request;
               request.set_parent(kRegion);
               auto& consulting = *request.mutable_consulting_request();
               consulting.set_organisation(school_);
               consulting.set_provider(centre_);
               consulting.set_topic("ФГОС");
               consulting.set_question("Как оценивать?");
               *consulting.mutable_received_date() = D(2024, 2, 1);
               return Ask<v1::ConsultingRequest>("CreateConsultingRequest", request)->name();
             },
             Nothing, [&](Message& request) { Set(request, "expert", expert); }),
         2 + 1 + 2 + 1 + 2, 4 + 5 + 4 + 5 + 4);
}

}  // namespace
}  // namespace rsnms::registry::sites
