#include "services/programs/enrolment/session_facts.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/resource/inquiry.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using Pending = resource::Engine::Pending;
using Facts = diagnostics::v1::LookUpSessionsResponse;
using v1::Enrolment;

constexpr absl::Duration kPatience = absl::Seconds(10);  // for all questions together
constexpr size_t kMostNames = 1000;                      // of one question

// A submitted session stays so, whichever answer comes last.
constexpr char kSqlKeep[] = R"sql(
  INSERT INTO session_told AS t (region_code, session_id, person_id, submit_date)
  SELECT $1, session_id, person_id, nullif(day, '')::date
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS f (session_id, person_id, day)
  ORDER BY session_id
  ON CONFLICT (region_code, session_id) DO UPDATE
    SET person_id = EXCLUDED.person_id, submit_date = coalesce(EXCLUDED.submit_date, t.submit_date)
    WHERE (t.person_id, t.submit_date) IS DISTINCT FROM
          (EXCLUDED.person_id, coalesce(EXCLUDED.submit_date, t.submit_date)))sql";

// Who has no right in the region is told by the write itself, and nothing else.
constexpr char kSqlTouches[] = "SELECT scope_touches($1)";

constexpr char kSqlToldCount[] =
    "SELECT count(*) FROM session_told WHERE region_code = $1 AND session_id = ANY ($2::uuid[]) "
    "AND submit_date IS NOT NULL";

// Per place: whether the session is the person's, and its day. $2 sessions, $3 persons.
constexpr char kSqlTold[] = R"sql(
  SELECT coalesce(coalesce(rs.present_id, s.person_id::text) = coalesce(rp.present_id, w.person), false),
         extract(year FROM s.submit_date)::int, extract(month FROM s.submit_date)::int,
         extract(day FROM s.submit_date)::int
  FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (session_id, person, place)
  LEFT JOIN session_told s ON s.region_code = $1 AND s.session_id = w.session_id
  LEFT JOIN redirected rs ON rs.region_code = $1 AND rs.target_type = 'registry.rsnms/Person'
    AND rs.original_id = s.person_id::text
  LEFT JOIN redirected rp ON rp.region_code = $1 AND rp.target_type = 'registry.rsnms/Person'
    AND rp.original_id = w.person
  ORDER BY w.place)sql";

absl::Status Away(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    Cat("diagnostics: ", why))
      .RetryAfter(absl::Seconds(5));
}

// What is malformed is refused by the declared validation.
bool IsSession(std::string_view region, const std::string& name) {
  return !name.empty() && resource::IsUuid(IdOf(name)) &&
         name == NameOf(region, "sessions", IdOf(name));
}

// A session somebody names, and the two fields of its enrolment.
struct Field {
  const char* name;
  const std::string& (Enrolment::*session)() const;
  google::type::Date* (Enrolment::*date)();
  void (Enrolment::*clear_date)();
};
constexpr Field kFields[] = {
    {"entry_session", &Enrolment::entry_session, &Enrolment::mutable_entry_session_date,
     &Enrolment::clear_entry_session_date},
    {"exit_session", &Enrolment::exit_session, &Enrolment::mutable_exit_session_date,
     &Enrolment::clear_exit_session_date}};

bool InMask(const google::protobuf::FieldMask& mask, std::string_view field) {
  return mask.paths().empty() ||
         std::any_of(mask.paths().begin(), mask.paths().end(),
                     [&](const std::string& path) { return path == "*" || path == field; });
}

std::string Iso(const google::type::Date& day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

absl::Status Keep(pg::Tx& tx, const std::string& region, const Facts& facts) {
  std::vector<std::string> sessions, persons, days;
  for (const auto& fact : facts.sessions()) {
    if (!IsSession(region, fact.session()) || !resource::IsUuid(IdOf(fact.person()))) continue;
    const bool submitted = fact.state() == diagnostics::v1::Session::STATE_SUBMITTED;
    sessions.emplace_back(IdOf(fact.session()));
    persons.emplace_back(IdOf(fact.person()));
    days.push_back(submitted && fact.has_submit_date() ? Iso(fact.submit_date()) : "");
  }
  return tx.Unscoped(region,
                     [&] { return tx.Query(kSqlKeep, region, sessions, persons, days).status(); });
}

absl::StatusOr<bool> AllTold(pg::Tx& tx, const std::string& region,
                             const std::vector<std::string>& ids) {
  bool all = false;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlToldCount, region, ids);
    if (rows.ok()) all = (*rows)[0][0].as<size_t>() == ids.size();
    return rows.status();
  });
  if (!status.ok()) return status;
  return all;
}

// A row of a write, one field of it, and the session it newly names.
struct Named {
  Pending* row;
  const Field* field;
};

std::vector<Named> NewlyNamed(std::vector<Pending>& rows) {
  std::vector<Named> named;
  for (Pending& row : rows) {
    const auto* before = static_cast<const Enrolment*>(row.before);
    auto& after = static_cast<Enrolment&>(*row.after);
    if (!row.status.ok() || (before == nullptr && !after.transferred_from().empty())) continue;
    for (const Field& field : kFields) {
      const std::string& session = (after.*field.session)();
      if (before != nullptr && (before->*field.session)() == session) continue;
      (after.*field.clear_date)();
      if (IsSession(RegionOf(after.name()), session)) named.push_back({&row, &field});
    }
  }
  return named;
}

absl::Status Judge(const pqxx::row& told, const Field& field, Enrolment* enrolment) {
  const bool learners = told[0].as<bool>();
  if (learners && !told[1].is_null()) {
    auto& day = *(enrolment->*field.date)();
    day.set_year(told[1].as<int>());
    day.set_month(told[2].as<int>());
    day.set_day(told[3].as<int>());
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    learners ? v1::PROGRAMS_REASON_SESSION_NOT_SUBMITTED
                             : v1::PROGRAMS_REASON_SESSION_MISMATCH,
                    learners ? "the session is not submitted"
                             : "diagnostics know no such session of the learner")
      .Field(field.name, learners ? "is not submitted" : "must be a session of the learner",
             learners ? "диагностика не завершена" : "это не диагностика этого слушателя");
}

}  // namespace

SessionFacts::SessionFacts(resource::Engine* engine, std::shared_ptr<rpc::Client> diagnostics)
    : engine_(engine), diagnostics_(std::move(diagnostics)) {}

void SessionFacts::AddRules() {
  const bool asked = diagnostics_ != nullptr;
  engine_->PrepareFor(Enrolment::descriptor(), [asked](pg::Tx& tx, std::vector<Pending>& rows) {
    return PrepareSessions(tx, asked, rows);
  });
  if (!asked) return;
  resource::AddInquiry(*engine_, Enrolment::descriptor(),
                       [facts = *this](const rpc::Call& call, const auto& request) {
                         return facts.Inquire(call, request);
                       });
}

absl::Status SessionFacts::Inquire(const rpc::Call& call,
                                   const google::protobuf::Message& request) const {
  if (request.GetDescriptor() == v1::CreateEnrolmentRequest::descriptor()) {
    const auto& create = static_cast<const v1::CreateEnrolmentRequest&>(request);
    Enrolment named = create.enrolment();
    named.set_name(create.parent());  // the region; the id is made later
    return Learn(call, {&named});
  }
  const auto& update = static_cast<const v1::UpdateEnrolmentRequest&>(request);
  Enrolment named = update.enrolment();
  if (!InMask(update.update_mask(), "entry_session")) named.clear_entry_session();
  if (!InMask(update.update_mask(), "exit_session")) named.clear_exit_session();
  if (named.entry_session().empty() && named.exit_session().empty()) return absl::OkStatus();
  if (!call.identity().TouchesRegion(RegionOf(named.name()))) return absl::OkStatus();
  Enrolment stored;
  auto read = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    auto found = resource::Table<Enrolment>(*engine_).Get(tx, named.name());
    if (found.ok()) stored = *std::move(found);
    return found.status();
  });
  if (absl::IsNotFound(read) && !update.allow_missing()) return absl::OkStatus();  // so it answers
  if (!read.ok() && !absl::IsNotFound(read)) return read;
  if (named.entry_session() == stored.entry_session()) named.clear_entry_session();
  if (named.exit_session() == stored.exit_session()) named.clear_exit_session();
  return Learn(call, {&named});
}

absl::Status SessionFacts::Learn(const rpc::Call& call,
                                 const std::vector<const Enrolment*>& enrolments) const {
  if (diagnostics_ == nullptr || enrolments.empty()) return absl::OkStatus();
  const std::string region(RegionOf(enrolments.front()->name()));
  std::set<std::string> names;
  for (const Enrolment* enrolment : enrolments) {
    for (const Field& field : kFields) {
      const std::string& session = (enrolment->*field.session)();
      if (IsSession(region, session)) names.insert(session);
    }
  }
  const absl::Time deadline = std::min(call.deadline(), absl::Now() + kPatience);
  Facts facts;
  absl::Status asked;
  for (auto next = names.begin(); next != names.end() && asked.ok();) {
    diagnostics::v1::LookUpSessionsRequest request;
    request.set_parent(Cat("regions/", region));
    for (; next != names.end() && request.names_size() < static_cast<int>(kMostNames); ++next) {
      request.add_names(*next);
    }
    Facts page;
    asked = diagnostics_->Unary("rsnms.diagnostics.v1.Diagnostics/LookUpSessions", request, &page,
                                deadline, true, &call);
    facts.MergeFrom(page);
  }
  if (names.empty()) return absl::OkStatus();
  std::vector<std::string> ids;
  for (const std::string& name : names) ids.emplace_back(IdOf(name));
  return engine_->pool().Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    if (asked.ok()) return Keep(tx, region, facts);
    auto all = AllTold(tx, region, ids);
    if (!all.ok()) return all.status();
    return *all ? absl::OkStatus() : Away(absl::StatusCodeToString(asked.code()));
  });
}

absl::Status PrepareSessions(pg::Tx& tx, bool asked, std::vector<Pending>& rows) {
  const std::vector<Named> named = NewlyNamed(rows);
  if (named.empty() || !asked) return absl::OkStatus();
  const std::string region(RegionOf(static_cast<const Enrolment&>(*named[0].row->after).name()));
  auto touches = tx.Query(kSqlTouches, region);
  if (!touches.ok()) return touches.status();
  if (!(*touches)[0][0].as<bool>()) return absl::OkStatus();
  std::vector<std::string> sessions, persons;
  for (const Named& one : named) {
    const auto& after = static_cast<const Enrolment&>(*one.row->after);
    sessions.emplace_back(IdOf((after.*one.field->session)()));
    persons.emplace_back(IdOf(after.person()));
  }
  return tx.Unscoped(region, [&]() -> absl::Status {
    auto told = tx.Query(kSqlTold, region, sessions, persons);
    if (!told.ok()) return told.status();
    for (size_t i = 0; i < named.size(); ++i) {
      Pending& row = *named[i].row;
      if (!row.status.ok()) continue;
      row.status = Judge((*told)[i], *named[i].field, static_cast<Enrolment*>(row.after));
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::programs
