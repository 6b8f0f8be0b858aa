#include "services/diagnostics/instrument_rules.h"

#include "gtest/gtest.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/campaign_rules.h"
#include "services/diagnostics/catalogue.h"
#include "services/diagnostics/competency_rules.h"

namespace rsnms::diagnostics {
namespace {

using resource::Change;

v1::Instrument School() {
  auto instrument = ReadInstrument("services/diagnostics/catalogue", "difficulties-school-1", "86");
  EXPECT_TRUE(instrument.ok());
  EXPECT_TRUE(CheckInstrument(Change::kCreate, nullptr, &*instrument).ok());
  return *instrument;
}

TEST(InstrumentRulesTest, OnlyTheTableMovesAnInstrument) {
  for (int s = v1::Instrument::State_MIN; s <= v1::Instrument::State_MAX; ++s) {
    for (const auto action : {InstrumentAction::kPublish, InstrumentAction::kRetire}) {
      v1::Instrument instrument;
      instrument.set_state(static_cast<v1::Instrument::State>(s));
      const bool permitted =
          (s == v1::Instrument::STATE_DRAFT && action == InstrumentAction::kPublish) ||
          (s == v1::Instrument::STATE_PUBLISHED && action == InstrumentAction::kRetire);
      const auto status = Move(action, instrument);
      EXPECT_EQ(status.ok(), permitted) << s;
      if (!permitted) {
        EXPECT_EQ(rpc::ReasonOf(status), "INVALID_STATE");
        EXPECT_EQ(instrument.state(), s);
      }
    }
  }
}

TEST(InstrumentRulesTest, PublishedInstrumentNeverChanges) {
  v1::Instrument before = School();
  before.set_state(v1::Instrument::STATE_PUBLISHED);
  for (const auto state : {v1::Instrument::STATE_PUBLISHED, v1::Instrument::STATE_RETIRED}) {
    before.set_state(state);
    v1::Instrument after = before;
    after.mutable_thresholds()->set_mild_from_permille(100);
    EXPECT_EQ(rpc::ReasonOf(CheckInstrument(Change::kUpdate, &before, &after)),
              "INSTRUMENT_FROZEN");
    after = before;
    after.mutable_groups(0)->mutable_items(1)->set_text("иначе");
    EXPECT_EQ(rpc::ReasonOf(CheckInstrument(Change::kUpdate, &before, &after)),
              "INSTRUMENT_FROZEN");
    after = before;
    EXPECT_EQ(rpc::ReasonOf(CheckInstrument(Change::kDelete, &before, &after)),
              "INSTRUMENT_FROZEN");
  }
}

TEST(InstrumentRulesTest, PublishedInstrumentMayBeRetiredButNotReopened) {
  v1::Instrument before = School();
  before.set_state(v1::Instrument::STATE_PUBLISHED);
  v1::Instrument after = before;
  after.set_state(v1::Instrument::STATE_RETIRED);
  EXPECT_TRUE(CheckInstrument(Change::kUpdate, &before, &after).ok());
  after.set_state(v1::Instrument::STATE_DRAFT);
  EXPECT_FALSE(CheckInstrument(Change::kUpdate, &before, &after).ok());
}

TEST(InstrumentRulesTest, NewInstrumentIsADraftWithDefaultThresholds) {
  v1::Instrument instrument = School();
  instrument.clear_thresholds();
  instrument.clear_state();
  ASSERT_TRUE(CheckInstrument(Change::kCreate, nullptr, &instrument).ok());
  EXPECT_EQ(instrument.state(), v1::Instrument::STATE_DRAFT);
  EXPECT_EQ(instrument.thresholds().mild_from_permille(), 500);
  EXPECT_EQ(instrument.thresholds().required_answers_permille(), 800);
}

TEST(InstrumentRulesTest, IdIsFamilyAndEdition) {
  v1::Instrument instrument = School();
  instrument.set_edition(2);
  EXPECT_EQ(rpc::ReasonOf(CheckInstrument(Change::kCreate, nullptr, &instrument)), "INVALID_NAME");
}

TEST(InstrumentRulesTest, PublicationRefusesEachContradiction) {
  const auto refuses = [](const std::function<void(v1::Instrument&)>& spoil) {
    v1::Instrument before = School();
    spoil(before);
    v1::Instrument after = before;
    after.set_state(v1::Instrument::STATE_PUBLISHED);
    return rpc::ReasonOf(CheckInstrument(Change::kUpdate, &before, &after)) ==
           "INSTRUMENT_INCONSISTENT";
  };
  EXPECT_TRUE(refuses([](auto& i) { i.clear_groups(); }));
  EXPECT_TRUE(refuses([](auto& i) { i.clear_scales(); }));
  EXPECT_TRUE(refuses([](auto& i) { *i.add_scales() = i.scales(0); }));
  EXPECT_TRUE(
      refuses([](auto& i) { i.mutable_scales(0)->mutable_options(1)->set_code("YES_NEED_HELP"); }));
  EXPECT_TRUE(refuses([](auto& i) { i.mutable_groups(0)->mutable_items(1)->set_code("GS.G.3"); }));
  EXPECT_TRUE(refuses([](auto& i) { i.mutable_groups(0)->mutable_items(1)->set_scale("NONE"); }));
  EXPECT_TRUE(
      refuses([](auto& i) { i.mutable_groups(0)->mutable_items(1)->clear_competency_codes(); }));
  EXPECT_TRUE(
      refuses([](auto& i) { i.mutable_groups(0)->mutable_items(0)->set_scale("DIFFICULTY_4"); }));
  EXPECT_TRUE(refuses([](auto& i) { i.mutable_thresholds()->set_severe_from_permille(400); }));
  EXPECT_TRUE(
      refuses([](auto& i) { i.mutable_thresholds()->set_required_answers_permille(1001); }));
  EXPECT_TRUE(refuses([](auto& i) { i.set_stated_max_points(1); }));
  EXPECT_TRUE(refuses([](auto& i) {
    for (const int at : {0, 5}) {
      auto& band = *i.add_levels();
      band.set_code("L");
      band.set_min_points(at);
      band.set_max_points(at + 5);
    }
  }));
}

TEST(CompetencyRulesTest, CodeBeginsWithItsParents) {
  v1::Competency c;
  c.set_name("regions/86/competencies/digital-distance");
  c.set_parent_competency("regions/86/competencies/digital");
  EXPECT_TRUE(CheckCompetency(Change::kCreate, nullptr, &c).ok());
  EXPECT_EQ(c.revision(), 1);
  c.set_parent_competency("regions/86/competencies/methodical");
  EXPECT_EQ(rpc::ReasonOf(CheckCompetency(Change::kCreate, nullptr, &c)), "CODE_OUTSIDE_PARENT");
  c.set_parent_competency(c.name());
  EXPECT_FALSE(CheckCompetency(Change::kCreate, nullptr, &c).ok());
}

v1::Campaign March() {
  v1::Campaign campaign;
  campaign.set_name("regions/86/campaigns/0190c1d2-0000-7000-8000-000000000001");
  campaign.set_title("Стартовая диагностика");
  campaign.mutable_start_date()->set_year(2024);
  campaign.mutable_start_date()->set_month(3);
  campaign.mutable_start_date()->set_day(1);
  campaign.mutable_end_date()->set_year(2024);
  campaign.mutable_end_date()->set_month(3);
  campaign.mutable_end_date()->set_day(31);
  campaign.add_instruments("regions/86/instruments/difficulties-school-1");
  return campaign;
}

TEST(CampaignRulesTest, OnlyTheTableMovesACampaign) {
  for (int s = v1::Campaign::State_MIN; s <= v1::Campaign::State_MAX; ++s) {
    for (const auto action : {CampaignAction::kOpen, CampaignAction::kClose}) {
      v1::Campaign campaign;
      campaign.set_state(static_cast<v1::Campaign::State>(s));
      const bool permitted = (s == v1::Campaign::STATE_DRAFT && action == CampaignAction::kOpen) ||
                             (s == v1::Campaign::STATE_OPEN && action == CampaignAction::kClose);
      EXPECT_EQ(Move(action, campaign).ok(), permitted) << s;
    }
  }
}

TEST(CampaignRulesTest, PeriodAndInstrumentsAreRequired) {
  v1::Campaign campaign = March();
  EXPECT_TRUE(CheckCampaign(Change::kCreate, nullptr, &campaign).ok());
  EXPECT_EQ(campaign.state(), v1::Campaign::STATE_DRAFT);
  campaign.mutable_end_date()->set_month(2);
  EXPECT_EQ(rpc::ReasonOf(CheckCampaign(Change::kCreate, nullptr, &campaign)), "OUT_OF_RANGE");
  campaign = March();
  campaign.clear_instruments();
  EXPECT_FALSE(CheckCampaign(Change::kCreate, nullptr, &campaign).ok());
}

TEST(CampaignRulesTest, OpenCampaignIsFrozen) {
  v1::Campaign before = March();
  before.set_state(v1::Campaign::STATE_OPEN);
  v1::Campaign after = before;
  after.set_held_at_centre(true);
  EXPECT_EQ(rpc::ReasonOf(CheckCampaign(Change::kUpdate, &before, &after)), "CAMPAIGN_FROZEN");
  EXPECT_EQ(rpc::ReasonOf(CheckCampaign(Change::kDelete, &before, &after)), "CAMPAIGN_FROZEN");
  after = before;
  after.set_state(v1::Campaign::STATE_CLOSED);
  EXPECT_TRUE(CheckCampaign(Change::kUpdate, &before, &after).ok());
}

TEST(CampaignRulesTest, SessionsAreTakenWhileOpenInThePeriodWithItsInstruments) {
  v1::Campaign campaign = March();
  const std::string instrument = campaign.instruments(0);
  google::type::Date day = campaign.end_date();
  EXPECT_EQ(rpc::ReasonOf(CheckTakes(campaign, instrument, day)), "CAMPAIGN_NOT_OPEN");
  campaign.set_state(v1::Campaign::STATE_OPEN);
  EXPECT_TRUE(CheckTakes(campaign, instrument, day).ok());
  EXPECT_EQ(rpc::ReasonOf(CheckTakes(campaign, "regions/86/instruments/x-1", day)),
            "INSTRUMENT_NOT_IN_CAMPAIGN");
  day.set_month(4);
  EXPECT_EQ(rpc::ReasonOf(CheckTakes(campaign, instrument, day)), "OUT_OF_RANGE");
}

}  // namespace
}  // namespace rsnms::diagnostics
