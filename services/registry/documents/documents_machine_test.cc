// The state machines of documents, tried from the contract: every step from every state.
#include "libs/testing/state_machine.h"
#include "services/registry/documents/documents_fixture.h"

namespace rsnms::registry::documents {
namespace {

using google::protobuf::Message;

// Nothing beside the state.
std::string Nothing(const std::string&) { return ""; }

class DocumentsMachineTest : public DocumentsTest {
 protected:
  // A machine over a table: `make` makes the resource, `columns` says what else a resource in a
  // state has, and `fill` completes requests.
  testing::StateMachine Machine(
      const std::string& resource, const std::string& table, std::function<std::string()> make,
      std::function<std::string(const std::string&)> columns,
      std::function<void(Message&)> fill = [](auto&) {}) {
    testing::StateMachine machine;
    machine.service = Contract();
    machine.resource = resource;
    machine.make = std::move(make);
    machine.force = [=, this](const std::string& name, const std::string& state) {
      const bool publication =
          table == "document" &&
          (state == "PREPARED" || state == "WITHDRAWN" || state == "PUBLISHED");
      EXPECT_EQ(Sql(absl::StrCat("UPDATE ", table, " SET ",
                                 publication ? "state = 'APPROVED', publication_state" : "state",
                                 " = '", state, "'", columns(state), " WHERE id = '",
                                 LastSegment(name), "' RETURNING id")),
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

// Sets a field of a request that has it.
void Set(Message& request, const char* field, const std::string& value) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) request.GetReflection()->SetString(&request, found, value);
}
void SetDate(Message& request, const char* field, const google::type::Date& value) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  if (found != nullptr) request.GetReflection()->MutableMessage(&request, found)->CopyFrom(value);
}

TEST_F(DocumentsMachineTest, DocumentTemplate) {
  Expect(Machine(
             "registry.rsnms/DocumentTemplate", "document_template",
             [&] {
               v1::CreateDocumentTemplateRequest request;
               request.set_parent(kRegion);
               request.mutable_document_template()->set_kind(v1::Document::KIND_ORDER);
               request.mutable_document_template()->set_title("Приказ");
               request.mutable_document_template()->set_text("Приказываю");
               return Ask<v1::DocumentTemplate>("CreateDocumentTemplate", request)->name();
             },
             Nothing),
         2, 4);
}

// `strategy` (Altai 3.2.1#3) and `publication` (Altai Order#1-2): two machines of one resource.
TEST_F(DocumentsMachineTest, Document) {
  Expect(Machine(
             "registry.rsnms/Document", "document", [&] { return Draft().name(); },
             [](const std::string& state) -> std::string {
               if (state == "DRAFT" || state == "DISCUSSION" || state == "REWORK") return "";
               const bool held = state == "IN_FORCE" || state == "REVISED";
               return absl::StrCat(", approved_date = '2024-01-10'",
                                   held ? ", effective_date = '2024-02-01'" : "");
             },
             [](Message& request) {
               Set(request, "published_url", "https://example.org/act");
               Set(request, "repealed_by", "");
             }),
         2 + 1 + 3 + 1 + 2 + 2 + 1, 5 + 6 + 4 + 6 + 5 + 1 + 2);
}

TEST_F(DocumentsMachineTest, Agreement) {
  Expect(Machine(
             "registry.rsnms/Agreement", "agreement",
             [&] {
               v1::CreateAgreementRequest request;
               request.set_parent(kRegion);
               auto& agreement = *request.mutable_agreement();
               agreement.set_kind(v1::Agreement::KIND_COOPERATION);
               agreement.set_title("Соглашение");
               agreement.set_subject("Сопровождение");
               for (const auto& body : {authority_, institute_}) {
                 auto* party = agreement.add_parties();
                 party->set_organisation(body);
                 party->set_role(v1::AgreementParty::ROLE_PARTNER);
               }
               *agreement.mutable_start_date() = D(2024, 1, 1);
               *agreement.mutable_end_date() = D(2024, 9, 1);
               return Ask<v1::Agreement>("CreateAgreement", request)->name();
             },
             Nothing,
             [&](Message& request) {
               Set(request, "organisation", authority_);
               SetDate(request, "prolonged_until_date", D(2025, 9, 1));
             }),
         1 + 2 + 2 + 1 + 1 + 1 + 2, 6 + 5 + 5 + 6 + 6 + 6 + 5);
}

TEST_F(DocumentsMachineTest, Appointment) {
  const std::string order = Approve(Draft().name())->name(), person = MakePerson()->name();
  Expect(Machine(
             "registry.rsnms/Appointment", "appointment",
             [&] {
               const auto body = MakeBody("Центр", "", v1::ORGANISATION_KIND_CENTRE);
               v1::CreateAppointmentRequest request;
               request.set_parent(kRegion);
               request.mutable_appointment()->set_role(v1::Appointment::ROLE_PASSPORT);
               request.mutable_appointment()->set_person(person);
               request.mutable_appointment()->set_organisation(body->name());
               return Ask<v1::Appointment>("CreateAppointment", request)->name();
             },
             [](const std::string& state) -> std::string {
               if (state == "APPOINTED" || state == "ACCESS_GRANTED") {
                 return ", start_date = '2024-01-10'";
               }
               const bool ended = state == "REPLACED" || state == "RELEASED";
               return ended ? ", start_date = '2024-01-10', end_date = '2024-02-01'" : "";
             },
             [&](Message& request) {
               Set(request, "order_document", order);
               SetDate(request, "start_date", D(2024, 1, 10));
             }),
         2 + 1 + 2 + 2 + 2 + 2 + 1 + 2 + 2, 8 + 9 + 8 + 8 + 8 + 8 + 9 + 8 + 8);
}

TEST_F(DocumentsMachineTest, ResearchRequest) {
  Expect(Machine(
             "registry.rsnms/ResearchRequest", "research_request",
             [&] {
               v1::CreateResearchRequestRequest request;
               request.set_parent(kRegion);
               auto& research = *request.mutable_research_request();
               research.set_kind(v1::ResearchRequest::KIND_SCIENTIFIC);
               research.set_organisation(institute_);
               research.set_topic("Функциональная грамотность");
               research.set_problem("Дефициты");
               return Ask<v1::ResearchRequest>("CreateResearchRequest", request)->name();
             },
             [](const std::string& state) -> std::string {
               const bool kept = state == "DRAFT" || state == "APPROVED_INTERNALLY";
               return kept ? "" : ", sent_date = '2024-02-01'";
             },
             [](Message& request) {
               Set(request, "result_url", "");
               SetDate(request, "answered_date", D(2024, 9, 1));
             }),
         1 + 1 + 1 + 1 + 2 + 2 + 1 + 1 + 2, 8 + 8 + 8 + 8 + 7 + 7 + 8 + 8 + 7);
}

}  // namespace
}  // namespace rsnms::registry::documents
