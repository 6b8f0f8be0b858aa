// The registry with some of its areas in the test's own process, a region with a school and people
// in it. Requests are written as protobuf text: tests show what is sent.
#ifndef RSNMS_SERVICES_REGISTRY_AREA_FIXTURE_H_
#define RSNMS_SERVICES_REGISTRY_AREA_FIXTURE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "libs/testing/state_machine.h"
#include "services/registry/registry_fixture.h"

namespace rsnms::registry {

class AreaTest : public RegistryTest {
 protected:
  // `wire` adds the area's rules and methods, as main.cc does.
  AreaTest(const google::protobuf::ServiceDescriptor* contract,
           std::function<void(service::Host&)> wire)
      : contract_(contract), wire_(std::move(wire)) {}

  void SetUp() override {
    service_ = testing::Service::Start(
        {.name = "registry", .contracts = {Contract(), contract_}, .upstreams = {}},
        [this](service::Host& host) {
          AddRules(host.engine());
          methods_ = std::make_unique<RegistryService>(host.engine());
          methods_->Serve(host.server());
          wire_(host);
        });
    admin_ = service_->ConnectAsAdministrator();
    MakeRegion();
    school_ = MakeBody("Школа № 1")->name();
  }

  // Calls a method of the area with a request in protobuf text.
  template <class R>
  absl::StatusOr<R> Send(rpc::Client& client, const std::string& method, const std::string& text) {
    const auto* rpc = contract_->FindMethodByName(method);
    if (rpc == nullptr) return absl::InvalidArgumentError("no such method: " + method);
    const std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(rpc->input_type())
            ->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) {
      return absl::InvalidArgumentError("not a request: " + text);
    }
    R response;
    auto status = client.Unary(absl::StrCat(contract_->full_name(), "/", method), *request,
                               &response, absl::Now() + absl::Seconds(60));
    if (!status.ok()) return status;
    return response;
  }
  template <class R>
  absl::StatusOr<R> Send(const std::string& method, const std::string& text) {
    return Send<R>(*admin_, method, text);
  }
  // Creates a resource; `field` is its field in the request.
  template <class R>
  absl::StatusOr<R> Create(const std::string& field, const std::string& text) {
    return Send<R>("Create" + R::descriptor()->name(),
                   absl::StrCat("parent: 'regions/86' ", field, " {", text, "}"));
  }
  // A step without more than a name.
  template <class R>
  absl::StatusOr<R> Step(const std::string& method, const std::string& name,
                         const std::string& more = "") {
    return Send<R>(method, absl::StrCat("name: '", name, "' ", more));
  }
  // The name of what must have been made.
  template <class R>
  std::string NameOf(const absl::StatusOr<R>& made) {
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  std::string Person() { return NameOf(MakePerson()); }
  static std::string Day(int year, int month, int day) {
    return absl::StrFormat("{year: %d month: %d day: %d}", year, month, day);
  }
  static std::string IdOfName(const std::string& name) { return name.substr(name.rfind('/') + 1); }

  // Tries every step of a resource from every state of it; the table of allowed steps is the
  // contract. `state` is the column of a machine that is not the only one.
  testing::StepCounts TryMachine(
      const std::string& resource, const std::string& table,
      const std::function<std::string()>& make,
      const std::function<void(google::protobuf::Message&)>& fill,
      const std::function<std::string(const std::string&)>& column = [](const std::string&) {
        return "state";
      }) {
    testing::StateMachine machine;
    machine.service = contract_;
    machine.resource = "registry.rsnms/" + resource;
    machine.make = make;
    machine.force = [this, table, column](const std::string& name, const std::string& state) {
      Sql(absl::StrFormat("UPDATE %s SET %s = '%s' WHERE id = '%s' RETURNING id", table,
                          column(state), state, IdOfName(name)));
    };
    machine.read = [this, table](const std::string& name) {
      return Sql(
          absl::StrFormat("SELECT to_jsonb(r) FROM %s r WHERE id = '%s'", table, IdOfName(name)));
    };
    machine.fill = fill;
    return testing::TryEveryStep(machine, *admin_);
  }

  // A consent of the person in force since 2020, recorded past the service.
  void Consent(const std::string& person, const std::string& purpose) {
    const std::string made =
        Sql(absl::StrFormat("INSERT INTO consent VALUES ('86', gen_random_uuid(), 1, now(), now(), "
                            "NULL, '%s', '%s', '', 'бланк', '', '2020-01-01', NULL, NULL, NULL, "
                            "'GIVEN') RETURNING state",
                            IdOfName(person), purpose));
    EXPECT_EQ(made, "GIVEN");
  }

  // Runs `others` while a transaction that ran `sql` keeps its locks, and ends it once they wait.
  void RunWhileOthersWait(const std::string& sql, const std::function<void()>& others) {
    std::atomic<bool> held = false;
    std::thread holder([&] {
      pg::TxOptions everything;
      everything.scopes = "*";
      auto status = service_->database().app().Run(everything, [&](pg::Tx& tx) -> absl::Status {
        if (auto s = tx.Query(sql); !s.ok()) return s.status();
        held = true;
        for (int i = 0; i < 500; ++i) {
          auto waiting = tx.Query(
              "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
              "WHERE NOT l.granted AND a.datname = current_database()");
          if (!waiting.ok()) return waiting.status();
          if (std::string((*waiting)[0][0].c_str()) != "0") break;
          absl::SleepFor(absl::Milliseconds(20));
        }
        absl::SleepFor(absl::Milliseconds(100));
        return absl::OkStatus();
      });
      EXPECT_TRUE(status.ok()) << status;
      held = true;
    });
    while (!held) std::this_thread::yield();
    others();
    holder.join();
  }

  // 64 writers at once; answers how many succeeded and checks the reason of the others.
  int Race(const std::function<absl::Status(int writer)>& write, const std::string& reason) {
    std::atomic<int> won = 0;
    std::vector<absl::Status> statuses(64);
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&, i] {
        statuses[i] = write(i);
        if (statuses[i].ok()) ++won;
      });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& status : statuses) {
      if (status.ok()) continue;
      const std::string said = rpc::ReasonOf(status);
      EXPECT_TRUE(said == reason || said == "CONSTRAINT_VIOLATED") << status;
    }
    return won;
  }

  const google::protobuf::ServiceDescriptor* contract_;
  std::function<void(service::Host&)> wire_;
  std::string school_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_AREA_FIXTURE_H_
