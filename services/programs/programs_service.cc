#include "services/programs/programs_service.h"

#include <algorithm>
#include <utility>

#include "absl/time/civil_time.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/programme_rules.h"
#include "services/programs/enrolment/ending_store.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/enrolment/enrolment_store.h"
#include "services/programs/enrolment/ledger.h"
#include "services/programs/names.h"
#include "services/programs/register/register_load.h"
#include "services/programs/register/register_rules.h"
#include "services/programs/selection/selection.h"
#include "services/programs/selection/selection_store.h"

namespace rsnms::programs {
namespace {

using options::v1::COMMON_REASON_INVALID_NAME;
using options::v1::COMMON_REASON_INVALID_PARENT;
using options::v1::COMMON_REASON_INVALID_STATE;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using v1::RegisterSync;

constexpr int kGreatestBatch = 1000;
constexpr int kGreatestDeficits = 200;
constexpr char kService[] = "rsnms.programs.v1.Programs/";
constexpr char kWhereOpen[] =
    "region_code = $1 AND state = 'OPEN' AND taken_seats < seats AND delete_time IS NULL "
    "AND end_date >= $2::date";

// The region of a parent; one region must be named, and the caller must have some right in it.
absl::StatusOr<std::string> RegionOfParent(const rpc::Call& call, std::string_view parent) {
  auto region = resource::ParseParent(parent);
  if (!region.has_value() || *region == "-") {
    return rpc::InvalidField("parent", COMMON_REASON_INVALID_PARENT, "must be regions/{region}",
                             "укажите регион, например regions/86");
  }
  if (!call.identity().TouchesRegion(*region)) {
    return rpc::NotFound("registry.rsnms/Region", parent);
  }
  return std::string(*region);
}

absl::Status CheckBatch(std::string_view field, int size) {
  if (size > 0 && size <= kGreatestBatch) return absl::OkStatus();
  return rpc::InvalidField(field, COMMON_REASON_OUT_OF_RANGE, "must hold 1 to 1000 elements",
                           "от 1 до 1000 элементов");
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

absl::Status CheckWanted(std::string_view region, std::string_view path,
                         const std::string& competency) {
  if (competency == NameOf(region, "competencies", IdOf(competency))) return absl::OkStatus();
  return rpc::InvalidField(path, COMMON_REASON_INVALID_NAME,
                           "must be a competency of the request's region",
                           "компетенция должна принадлежать региону запроса");
}

// Where, when and how long.
absl::Status CheckBounds(std::string_view region, std::string_view path,
                         const v1::ProgrammeSelection& selection) {
  const std::string& town = selection.municipality();
  if (!town.empty() && town != NameOf(region, "municipalities", IdOf(town))) {
    return rpc::InvalidField(Cat(path, ".municipality"), COMMON_REASON_INVALID_NAME,
                             "must be of the request's region",
                             "муниципалитет должен быть из региона запроса");
  }
  if (selection.has_start_date() && selection.has_end_date() &&
      DayOf(selection.end_date()) < DayOf(selection.start_date())) {
    return rpc::InvalidField(Cat(path, ".end_date"), COMMON_REASON_OUT_OF_RANGE,
                             "must not be before start_date", "конец периода не раньше его начала");
  }
  if (selection.max_duration_hours() > 0 &&
      selection.max_duration_hours() < selection.min_duration_hours()) {
    return rpc::InvalidField(Cat(path, ".max_duration_hours"), COMMON_REASON_OUT_OF_RANGE,
                             "must not be less than min_duration_hours",
                             "наибольший объём меньше наименьшего");
  }
  return absl::OkStatus();
}

absl::Status CheckSelection(std::string_view region, std::string_view path,
                            const v1::ProgrammeSelection& selection) {
  const int wanted = selection.deficits_size() + selection.competencies_size();
  if (wanted == 0 || wanted > kGreatestDeficits) {
    return rpc::InvalidField(Cat(path, ".deficits"), COMMON_REASON_OUT_OF_RANGE,
                             "must hold 1 to 200 elements, competencies included",
                             "от 1 до 200 элементов");
  }
  for (int i = 0; i < selection.deficits_size(); ++i) {
    const std::string field = Cat(path, ".deficits[", i, "].competency");
    if (auto s = CheckWanted(region, field, selection.deficits(i).competency()); !s.ok()) return s;
  }
  for (int i = 0; i < selection.competencies_size(); ++i) {
    const std::string field = Cat(path, ".competencies[", i, "]");
    if (auto s = CheckWanted(region, field, selection.competencies(i)); !s.ok()) return s;
  }
  return CheckBounds(region, path, selection);
}

absl::Status InvalidState(std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, COMMON_REASON_INVALID_STATE, message);
}

bool Living(RegisterSync::State state) {
  return state == RegisterSync::STATE_PENDING || state == RegisterSync::STATE_RUNNING ||
         state == RegisterSync::STATE_NEEDS_CONFIRMATION;
}

// Runs that live, and those that tell how the next is to read; the latest first.
constexpr char kTellingRuns[] =
    "region_code = $1 AND (state IN ('PENDING', 'RUNNING', 'NEEDS_CONFIRMATION', 'SUCCEEDED') "
    "OR state = 'CANCELLED' AND error_reason = 'SHRINK_REJECTED' AND shrink_sha256 <> '') "
    "ORDER BY create_time DESC";

// The run an incremental one may read on from; null when the whole register must be read.
const RegisterSync* ReadOnFrom(const std::vector<RegisterSync>& telling) {
  const RegisterSync* last = nullptr;
  for (const RegisterSync& run : telling) {
    // A part of the register does not show the picture a person rejected.
    if (run.state() == RegisterSync::STATE_CANCELLED) return nullptr;
    if (run.state() != RegisterSync::STATE_SUCCEEDED) continue;
    if (last == nullptr) last = &run;
    if (run.mode() != RegisterSync::MODE_INCREMENTAL) break;
  }
  if (last == nullptr) return nullptr;
  // What was left out, and what a file said otherwise, must be read again.
  const bool again = last->rejected_count() > 0 || last->source() == v1::REGISTER_SOURCE_FILE;
  return again ? nullptr : last;
}

// The moment it reads on from. A whole register shows no withdrawals: what was said of them since
// the last run that did is read again. Only when there is a run to read on from.
google::protobuf::Timestamp ReadSince(const std::vector<RegisterSync>& telling) {
  google::protobuf::Timestamp since;
  for (const RegisterSync& run : telling) {
    if (run.state() != RegisterSync::STATE_SUCCEEDED) continue;
    if (run.source() == v1::REGISTER_SOURCE_FILE) continue;
    since = register_rules::ChangedSince(run.snapshot_time());
    if (run.mode() == RegisterSync::MODE_INCREMENTAL && run.rejected_count() == 0) break;
  }
  return since;
}

}  // namespace

ProgramsService::ProgramsService(resource::Engine* engine, std::function<void()> wake_sync,
                                 std::function<absl::Time()> now,
                                 std::shared_ptr<rpc::Client> diagnostics)
    : engine_(engine),
      wake_sync_(std::move(wake_sync)),
      now_(std::move(now)),
      sessions_(engine, std::move(diagnostics)),
      syncs_(*engine),
      enrolments_(*engine),
      completions_(*engine) {
  engine->Rule<v1::Programme>(programme_rules::Check);
  engine->Rule<v1::Enrolment>(enrolment_rules::Check);
  sessions_.AddRules();
  engine->PrepareFor(v1::Enrolment::descriptor(), enrolment_store::CheckProgrammes);
  engine->PrepareFor(v1::Enrolment::descriptor(),
                     [engine](pg::Tx& tx, std::vector<resource::Engine::Pending>& rows) {
                       return ledger::CheckGroups(tx, *engine, rows);
                     });
  engine->PrepareFor(v1::Enrolment::descriptor(), ending_store::CheckRights);
}

void ProgramsService::Serve(rpc::Server& server) {
  auto serve = [&](std::string_view method, auto fn) {
    server.Unary(Cat(kService, method), this, fn);
  };
  serve("SelectProgrammes", &ProgramsService::SelectProgrammes);
  serve("BatchSelectProgrammes", &ProgramsService::BatchSelectProgrammes);
  serve("StartRegisterSync", &ProgramsService::StartRegisterSync);
  serve("CancelRegisterSync", &ProgramsService::CancelRegisterSync);
  serve("ConfirmRegisterSync", &ProgramsService::ConfirmRegisterSync);
  serve("BatchCreateEnrolments", &ProgramsService::BatchCreateEnrolments);
  serve("ConfirmEnrolment", &ProgramsService::ConfirmEnrolment);
  serve("StartEnrolment", &ProgramsService::StartEnrolment);
  serve("WithdrawEnrolment", &ProgramsService::WithdrawEnrolment);
  serve("FailEnrolment", &ProgramsService::FailEnrolment);
  serve("CompleteEnrolment", &ProgramsService::CompleteEnrolment);
  serve("BatchCompleteEnrolments", &ProgramsService::BatchCompleteEnrolments);
}

absl::Status ProgramsService::SelectProgrammes(rpc::Call& call,
                                               const v1::SelectProgrammesRequest& request,
                                               v1::SelectProgrammesResponse* response) {
  v1::BatchSelectProgrammesRequest batch;
  batch.set_parent(request.parent());
  *batch.add_selections() = request.selection();
  v1::BatchSelectProgrammesResponse selected;
  auto status = BatchSelectProgrammes(call, batch, &selected);
  if (status.ok()) response->mutable_selected()->Swap(selected.mutable_selected(0));
  return status;
}

absl::Status ProgramsService::BatchSelectProgrammes(rpc::Call& call,
                                                    const v1::BatchSelectProgrammesRequest& request,
                                                    v1::BatchSelectProgrammesResponse* response) {
  auto region = RegionOfParent(call, request.parent());
  if (!region.ok()) return region.status();
  if (auto s = CheckBatch("selections", request.selections_size()); !s.ok()) return s;
  for (int i = 0; i < request.selections_size(); ++i) {
    const std::string path = Cat("selections[", i, "]");
    if (auto s = CheckSelection(*region, path, request.selections(i)); !s.ok()) return s;
  }
  const bool with_groups =
      std::any_of(request.selections().begin(), request.selections().end(), WantsGroups);
  std::vector<v1::Programme> programmes;
  std::vector<v1::Group> groups;
  const absl::CivilDay today = RegisterDay(now_());
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) {
    auto rows = selection_store::ReadCandidates(tx, *region, request.selections());
    if (!rows.ok()) return rows.status();
    programmes = *std::move(rows);
    if (!with_groups) return absl::OkStatus();
    auto open = resource::Table<v1::Group>(*engine_).Select(tx, kWhereOpen, *region,
                                                            absl::FormatCivilTime(today));
    if (open.ok()) groups = *std::move(open);
    return open.status();
  });
  if (!status.ok()) return status;
  const Catalogue catalogue(std::move(programmes), std::move(groups), today);
  for (const auto& selection : request.selections()) {
    if (call.cancelled()) {
      return rpc::Error(absl::StatusCode::kCancelled, options::v1::COMMON_REASON_CANCELLED,
                        "the caller went away");
    }
    *response->add_selected() = catalogue.Select(selection);
  }
  return absl::OkStatus();
}

absl::Status ProgramsService::StartRegisterSync(rpc::Call& call,
                                                const v1::StartRegisterSyncRequest& request,
                                                RegisterSync* response) {
  auto region = RegionOfParent(call, request.parent());
  if (!region.ok()) return region.status();
  auto status = engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto runs = syncs_.Select(tx, kTellingRuns, *region);
    if (!runs.ok()) return runs.status();
    RegisterSync sync;
    sync.set_name(request.parent());
    sync.set_state(RegisterSync::STATE_PENDING);
    sync.set_mode(RegisterSync::MODE_FULL);
    sync.set_ask_again(request.ask_again());
    for (const RegisterSync& run : *runs) {
      if (Abandoned(run, now_())) {
        const auto author = resource::AuthorOf(call, request);
        if (auto s = Retire(tx, *engine_, author, now_(), run); !s.ok()) return s;
        continue;
      }
      if (Living(run.state())) {
        return rpc::Error(absl::StatusCode::kFailedPrecondition,
                          v1::PROGRAMS_REASON_SYNC_IN_PROGRESS, "a run of this region is living")
            .With("registerSync", run.name());
      }
    }
    const RegisterSync* last = ReadOnFrom(*runs);
    if (request.mode() == RegisterSync::MODE_INCREMENTAL && last != nullptr) {
      sync.set_mode(RegisterSync::MODE_INCREMENTAL);
      *sync.mutable_changed_since() = ReadSince(*runs);
    }
    if (auto s = syncs_.Insert(tx, resource::AuthorOf(call, request), sync); !s.ok()) return s;
    *response = sync;
    return absl::OkStatus();
  });
  if (status.ok()) wake_sync_();
  return status;
}

absl::Status ProgramsService::CancelRegisterSync(rpc::Call& call,
                                                 const v1::CancelRegisterSyncRequest& request,
                                                 RegisterSync* response) {
  return engine_->Write<RegisterSync>(
      call, request,
      [&](pg::Tx&, RegisterSync& sync) -> absl::Status {
        if (!Living(sync.state())) return InvalidState("the run has ended");
        sync.clear_shrink_sha256();  // no word on the shrink: it may be asked about again
        sync.set_state(RegisterSync::STATE_CANCELLED);
        sync.mutable_end_time()->set_seconds(absl::ToUnixSeconds(now_()));
        return absl::OkStatus();
      },
      response);
}

absl::Status ProgramsService::ConfirmRegisterSync(rpc::Call& call,
                                                  const v1::ConfirmRegisterSyncRequest& request,
                                                  RegisterSync* response) {
  auto status = engine_->Write<RegisterSync>(
      call, request,
      [&](pg::Tx&, RegisterSync& sync) -> absl::Status {
        if (sync.state() != RegisterSync::STATE_NEEDS_CONFIRMATION) {
          return InvalidState("the run does not wait for confirmation");
        }
        sync.set_state(RegisterSync::STATE_RUNNING);
        sync.set_shrink_confirmed(true);
        sync.clear_error_reason();
        return absl::OkStatus();
      },
      response);
  if (status.ok()) wake_sync_();
  return status;
}

absl::Status ProgramsService::ConfirmEnrolment(rpc::Call& call,
                                               const v1::ConfirmEnrolmentRequest& request,
                                               v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status ProgramsService::StartEnrolment(rpc::Call& call,
                                             const v1::StartEnrolmentRequest& request,
                                             v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status ProgramsService::WithdrawEnrolment(rpc::Call& call,
                                                const v1::WithdrawEnrolmentRequest& request,
                                                v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status ProgramsService::FailEnrolment(rpc::Call& call,
                                            const v1::FailEnrolmentRequest& request,
                                            v1::Enrolment* response) {
  return ledger::TakeStep(*engine_, call, request, now_(), response);
}

absl::Status ProgramsService::BatchCreateEnrolments(rpc::Call& call,
                                                    const v1::BatchCreateEnrolmentsRequest& request,
                                                    v1::BatchCreateEnrolmentsResponse* response) {
  auto region = RegionOfParent(call, request.parent());
  if (!region.ok()) return region.status();
  if (auto s = CheckBatch("enrolments", request.enrolments_size()); !s.ok()) return s;
  auto enrolments = enrolment_store::Prepare(request, *region, now_());
  if (!enrolments.ok()) return enrolments.status();
  std::vector<const v1::Enrolment*> named;
  for (const v1::Enrolment& row : *enrolments) named.push_back(&row);
  if (auto s = sessions_.Learn(call, named); !s.ok()) return s;
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    std::vector<v1::Enrolment> rows = *enrolments;
    return enrolment_store::CreateAll(*engine_, tx, resource::AuthorOf(call, request), rows,
                                      response);
  });
}

absl::Status ProgramsService::CompleteEnrolment(rpc::Call& call,
                                                const v1::CompleteEnrolmentRequest& request,
                                                v1::Completion* response) {
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    const v1::CompleteEnrolmentRequest* one[] = {&request};
    auto completions = enrolment_store::CompleteAll(
        *engine_, tx, resource::AuthorOf(call, request),
        {.region_code = RegionOf(request.name()), .requests = one, .now = now_()});
    if (!completions.ok()) return completions.status();
    *response = completions->front();
    return absl::OkStatus();
  });
}

absl::Status ProgramsService::BatchCompleteEnrolments(
    rpc::Call& call, const v1::BatchCompleteEnrolmentsRequest& request,
    v1::BatchCompleteEnrolmentsResponse* response) {
  auto region = RegionOfParent(call, request.parent());
  if (!region.ok()) return region.status();
  if (auto s = CheckBatch("requests", request.requests_size()); !s.ok()) return s;
  std::vector<const v1::CompleteEnrolmentRequest*> requests;
  for (const auto& one : request.requests()) requests.push_back(&one);
  return engine_->Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto completions = enrolment_store::CompleteAll(
        *engine_, tx, resource::AuthorOf(call, request),
        {.region_code = *region, .requests = requests, .now = now_(), .batch = true});
    if (!completions.ok()) return completions.status();
    response->clear_completions();
    for (v1::Completion& completion : *completions) {
      *response->add_completions() = std::move(completion);
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::programs
