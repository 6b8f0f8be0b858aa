// What a service's rules and preparations may do to a write.
#include <gtest/gtest.h>

#include "libs/resource/inquiry.h"
#include "libs/resource/testing/drawers.h"

namespace rsnms::resource {
namespace {

TEST(Rules, RulesRefuseAndComplete) {
  Museum m;
  m.engine->Rule<museum::Specimen>(
      [](Change change, const museum::Specimen* before, museum::Specimen* after) -> absl::Status {
        if (after->title() == "нельзя") return absl::FailedPreconditionError("no");
        if (change == Change::kUpdate && before->weight() > after->weight()) {
          return absl::FailedPreconditionError("weight never falls");
        }
        after->set_state("SEEN");
        return absl::OkStatus();
      });
  auto s = m.Create(Specimen("x"));
  ASSERT_TRUE(s.ok()) << s.status();
  EXPECT_EQ(m.Get(s->name())->state(), "SEEN");
  EXPECT_FALSE(m.Create(Specimen("нельзя")).ok());
  s->set_weight(-1);
  EXPECT_TRUE(absl::IsFailedPrecondition(m.Update(*s, {"weight"}).status()));
}

TEST(Rules, RulesPathsBeginWithTheRequestsField) {
  Museum m;
  m.engine->Rule<museum::Specimen>(
      [](Change, const museum::Specimen*, museum::Specimen* after) -> absl::Status {
        if (after->weight() < 900) return absl::OkStatus();
        return rpc::InvalidField("weight", options::v1::COMMON_REASON_OUT_OF_RANGE, "too heavy");
      });
  m.engine->PrepareFor(museum::Specimen::descriptor(),
                       [](pg::Tx&, std::vector<Engine::Pending>& rows) -> absl::Status {
                         auto* s = static_cast<museum::Specimen*>(rows[0].after);
                         if (!s->tags().empty()) {
                           rows[0].status =
                               rpc::Error(absl::StatusCode::kFailedPrecondition,
                                          options::v1::COMMON_REASON_INVALID_STATE, "no tags today")
                                   .Field("tags[0]", "no");
                         }
                         return absl::OkStatus();
                       });
  auto heavy = Specimen("x");
  heavy.set_weight(950);
  const auto refused = m.Create(heavy).status();
  EXPECT_EQ(FirstField(refused), "specimen.weight");
  EXPECT_EQ(refused.message(), "specimen.weight: too heavy");
  auto light = *m.Create(Specimen("x"));
  light.set_weight(950);
  EXPECT_EQ(FirstField(m.Update(light, {"weight"}).status()), "specimen.weight");
  light.add_tags("x");
  EXPECT_EQ(FirstField(m.Update(light, {"tags"}).status()), "specimen.tags[0]");
  options::v1::ImportHeader header;
  header.set_parent("regions/86");
  header.set_mode(options::v1::IMPORT_MODE_SKIP_BAD);
  EXPECT_EQ(m.Import(header, {heavy})->errors(0).field(), "weight") << "relative to the row";
}

TEST(Rules, OthersAreAskedBeforeAClientsCreateAndUpdateAlone) {
  Museum m;
  std::vector<std::string> asked;
  absl::Status answer;
  AddInquiry(*m.engine, museum::Specimen::descriptor(),
             [&](const rpc::Call&, const Message& request) {
               asked.push_back(request.GetDescriptor()->name());
               return answer;
             });
  auto specimen = *m.Create(Specimen("x"));
  specimen.set_weight(3);
  ASSERT_TRUE(m.Update(specimen, {"weight"}).ok());
  EXPECT_EQ(m.Get(specimen.name())->weight(), 3);
  EXPECT_EQ(asked, (std::vector<std::string>{"CreateSpecimenRequest", "UpdateSpecimenRequest"}));
  answer = absl::UnavailableError("away");
  specimen.clear_etag();
  specimen.set_weight(4);
  EXPECT_TRUE(absl::IsUnavailable(m.Update(specimen, {"weight"}).status()));
  EXPECT_TRUE(absl::IsUnavailable(m.Create(Specimen("y")).status()));
  EXPECT_EQ(m.Get(specimen.name())->weight(), 3);
  // What cannot be right whatever they say is refused without them.
  asked.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(m.Update(specimen, {"nonsense"}).status()));
  EXPECT_TRUE(asked.empty());
}

TEST(Rules, PreparationsKnowWhoWrites) {
  Museum m;
  std::vector<std::string> subjects;
  m.engine->PrepareFor(museum::Specimen::descriptor(),
                       [&](pg::Tx&, std::vector<Engine::Pending>& rows) -> absl::Status {
                         for (const auto& row : rows) subjects.push_back(row.author->subject);
                         return absl::OkStatus();
                       });
  auto specimen = *m.Create(Specimen("x"));
  options::v1::ImportHeader header;
  header.set_parent("regions/86");
  ASSERT_TRUE(m.Import(header, {Specimen("y")}).ok());
  ASSERT_EQ(subjects.size(), 2u);
  EXPECT_NE(subjects[0], "");
  EXPECT_EQ(subjects[0], subjects[1]);
}

}  // namespace
}  // namespace rsnms::resource
