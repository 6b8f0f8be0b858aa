// Learning beside groups and enrolments with a registry played by the test, and the calls its tests
// make most. Today is 1 June 2026.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_FIXTURE_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "libs/feed/redirect.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "rsnms/registry/v1/site.pb.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {

// Answers as the registry does, from what the test put in.
class SitesAndTeams : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    if (away) return absl::UnavailableError("away");
    if (method == "rsnms.registry.v1.Sites/GetSite") {
      return Find(sites, static_cast<const registry::v1::GetSiteRequest&>(request).name(),
                  response);
    }
    if (method == "rsnms.registry.v1.Registry/GetManagementTeam") {
      return Find(teams, static_cast<const registry::v1::GetManagementTeamRequest&>(request).name(),
                  response);
    }
    return absl::UnimplementedError("");
  }
  absl::Status ServerStream(std::string_view, const google::protobuf::Message&,
                            google::protobuf::Message*, const std::function<bool()>&,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }
  absl::Status ClientStream(std::string_view, google::protobuf::Message*,
                            const std::function<bool()>&, google::protobuf::Message*,
                            absl::Time) override {
    return absl::UnimplementedError("");
  }

  std::atomic<bool> away = false;
  std::map<std::string, registry::v1::Site> sites;
  std::map<std::string, registry::v1::ManagementTeam> teams;

 private:
  template <class R>
  static absl::Status Find(const std::map<std::string, R>& known, const std::string& name,
                           google::protobuf::Message* response) {
    const auto found = known.find(name);
    if (found == known.end()) return rpc::NotFound("registry", name);
    *static_cast<R*>(response) = found->second;
    return absl::OkStatus();
  }
};

class LearningFixture : public TrainingFixture {
 protected:
  LearningFixture() {
    registry_ = people_;
    now_ = [] { return absl::FromCivil(absl::CivilHour(2026, 6, 1, 9), absl::UTCTimeZone()); };
  }

  void SetUp() override {
    TrainingFixture::SetUp();
    KnowRegistry();
    EmployEverybody();
  }
  // The registry was read whole.
  void KnowRegistry() {
    EXPECT_EQ(Sql("INSERT INTO feed_cursor (source, name, epoch) VALUES ('registry', "
                  "'programs.learning', 'e') ON CONFLICT (source, name) DO UPDATE SET epoch = 'e' "
                  "RETURNING epoch"),
              "e");
  }
  // People 1 to 150 work in body 7, but where a test says otherwise.
  virtual void EmployEverybody() { Employ(7, 1, 150); }
  // People `first` to `last` work in the body from 2020 on.
  void Employ(int body, int first, int last) {
    EXPECT_EQ(Sql(Cat("INSERT INTO known_employment (region_code, id, person_id, organisation_id, "
                      "municipality_id, category, start_date) SELECT '86', gen_random_uuid(), "
                      "('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '",
                      Uuid(body), "', 'north', 'PEDAGOGUE', '2020-09-01' FROM generate_series(",
                      first, ", ", last, ") AS n RETURNING municipality_id")),
              "north");
  }
  // What the registry's feed says of two people who are one.
  void MergePeople(int person, int into) {
    registry::v1::Person image;
    image.set_name(Person(person));
    image.set_merged_into(Person(into));
    feed::v1::Change change;
    change.set_resource_type("registry.rsnms/Person");
    change.set_resource(image.name());
    change.set_kind(feed::v1::CHANGE_KIND_UPDATED);
    change.mutable_image()->PackFrom(image);
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->host().pool().Run(everything, [&](pg::Tx& tx) {
      return feed::ApplyRedirects(
          tx, service_->host().engine(),
          {.source = "registry", .resource_type = "registry.rsnms/Person", .field = "merged_into"},
          {change});
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // Calls a method of Learning.
  template <class R = v1::LearningRecord>
  absl::StatusOr<R> Ask(rpc::Client& client, const std::string& method, const std::string& text) {
    const auto* rpc = LearningService::Contract()->FindMethodByName(method);
    if (rpc == nullptr) return absl::InvalidArgumentError("no such method: " + method);
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(rpc->input_type())
            ->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) {
      return absl::InvalidArgumentError("not a request: " + text);
    }
    R response;
    auto status = client.Unary(Cat(rpc->service()->full_name(), "/", method), *request, &response,
                               absl::Now() + absl::Seconds(60), false);
    if (!status.ok()) return status;
    return response;
  }
  template <class R = v1::LearningRecord>
  absl::StatusOr<R> Do(const std::string& method, const std::string& name,
                       const std::string& more = "") {
    return Ask<R>(*admin_, method, Cat("name: '", name, "' ", more));
  }

  static std::string Town(const std::string& code) { return NameOf("86", "municipalities", code); }
  static std::string Site(int n) { return NameOf("86", "sites", Uuid(n)); }
  // Person `person` of organisation `body` in town `north`.
  static std::string Learner(int person, int body = 7) {
    return Cat("person: '", Person(person), "' organisation: '", Body(body), "' municipality: '",
               Town("north"), "' ");
  }
  static std::string Period() {
    return Cat("start_date ", Day(3, 2), " end_date ", Day(3, 6), " hours: 20 ");
  }
  // An internship of person 1 of body 7 at body 8, led by person 2.
  static std::string Internship(const std::string& more = "") {
    return Cat(Learner(1),
               "kind: LEARNING_KIND_INTERNSHIP title: 'Оценивание' host_organisation: '", Body(8),
               "' supervisor: '", Person(2), "' ", Period(), more);
  }
  static std::string Plain(const std::string& kind, int person = 1, const std::string& more = "") {
    return Cat(Learner(person), "kind: LEARNING_KIND_", kind, " title: 'Тема' ", Period(), more);
  }
  absl::StatusOr<v1::LearningRecord> CreateAs(rpc::Client& client, const std::string& record) {
    return Ask(client, "CreateLearningRecord",
               Cat("parent: 'regions/86' learning_record {", record, "}"));
  }
  absl::StatusOr<v1::LearningRecord> Create(const std::string& record) {
    return CreateAs(*admin_, record);
  }
  static std::string Report(const std::string& more = "") {
    return Cat("report: 'Освоено' completed_hours: 18 completion_date ", Day(3, 6), " ", more);
  }
  static std::string OnDay(int month, int day) {
    return Cat("acceptance_date ", Day(month, day), " ");
  }
  // A record that has come as far as REPORTED.
  std::string Reported(const std::string& record, const std::string& report = "") {
    const std::string name = Need(Create(record)).name();
    Need(Do("AgreeLearningRecord", name));
    Need(Do("StartLearningRecord", name));
    Need(Do("ReportLearningRecord", name, report.empty() ? Report() : report));
    return name;
  }
  std::string Accepted(const std::string& record, const std::string& report = "") {
    const std::string name = Reported(record, report);
    Need(Do("AcceptLearningRecord", name, OnDay(5, 1)));
    return name;
  }
  v1::LearningRecord ReadRecord(const std::string& name) {
    return Need(Do("GetLearningRecord", name));
  }

  std::shared_ptr<SitesAndTeams> people_ = std::make_shared<SitesAndTeams>();
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_FIXTURE_H_
