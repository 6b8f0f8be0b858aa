// Random sequences of commands against the service over a real database, and against the naive
// model of ledger_model.h: each command is refused for the same reason or done by both, and after
// each sequence states, seats and waiting lists are equal.
//
// RSNMS_MODEL_SEED and RSNMS_MODEL_SEQUENCES choose others than the usual ones.
#include <cstdlib>
#include <random>

#include "absl/strings/str_join.h"
#include "services/programs/enrolment/ledger_model.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

constexpr int kGroups = 2, kPeople = 4, kWriters = 6;

int Setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

google::type::Date March(int day) {
  google::type::Date date;
  date.set_year(2026);
  date.set_month(3);
  date.set_day(day);
  return date;
}

std::string GroupName(int sequence, int g) {
  return NameOf("86", "groups", Uuid(10'000'000 + sequence * kGroups + g));
}

// One sequence: the commands given so far, to both.
class Sequence {
 public:
  Sequence(rpc::Client* client, const std::string& programme, int number, uint64_t seed)
      : client_(*client), programme_(programme), number_(number), dice_(seed) {
    model_.groups.resize(kGroups);
    for (int g = 0; g < kGroups; ++g) model_.groups[g].seats = 1 + g;
  }

  void Run() {
    const int length = 1 + Roll(7);
    for (int i = 0; i < length && !::testing::Test::HasFailure(); ++i) Command();
  }

  // State, seat and place in the queue of every enrolment, in the order they were made; the groups.
  std::string Model() const {
    std::vector<std::string> rows;
    for (size_t e = 0; e < model_.enrolments.size(); ++e) {
      const auto& one = model_.enrolments[e];
      rows.push_back(Cat(names_[e], ":", one.state, ":", one.held ? 1 : 0, ":",
                         model_.Rank(static_cast<int>(e))));
    }
    std::sort(rows.begin(), rows.end());
    for (int g = 0; g < kGroups; ++g) {
      const auto& group = model_.groups[g];
      rows.push_back(
          Cat(group.state, ":", group.seats, ":", model_.Taken(g), ":", group.queue.size()));
    }
    return absl::StrJoin(rows, "\n");
  }
  const std::string& trace() const { return trace_; }
  int commands() const { return commands_; }
  int done() const { return done_; }

 private:
  int Roll(int n) { return static_cast<int>(dice_() % n); }
  int person(int p) const { return number_ * kPeople + p + 1; }

  template <class Response, class Request>
  std::string Send(const char* service, const char* method, const Request& request,
                   Response* response) {
    const auto status = client_.Unary(Cat("rsnms.programs.v1.", service, "/", method), request,
                                      response, absl::Now() + absl::Seconds(60), false);
    return status.ok() ? "" : rpc::ReasonOf(status);
  }
  // A step on an enrolment or a group.
  template <class Response, class Request>
  std::string Step(const char* service, const char* method, const std::string& name,
                   Request request, Response* response) {
    request.set_name(name);
    if constexpr (requires { request.set_reason(""); }) request.set_reason("приказ");
    if constexpr (requires { request.mutable_state_date(); }) {
      *request.mutable_state_date() = March(10);
    }
    return Send(service, method, request, response);
  }
  void Compare(const std::string& what, const std::string& expected, const std::string& got) {
    ++commands_;
    if (got.empty()) ++done_;
    absl::StrAppend(&trace_, what, " -> ", got, "\n");
    EXPECT_EQ(got, expected) << "sequence " << number_ << "\n" << trace_;
  }

  v1::Enrolment Application(int p) const {
    v1::Enrolment enrolment;
    enrolment.set_person(NameOf("86", "persons", Uuid(person(p))));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(7)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme_);
    enrolment.set_basis(v1::ENROLMENT_BASIS_PLAN);
    return enrolment;
  }

  void Command() {
    const int kind = Roll(20);
    if (model_.enrolments.empty() || kind < 5) return ApplyCommand();
    if (kind < 17) return StepCommand();
    GroupCommand();
  }
  void ApplyCommand();
  void StepCommand();
  void EnrolmentSteps(int kind, int e);
  void TransferCommand(int e, int g);
  void GroupCommand();

  rpc::Client& client_;
  const std::string& programme_;
  const int number_;
  std::mt19937_64 dice_;
  model::Ledger model_;
  std::vector<std::string> names_;  // of the model's enrolments
  std::string trace_;
  int commands_ = 0, done_ = 0;
};

void Sequence::ApplyCommand() {
  const int p = Roll(kPeople), g = Roll(kGroups);
  v1::Enrolment made;
  if (Roll(6) == 0) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    *request.mutable_enrolment() = Application(p);
    const std::string expected = model_.Create(p);
    if (expected.empty()) names_.emplace_back();
    Compare(Cat("create ", p), expected, Send("Programs", "CreateEnrolment", request, &made));
  } else {
    v1::EnrolInGroupRequest request;
    request.set_parent("regions/86");
    request.set_group(GroupName(number_, g));
    *request.mutable_enrolment() = Application(p);
    request.set_seat_only(Roll(4) == 0);
    const std::string expected = model_.Apply(p, g, request.seat_only());
    if (expected.empty()) names_.emplace_back();
    Compare(Cat("apply ", p, " for ", g, request.seat_only() ? " now" : ""), expected,
            Send("Training", "EnrolInGroup", request, &made));
  }
  if (!names_.empty() && names_.back().empty()) names_.back() = made.name();
}

void Sequence::TransferCommand(int e, int g) {
  v1::TransferEnrolmentRequest request;
  request.set_group(GroupName(number_, g));
  v1::Enrolment gone;
  const std::string expected = model_.Transfer(e, g);
  Compare(Cat("transfer ", e, " to ", g), expected,
          Step("Training", "TransferEnrolment", names_[e], request, &gone));
  if (expected.empty()) names_.push_back(gone.transferred_to());
}

void Sequence::StepCommand() {
  const int e = Roll(static_cast<int>(names_.size())), kind = Roll(14), g = Roll(kGroups);
  if (kind < 2) return TransferCommand(e, g);
  if (kind < 12) return EnrolmentSteps(kind, e);
  v1::PlaceEnrolmentRequest request;
  request.set_group(GroupName(number_, g));
  v1::Enrolment placed;
  Compare(Cat("place ", e, " in ", g), model_.Place(e, g),
          Step("Training", "PlaceEnrolment", names_[e], request, &placed));
}

void Sequence::EnrolmentSteps(int kind, int e) {
  const std::string& name = names_[e];
  v1::Enrolment moved;
  const auto step = [&](const char* service, const char* method, auto request,
                        const std::string& expected) {
    Compare(Cat(method, " ", e), expected, Step(service, method, name, request, &moved));
  };
  switch (kind) {
    case 2:
    case 3:
    case 4:
      return step("Programs", "ConfirmEnrolment", v1::ConfirmEnrolmentRequest(), model_.Confirm(e));
    case 5:
    case 6:
      return step("Programs", "StartEnrolment", v1::StartEnrolmentRequest(), model_.Start(e));
    case 7:
      return step("Programs", "WithdrawEnrolment", v1::WithdrawEnrolmentRequest(),
                  model_.Leave(e, "WITHDRAWN", {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED"}));
    case 8:
      if (Roll(2) == 0) {
        return step("Programs", "FailEnrolment", v1::FailEnrolmentRequest(),
                    model_.End(e, "FAILED"));
      } else {
        v1::CompleteEnrolmentRequest request;
        request.set_name(name);
        request.set_certificate_number(Cat("У-", IdOf(name).substr(24), commands_));
        *request.mutable_completion_date() = March(20);
        v1::Completion completion;
        return Compare(Cat("complete ", e), model_.End(e, "COMPLETED"),
                       Send("Programs", "CompleteEnrolment", request, &completion));
      }
    case 9:
      return step("Training", "DeferEnrolment", v1::DeferEnrolmentRequest(),
                  model_.Leave(e, "DEFERRED", {"ENROLLED", "IN_PROGRESS"}));
    case 10:
      return step("Training", "ResumeEnrolment", v1::ResumeEnrolmentRequest(), model_.Resume(e));
    default:
      return step(
          "Training", "VoidEnrolment", v1::VoidEnrolmentRequest(),
          model_.Leave(e, "VOID",
                       {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED", "WITHDRAWN", "FAILED"}));
  }
}

void Sequence::GroupCommand() {
  const int g = Roll(kGroups), kind = Roll(6);
  const std::string name = GroupName(number_, g);
  v1::Group moved;
  const auto step = [&](const char* method, auto request, const std::string& expected) {
    Compare(Cat(method, " ", g), expected, Step("Training", method, name, request, &moved));
  };
  if (kind == 0) {
    return step("CancelGroup", v1::CancelGroupRequest(),
                model_.Move(g, "CANCELLED", {"PLANNED", "OPEN", "RUNNING"}));
  }
  if (kind == 1) {
    return step("FinishGroup", v1::FinishGroupRequest(), model_.Move(g, "FINISHED", {"RUNNING"}));
  }
  if (kind < 4) return step("RunGroup", v1::RunGroupRequest(), model_.Move(g, "RUNNING", {"OPEN"}));
  v1::UpdateGroupRequest request;
  request.mutable_group()->set_name(name);
  request.mutable_group()->set_seats(1 + Roll(4));
  request.mutable_update_mask()->add_paths("seats");
  Compare(Cat("resize ", g, " to ", request.group().seats()),
          model_.Resize(g, request.group().seats()),
          Send("Training", "UpdateGroup", request, &moved));
}

class LedgerModel : public TrainingFixture {
 protected:
  // All groups of all sequences at once; the service's own way of making one is tested elsewhere.
  void MakeGroups(int sequences) {
    const std::string made = Sql(absl::StrFormat(
        "WITH made AS (INSERT INTO learner_group SELECT '86', "
        "('01900000-0000-7000-8000-' || lpad((10000000 + n)::text, 12, '0'))::uuid, 1, now(), "
        "now(), NULL, '%s'::uuid, '%s'::uuid, 'ПК', 'FULL_TIME', '', NULL, NULL, "
        "'2026-03-02'::date, '2026-03-31'::date, "
        "1 + n %% %d, 0, 0, 0, '[]'::jsonb, false, false, 'OPEN' FROM generate_series(0, %d) AS n "
        "RETURNING 1) SELECT count(*) FROM made",
        std::string(IdOf(programme_)), Uuid(9), kGroups, sequences * kGroups - 1));
    ASSERT_EQ(made, Cat(sequences * kGroups));
  }
  // What autovacuum does in time: without statistics any index that begins with the region will do.
  void Analyze() {
    const auto status = service_->database().owner().Run(
        pg::TxOptions(), [](pg::Tx& tx) { return tx.Script("ANALYZE"); });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Stored(int sequence) {
    static constexpr char kSql[] = R"sql(
      SELECT concat_ws(E'\n',
        (SELECT string_agg('regions/86/enrolments/' || id || ':' || state || ':' ||
                           (seat = 'HELD')::int || ':' ||
                           CASE seat WHEN 'WAITING' THEN place ELSE 0 END, E'\n' ORDER BY id)
         FROM (SELECT *, rank() OVER (PARTITION BY group_id, seat ORDER BY waiting_number) AS place
               FROM enrolment WHERE region_code = '86' AND person_id = ANY ($1::uuid[])) e),
        (SELECT string_agg(state || ':' || seats || ':' || taken_seats || ':' || waiting_count,
                           E'\n' ORDER BY id)
         FROM learner_group WHERE region_code = '86' AND id = ANY ($2::uuid[]))))sql";
    std::vector<std::string> people, groups;
    for (int p = 1; p <= kPeople; ++p) people.push_back(Uuid(sequence * kPeople + p));
    for (int g = 0; g < kGroups; ++g) groups.emplace_back(IdOf(GroupName(sequence, g)));
    pg::TxOptions everything;
    everything.scopes = "*";
    auto rows = service_->database().app().Read(everything, kSql, pg::Params::Of(people, groups));
    return rows.ok() ? (*rows)[0][0].c_str() : rows.status().ToString();
  }
};

TEST_F(LedgerModel, RandomSequencesOfCommandsEndAsInTheModel) {
  const int sequences = Setting("RSNMS_MODEL_SEQUENCES", 10'000);
  const uint64_t seed = Setting("RSNMS_MODEL_SEED", 20261122);
  MakeGroups(sequences);
  Analyze();
  std::atomic<int> next = 0, commands = 0, done = 0;
  const absl::Time began = absl::Now();
  Race(kWriters, [&](int) {
    auto client = service_->ConnectAsAdministrator();
    for (int i = next++; i < sequences && !HasFailure(); i = next++) {
      if (i == 30 || i == 300 || i == 3'000) Analyze();
      Sequence sequence(client.get(), programme_, i, seed + i);
      sequence.Run();
      EXPECT_EQ(Stored(i), sequence.Model()) << "sequence " << i << "\n" << sequence.trace();
      commands += sequence.commands();
      done += sequence.done();
    }
    return absl::OkStatus();
  });
  RecordProperty("commands", commands.load());
  std::printf("%d sequences, %d commands, %d of them done, in %.1f s\n", sequences, commands.load(),
              done.load(), absl::ToDoubleSeconds(absl::Now() - began));
  EXPECT_GT(done.load(), commands.load() / 3) << "too many commands are refused to show anything";
}

}  // namespace
}  // namespace rsnms::programs
