// The registry with mentoring in the test's own process, and the calls these tests make most.
#ifndef RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "rsnms/registry/v1/mentoring_service.pb.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/names.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {

class MentoringTest : public RegistryTest {
 protected:
  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry", .contracts = {Contract(), MentoringContract()}, .upstreams = {}},
        [this](service::Host& host) {
          AddRules(host.engine());
          AddMentoringRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          mentoring_ = std::make_unique<MentoringService>(host.engine());
          mentoring_->Serve(host.server());
        });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
    auto school = MakeBody("Школа № 1");
    ASSERT_TRUE(school.ok()) << school.status();
    school_ = school->name();
  }
  void TearDown() override {
    service_.reset();
    mentoring_.reset();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const char* method, const Request& request) {
    Response response;
    auto status = admin_->Unary(absl::StrCat("rsnms.registry.v1.Mentoring/", method), request,
                                &response, absl::Now() + absl::Seconds(60));
    if (!status.ok()) return status;
    return response;
  }
  // Somebody who works at the school from 2015 on.
  std::string Worker(CivilDay start = CivilDay(2015, 1, 1)) {
    auto person = MakePerson();
    EXPECT_TRUE(person.ok()) << person.status();
    auto post = Employ(Post(person->name(), school_, start, false));
    EXPECT_TRUE(post.ok()) << post.status();
    posts_[person->name()] = *post;
    return person->name();
  }
  v1::Mentorship Draft(const std::vector<std::string>& mentors,
                       const std::vector<std::string>& mentees,
                       v1::MentoringModel model = v1::MENTORING_MODEL_TRADITIONAL) {
    v1::Mentorship mentorship;
    mentorship.set_model(model);
    mentorship.set_organisation(school_);
    for (const auto& mentor : mentors) mentorship.add_mentors(mentor);
    for (const auto& mentee : mentees) mentorship.add_mentees(mentee);
    *mentorship.mutable_start_date() = D(2024, 9, 1);
    *mentorship.mutable_end_date() = D(2025, 5, 31);
    return mentorship;
  }
  absl::StatusOr<v1::Mentorship> Make(const v1::Mentorship& mentorship) {
    v1::CreateMentorshipRequest request;
    request.set_parent(kRegion);
    *request.mutable_mentorship() = mentorship;
    return Ask<v1::Mentorship>("CreateMentorship", request);
  }
  template <class Request>
  absl::StatusOr<v1::Mentorship> Step(const char* method, const std::string& name) {
    Request request;
    request.set_name(name);
    return Ask<v1::Mentorship>(method, request);
  }
  absl::StatusOr<v1::Mentorship> Form(const std::string& name) {
    return Step<v1::FormMentorshipRequest>("FormMentorship", name);
  }

  std::string school_;
  std::map<std::string, v1::Employment> posts_;
  std::unique_ptr<MentoringService> mentoring_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_FIXTURE_H_
