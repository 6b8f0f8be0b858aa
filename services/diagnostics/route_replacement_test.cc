#include "services/diagnostics/route_replacement.h"

#include <gtest/gtest.h>

namespace rsnms::diagnostics {
namespace {

using Item = v1::RouteItem;

Offer Programme(const std::string& id, int hours, bool listed, std::vector<std::string> codes) {
  return {.programme = "regions/86/programmes/" + id,
          .title = "Программа " + id,
          .hours = hours,
          .register_programme = listed,
          .competency_codes = std::move(codes)};
}

// An item of 36 hours for each of two deficits; the first item's programme was withdrawn.
v1::Route Sample(int hours_limit) {
  v1::Route route;
  route.set_hours_limit(hours_limit);
  route.set_category(v1::EDUCATOR_CATEGORY_PEDAGOGUE);
  for (const char* code : {"a", "b"}) {
    auto& deficit = *route.add_deficits();
    deficit.set_competency_code(code);
    deficit.set_severity(v1::SEVERITY_SEVERE);
    Item& item = *route.add_items();
    item.set_number(route.items_size());
    item.set_programme(std::string("regions/86/programmes/") + code);
    item.set_hours(36);
    item.set_state(Item::STATE_PLANNED);
    item.add_competency_codes(code);
  }
  route.mutable_items(0)->add_attention(Item::ATTENTION_PROGRAMME_WITHDRAWN);
  route.set_needs_attention(true);
  return route;
}

v1::SuggestReplacementsResponse Suggested(const v1::Route& route, std::vector<Offer> offers) {
  v1::SuggestReplacementsResponse response;
  Suggest(route, Offers(std::move(offers)), &response);
  return response;
}

TEST(RouteReplacementTest, SameDeficitsAreClosedByTheBuildersRules) {
  const auto answer =
      Suggested(Sample(0), {Programme("x", 16, false, {"a"}), Programme("y", 72, true, {"a"}),
                            Programme("z", 16, true, {"b"})});
  ASSERT_EQ(answer.replacements_size(), 1);
  EXPECT_EQ(answer.replacements(0).programme(), "regions/86/programmes/y");  // the register first
  EXPECT_EQ(answer.replacements(0).competency_codes_size(), 1);
  EXPECT_EQ(answer.uncovered_size(), 0);
  ASSERT_EQ(answer.grounds_size(), 1);
  EXPECT_EQ(answer.grounds(0).number(), 1);
  EXPECT_FALSE(answer.grounds(0).text_ru().empty());
}

TEST(RouteReplacementTest, HoursAreThoseTheOtherItemsLeave) {
  const std::vector<Offer> offers = {Programme("y", 40, true, {"a"})};
  EXPECT_EQ(Suggested(Sample(76), offers).replacements_size(), 1);
  auto answer = Suggested(Sample(75), offers);
  EXPECT_EQ(answer.replacements_size(), 0);
  ASSERT_EQ(answer.uncovered_size(), 1);
  EXPECT_EQ(answer.uncovered(0).competency_code(), "a");
  answer = Suggested(Sample(36), offers);  // nothing left at all
  EXPECT_EQ(answer.replacements_size(), 0);
  EXPECT_EQ(answer.uncovered_size(), 1);
}

TEST(RouteReplacementTest, ProgrammesTheRouteNamesAreNotSuggestedAgain) {
  EXPECT_EQ(Suggested(Sample(0), {Programme("a", 16, true, {"a"}), Programme("b", 16, true, {"a"})})
                .replacements_size(),
            0);
}

TEST(RouteReplacementTest, OtherGroundsAreToldAndReplaceNothing) {
  v1::Route route = Sample(0);
  route.mutable_items(0)->clear_attention();
  route.mutable_items(1)->add_attention(Item::ATTENTION_LEARNING_FAILED);
  const auto answer = Suggested(route, {Programme("y", 16, true, {"a", "b"})});
  EXPECT_EQ(answer.replacements_size(), 0);
  ASSERT_EQ(answer.grounds_size(), 1);
  EXPECT_EQ(answer.grounds(0).number(), 2);
}

}  // namespace
}  // namespace rsnms::diagnostics
