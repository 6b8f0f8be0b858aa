// Three-way merging, field by field, against tables written by hand and a naive reference.
#include "services/programs/register/register_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace rsnms::programs::register_merge {
namespace {

federal::v1::Programme Valid() {
  federal::v1::Programme entry;
  entry.set_name("programmes/DPP-000001");
  entry.set_register_number("DPP-000001");
  entry.set_title("Практикум");
  entry.set_kind(federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  entry.mutable_provider()->set_title("Институт");
  entry.mutable_provider()->set_inn("8601999991");
  entry.set_duration_hours(36);
  auto& coverage = *entry.add_competencies();
  coverage.set_competency_code("methodical-lesson");
  coverage.set_depth(federal::v1::COVERAGE_DEPTH_WORKING);
  entry.add_topic_codes("mentoring");
  return entry;
}

const Context kContext = {.region_code = "86",
                          .register_sync = "regions/86/registerSyncs/s",
                          .payload_sha256 = "h",
                          .provider = ""};

const federal::v1::Programme& kValid = *new federal::v1::Programme(Valid());

const v1::Programme& Mirrored() {
  static const auto& mirrored =
      *new v1::Programme(Apply(Valid(), nullptr, nullptr, kContext).after);
  return mirrored;
}

std::string FieldsOf(const Applied& applied) {
  std::string fields;
  for (const Disagreement& d : applied.disagreements) {
    fields += d.field + ":" + d.base + ">" + d.theirs + "|" + d.ours + ";";
  }
  return fields;
}

TEST(RegisterMerge, WhatOnlyTheRegionChangedStays) {
  v1::Programme ours = Mirrored();
  ours.set_annotation("Своими словами");
  federal::v1::Programme entry = Valid();
  entry.set_title("Иное название");
  const Applied applied = Apply(entry, &ours, &kValid, kContext);
  EXPECT_EQ(applied.after.annotation(), "Своими словами");
  EXPECT_EQ(applied.after.title(), "Иное название");
  EXPECT_TRUE(applied.disagreements.empty());
}

TEST(RegisterMerge, WhatBothChangedIsOursUntilDecided) {
  v1::Programme ours = Mirrored();
  ours.set_title("Наше");
  federal::v1::Programme entry = Valid();
  entry.set_title("Их");
  const Applied applied = Apply(entry, &ours, &kValid, kContext);
  EXPECT_EQ(applied.after.title(), "Наше");
  EXPECT_EQ(FieldsOf(applied), "title:\"Практикум\">\"Их\"|\"Наше\";");
  // The register repeats itself: no question.
  EXPECT_TRUE(Apply(entry, &applied.after, &entry, kContext).disagreements.empty());
  // Both changed it to the same: no question either.
  ours.set_title("Их");
  EXPECT_TRUE(Apply(entry, &ours, &kValid, kContext).disagreements.empty());
}

TEST(RegisterMerge, WithoutABaseEveryStatementOfTheRegionIsKept) {
  v1::Programme ours;
  ours.set_name("regions/86/programmes/p");
  ours.set_title("Практикум");
  ours.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  ours.set_duration_hours(16);
  const Applied applied = Apply(Valid(), &ours, nullptr, kContext);
  EXPECT_EQ(applied.kind, v1::RegisterChange::KIND_LINKED);
  EXPECT_EQ(FieldsOf(applied), "duration_hours:>36|16;");
  EXPECT_EQ(applied.after.provider_inn(), "8601999991");
  EXPECT_EQ(applied.after.competencies_size(), 1);
}

TEST(RegisterMerge, HoursThatMakeNoSenseTogetherAreLeftAsOurs) {
  v1::Programme ours = Mirrored();
  ours.set_duration_hours(40);
  federal::v1::Programme entry = Valid();
  entry.set_kind(federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING);
  entry.set_duration_hours(300);
  const Applied applied = Apply(entry, &ours, &kValid, kContext);
  EXPECT_EQ(applied.after.kind(), v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  EXPECT_EQ(applied.after.duration_hours(), 40);
  EXPECT_EQ(applied.disagreements.size(), 2u);
}

TEST(RegisterMerge, WhatTheMirrorDoesNotKnowIsLeftAlone) {
  v1::Programme ours = Mirrored();
  ours.set_provider("regions/86/organisations/o");
  ours.set_etag("\"7\"");
  federal::v1::Programme entry = Valid();
  entry.set_title("Иное название");
  Context context = kContext;
  context.provider = "regions/86/organisations/other";
  const Applied applied = Apply(entry, &ours, &kValid, context);
  EXPECT_EQ(applied.after.provider(), "regions/86/organisations/o");
  EXPECT_EQ(applied.after.etag(), "\"7\"");
}

TEST(RegisterMerge, AConflictFollowsTheRegisterAndSettlesByItself) {
  v1::Programme ours = Mirrored();
  ours.set_title("Наше");
  federal::v1::Programme b = Valid(), c = Valid();
  b.set_title("Б");
  c.set_title("В");
  const Applied first = Apply(b, &ours, &kValid, kContext);
  auto open = Reconcile(first, b, {}, "regions/86/registerSyncs/s");
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].state(), v1::RegisterConflict::STATE_OPEN);
  EXPECT_EQ(open[0].their_value(), "\"Б\"");
  // Nothing new to say: nothing is written.
  EXPECT_TRUE(Reconcile(Apply(b, &first.after, &b, kContext), b, open, "s").empty());
  // The register moves on: the same question with another value.
  auto moved = Reconcile(Apply(c, &first.after, &b, kContext), c, open, "s");
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].name(), open[0].name());
  EXPECT_EQ(moved[0].their_value(), "\"В\"");
  EXPECT_EQ(moved[0].state(), v1::RegisterConflict::STATE_OPEN);
  // It goes back to what we had changed: settled, and ours stays.
  const Applied back = Apply(Valid(), &first.after, &b, kContext);
  auto settled = Reconcile(back, Valid(), open, "s");
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].state(), v1::RegisterConflict::STATE_SETTLED);
  EXPECT_EQ(back.after.title(), "Наше");
  // It comes to say what we say: settled.
  c.set_title("Наше");
  settled = Reconcile(Apply(c, &first.after, &b, kContext), c, open, "s");
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_EQ(settled[0].state(), v1::RegisterConflict::STATE_SETTLED);
}

TEST(RegisterMerge, ValuesGoToTextAndBack) {
  const v1::Programme full = Mirrored();
  for (const char* field : {"title", "kind", "form", "duration_hours", "distance", "competencies",
                            "topic_codes", "provider_title", "annotation"}) {
    v1::Programme copy;
    ASSERT_TRUE(SetValue(field, ValueText(full, field), copy).ok()) << field;
    EXPECT_EQ(ValueText(copy, field), ValueText(full, field)) << field;
  }
  EXPECT_EQ(ValueText(full, "form"), "");
  v1::Programme copy = full;
  EXPECT_FALSE(SetValue("duration_hours", "\"много\"", copy).ok());
  EXPECT_FALSE(SetValue("no_such_field", "1", copy).ok());
  EXPECT_TRUE(SetValue("topic_codes", "", copy).ok());
  EXPECT_EQ(copy.topic_codes_size(), 0);
}

TEST(RegisterMerge, ProvenanceTellsTheirsOursAndEdited) {
  using v1::FieldProvenance;
  v1::Programme ours = Mirrored();
  ours.set_title("Наше");
  auto origin = [](const std::vector<FieldProvenance>& fields, std::string_view name) {
    for (const auto& field : fields) {
      if (field.field() == name) return field.origin();
    }
    return FieldProvenance::ORIGIN_UNSPECIFIED;
  };
  const auto fields = Provenance(ours, &kValid);
  EXPECT_EQ(origin(fields, "title"), FieldProvenance::ORIGIN_EDITED);
  EXPECT_EQ(origin(fields, "duration_hours"), FieldProvenance::ORIGIN_THEIRS);
  EXPECT_EQ(origin(fields, "register_state"), FieldProvenance::ORIGIN_THEIRS);
  EXPECT_EQ(origin(fields, "provider"), FieldProvenance::ORIGIN_OURS);
  EXPECT_EQ(origin(fields, "etag"), FieldProvenance::ORIGIN_UNSPECIFIED);
  EXPECT_EQ(origin(Provenance(ours, nullptr), "title"), FieldProvenance::ORIGIN_OURS);
}

TEST(RegisterMerge, ANewEntryGetsAnIdOfItsOwnThatNeverChanges) {
  const Applied first = Apply(Valid(), nullptr, nullptr, kContext);
  const Applied again = Apply(Valid(), nullptr, nullptr, kContext);
  EXPECT_EQ(first.kind, v1::RegisterChange::KIND_ADDED);
  EXPECT_EQ(first.after.name(), again.after.name());
  EXPECT_EQ(first.after.register_state(), v1::REGISTER_STATE_LISTED);
  EXPECT_EQ(first.after.competencies(0).competency(), "regions/86/competencies/methodical-lesson");
}

TEST(RegisterMerge, ApplyingTwiceChangesNothing) {
  const Applied first = Apply(Valid(), nullptr, nullptr, kContext);
  Context later = kContext;
  later.register_sync = "regions/86/registerSyncs/t";
  const Applied again = Apply(Valid(), &first.after, &kValid, later);
  EXPECT_EQ(again.kind, v1::RegisterChange::KIND_UNSPECIFIED);
  EXPECT_TRUE(again.changed_fields.empty());
}

TEST(RegisterMerge, KindsFollowTheStandingOfTheProgramme) {
  v1::Programme stored = Apply(Valid(), nullptr, nullptr, kContext).after;
  federal::v1::Programme entry = Valid();
  entry.set_duration_hours(72);
  Applied changed = Apply(entry, &stored, &kValid, kContext);
  EXPECT_EQ(changed.kind, v1::RegisterChange::KIND_CHANGED);
  EXPECT_EQ(changed.changed_fields, (std::vector<std::string>{"duration_hours"}));
  stored.set_register_state(v1::REGISTER_STATE_NOT_LISTED);
  EXPECT_EQ(Apply(entry, &stored, &kValid, kContext).kind, v1::RegisterChange::KIND_LINKED);
  stored.set_register_state(v1::REGISTER_STATE_WITHDRAWN);
  stored.mutable_register_withdrawn_date()->set_year(2026);
  const Applied back = Apply(entry, &stored, &kValid, kContext);
  EXPECT_EQ(back.kind, v1::RegisterChange::KIND_REAPPEARED);
  EXPECT_FALSE(back.after.has_register_withdrawn_date());
}

TEST(RegisterMerge, AProgrammeOfAVersionStaysOne) {
  v1::Programme stored = Apply(Valid(), nullptr, nullptr, kContext).after;
  stored.set_current_version("regions/86/programmeVersions/v");
  stored.set_withdrawn(true);
  federal::v1::Programme entry = Valid();
  entry.set_duration_hours(72);
  const Applied changed = Apply(entry, &stored, &kValid, kContext);
  EXPECT_EQ(changed.kind, v1::RegisterChange::KIND_CHANGED);
  EXPECT_EQ(changed.after.current_version(), stored.current_version());
  EXPECT_TRUE(changed.after.withdrawn());
}

TEST(RegisterMerge, AnEntryNamedAsWithdrawnFlagsItsProgrammeOnce) {
  const v1::Programme stored = Apply(Valid(), nullptr, nullptr, kContext).after;
  federal::v1::Programme entry = Valid();
  entry.mutable_withdrawn_date()->set_year(2026);
  const Applied applied = Apply(entry, &stored, &kValid, kContext);
  EXPECT_EQ(applied.kind, v1::RegisterChange::KIND_WITHDRAWN);
  EXPECT_EQ(applied.after.register_state(), v1::REGISTER_STATE_WITHDRAWN);
  EXPECT_EQ(Apply(entry, &applied.after, &kValid, kContext).kind,
            v1::RegisterChange::KIND_UNSPECIFIED);
  EXPECT_EQ(Apply(entry, nullptr, nullptr, kContext).kind, v1::RegisterChange::KIND_UNSPECIFIED);
}

TEST(RegisterMerge, AProviderOnceLinkedStaysLinked) {
  v1::Programme stored = Apply(Valid(), nullptr, nullptr, kContext).after;
  stored.set_provider("regions/86/organisations/o");
  EXPECT_EQ(Apply(Valid(), &stored, &kValid, kContext).kind, v1::RegisterChange::KIND_UNSPECIFIED);
}

}  // namespace
}  // namespace rsnms::programs::register_merge
