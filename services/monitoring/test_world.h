// A small invented region kept in memory, the changes its history publishes, and the facts a naive
// reading of the rules gives: the oracle the projection is compared with. No SQL here.
#ifndef RSNMS_SERVICES_MONITORING_TEST_WORLD_H_
#define RSNMS_SERVICES_MONITORING_TEST_WORLD_H_

#include <map>
#include <ostream>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/learning_rules.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/registry/v1/corporate_training.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "rsnms/registry/v1/support_record.pb.h"
#include "services/monitoring/fact_rules.h"

namespace rsnms::monitoring {

// A day as a number that sorts: 20260131.
using Day = int;
google::type::Date ToDate(Day day);
Day FromDate(const google::type::Date& date);

// What a subject's row of `subject_fact` must say.
struct ExpectedFacts {
  std::string municipality_id, organisation_id;
  FactMask mask = 0;
  bool operator==(const ExpectedFacts&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const ExpectedFacts& facts) {
    return out << facts.municipality_id << ' ' << facts.organisation_id << ' ' << facts.mask;
  }
};
// By (subject kind, id); subjects without facts are left out.
using Expected = std::map<std::pair<int, std::string>, ExpectedFacts>;

class World {
 public:
  // `scale` multiplies the number of ids that steps draw from.
  explicit World(std::string region_code, unsigned seed = 1, int scale = 1)
      : region_(std::move(region_code)), random_(seed), scale_(scale) {}

  // Names are deterministic: the n-th of a collection.
  std::string Name(const std::string& collection, int number) const;

  // Puts a resource (by its name) and answers the change that says so.
  template <class R>
  feed::v1::Change Put(const R& resource);
  // Takes it away.
  feed::v1::Change Remove(const std::string& name);
  // A random step of the region's history: something comes, changes or goes. Draws from few ids, so
  // that it often meets what is there, and lets references come before what they refer to.
  feed::v1::Change Step();

  // The facts of a year by a naive reading of rsnms/monitoring/v1/fact.proto.
  Expected Facts(int year, Day cut_off) const;

  // The resources that live, by name.
  std::map<std::string, registry::v1::Organisation> organisations;
  std::map<std::string, registry::v1::Person> persons;
  std::map<std::string, registry::v1::Employment> employments;
  std::map<std::string, registry::v1::SupportRecord> supports;
  std::map<std::string, registry::v1::ManagementTeam> teams;
  std::map<std::string, diagnostics::v1::Session> sessions;
  std::map<std::string, diagnostics::v1::Route> routes;
  std::map<std::string, programs::v1::Programme> programmes;
  std::map<std::string, programs::v1::Completion> completions;
  std::map<std::string, programs::v1::Enrolment> enrolments;
  std::map<std::string, programs::v1::Certificate> certificates;
  std::map<std::string, programs::v1::ProgrammeVersion> versions;
  std::map<std::string, registry::v1::CorporateTraining> trainings;
  std::map<std::string, programs::v1::LearningRecord> records;
  std::map<std::string, programs::v1::LearningRules> rules;

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int percent) { return Pick(100) < percent; }
  Day AnyDay() { return (2024 + Pick(4)) * 10000 + (1 + Pick(12)) * 100 + 1 + Pick(28); }
  std::string Some(const std::string& collection, int of) {
    return Name(collection, Pick(of * scale_));
  }
  feed::v1::Change StepRegistry(int what);
  feed::v1::Change StepLearning(int what);
  feed::v1::Change StepDocuments(int what);
  bool Counts(const programs::v1::Completion& completion, Day first, Day cut_off) const;
  feed::v1::Change StepHours(int what);
  bool Accepted(const std::string& person, programs::v1::LearningKind kind, Day first,
                Day cut_off) const;
  bool HasCorporateHours(const std::string& person, int year, Day cut_off) const;
  bool LearnsOn(const std::string& person, Day day) const;
  bool Certified(const programs::v1::Completion& completion) const;
  ExpectedFacts PersonFacts(const std::string& name, Day first, Day cut_off) const;
  ExpectedFacts TeamFacts(const registry::v1::ManagementTeam& team, Day first, Day cut_off) const;
  ExpectedFacts ProgrammeFacts(const programs::v1::Programme& programme, Day first,
                               Day cut_off) const;
  std::string MunicipalityOf(const std::string& organisation) const;

  std::string region_;
  std::mt19937 random_;
  int scale_;
  std::map<std::string, int64_t> versions_;
  std::map<std::string, std::string> types_;  // resource name -> type
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_TEST_WORLD_H_
