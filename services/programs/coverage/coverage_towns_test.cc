// Reports on coverage of a municipality, asked by the region and by itself.
#include "services/programs/coverage/coverage_fixture.h"

namespace rsnms::programs {
namespace {

using Needs = v1::ListCompetencyCoverageResponse;
using Unmet = v1::ListUnmetOrderLinesResponse;

TEST_F(CoverageTest, OfATownItsOwnDeficitsOrdersAndGroups) {
  Approved(By("a", 4, "competencies: 'regions/86/competencies/methodical-lesson'"));
  played_diagnostics_->lacking[Campaign(1)] = {{"methodical-lesson", People(1, 8)},
                                               {"third", People(1, 2)}};
  OpenGroup(20, Cat("municipality: '", Town("south"), "'"));
  const auto of = [&](const std::string& town) {
    return Need(Ask(Cat("scope {municipality: '", Town(town), "'}")));
  };
  const Needs north = of("north");
  EXPECT_EQ(Told(north), "third:NOBODY_TEACHES:0 methodical-lesson:NO_OPEN_GROUP:12");
  EXPECT_TRUE(north.competencies(0).deficits_suppressed());
  EXPECT_EQ(played_diagnostics_->towns, std::set<std::string>{"north"});
  // The order is the north's; groups there are no offer to others.
  EXPECT_EQ(Told(of("south")), "third:NOBODY_TEACHES:0 methodical-lesson:ENOUGH:8");
}

TEST_F(CoverageTest, AMunicipalityAsksOfItsOwnDemandAgainstTheWholeOffer) {
  const std::string order =
      Approved(By("a", 4, "competencies: 'regions/86/competencies/methodical-lesson'") +
               By("b", 3, "competencies: 'regions/86/competencies/other'") +
               By("t", 2, "topic_codes: 'assessment'"));
  played_diagnostics_->lacking[Campaign(1)] = {{"third", People(1, 6)}};
  Need(Enrol(order, "a", 1));
  OpenGroup(2);  // another body's, of the whole region
  auto north = service_->Connect({"municipal_service"}, {Town("north")});
  auto south = service_->Connect({"municipal_service"}, {Town("south")});
  const auto of = [](const std::string& town) { return Cat("scope {municipality: '", town, "'}"); };
  const Needs whole = Need(Ask(of(Town("north"))));
  const Needs own = Need(Report<Needs>(*north, "ListCompetencyCoverage", of(Town("north"))));
  EXPECT_EQ(Told(own),
            "third:NOBODY_TEACHES:6 other:NOBODY_TEACHES:3 "
            "methodical-lesson:SHORT_OF_SEATS:3");
  EXPECT_EQ(own.SerializeAsString(), whole.SerializeAsString());
  EXPECT_EQ(own.competencies(2).programmes(0).programme(), programme_);
  const Unmet unmet = Need(Report<Unmet>(*north, "ListUnmetOrderLines", of(Town("north"))));
  EXPECT_EQ(unmet.SerializeAsString(), Need(AskUnmet(of(Town("north")))).SerializeAsString());
  EXPECT_EQ(unmet.lines_size(), 2);
  const Needs others = Need(
      Report<Needs>(*south, "ListCompetencyCoverage", of(Town("south")) + " orders_only: true"));
  EXPECT_EQ(Told(others), "");
  EXPECT_EQ(Need(Report<Unmet>(*south, "ListUnmetOrderLines", of(Town("south")))).lines_size(), 0);
  for (const std::string& more : {std::string(), of(Town("north"))}) {
    EXPECT_REASON(Report<Needs>(*south, "ListCompetencyCoverage", more), "PERMISSION_DENIED");
    EXPECT_REASON(Report<Unmet>(*south, "ListUnmetOrderLines", more), "PERMISSION_DENIED");
  }
  auto body = service_->Connect({"organisation"}, {Body(7)});
  EXPECT_REASON(Report<Needs>(*body, "ListCompetencyCoverage", of(Town("north"))),
                "PERMISSION_DENIED");
  // A page is its caller's.
  const auto page =
      Need(Report<Needs>(*north, "ListCompetencyCoverage", of(Town("north")) + " page_size: 1"));
  EXPECT_REASON(Ask(Cat(of(Town("north")), " page_token: '", page.next_page_token(), "'")),
                "INVALID_PAGE_TOKEN");
}

}  // namespace
}  // namespace rsnms::programs
