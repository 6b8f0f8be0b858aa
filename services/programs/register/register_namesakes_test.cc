// Namesakes: entries of one title and provider. What tells them apart is the rest of what the
// register says of them.
#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/programs/register/register_leaving_fixture.h"
#include "services/programs/register/register_pairs.h"

namespace rsnms::programs {
namespace {

using register_pairs::Candidate;
using register_pairs::Match;
using register_pairs::Suitor;
using v1::RegisterEntry;

Suitor Wants(const std::string& number, const std::string& key, std::vector<std::string> values) {
  return {.number = number, .key = key, .values = std::move(values)};
}
Candidate Offers(std::vector<std::string> keys, std::vector<std::string> values,
                 bool former = false) {
  return {.keys = std::move(keys), .values = std::move(values), .former = former};
}

TEST(Pairs, TheMostAlikeGoTogether) {
  const std::vector<Candidate> offered = {Offers({"k"}, {"36", "очно"}),
                                          Offers({"k"}, {"72", "заочно"})};
  EXPECT_EQ(Match({Wants("1", "k", {"72", "заочно"}), Wants("2", "k", {"36", "очно"})}, offered),
            (std::vector<int>{1, 0}));
  EXPECT_EQ(Match({Wants("1", "k", {"72", "очно-заочно"})}, offered), std::vector<int>{1});
  EXPECT_EQ(Match({Wants("1", "другой", {"72", "заочно"})}, offered), std::vector<int>{-1});
}

TEST(Pairs, OfThoseEquallyAlikeTheFirstIsTakenAndNoneTwice) {
  const std::vector<Candidate> offered = {Offers({"k"}, {"36"}), Offers({"k"}, {"36"})};
  EXPECT_EQ(
      Match({Wants("2", "k", {"36"}), Wants("1", "k", {"36"}), Wants("3", "k", {"36"})}, offered),
      (std::vector<int>{1, 0, -1}));
}

TEST(Pairs, WhatWasWithdrawnByNameIsNotUsedUpAndComesAfterItsEquals) {
  const std::vector<Candidate> offered = {Offers({"k"}, {"36"}, true), Offers({"k"}, {"36"})};
  EXPECT_EQ(
      Match({Wants("1", "k", {"36"}), Wants("2", "k", {"36"}), Wants("3", "k", {"36"})}, offered),
      (std::vector<int>{1, 0, 0}));
  // What is more like the former entry leaves the other to whom it belongs.
  EXPECT_EQ(Match({Wants("1", "k", {"36"}), Wants("2", "k", {"72"})},
                  {Offers({"k"}, {"36"}, true), Offers({"k"}, {"72"})}),
            (std::vector<int>{0, 1}));
}

// Entries are merged in batches: each sees those who are left.
TEST(Pairs, InWhateverPiecesTheyAreMadeThePairsAreTheSame) {
  std::mt19937_64 random(7);
  const auto draw = [&](int below) { return static_cast<int>(random() % below); };
  for (int round = 0; round < 3000; ++round) {
    const auto values = [&] {
      return std::vector<std::string>{absl::StrCat(draw(2)), absl::StrCat(draw(3))};
    };
    const auto key = [&] { return absl::StrCat("k", draw(2)); };
    std::vector<Suitor> suitors(1 + draw(6));
    for (size_t i = 0; i < suitors.size(); ++i)
      suitors[i] = Wants(absl::StrCat(i), key(), values());
    std::vector<Candidate> candidates(1 + draw(6));
    for (Candidate& one : candidates) one = Offers({key(), key()}, values(), draw(3) == 0);
    const std::vector<int> whole = Match(suitors, candidates);
    std::set<int> taken;
    size_t next = 0;
    while (next < suitors.size()) {
      // All who are left are seen, and of some their part is carried out.
      std::vector<Suitor> left(suitors.begin() + static_cast<int>(next), suitors.end());
      std::vector<Candidate> offered;
      std::vector<int> places;
      for (size_t c = 0; c < candidates.size(); ++c) {
        if (taken.contains(static_cast<int>(c))) continue;
        offered.push_back(candidates[c]);
        places.push_back(static_cast<int>(c));
      }
      const std::vector<int> found = Match(left, offered);
      const size_t end = std::min(suitors.size(), next + 1 + draw(3));
      for (size_t i = 0; next < end; ++i, ++next) {
        const int place = found[i] < 0 ? -1 : places[found[i]];
        EXPECT_EQ(place, whole[next]) << "round " << round;
        if (place >= 0 && !candidates[place].former) {
          EXPECT_TRUE(taken.insert(place).second);
        }
      }
    }
  }
}

class Namesakes : public Leaving {
 protected:
  // Two entries of one title and provider, told apart by hours and form; mirrored.
  void SetUp() override {
    Leaving::SetUp();
    one_ = Number(4);
    other_ = Number(5);
    MakeNamesakes({one_, other_});
    Shape(one_, 36, federal::v1::STUDY_FORM_FULL_TIME);
    Shape(other_, 72, federal::v1::STUDY_FORM_EXTRAMURAL);
    RunSync();
    name_of_one_ = Programmes().at(one_).name();
    name_of_other_ = Programmes().at(other_).name();
  }

  void Shape(const std::string& number, int hours, federal::v1::StudyForm form) {
    truth().Edit(number, [&](auto& e) {
      e.set_kind(federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
      e.set_duration_hours(hours);
      e.set_internship_hours(0);
      e.set_form(form);
    });
  }

  // Another entry of that title and provider.
  void PutNamesake(const std::string& number, int hours, federal::v1::StudyForm form) {
    for (auto entry : truth().Truth()) {
      if (entry.register_number() != one_) continue;
      entry.set_register_number(number);
      entry.set_name("programmes/" + number);
      entry.clear_withdrawn_date();
      truth().Put(entry);
    }
    Shape(number, hours, form);
  }

  std::string one_, other_, name_of_one_, name_of_other_;
};

// Whatever the order of their new numbers, and in however many batches.
TEST_F(Namesakes, RenumberedTogetherEachKeepsItsProgramme) {
  for (const int batch : {1, 17}) {
    options_.apply_batch = batch;
    Edit(
        one_, [](auto& p) { p.set_annotation("Наше слово"); }, "annotation");
    const std::string to = absl::StrCat("Z-", batch), too = absl::StrCat("A-", batch);
    ASSERT_TRUE(truth().Renumber(one_, to));
    ASSERT_TRUE(truth().Renumber(other_, too));
    const Sync sync = RunSync();
    EXPECT_EQ(sync.added_count(), 0) << sync.DebugString();
    EXPECT_EQ(sync.withdrawn_count(), 0);
    EXPECT_EQ(Programmes().at(to).name(), name_of_one_);
    EXPECT_EQ(Programmes().at(to).annotation(), "Наше слово");
    EXPECT_EQ(Programmes().at(too).name(), name_of_other_);
    EXPECT_EQ(Line(sync, to).match(), RegisterEntry::MATCH_RENUMBERED);
    one_ = to;
    other_ = too;
  }
}

TEST_F(Namesakes, ANewOneDoesNotTakeThePlaceOfARenumberedOne) {
  options_.apply_batch = 1;
  PutNamesake("A-1", 108, federal::v1::STUDY_FORM_PART_TIME);
  ASSERT_TRUE(truth().Renumber(one_, "Z-1"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 1) << sync.DebugString();
  EXPECT_EQ(Programmes().at("Z-1").name(), name_of_one_);
  EXPECT_NE(Programmes().at("A-1").name(), name_of_other_);
  EXPECT_EQ(Programmes().at(other_).name(), name_of_other_);
}

// The entry without a number may be anybody's of that title and provider.
TEST_F(Namesakes, ANewOneDoesNotTakeThePlaceOfOneThatCannotBeRead) {
  PutNamesake("A-1", 108, federal::v1::STUDY_FORM_PART_TIME);
  federal_sim::Misbehaviour unreadable;
  unreadable.spoil = [&](auto& page) {
    for (auto& entry : *page.mutable_programmes()) {
      if (entry.register_number() == one_) entry.clear_register_number();
    }
  };
  truth().Set(unreadable);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.state(), Sync::STATE_SUCCEEDED) << sync.DebugString();
  EXPECT_EQ(sync.rejected_count(), 2);
  EXPECT_EQ(Programmes().at(one_).name(), name_of_one_);
  EXPECT_FALSE(Programmes().contains("A-1"));
  truth().Set({});
  EXPECT_EQ(RunSync().added_count(), 1);
  EXPECT_EQ(Programmes().at(one_).name(), name_of_one_);
  ExpectEqualToTruth();
}

TEST_F(Namesakes, OneRegisteredAnewDoesNotTakeThePlaceOfARenumberedOne) {
  options_.apply_batch = 1;
  const std::string anew = RegisterAnew(one_);  // 2027-…
  ASSERT_TRUE(truth().Renumber(other_, "Z-1"));
  const Sync sync = RunSync();
  EXPECT_EQ(Line(sync, anew).match(), RegisterEntry::MATCH_REREGISTERED);
  EXPECT_EQ(Line(sync, anew).former_programme(), name_of_one_);
  EXPECT_EQ(Programmes().at("Z-1").name(), name_of_other_);
  EXPECT_EQ(Line(sync, "Z-1").match(), RegisterEntry::MATCH_RENUMBERED);
  EXPECT_EQ(Programmes().at(one_).name(), name_of_one_);
  EXPECT_EQ(Programmes().at(one_).register_state(), v1::REGISTER_STATE_WITHDRAWN);
  ExpectEqualToTruth();
}

TEST_F(Namesakes, OfTwoRegisteredAnewEachNamesItsFormer) {
  const std::string anew = RegisterAnew(one_), too = RegisterAnew(other_);
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 2) << sync.DebugString();
  EXPECT_EQ(Line(sync, anew).former_programme(), name_of_one_);
  EXPECT_EQ(Line(sync, too).former_programme(), name_of_other_);
}

TEST_F(Namesakes, RenumberedInAFileEachKeepsItsProgramme) {
  options_.apply_batch = 1;
  ASSERT_TRUE(truth().Renumber(one_, "Z-1"));
  ASSERT_TRUE(truth().Renumber(other_, "A-1"));
  const Sync sync = Load(StandingBut(""));
  EXPECT_EQ(sync.added_count(), 0) << sync.DebugString();
  EXPECT_EQ(Programmes().at("Z-1").name(), name_of_one_);
  EXPECT_EQ(Programmes().at("A-1").name(), name_of_other_);
}

// Nothing tells them apart: each gets one of the programmes, and none is made or lost.
TEST_F(Namesakes, TwinsAreMatchedOneForOne) {
  Shape(other_, 36, federal::v1::STUDY_FORM_FULL_TIME);
  RunSync();
  ASSERT_TRUE(truth().Renumber(one_, "Z-1"));
  ASSERT_TRUE(truth().Renumber(other_, "A-1"));
  const Sync sync = RunSync();
  EXPECT_EQ(sync.added_count(), 0) << sync.DebugString();
  EXPECT_EQ((std::set<std::string>{Programmes().at("Z-1").name(), Programmes().at("A-1").name()}),
            (std::set<std::string>{name_of_one_, name_of_other_}));
  ExpectEqualToTruth();
}

}  // namespace
}  // namespace rsnms::programs
