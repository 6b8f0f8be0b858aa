#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/monitoring/profile_catalogue.h"
#include "services/monitoring/profile_rules.h"

namespace rsnms::monitoring {
namespace {

constexpr char kProfiles[] = "services/monitoring/profiles";

TEST(YugraProfile, HoldsTheSixIndicatorsOfTheOrderWordForWord) {
  auto catalogue = LoadProfiles(kProfiles);
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  const auto& yugra = catalogue->at("yugra");
  EXPECT_EQ(yugra.act().number(), "10-П-1000");
  EXPECT_EQ(yugra.act().date().year(), 2021);
  const std::pair<const char*, const char*> expected[] = {
      {"6.1.1",
       "Доля педагогических работников и управленческих кадров, прошедших диагностику "
       "профессиональных дефицитов в ЦНППМПР"},
      {"6.1.2",
       "Доля педагогических работников и управленческих кадров, для которых разработаны "
       "индивидуальные образовательные маршруты на основе результатов диагностики "
       "профессиональных дефицитов в ЦНППМПР"},
      {"6.1.3",
       "Доля педагогических работников, освоивших программы дополнительного профессионального "
       "образования, вошедшие в ФР ДПП и подобранные с учетом диагностики профессиональных "
       "дефицитов в ЦНППМПР"},
      {"6.1.4",
       "Доля управленческих команд образовательных организаций, повысивших свою квалификацию по "
       "вопросам эффективности управления качеством образования"},
      {"6.1.5",
       "Доля педагогических работников в возрасте до 35 лет, участвующих в различных формах "
       "поддержки и сопровождения в первые 3 года работы"},
      {"6.1.6",
       "Доля программ ДПО, размещенных в ФР ДПП, в общем количестве программ ДПО, реализуемых АУ "
       "«Институт развития образования»"},
  };
  ASSERT_EQ(yugra.indicators_size(), 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(yugra.indicators(i).clause(), expected[i].first);
    EXPECT_EQ(yugra.indicators(i).title(), expected[i].second);
    EXPECT_EQ(yugra.indicators(i).unit(), v1::UNIT_PERCENT);
    EXPECT_EQ(yugra.indicators(i).denominator_stated(), i == 5);
    EXPECT_NE(yugra.indicators(i).explanation(), "");
  }
}

v1::Profile Sound() {
  auto catalogue = LoadProfiles(kProfiles);
  return catalogue.ok() ? catalogue->at("yugra") : v1::Profile();
}

void ExpectRefused(const v1::Profile& profile, const std::string& reason) {
  const auto status = CompileProfile(profile).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rpc::ReasonOf(status), reason) << status;
}

TEST(ProfileRules, RefuseWhatCannotBeCounted) {
  auto profile = Sound();
  profile.mutable_indicators(0)->set_numerator("diagnosed_somewhere");
  ExpectRefused(profile, "INVALID_EXPRESSION");
  profile = Sound();
  profile.mutable_indicators(1)->set_id("diagnosed_share");
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_indicators(0)->clear_denominator();
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_indicators(0)->set_unit(v1::UNIT_COUNT);  // a count with a denominator
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_indicators(0)->set_decimal_places(7);
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_indicators(0)->add_sources("weather");
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_settings(0)->set_id("supported");  // a fact's name
  ExpectRefused(profile, "INVALID_PROFILE");
  profile = Sound();
  profile.mutable_settings(0)->set_expression("route_population");  // declared later
  ExpectRefused(profile, "INVALID_EXPRESSION");
}

TEST(ProfileRules, NumeratorIncludesTheDenominatorsCondition) {
  auto compiled = CompileProfile(Sound());
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ((*compiled)[0].numerator.Text(),
            "(employed_pedagogue OR employed_manager) AND diagnosed_at_centre");
  EXPECT_EQ((*compiled)[3].numerator.Text(), "team AND team_half_quality_trained");
}

}  // namespace
}  // namespace rsnms::monitoring
