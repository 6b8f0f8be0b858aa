// Activities of invented regions: the same every time, in proportion, and naming only what is
// there.
#include "tools/demo/activities.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "google/api/resource.pb.h"

namespace rsnms::demo {
namespace {

std::unique_ptr<Generator> Region(int64_t educators, uint64_t seed = 1,
                                  const std::string& code = "86") {
  auto made = Generator::Create({.seed = seed, .educators = educators, .regions = {code}});
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

// Every resource name in a request, but its parent.
void NamesIn(const google::protobuf::Message& message, std::vector<std::string>* names) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        NamesIn(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                     : reflection->GetMessage(message, field),
                names);
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
        const std::string value = field->is_repeated()
                                      ? reflection->GetRepeatedString(message, field, i)
                                      : reflection->GetString(message, field);
        if (absl::StartsWith(value, "regions/") && field->name() != "parent")
          names->push_back(value);
      }
    }
  }
}

std::string IdIn(const google::protobuf::Message& request) {
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const auto* field = request.GetDescriptor()->field(i);
    if (absl::EndsWith(field->name(), "_id") && field->name() != "request_id")
      return request.GetReflection()->GetString(request, field);
  }
  return "";
}

template <class R>
std::set<std::string> NamesOf(Stream<R> next) {
  std::set<std::string> names;
  for (R r; next(&r);) names.insert(r.name());
  return names;
}

// Everything there is before the stories.
std::set<std::string> Ground(const Generator& g) {
  std::set<std::string> known = NamesOf(g.Municipalities(0));
  known.merge(NamesOf(g.Organisations(0)));
  known.merge(NamesOf(g.Persons(0)));
  return known;
}

// Plays the stories on paper; what they create is known from then on.
std::map<std::string, int64_t> PlayAll(const Generator& g, int64_t limit,
                                       std::set<std::string> known) {
  const Activities activities(g, 0, limit);
  std::map<std::string, int64_t> created;
  std::set<std::string> requests;
  const auto play = [&](Story story) {
    EXPECT_LE(story.size(), 256u);
    for (const Step& step : story) {
      std::vector<std::string> names;
      NamesIn(*step.request, &names);
      for (const auto& name : names)
        EXPECT_TRUE(known.contains(name)) << step.method << " names unknown " << name;
      const auto* id = step.request->GetDescriptor()->FindFieldByName("request_id");
      EXPECT_TRUE(
          requests.insert(step.request->GetReflection()->GetString(*step.request, id)).second);
      if (step.created.empty()) continue;
      ++created[step.created];
      if (const std::string own = IdIn(*step.request); !own.empty()) {
        EXPECT_TRUE(known.insert(g.RegionName(0) + "/" + step.created + "/" + own).second);
      }
    }
  };
  for (const Activity kind : kActivities) {
    for (int64_t i = 0; i < activities.Count(kind); ++i) play(activities.Tell(kind, i));
  }
  const auto chosen = activities.ChooseMethodologists([](const std::string&) { return true; });
  for (size_t i = 0; i < chosen.size(); ++i)
    play(activities.TellMethodologist(static_cast<int64_t>(i), chosen[i]));
  std::set<std::string> attached;
  auto next = activities.Attachments(chosen);
  for (registry::v1::Attachment a; next(&a); ++created["attachments"]) {
    EXPECT_TRUE(known.contains(a.methodologist()));
    EXPECT_TRUE(known.contains(a.educator()));
    EXPECT_TRUE(attached.insert(a.educator()).second) << "attached twice";
  }
  for (const int64_t p : chosen) EXPECT_FALSE(attached.contains(g.PersonName(p)));
  created["methodologists chosen"] = static_cast<int64_t>(chosen.size());
  return created;
}

TEST(Activities, NameOnlyWhatIsThereOrWasMadeBefore) {
  for (const int64_t educators : {100, 400, 1000, 30'000}) {
    for (const char* code : {"86", "05", "77"}) {
      const auto g = Region(educators, 7, code);
      const auto created = PlayAll(*g, 0, Ground(*g));
      EXPECT_GT(created.at("documents"), 0) << educators;
      if (educators >= 400) {
        EXPECT_GT(created.at("mentorships"), 0) << educators;
        EXPECT_GT(created.at("attachments"), 0) << educators;
      }
    }
  }
}

TEST(Activities, GrowWithTheRegionUpToTheLimit) {
  const auto small = Region(1000), large = Region(30'000);
  const auto few = PlayAll(*small, 0, Ground(*small));
  const auto many = PlayAll(*large, 0, Ground(*large));
  for (const char* collection : {"communities", "events", "practices", "mentorships", "sites"})
    EXPECT_GT(many.at(collection), 10 * few.at(collection)) << collection;
  EXPECT_EQ(many.at("methodologists chosen"), 150);
  const auto limited = PlayAll(*large, 20, Ground(*large));
  for (const char* collection : {"communities", "events", "practices", "mentorships", "sites"})
    EXPECT_EQ(limited.at(collection), 20) << collection;
}

TEST(Activities, AreTheSameEveryTimeAndOthersForAnotherSeed) {
  const auto told = [](uint64_t seed) {
    const auto g = Region(1000, seed);
    const Activities activities(*g, 0, 0);
    std::string all;
    for (const Activity kind : kActivities) {
      for (int64_t i = 0; i < activities.Count(kind); ++i) {
        for (const Step& step : activities.Tell(kind, i))
          all += step.method + step.request->SerializeAsString();
      }
    }
    return all;
  };
  EXPECT_EQ(told(1), told(1));
  EXPECT_NE(told(1), told(2));
}

TEST(Activities, StoriesOfTheWholeCountryAreToldOneByOne) {
  const auto g = Region(2'500'000);
  const Activities activities(*g, 0, 0);
  for (const Activity kind : kActivities) {
    const int64_t count = activities.Count(kind);
    ASSERT_GT(count, 0);
    EXPECT_FALSE(activities.Tell(kind, count - 1).empty());
  }
  EXPECT_GT(activities.Count(Activity::kMentorship), 20'000);
}

}  // namespace
}  // namespace rsnms::demo
