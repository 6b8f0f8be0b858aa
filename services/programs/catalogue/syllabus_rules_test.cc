#include "services/programs/catalogue/syllabus_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"

namespace rsnms::programs::syllabus_rules {
namespace {

using ::testing::ElementsAre;

v1::ProgrammeVersion Parse(const std::string& text) {
  v1::ProgrammeVersion version;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &version));
  return version;
}

// A plan of 36 hours in two sections; the first has two modules, one of them two topics.
v1::ProgrammeVersion Valid() {
  return Parse(R"pb(
    duration_hours: 36
    internship_hours: 8
    distance: true
    syllabus {
      title: "Раздел"
      hours { lecture_hours: 10 practical_hours: 16 internship_hours: 8 distance_hours: 4 }
      modules {
        title: "Модуль 1"
        hours { lecture_hours: 10 distance_hours: 4 }
        topics {
          title: "Тема 1"
          hours { lecture_hours: 4 distance_hours: 4 }
        }
        topics {
          title: "Тема 2"
          hours { lecture_hours: 6 }
        }
      }
      modules {
        title: "Модуль 2"
        hours { practical_hours: 16 internship_hours: 8 }
      }
    }
    syllabus {
      title: "Аттестация"
      hours { control_hours: 2 }
      control: CONTROL_FORM_EXAM
    }
  )pb");
}

std::vector<std::string> Paths(const absl::Status& status) {
  std::vector<std::string> paths;
  const auto proto = rpc::ToProto(status);
  for (const auto& detail : proto.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) paths.push_back(violation.field());
  }
  return paths;
}

TEST(SyllabusRules, PlanThatAddsUpIsTaken) {
  EXPECT_TRUE(Check(Valid()).ok()) << Check(Valid());
  EXPECT_TRUE(Check(Parse("duration_hours: 36")).ok()) << "a draft may have none yet";
}

TEST(SyllabusRules, TopicsAddUpToTheirModuleByKind) {
  v1::ProgrammeVersion version = Valid();
  auto* topic = version.mutable_syllabus(0)->mutable_modules(0)->mutable_topics(1);
  topic->mutable_hours()->set_lecture_hours(5);
  topic->mutable_hours()->set_practical_hours(1);  // the whole is the same
  const auto status = Check(version);
  EXPECT_EQ(rpc::ReasonOf(status), "SYLLABUS_SUMS_DISAGREE");
  EXPECT_THAT(Paths(status), ElementsAre("syllabus[0].modules[0].hours.lecture_hours",
                                         "syllabus[0].modules[0].hours.practical_hours"));
}

TEST(SyllabusRules, ModulesAddUpToTheirSection) {
  v1::ProgrammeVersion version = Valid();
  version.mutable_syllabus(0)->mutable_modules(1)->mutable_hours()->set_practical_hours(15);
  EXPECT_THAT(Paths(Check(version)), ElementsAre("syllabus[0].hours.practical_hours"));
}

TEST(SyllabusRules, SectionsAddUpToTheProgramme) {
  v1::ProgrammeVersion version = Valid();
  version.set_duration_hours(40);
  EXPECT_THAT(Paths(Check(version)), ElementsAre("duration_hours"));
  version = Valid();
  version.set_internship_hours(6);
  EXPECT_THAT(Paths(Check(version)), ElementsAre("internship_hours"));
}

TEST(SyllabusRules, DistanceHoursAreAmongTheHoursOfADistanceProgramme) {
  v1::ProgrammeVersion version = Valid();
  version.set_distance(false);
  EXPECT_THAT(Paths(Check(version)), ElementsAre("distance"));
  version = Valid();
  version.mutable_syllabus(1)->mutable_hours()->set_distance_hours(3);
  EXPECT_THAT(Paths(Check(version)), ElementsAre("syllabus[1].hours.distance_hours"));
}

TEST(SyllabusRules, EveryPartHasHours) {
  v1::ProgrammeVersion version = Valid();
  version.add_syllabus()->set_title("Пустой");
  EXPECT_THAT(Paths(Check(version)), ElementsAre("syllabus[2].hours"));
}

TEST(SyllabusRules, HoursOfControlNameItsForm) {
  v1::ProgrammeVersion version = Valid();
  version.mutable_syllabus(1)->clear_control();
  const auto status = Check(version);
  EXPECT_EQ(rpc::ReasonOf(status), "CONTROL_FORM_REQUIRED");
  EXPECT_THAT(Paths(status), ElementsAre("syllabus[1].control"));
}

TEST(SyllabusRules, GreatestHoursEverywhereDoNotOverflow) {
  v1::ProgrammeVersion version;
  for (int i = 0; i < 50; ++i) {
    auto* section = version.add_syllabus();
    section->mutable_hours()->set_lecture_hours(5000);
    for (int j = 0; j < 50; ++j) {
      auto* module = section->add_modules();
      module->mutable_hours()->set_lecture_hours(5000);
      for (int k = 0; k < 100; ++k) {
        module->add_topics()->mutable_hours()->set_lecture_hours(5000);
      }
    }
  }
  EXPECT_EQ(rpc::ReasonOf(Check(version)), "SYLLABUS_SUMS_DISAGREE");
}

// Whatever tree is summed upwards adds up; one hour more anywhere does not.
TEST(SyllabusRules, OnlyTreesThatAddUpAreTaken) {
  const bool holds = rc::check([] {
    v1::ProgrammeVersion version;
    std::vector<v1::LessonHours*> all;
    int lectures = 0;
    const int sections = *rc::gen::inRange(1, 4);
    for (int i = 0; i < sections; ++i) {
      auto* section = version.add_syllabus();
      const int modules = *rc::gen::inRange(0, 4);
      int of_section = modules == 0 ? *rc::gen::inRange(1, 40) : 0;
      for (int j = 0; j < modules; ++j) {
        auto* module = section->add_modules();
        const int topics = *rc::gen::inRange(0, 4);
        int of_module = topics == 0 ? *rc::gen::inRange(1, 40) : 0;
        for (int k = 0; k < topics; ++k) {
          const int hours = *rc::gen::inRange(1, 40);
          all.push_back(module->add_topics()->mutable_hours());
          all.back()->set_lecture_hours(hours);
          of_module += hours;
        }
        all.push_back(module->mutable_hours());
        all.back()->set_lecture_hours(of_module);
        of_section += of_module;
      }
      all.push_back(section->mutable_hours());
      all.back()->set_lecture_hours(of_section);
      lectures += of_section;
    }
    version.set_duration_hours(lectures);
    RC_ASSERT(Check(version).ok());
    v1::LessonHours* one = all[*rc::gen::inRange<size_t>(0, all.size())];
    one->set_lecture_hours(one->lecture_hours() + 1);
    RC_ASSERT(!Check(version).ok());
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace rsnms::programs::syllabus_rules
