// Research requests over gRPC.
#include "services/registry/documents/documents_fixture.h"

namespace rsnms::registry::documents {
namespace {

using v1::ResearchRequest;

class ResearchRequestTest : public DocumentsTest {
 protected:
  std::string Make() {
    v1::CreateResearchRequestRequest request;
    request.set_parent(kRegion);
    auto& research = *request.mutable_research_request();
    research.set_kind(ResearchRequest::KIND_SCIENTIFIC_PRACTICAL);
    research.set_organisation(institute_);
    research.set_topic("Функциональная грамотность");
    research.set_problem("Треть педагогов не справляется с заданиями.");
    return Ask<ResearchRequest>("CreateResearchRequest", request)->name();
  }
  absl::StatusOr<ResearchRequest> Forward(const std::string& name) {
    v1::ForwardResearchRequestRequest request;
    request.set_name(name);
    request.set_support_centre("Научно-методический центр сопровождения");
    return Ask<ResearchRequest>("ForwardResearchRequest", request);
  }
  absl::StatusOr<ResearchRequest> Approve(const std::string& name) {
    v1::ApproveResearchRequestRequest request;
    request.set_name(name);
    *request.mutable_approved_date() = D(2024, 2, 1);
    return Ask<ResearchRequest>("ApproveResearchRequest", request);
  }
  absl::StatusOr<ResearchRequest> Send(const std::string& name, google::type::Date day) {
    v1::SendResearchRequestRequest request;
    request.set_name(name);
    request.set_letter_number("17");
    *request.mutable_sent_date() = day;
    return Ask<ResearchRequest>("SendResearchRequest", request);
  }
};

// Altai 3.2.2#5, Yugra 3.5#1, Orenburg 3.3.4#7, rule research_via_operator: never straight to a
// support centre.
TEST_F(ResearchRequestTest, SupportCentreIsReachedThroughTheOperatorOnly) {
  const std::string name = Make();
  EXPECT_EQ(rpc::ReasonOf(Forward(name).status()), "INVALID_STATE");
  ASSERT_TRUE(Approve(name).ok());
  EXPECT_EQ(rpc::ReasonOf(Forward(name).status()), "INVALID_STATE");
  v1::UpdateResearchRequestRequest update;
  update.mutable_research_request()->set_name(name);
  update.mutable_research_request()->set_support_centre("Центр");
  update.mutable_update_mask()->add_paths("support_centre");
  const auto updated = Ask<ResearchRequest>("UpdateResearchRequest", update);
  EXPECT_TRUE(!updated.ok() || updated->support_centre().empty()) << "output only";
  ASSERT_TRUE(Send(name, D(2024, 2, 2)).ok());
  EXPECT_TRUE(Forward(name).ok());
}

TEST_F(ResearchRequestTest, ApprovedRequestIsFrozenAndKeepsTheNameItWasSentUnder) {
  const std::string name = Make();
  ASSERT_TRUE(Approve(name).ok());
  v1::UpdateResearchRequestRequest update;
  update.mutable_research_request()->set_name(name);
  update.mutable_research_request()->set_topic("Иная тема");
  EXPECT_EQ(rpc::ReasonOf(Ask<ResearchRequest>("UpdateResearchRequest", update).status()),
            "RECORD_FROZEN");
  EXPECT_EQ(rpc::ReasonOf(Send(name, D(2024, 1, 31)).status()), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(Send(name, D(2024, 2, 2))->organisation_name(), "Институт развития образования");
}

}  // namespace
}  // namespace rsnms::registry::documents
