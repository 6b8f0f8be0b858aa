// Corporate hours and the academy, with what the registry's feed tells.
#include "rsnms/registry/v1/corporate_training.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/learning/learning_fixture.h"
#include "services/programs/learning/registry_projection.h"

namespace rsnms::programs {
namespace {

class Hours : public LearningFixture {
 protected:
  void EmployEverybody() override {}  // posts are what is counted
  static google::type::Date On(int year, int month, int day) {
    google::type::Date date;
    date.set_year(year);
    date.set_month(month);
    date.set_day(day);
    return date;
  }
  static feed::v1::Change ChangeOf(const std::string& type, const std::string& name,
                                   const google::protobuf::Message& image) {
    feed::v1::Change change;
    change.set_resource_type("registry.rsnms/" + type);
    change.set_resource(name);
    change.set_kind(feed::v1::CHANGE_KIND_UPDATED);
    change.mutable_image()->PackFrom(image);
    return change;
  }
  void Apply(const std::vector<feed::v1::Change>& changes) {
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->host().pool().Run(
        everything, [&](pg::Tx& tx) { return ApplyRegistryChanges(tx, changes); });
    EXPECT_TRUE(status.ok()) << status;
  }
  static feed::v1::Change Post(int n, int person, int body, bool manager = false) {
    registry::v1::Employment post;
    post.set_person(Person(person));
    post.set_organisation(Body(body));
    post.set_municipality(Town("north"));
    post.set_category(manager ? registry::v1::STAFF_CATEGORY_MANAGER
                              : registry::v1::STAFF_CATEGORY_PEDAGOGUE);
    *post.mutable_start_date() = On(2020, 9, 1);
    return ChangeOf("Employment", NameOf("86", "employments", Uuid(n)), post);
  }
  static feed::v1::Change BodyOf(int n, registry::v1::OrganisationKind kind) {
    registry::v1::Organisation body;
    body.set_kind(kind);
    body.set_municipality(Town("north"));
    return ChangeOf("Organisation", Body(n), body);
  }
  static feed::v1::Change Trained(int n, int person, int body, int hours,
                                  const google::type::Date& day) {
    registry::v1::CorporateTraining training;
    training.set_person(Person(person));
    training.set_organisation(Body(body));
    training.set_hours(hours);
    *training.mutable_end_date() = day;
    return ChangeOf("CorporateTraining", NameOf("86", "corporateTrainings", Uuid(n)), training);
  }
  // `person:hours by kind+registry=total-lacking` of each, in the school year 2025/26.
  std::string List(rpc::Client& client, const std::string& more = "", int year = 2025) {
    std::string told, token;
    do {
      const auto page = Need(Ask<v1::ListCorporateHoursResponse>(
          client, "ListCorporateHours",
          Cat("parent: 'regions/86' year: ", year, " ", more, " page_token: '", token, "'")));
      for (const auto& one : page.corporate_hours()) {
        told = Cat(told, IdOf(one.person()).substr(34), ":");
        for (const auto& own : one.learning_hours()) told = Cat(told, own.hours(), "+");
        told =
            Cat(told, one.registry_hours(), "=", one.total_hours(), "-", one.lacking_hours(), " ");
      }
      token = page.next_page_token();
    } while (!token.empty());
    return told;
  }
};

TEST_F(Hours, RecordsAndTheRegistrysTrainingsAddUpAgainstTheMinimum) {
  Apply({Post(1, 1, 7), Post(2, 2, 7), Post(3, 3, 8), Post(4, 4, 7, true),
         BodyOf(7, registry::v1::ORGANISATION_KIND_SCHOOL), Trained(1, 1, 7, 50, On(2025, 9, 1)),
         Trained(2, 1, 7, 9, On(2025, 8, 31)), Trained(3, 2, 7, 72, On(2026, 5, 31)),
         Trained(4, 3, 8, 10, On(2026, 6, 30))});  // the last is to come
  Accepted(Plain("SELF_STUDY"));
  Accepted(Internship());
  Accepted(Plain("OTHER"));       // does not count
  Reported(Plain("SELF_STUDY"));  // nor what nobody accepted
  EXPECT_EQ(List(*admin_), "01:18+18+50=86-0 02:72=72-0 03:0=0-72 04:0=0-72 ");
  EXPECT_EQ(List(*admin_, "page_size: 1"), List(*admin_)) << "pages of any size";
  EXPECT_EQ(List(*admin_, "lacking_only: true"), "03:0=0-72 04:0=0-72 ");
  EXPECT_EQ(List(*admin_, "lacking_only: true category: LEARNER_CATEGORY_PEDAGOGUE"), "03:0=0-72 ");
  EXPECT_EQ(List(*admin_, Cat("organisation: '", Body(8), "'")), "03:0=0-72 ");
  EXPECT_EQ(List(*admin_, Cat("municipality: '", Town("south"), "'")), "");
  EXPECT_EQ(List(*admin_, Cat("organisation: '", Body(7), "'"), 2024),
            "01:9=9-63 02:0=0-72 04:0=0-72 ");
  const auto own = Need(
      Ask<v1::CorporateHours>(*admin_, "GetCorporateHours",
                              Cat("parent: 'regions/86' year: 2025 person: '", Person(1), "'")));
  EXPECT_EQ(own.total_hours(), 86);
  const auto nobody = Need(
      Ask<v1::CorporateHours>(*admin_, "GetCorporateHours",
                              Cat("parent: 'regions/86' year: 2025 person: '", Person(90), "'")));
  EXPECT_EQ(nobody.lacking_hours(), 72);
}

TEST_F(Hours, TheRegionSaysWhatCounts) {
  Apply({Post(1, 1, 7), Trained(1, 1, 7, 50, On(2025, 9, 1))});
  Accepted(Plain("SELF_STUDY"));
  Accepted(Plain("OTHER"));
  const auto rules = [&](const std::string& text) {
    Need(Ask<v1::LearningRules>(*admin_, "UpdateLearningRules",
                                Cat("learning_rules {name: 'regions/86/learningRules/default' ",
                                    text, "} update_mask {paths: '*'} allow_missing: true")));
  };
  rules(
      "corporate_kinds: LEARNING_KIND_OTHER registry_hours_excluded: true "
      "corporate_hours_minimum: 20");
  EXPECT_EQ(List(*admin_), "01:18+0=18-2 ");
  rules("year_start_month: 1 corporate_hours_minimum: 0");
  EXPECT_EQ(List(*admin_), "01:50=50-0 ") << "the calendar year 2025";
  EXPECT_EQ(List(*admin_, "", 2026), "01:18+0=18-0 ");
  EXPECT_EQ(List(*admin_, "lacking_only: true", 2026), "") << "the region asks for none";
}

TEST_F(Hours, TheProjectionFollowsWhatTheRegistrySaysLast) {
  auto moved = Trained(1, 2, 7, 8, On(2025, 10, 1));
  Apply({Trained(1, 1, 7, 5, On(2025, 10, 1)), moved});
  EXPECT_EQ(List(*admin_), "02:8=8-64 ");
  moved.set_kind(feed::v1::CHANGE_KIND_DELETED);
  Apply({moved});
  EXPECT_EQ(List(*admin_), "");
}

TEST_F(Hours, OthersHoursAreNotShown) {
  Apply({Post(1, 1, 7), Post(2, 2, 8), Trained(1, 1, 7, 5, On(2025, 10, 1)),
         Trained(2, 2, 8, 6, On(2025, 10, 1)), BodyOf(8, registry::v1::ORGANISATION_KIND_SCHOOL)});
  Accepted(Internship());  // of body 7's person 1 at body 8, led by person 2
  const auto listed = [&](const std::string& role, const std::string& scope) {
    auto client = service_->Connect({role}, {scope});
    return List(*client);
  };
  EXPECT_EQ(listed("organisation", Body(7)), "01:18+5=23-49 ");
  EXPECT_EQ(listed("organisation", Body(8)), "02:6=6-66 ");
  EXPECT_EQ(listed("educator", Person(2)), "02:6=6-66 ");
  EXPECT_EQ(listed("municipal_service", Town("north")), "01:18+0=18-54 02:6=6-66 ")
      << "the municipality of body 7 is not known";
  EXPECT_EQ(listed("organisation", Body(9)), "");
  auto foreign = service_->Connect({"authority"}, {"regions/61"});
  EXPECT_EQ(Ask<v1::ListCorporateHoursResponse>(*foreign, "ListCorporateHours",
                                                "parent: 'regions/86' year: 2025")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Hours, BadQuestionsAreRefused) {
  const auto ask = [&](const std::string& text) {
    return Ask<v1::ListCorporateHoursResponse>(*admin_, "ListCorporateHours", text);
  };
  EXPECT_REASON(ask("parent: 'regions/-' year: 2025"), "INVALID_PARENT");
  EXPECT_EQ(ask("parent: 'regions/86'").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_REASON(ask("parent: 'regions/86' year: 2025 page_token: 'x'"), "INVALID_PAGE_TOKEN");
  EXPECT_REASON(ask(Cat("parent: 'regions/61' year: 2025 organisation: '", Body(7), "'")),
                "INVALID_NAME");
}

TEST_F(Hours, TheAcademyIsCountedOverTheCentresStaff) {
  Apply({Post(1, 1, 7), Post(2, 2, 7), Post(3, 2, 8), Post(4, 3, 8), Post(5, 4, 9),
         BodyOf(7, registry::v1::ORGANISATION_KIND_CENTRE),
         BodyOf(8, registry::v1::ORGANISATION_KIND_INSTITUTE),
         BodyOf(9, registry::v1::ORGANISATION_KIND_SCHOOL)});
  const auto shown = [](const std::string& number) {
    return Report(Cat("certificate_number: '", number, "' certificate_date ", Day(3, 6)));
  };
  Accepted(Plain("ACADEMY", 2), shown("А-1"));
  Accepted(Cat(Learner(4, 9), "kind: LEARNING_KIND_ACADEMY title: 'Тема' ", Period()),
           shown("А-2"));
  Reported(Plain("ACADEMY", 1), shown("А-3"));
  const auto told = [&](rpc::Client& client, const std::string& more) {
    const auto coverage = Need(
        Ask<v1::AcademyCoverage>(client, "GetAcademyCoverage",
                                 Cat("parent: 'regions/86' end_date ", Day(5, 31), " ", more)));
    std::string text;
    for (const auto& body : coverage.bodies()) {
      text = Cat(text, body.trained_count(), "/", body.staff_count(), " ");
    }
    return Cat(text, "= ", coverage.trained_count(), "/", coverage.staff_count());
  };
  EXPECT_EQ(told(*admin_, ""), "1/2 1/2 = 1/3") << "person 2 works in both, and counts once";
  EXPECT_EQ(told(*admin_, Cat("organisations: '", Body(9), "'")), "1/1 = 1/1");
  EXPECT_EQ(told(*admin_, Cat("start_date ", Day(4, 1))), "0/2 0/2 = 0/3");
  EXPECT_EQ(told(*admin_, Cat("persons: '", Person(1), "' persons: '", Person(4), "' persons: '",
                              Person(4), "'")),
            "= 1/2");
  EXPECT_REASON(
      Ask<v1::AcademyCoverage>(*admin_, "GetAcademyCoverage",
                               Cat("parent: 'regions/86' end_date ", Day(5, 31), " persons: '",
                                   Person(1), "' organisations: '", Body(7), "'")),
      "INVALID_REQUEST");
}

}  // namespace
}  // namespace rsnms::programs
