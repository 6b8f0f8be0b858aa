// The service `programs` with its groups, and what their tests make most. Requests are written as
// protobuf text: tests show what is sent.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_FIXTURE_H_

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/text_format.h"
#include "services/programs/programs_fixture.h"

namespace rsnms::programs {

class TrainingFixture : public ProgramsFixture {
 protected:
  void SetUp() override {
    ProgramsFixture::SetUp();
    programme_ = CreateProgramme().name();
  }

  // Calls a method of Training, or else of Programs.
  template <class R>
  absl::StatusOr<R> Send(rpc::Client& client, const std::string& method, const std::string& text) {
    const auto* rpc = TrainingService::Contract()->FindMethodByName(method);
    if (rpc == nullptr) {
      rpc = v1::SelectProgrammesRequest::descriptor()
                ->file()
                ->FindServiceByName("Programs")
                ->FindMethodByName(method);
    }
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
  template <class R>
  absl::StatusOr<R> Send(const std::string& method, const std::string& text) {
    return Send<R>(*admin_, method, text);
  }
  template <class R>
  R Need(const absl::StatusOr<R>& answer) {
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : R();
  }

  static std::string Day(int month, int day, int year = 2026) {
    return absl::StrFormat("{year: %d month: %d day: %d}", year, month, day);
  }
  static std::string Person(int n) { return NameOf("86", "persons", Uuid(n)); }
  static std::string Body(int n) { return NameOf("86", "organisations", Uuid(n)); }

  absl::StatusOr<v1::Group> CreateGroup(int seats, const std::string& more = "",
                                        const std::string& programme = "") {
    return Send<v1::Group>(
        "CreateGroup",
        Cat("parent: 'regions/86' group {programme: '", programme.empty() ? programme_ : programme,
            "' provider: '", Body(9), "' code: 'ПК-1' form: STUDY_FORM_FULL_TIME start_date ",
            Day(3, 2), " end_date ", Day(3, 31), " seats: ", seats, " ", more, "}"));
  }
  // A group that takes applications.
  std::string OpenGroup(int seats, const std::string& more = "",
                        const std::string& programme = "") {
    const std::string name = Need(CreateGroup(seats, more, programme)).name();
    Need(Step<v1::Group>("OpenGroup", name));
    return name;
  }
  // A step with a reason and a day, where it takes them.
  template <class R>
  absl::StatusOr<R> Step(const std::string& method, const std::string& name,
                         const std::string& more = "") {
    return Send<R>(method, Cat("name: '", name, "' ", more));
  }
  absl::StatusOr<v1::Enrolment> Move(const std::string& method, const std::string& name,
                                     const std::string& more = "") {
    return Step<v1::Enrolment>(method, name,
                               Cat("reason: 'приказ' state_date ", Day(3, 10), " ", more));
  }
  static std::string Application(const std::string& programme, int person, int body = 7,
                                 const std::string& more = "") {
    return Cat("{person: '", Person(person), "' organisation: '", Body(body),
               "' category: LEARNER_CATEGORY_PEDAGOGUE programme: '", programme,
               "' basis: ENROLMENT_BASIS_PLAN ", more, "}");
  }
  absl::StatusOr<v1::Enrolment> Apply(const std::string& group, int person,
                                      const std::string& more = "", int body = 7) {
    return Send<v1::Enrolment>("EnrolInGroup",
                               Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                                   Application(programme_, person, body), " ", more));
  }
  v1::Enrolment Read(const std::string& name) {
    return Need(Send<v1::Enrolment>("GetEnrolment", Cat("name: '", name, "'")));
  }
  v1::Group ReadGroup(const std::string& name) {
    return Need(Send<v1::Group>("GetGroup", Cat("name: '", name, "'")));
  }
  // Taken seats and length of the waiting list, as the group says; the rows must say the same.
  std::string Counts(const std::string& group) {
    const v1::Group read = ReadGroup(group);
    const std::string told = Cat(read.taken_seats(), "+", read.waiting_count());
    const std::string rows =
        Sql(Cat("SELECT count(*) FILTER (WHERE seat = 'HELD') || '+' || count(*) FILTER "
                "(WHERE seat = 'WAITING') FROM enrolment WHERE group_id = '",
                IdOf(group), "'"));
    EXPECT_EQ(told, rows);
    return told;
  }
  // Numbers of people (Uuid(n)) who wait, in their order.
  std::vector<std::string> Waiting(const std::string& group) {
    const auto page = Need(Send<v1::ListEnrolmentsResponse>(
        "ListEnrolments",
        Cat("parent: 'regions/86' order_by: 'waiting_number' page_size: 1000 filter: "
            "'group = \"",
            group, "\" AND seat = \"WAITING\"'")));
    std::vector<std::string> people;
    for (const auto& row : page.enrolments()) people.push_back(row.person());
    return people;
  }
  std::string Sql(const std::string& query) {
    std::string value;
    pg::TxOptions everything;
    everything.scopes = "*";
    auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      auto rows = tx.Query(query);
      if (rows.ok() && !rows->empty()) value = (*rows)[0][0].c_str();
      return rows.status();
    });
    return status.ok() ? value : rpc::ReasonOf(status);
  }
  // As many writers at once; answers how each fared.
  static std::vector<absl::Status> Race(int writers,
                                        const std::function<absl::Status(int)>& write) {
    std::vector<absl::Status> statuses(writers);
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i) threads.emplace_back([&, i] { statuses[i] = write(i); });
    for (auto& thread : threads) thread.join();
    return statuses;
  }
  static std::string Told(const absl::Status& status) { return rpc::ToProto(status).DebugString(); }

  std::string programme_;
};

#define EXPECT_REASON(status_or, reason) EXPECT_EQ(rpc::ReasonOf((status_or).status()), reason)

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_FIXTURE_H_
