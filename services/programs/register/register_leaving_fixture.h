// Programmes that leave the register: what the tests of it share.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LEAVING_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LEAVING_FIXTURE_H_

#include <string>
#include <vector>

#include "services/programs/register/register_fixture.h"

namespace rsnms::programs {

class Leaving : public RegisterSyncing {
 protected:
  federal_sim::RegisterSim& truth() { return sim_->programme_register(); }
  std::string Number(int i) { return truth().Truth()[i].register_number(); }

  void WithdrawFirst(int count) {
    const auto entries = truth().Truth();
    for (int i = 0; i < count; ++i) truth().Withdraw(entries[i].register_number());
  }

  // The same programme under another number, as a register puts it down whose entries end.
  std::string RegisterAnew(const std::string& number, bool withdraw = true) {
    federal::v1::Programme anew;
    for (const auto& entry : truth().Truth()) {
      if (entry.register_number() == number) anew = entry;
    }
    if (withdraw) truth().Withdraw(number);
    anew.set_register_number("2027-" + number);
    anew.set_name("programmes/2027-" + number);
    anew.clear_withdrawn_date();
    truth().Put(anew);
    return anew.register_number();
  }

  Sync RunAgain(Sync::Mode mode) {
    v1::StartRegisterSyncRequest request;
    request.set_parent("regions/86");
    request.set_mode(mode);
    request.set_ask_again(true);
    const Sync begun = Must<Sync>("StartRegisterSync", request);
    return Resume(begun.name());
  }

  Sync Resume(const std::string& name) {
    RegisterMirror mirror(&service_->host().engine(), Federal(), options_);
    Drive(mirror);
    return Get(name);
  }

  Sync Reject(const Sync& waiting) {
    v1::RejectShrinkRequest reject;
    reject.set_name(waiting.name());
    reject.set_reason("реестр неисправен");
    return Must<Sync>("Register/RejectShrink", reject);
  }

  Sync Confirm(const Sync& waiting) {
    v1::ConfirmShrinkRequest confirm;
    confirm.set_name(waiting.name());
    confirm.set_reason("так и есть");
    Must<Sync>("Register/ConfirmShrink", confirm);
    return Resume(waiting.name());
  }

  void ExpectAllListed() {
    for (const auto& [number, programme] : Programmes()) {
      EXPECT_EQ(programme.register_state(), v1::REGISTER_STATE_LISTED) << number;
      EXPECT_EQ(programme.etag(), "\"1\"") << number;
    }
  }

  // The report's line about an entry.
  v1::RegisterChange Line(const Sync& sync, const std::string& number) {
    v1::ListRegisterChangesRequest request;
    request.set_parent("regions/86");
    request.set_filter("register_sync = \"" + sync.name() + "\"");
    request.set_page_size(1000);
    const auto report = Must<v1::ListRegisterChangesResponse>("ListRegisterChanges", request);
    for (const auto& line : report.register_changes()) {
      if (line.register_number() == number) return line;
    }
    ADD_FAILURE() << "no line about " << number;
    return {};
  }

  std::string Enrol(const std::string& number, int person) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    v1::Enrolment& enrolment = *request.mutable_enrolment();
    enrolment.set_person(NameOf("86", "persons", Uuid(person)));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(1)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(Programmes().at(number).name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    return Must<v1::Enrolment>("CreateEnrolment", request).name();
  }

  // A file of these entries, driven to its end.
  Sync Load(const std::vector<federal::v1::Programme>& entries, Sync::Mode mode = Sync::MODE_FULL,
            bool ask_again = false) {
    std::vector<v1::LoadRegisterRequest> pieces(2);
    auto& header = *pieces[0].mutable_header();
    header.set_parent("regions/86");
    header.set_mode(mode);
    header.set_total_size(static_cast<int>(entries.size()));
    header.set_sha256(Sha256Hex("файл"));
    header.set_ask_again(ask_again);
    for (const auto& entry : entries) *pieces[1].mutable_entries()->add_programmes() = entry;
    v1::LoadRegisterRequest request;
    size_t sent = 0;
    Sync sync;
    const auto status = admin_->ClientStream(
        "rsnms.programs.v1.Register/LoadRegister", &request,
        [&] {
          if (sent == pieces.size()) return false;
          request = pieces[sent++];
          return true;
        },
        &sync, absl::Now() + absl::Seconds(20));
    EXPECT_TRUE(status.ok()) << status;
    return Resume(sync.name());
  }

  // What stands in the register, but for the entry of this number.
  std::vector<federal::v1::Programme> StandingBut(const std::string& number) {
    std::vector<federal::v1::Programme> standing;
    for (const auto& entry : truth().Truth()) {
      if (!entry.has_withdrawn_date() && entry.register_number() != number) {
        standing.push_back(entry);
      }
    }
    return standing;
  }

  // Some entries get the title and provider of the first of them.
  void MakeNamesakes(const std::vector<std::string>& numbers) {
    federal::v1::Programme first;
    for (const auto& entry : truth().Truth()) {
      if (entry.register_number() == numbers.front()) first = entry;
    }
    for (const std::string& number : numbers) {
      truth().Edit(number, [&](auto& e) {
        e.set_title(first.title());
        *e.mutable_provider() = first.provider();
      });
    }
  }

  // Changes rows behind everybody's back; answers how many.
  template <class... Args>
  int Forge(std::string_view sql, const Args&... args) {
    pg::TxOptions all;
    all.scopes = "*";
    int changed = 0;
    const auto status = service_->host().engine().pool().Run(all, [&](pg::Tx& tx) {
      auto done = tx.Execute(sql, args...);
      if (done.ok()) changed = static_cast<int>(*done);
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return changed;
  }
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LEAVING_FIXTURE_H_
