// Orders of training beside groups and enrolments, and the calls their tests make most.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_FIXTURE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/enrolment/training_fixture.h"
#include "services/programs/orders/order_places.h"

namespace rsnms::programs {

// The registry: bodies lie in town `north` unless the test says otherwise.
class PlayedRegistry : public rpc::Client {
 public:
  absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, absl::Time, bool,
                     const rpc::Call*) override {
    ++asked;
    if (away) return absl::UnavailableError("away");
    if (method != "rsnms.registry.v1.Registry/GetOrganisation") {
      return absl::UnimplementedError("");
    }
    const auto& name = static_cast<const registry::v1::GetOrganisationRequest&>(request).name();
    if (name == unknown) return rpc::NotFound("registry.rsnms/Organisation", name);
    auto& organisation = *static_cast<registry::v1::Organisation*>(response);
    organisation.set_name(name);
    organisation.set_municipality(town);
    return absl::OkStatus();
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

  bool away = false;
  std::string town = NameOf("86", "municipalities", "north"), unknown;
  std::atomic<int> asked = 0;
};

class OrdersFixture : public TrainingFixture {
 protected:
  OrdersFixture() { registry_ = played_; }

  // Calls a method of Orders, or else of the catalogue.
  template <class R = v1::TrainingOrder>
  absl::StatusOr<R> Ask(rpc::Client& client, const std::string& method, const std::string& text) {
    const auto* rpc = OrdersService::Contract()->FindMethodByName(method);
    if (rpc == nullptr) rpc = CatalogueContract()->FindMethodByName(method);
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
  template <class R = v1::TrainingOrder>
  absl::StatusOr<R> Do(const std::string& method, const std::string& name,
                       const std::string& more = "") {
    return Ask<R>(*admin_, method, Cat("name: '", name, "' ", more));
  }

  static std::string Town(const std::string& code) { return NameOf("86", "municipalities", code); }
  // A line for the fixture's programme.
  std::string Line(const std::string& id, int places, const std::string& more = "") const {
    return Cat("lines {id: '", id, "' programme: '", programme_, "' places: ", places,
               " listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_DEFICIT ",
               more, "} ");
  }
  // An order of organisation `body`, in town `north`.
  absl::StatusOr<v1::TrainingOrder> Create(const std::string& lines, int body = 7) {
    return CreateAs(*admin_, Cat("organisation: '", Body(body), "' municipality: '", Town("north"),
                                 "' year: 2026 ", lines));
  }
  absl::StatusOr<v1::TrainingOrder> CreateAs(rpc::Client& client, const std::string& order) {
    return Ask(client, "CreateTrainingOrder",
               Cat("parent: 'regions/86' training_order {", order, "}"));
  }
  std::string Approved(const std::string& lines) {
    const std::string name = Need(Create(lines)).name();
    Need(Do("SubmitTrainingOrder", name));
    Need(Do("ApproveTrainingOrder", name,
            "approval_document: 'Приказ № 7' approval_date " + Day(1, 20)));
    return name;
  }
  absl::StatusOr<v1::Enrolment> Enrol(const std::string& order, const std::string& line, int person,
                                      int body = 7, const std::string& more = "") {
    return Send<v1::Enrolment>(
        "CreateEnrolment",
        Cat("parent: 'regions/86' enrolment ",
            Application(programme_, person, body,
                        Cat("training_order: '", order, "' order_line: '", line, "' ", more))));
  }
  // The registry's feed tells where a body lies.
  void Tell(int body, const std::string& town) {
    EXPECT_EQ(Sql(Cat("INSERT INTO known_organisation (region_code, id, kind, municipality_id) "
                      "VALUES ('86', '",
                      Uuid(body), "', 'SCHOOL', nullif('", town,
                      "', '')) ON CONFLICT (region_code, id) DO UPDATE SET municipality_id = "
                      "excluded.municipality_id RETURNING 1")),
              "1");
  }
  void PlaceOrders() {
    pg::TxOptions everything;
    everything.scopes = "*";
    const auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) {
      return order_places::PlaceOrders(tx, service_->host().engine());
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  void Complete(const std::string& enrolment, int number) {
    Need(Move("ConfirmEnrolment", enrolment));
    Need(Move("StartEnrolment", enrolment));
    Need(Send<v1::Completion>("CompleteEnrolment",
                              Cat("name: '", enrolment, "' certificate_number: 'У-", number,
                                  "' completion_date ", Day(6, 1))));
  }
  // `places: applied/learning/completed/dropped, free` of each line.
  std::string Execution(const std::string& order) {
    const auto execution = Need(Do<v1::TrainingOrderExecution>("GetTrainingOrderExecution", order));
    std::string told;
    for (const auto& line : execution.lines()) {
      told =
          Cat(told, told.empty() ? "" : " ", line.line(), "=", line.places(), ":", line.applied(),
              "/", line.learning(), "/", line.completed(), "/", line.dropped(), ",", line.free());
    }
    return told;
  }

  const std::shared_ptr<PlayedRegistry> played_ = std::make_shared<PlayedRegistry>();
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDERS_FIXTURE_H_
