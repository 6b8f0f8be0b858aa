// Random sequences of commands against the service over a real database, and against the naive
// model of ledger_model.h: each command is refused for the same reason or done by both, and after
// each sequence states, seats, days and waiting lists are equal. Most commands are chosen among
// those that may be done now, so that sequences go deep; a successful one is at times repeated with
// its request_id, which must answer the same and change nothing.
//
// 10 000 sequences take minutes: the usual run is shorter. RSNMS_MODEL_SEED and
// RSNMS_MODEL_SEQUENCES choose others.
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>

#include "absl/strings/str_join.h"
#include "services/programs/enrolment/ledger_model.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using model::Command;
using model::Kind;

constexpr int kGroups = 3, kPeople = 9, kWriters = 6;
constexpr int kFirst = 2, kLast = 31;  // days of the groups, in March

// Every kind of command with its weight in the dice.
const std::map<Kind, std::pair<const char*, int>> kKinds = {
    {Kind::kApply, {"EnrolInGroup", 6}},
    {Kind::kCreate, {"CreateEnrolment", 1}},
    {Kind::kPlace, {"PlaceEnrolment", 3}},
    {Kind::kPlan, {"UpdateEnrolment", 2}},
    {Kind::kConfirm, {"ConfirmEnrolment", 5}},
    {Kind::kStart, {"StartEnrolment", 5}},
    {Kind::kComplete, {"CompleteEnrolment", 2}},
    {Kind::kFail, {"FailEnrolment", 1}},
    {Kind::kWithdraw, {"WithdrawEnrolment", 2}},
    {Kind::kDefer, {"DeferEnrolment", 3}},
    {Kind::kResume, {"ResumeEnrolment", 4}},
    {Kind::kTransfer, {"TransferEnrolment", 4}},
    {Kind::kVoid, {"VoidEnrolment", 1}},
    {Kind::kOpenGroup, {"OpenGroup", 1}},
    {Kind::kRunGroup, {"RunGroup", 1}},
    {Kind::kFinishGroup, {"FinishGroup", 1}},
    {Kind::kCancelGroup, {"CancelGroup", 1}},
    {Kind::kResize, {"UpdateGroup.seats", 3}},
    {Kind::kEndGroup, {"UpdateGroup.end_date", 2}}};

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

// How often each command was done, and each refusal seen.
using Tally = std::map<std::string, int>;

// One sequence: the commands given so far, to both.
class Sequence {
 public:
  Sequence(rpc::Client* client, const std::string& programme, int number, uint64_t seed)
      : client_(*client), programme_(programme), number_(number), dice_(seed) {
    model_.groups.resize(kGroups);
    for (int g = 0; g < kGroups; ++g) model_.groups[g].seats = 1 + g;
    model_.groups[kGroups - 1].state = "PLANNED";
  }

  void Run() {
    const int length = 20 + Roll(41);
    for (int i = 0; i < length && !::testing::Test::HasFailure(); ++i) Give(Choose());
  }

  // Every enrolment with its group, state, seat, place in the queue and days; then the groups.
  std::string Model() const {
    std::vector<std::string> rows;
    for (size_t e = 0; e < model_.enrolments.size(); ++e) {
      const auto& one = model_.enrolments[e];
      rows.push_back(Cat(names_[e], ":", one.state, ":", one.held ? 1 : 0, ":",
                         model_.Rank(static_cast<int>(e)), ":",
                         one.group < 0 ? "-" : IdOf(GroupName(number_, one.group)), ":", one.day,
                         ":", one.planned, ":", one.mastered ? 1 : 0, one.taken_back ? "-" : ""));
    }
    std::sort(rows.begin(), rows.end());
    for (int g = 0; g < kGroups; ++g) {
      const auto& group = model_.groups[g];
      rows.push_back(Cat(group.state, ":", group.seats, ":", model_.Taken(g), ":",
                         group.queue.size(), ":", group.end));
    }
    return absl::StrJoin(rows, "\n");
  }
  const std::string& trace() const { return trace_; }
  const Tally& tally() const { return tally_; }

 private:
  int Roll(int n) { return static_cast<int>(dice_() % n); }
  Kind AnyKind() {
    static const int all = [] {
      int sum = 0;
      for (const auto& [kind, named] : kKinds) sum += named.second;
      return sum;
    }();
    int at = Roll(all);
    for (const auto& [kind, named] : kKinds) {
      if ((at -= named.second) < 0) return kind;
    }
    return Kind::kApply;
  }
  Command Any() {
    Command c{.kind = AnyKind(),
              .g = Roll(kGroups),
              .p = Roll(kPeople),
              .seats = 1 + Roll(4),
              .seat_only = Roll(4) == 0};
    if (model_.enrolments.empty() && c.kind != Kind::kCreate && c.kind < Kind::kOpenGroup) {
      c.kind = Kind::kApply;
    }
    // Groups that end early leave nothing to do.
    const bool ends = c.kind == Kind::kCancelGroup || c.kind == Kind::kFinishGroup;
    if (ends && Roll(10) != 0) c.kind = Kind::kApply;
    if (!model_.enrolments.empty()) c.e = Roll(static_cast<int>(model_.enrolments.size()));
    // Few have mastered anything: mistakes are looked for among them.
    for (int i = 0; c.kind == Kind::kVoid && i < 6 && !model_.enrolments.empty(); ++i) {
      if (model_.enrolments[c.e].state == "COMPLETED") break;
      c.e = Roll(static_cast<int>(model_.enrolments.size()));
    }
    const bool plans = c.kind == Kind::kPlan || c.kind == Kind::kEndGroup;
    const int last = model_.enrolments.empty() ? 0 : model_.enrolments[c.e].day;
    c.day = plans ? 15 + Roll(17)
                  : std::clamp(std::max(last, 5) + (Roll(10) == 0 ? -1 : Roll(2)), 1, kLast);
    return c;
  }
  Command Choose() {
    Command c = Any();
    const int tries = Roll(6) == 0 ? 0 : 12;
    for (int i = 0; i < tries && !model::Ledger(model_).Do(c).empty(); ++i) c = Any();
    return c;
  }

  void Give(const Command& c);
  std::string Send(const Command& c, v1::Enrolment* made);
  std::string SendStep(const Command& c, const std::string& name, v1::Enrolment* made);
  std::string SendToGroup(const Command& c);

  template <class Response, class Request>
  std::string Call(const char* service, const char* method, Request request, Response* response) {
    const bool again = Roll(12) == 0;
    if (again) request.set_request_id(Uuid(number_ * 1000 + ++requests_));
    const auto call = [&](Response* answer) {
      return client_.Unary(Cat("rsnms.programs.v1.", service, "/", method), request, answer,
                           absl::Now() + absl::Seconds(60), false);
    };
    const auto status = call(response);
    if (!status.ok()) return rpc::ReasonOf(status);
    if (again) {
      Response repeated;
      const auto second = call(&repeated);
      EXPECT_TRUE(second.ok()) << method << second << "\n" << trace_;
      EXPECT_EQ(repeated.SerializeAsString(), response->SerializeAsString()) << method;
      ++tally_["replayed"];
    }
    return "";
  }
  // A step on an enrolment or a group.
  template <class Response, class Request>
  std::string Step(const char* service, const char* method, const Command& c,
                   const std::string& name, Request request, Response* response) {
    request.set_name(name);
    if (stale_) request.set_etag(etags_[c.e]);
    if constexpr (requires { request.set_reason(""); }) request.set_reason("приказ");
    if constexpr (requires { request.mutable_state_date(); }) {
      *request.mutable_state_date() = March(c.day);
    }
    return Call(service, method, request, response);
  }
  v1::Enrolment Application(int p) const {
    v1::Enrolment enrolment;
    enrolment.set_person(NameOf("86", "persons", Uuid(number_ * kPeople + p + 1)));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(7)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(programme_);
    enrolment.set_basis(v1::ENROLMENT_BASIS_PLAN);
    return enrolment;
  }

  rpc::Client& client_;
  const std::string& programme_;
  const int number_;
  std::mt19937_64 dice_;
  model::Ledger model_;
  // Of the model's enrolments: names, and what they were when made, with the etag.
  std::vector<std::string> names_, etags_;
  std::vector<model::Person> births_;
  bool stale_ = false;  // the command shows the etag of birth
  std::string trace_;
  Tally tally_;
  int requests_ = 0;
};

void Sequence::Give(const Command& c) {
  const bool on_enrolment =
      c.kind >= Kind::kPlace && c.kind <= Kind::kVoid && c.kind != Kind::kPlan;
  stale_ = on_enrolment && Roll(15) == 0 && !(births_[c.e] == model_.enrolments[c.e]);
  const bool takes_back = c.kind == Kind::kVoid && model_.enrolments[c.e].mastered;
  const std::string expected = stale_ ? "ETAG_MISMATCH" : model_.Do(c);
  v1::Enrolment made;
  const std::string got = Send(c, &made);
  const char* method = kKinds.at(c.kind).first;
  absl::StrAppend(&trace_, method, " e", c.e, " g", c.g, " p", c.p, " day ", c.day, " seats ",
                  c.seats, c.seat_only ? " now" : "", " -> ", got, "\n");
  EXPECT_EQ(got, expected) << "sequence " << number_ << "\n" << trace_;
  ++tally_[got.empty() ? method : got];
  if (got.empty() && takes_back) ++tally_["taken back"];
  if (!got.empty() || names_.size() == model_.enrolments.size()) return;
  names_.push_back(c.kind == Kind::kTransfer ? made.transferred_to() : made.name());
  // The etag of what a transfer made is not told; that of its first version is the one of all.
  etags_.push_back(c.kind == Kind::kTransfer && !etags_.empty() ? etags_.front() : made.etag());
  births_.push_back(model_.enrolments.back());
}

std::string Sequence::Send(const Command& c, v1::Enrolment* made) {
  if (c.kind == Kind::kApply) {
    v1::EnrolInGroupRequest request;
    request.set_parent("regions/86");
    request.set_group(GroupName(number_, c.g));
    *request.mutable_enrolment() = Application(c.p);
    request.set_seat_only(c.seat_only);
    return Call("Training", "EnrolInGroup", request, made);
  }
  if (c.kind == Kind::kCreate) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    *request.mutable_enrolment() = Application(c.p);
    return Call("Programs", "CreateEnrolment", request, made);
  }
  if (c.kind >= Kind::kOpenGroup) return SendToGroup(c);
  return SendStep(c, names_[c.e], made);
}

std::string Sequence::SendStep(const Command& c, const std::string& name, v1::Enrolment* made) {
  const auto step = [&](const char* service, auto request) {
    return Step(service, kKinds.at(c.kind).first, c, name, request, made);
  };
  const auto in_group = [&](auto request) {
    request.set_group(GroupName(number_, c.g));
    return step("Training", request);
  };
  switch (c.kind) {
    case Kind::kPlace:
      return in_group(v1::PlaceEnrolmentRequest());
    case Kind::kTransfer:
      return in_group(v1::TransferEnrolmentRequest());
    case Kind::kConfirm:
      return step("Programs", v1::ConfirmEnrolmentRequest());
    case Kind::kStart:
      return step("Programs", v1::StartEnrolmentRequest());
    case Kind::kWithdraw:
      return step("Programs", v1::WithdrawEnrolmentRequest());
    case Kind::kFail:
      return step("Programs", v1::FailEnrolmentRequest());
    case Kind::kDefer:
      return step("Training", v1::DeferEnrolmentRequest());
    case Kind::kResume:
      return step("Training", v1::ResumeEnrolmentRequest());
    case Kind::kVoid:
      return step("Training", v1::VoidEnrolmentRequest());
    case Kind::kComplete: {
      v1::CompleteEnrolmentRequest request;
      request.set_certificate_number(Cat("У-", IdOf(name)));
      *request.mutable_completion_date() = March(c.day);
      v1::Completion completion;
      return Step("Programs", "CompleteEnrolment", c, name, request, &completion);
    }
    default: {
      v1::UpdateEnrolmentRequest request;
      request.mutable_enrolment()->set_name(name);
      *request.mutable_enrolment()->mutable_planned_end_date() = March(c.day);
      request.mutable_update_mask()->add_paths("planned_end_date");
      return Call("Programs", "UpdateEnrolment", request, made);
    }
  }
}

std::string Sequence::SendToGroup(const Command& c) {
  const std::string name = GroupName(number_, c.g);
  v1::Group moved;
  const auto step = [&](auto request) {
    return Step("Training", kKinds.at(c.kind).first, c, name, request, &moved);
  };
  if (c.kind == Kind::kOpenGroup) return step(v1::OpenGroupRequest());
  if (c.kind == Kind::kRunGroup) return step(v1::RunGroupRequest());
  if (c.kind == Kind::kFinishGroup) return step(v1::FinishGroupRequest());
  if (c.kind == Kind::kCancelGroup) return step(v1::CancelGroupRequest());
  v1::UpdateGroupRequest request;
  request.mutable_group()->set_name(name);
  if (c.kind == Kind::kResize) {
    request.mutable_group()->set_seats(c.seats);
    request.mutable_update_mask()->add_paths("seats");
  } else {
    *request.mutable_group()->mutable_end_date() = March(c.day);
    request.mutable_update_mask()->add_paths("end_date");
  }
  return Call("Training", "UpdateGroup", request, &moved);
}

class LedgerModel : public TrainingFixture {
 protected:
  // All groups of all sequences at once; the service's own way of making one is tested elsewhere.
  void MakeGroups(int sequences) {
    const std::string made = Sql(absl::StrFormat(
        "WITH made AS (INSERT INTO learner_group SELECT '86', "
        "('01900000-0000-7000-8000-' || lpad((10000000 + n)::text, 12, '0'))::uuid, 1, now(), "
        "now(), NULL, '%s'::uuid, '%s'::uuid, 'ПК', 'FULL_TIME', '', NULL, NULL, "
        "'2026-03-02'::date, '2026-03-31'::date, 1 + n %% %d, 0, 0, 0, '[]'::jsonb, false, false, "
        "CASE n %% %d WHEN %d THEN 'PLANNED' ELSE 'OPEN' END FROM generate_series(0, %d) AS n "
        "RETURNING 1) SELECT count(*) FROM made",
        std::string(IdOf(programme_)), Uuid(9), kGroups, kGroups, kGroups - 1,
        sequences * kGroups - 1));
    ASSERT_EQ(made, Cat(sequences * kGroups));
  }
  std::string Stored(int sequence) {
    static constexpr char kSql[] = R"sql(
      SELECT concat_ws(E'\n',
        (SELECT string_agg('regions/86/enrolments/' || id || ':' || state || ':' ||
                           (seat = 'HELD')::int || ':' ||
                           CASE seat WHEN 'WAITING' THEN place ELSE 0 END || ':' ||
                           coalesce(group_id::text, '-') || ':' ||
                           coalesce(extract(day FROM state_date)::int, 0) || ':' ||
                           coalesce(extract(day FROM planned_end_date)::int, 0) || ':' ||
                           coalesce((SELECT CASE WHEN NOT c.voided THEN '1'
                                                 WHEN c.void_date = e.state_date THEN '1-' END
                                     FROM completion c WHERE c.enrolment_id = e.id), '0'),
                           E'\n' ORDER BY id)
         FROM (SELECT *, rank() OVER (PARTITION BY group_id, seat ORDER BY waiting_number) AS place
               FROM enrolment WHERE region_code = '86' AND person_id = ANY ($1::uuid[])) e),
        (SELECT string_agg(state || ':' || seats || ':' || taken_seats || ':' || waiting_count ||
                           ':' || extract(day FROM end_date)::int, E'\n' ORDER BY id)
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
  const int sequences = Setting("RSNMS_MODEL_SEQUENCES", 400);
  const uint64_t seed = Setting("RSNMS_MODEL_SEED", 20261122);
  MakeGroups(sequences);
  std::atomic<int> next = 0;
  std::mutex mutex;
  Tally tally;
  const absl::Time began = absl::Now();
  Race(kWriters, [&](int) {
    auto client = service_->ConnectAsAdministrator();
    for (int i = next++; i < sequences && !HasFailure(); i = next++) {
      Sequence sequence(client.get(), programme_, i, seed + i);
      sequence.Run();
      EXPECT_EQ(Stored(i), sequence.Model()) << "sequence " << i << "\n" << sequence.trace();
      const std::lock_guard lock(mutex);
      for (const auto& [what, times] : sequence.tally()) tally[what] += times;
    }
    return absl::OkStatus();
  });
  std::printf("%d sequences in %.1f s:\n", sequences, absl::ToDoubleSeconds(absl::Now() - began));
  for (const auto& [what, times] : tally) std::printf("%7d %s\n", times, what.c_str());
  // Each command is done, and each refusal seen, often enough to show something.
  for (const auto& [kind, named] : kKinds) EXPECT_GT(tally[named.first], 0) << named.first;
  for (const char* reason :
       {"ALREADY_ENROLLED", "DATES_OUTSIDE_GROUP", "ETAG_MISMATCH", "GROUP_MISMATCH",
        "GROUP_NOT_EMPTY", "GROUP_NOT_OPEN", "GROUP_NOT_RUNNING", "INVALID_STATE",
        "IN_GROUP_ALREADY", "MEMBERS_OUTSIDE_DATES", "NO_SEATS", "SEATS_BELOW_TAKEN",
        "SEAT_NOT_HELD", "STEP_OUT_OF_ORDER", "replayed", "taken back"}) {
    EXPECT_GT(tally[reason], 0) << reason;
  }
}

}  // namespace
}  // namespace rsnms::programs
