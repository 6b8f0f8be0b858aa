// The steps of enrolments that move seats.
#include <utility>

#include "libs/resource/names.h"
#include "libs/resource/transition.h"
#include "libs/resource/type.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/enrolment/ending_store.h"
#include "services/programs/enrolment/enrolment_rules.h"
#include "services/programs/enrolment/enrolment_store.h"
#include "services/programs/enrolment/group_rules.h"
#include "services/programs/enrolment/ledger.h"
#include "services/programs/names.h"

namespace rsnms::programs::ledger {
namespace {

using google::protobuf::Message;
using v1::Enrolment;

std::string Text(const Message& request, const char* field) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  return found == nullptr ? "" : request.GetReflection()->GetString(request, found);
}

const google::type::Date* Day(const Message& request, const char* field) {
  const auto* found = request.GetDescriptor()->FindFieldByName(field);
  if (found == nullptr || !request.GetReflection()->HasField(request, found)) return nullptr;
  return static_cast<const google::type::Date*>(
      &request.GetReflection()->GetMessage(request, found));
}

// The day a step takes effect: its order's, or the first day of learning it names.
const google::type::Date* DayOf(const Message& request) {
  const auto* day = Day(request, "state_date");
  return day != nullptr ? day : Day(request, "start_date");
}

absl::Status Refuse(v1::ProgramsReason reason, std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Mismatch(std::string_view why, std::string_view path = "group") {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_GROUP_MISMATCH,
                    "the group does not fit")
      .Field(path, why);
}

absl::Status CheckGroupName(std::string_view group, std::string_view region) {
  const std::string_view id = IdOf(group);
  if (resource::IsUuid(id) && group == NameOf(region, "groups", id)) return absl::OkStatus();
  return rpc::InvalidField("group", options::v1::COMMON_REASON_INVALID_NAME,
                           "must be a group of the same region", "укажите группу того же региона");
}

// Who learns already learns on only in a group that does.
absl::Status MayGoOn(const Enrolment& enrolment, const v1::Group& group) {
  if (auto s = group_rules::MayCome(group, false); !s.ok()) return s;
  if (enrolment.state() != Enrolment::STATE_IN_PROGRESS ||
      group.state() == v1::Group::STATE_RUNNING) {
    return absl::OkStatus();
  }
  return Refuse(v1::PROGRAMS_REASON_GROUP_NOT_RUNNING, "the group does not learn yet");
}

// Whether a step gives up a seat or takes one again. Admission, beginning and failing keep what the
// enrolment has: nobody in the group waits for them.
bool MovesSeats(const resource::Step& step) {
  return !(enrolment_rules::MayBeginAs(static_cast<Enrolment::State>(step.to)) ||
           step.to == Enrolment::STATE_FAILED) ||
         resource::MayBegin(step, Enrolment::STATE_DEFERRED);
}

// Who leaves a group, or fails in it, does so by an order: with a reason and a day.
absl::Status CheckOrdered(const Enrolment& before, const Enrolment& after, std::string_view reason,
                          const google::type::Date* day) {
  const bool ordered =
      after.state() == Enrolment::STATE_WITHDRAWN || after.state() == Enrolment::STATE_FAILED;
  if (before.group().empty() || !ordered || (!reason.empty() && day != nullptr)) {
    return absl::OkStatus();
  }
  return rpc::InvalidField(
      reason.empty() ? "reason" : "state_date", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
      "is required for an enrolment in a group", "укажите основание и дату приказа");
}

// The enrolment that continues one in another group.
Enrolment Continuation(const Enrolment& old, const v1::Group& group,
                       const v1::TransferEnrolmentRequest& request, absl::Time now) {
  Enrolment next;
  next.set_name(NameOf(RegionOf(old.name()), "enrolments", resource::NewUuid()));
  next.set_person(old.person());
  next.set_organisation(old.organisation());
  next.set_municipality(old.municipality());
  next.set_category(old.category());
  next.set_programme(old.programme());
  next.set_route(old.route());
  next.set_route_item_id(old.route_item_id());
  next.set_basis(old.basis());
  next.set_training_order(old.training_order());
  next.set_order_line(old.order_line());
  next.set_entry_session(old.entry_session());
  next.set_exit_session(old.exit_session());
  if (old.has_entry_session_date()) *next.mutable_entry_session_date() = old.entry_session_date();
  if (old.has_exit_session_date()) *next.mutable_exit_session_date() = old.exit_session_date();
  if (old.state() == Enrolment::STATE_IN_PROGRESS && old.has_start_date()) {
    *next.mutable_start_date() = old.start_date();
  }
  if (old.has_enrolled_date()) *next.mutable_enrolled_date() = old.enrolled_date();
  if (old.has_last_activity_date()) *next.mutable_last_activity_date() = old.last_activity_date();
  next.set_state(old.state() == Enrolment::STATE_DEFERRED ? Enrolment::STATE_ENROLLED
                                                          : old.state());
  next.mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
  *next.mutable_state_date() = request.state_date();
  next.set_state_reason(request.reason());
  next.set_group(group.name());
  next.set_transferred_from(old.name());
  return next;
}

absl::Status TransferIn(Ledger& ledger, const v1::TransferEnrolmentRequest& request, absl::Time now,
                        Enrolment* response) {
  auto before = ledger.Lock(request.name(), request.etag(), request.group());
  if (!before.ok()) return before.status();
  Enrolment after = *before;
  if (auto s = enrolment_rules::Move(after, Enrolment::STATE_TRANSFERRED, now); !s.ok()) return s;
  if (auto s = enrolment_rules::CheckDay(*before, &request.state_date(), now, "state_date");
      !s.ok()) {
    return s;
  }
  v1::Group* target = ledger.FindGroup(request.group());
  if (before->group().empty()) return Mismatch("the enrolment has no group: place it", "name");
  if (before->group() == request.group()) return Mismatch("must be another group");
  if (before->programme() != target->programme()) return Mismatch("must teach the same programme");
  if (auto s = MayGoOn(*before, *target); !s.ok()) return s;
  Enrolment next = Continuation(*before, *target, request, now);
  if (auto s = group_rules::Arrive(false, target, &next); !s.ok()) return s;
  enrolment_rules::Conclude(*before, &request.state_date(), request.reason(), now, &after);
  after.set_transferred_to(next.name());
  if (auto s = ledger.Write(*before, after); !s.ok()) return s;
  if (auto s = ledger.Add(next); !s.ok()) return s;
  *response = std::move(after);
  return ledger.Close();
}

}  // namespace

absl::Status TakeStep(resource::Engine& engine, rpc::Call& call, const Message& request,
                      absl::Time now, Enrolment* response) {
  const auto& type = engine.TypeOf(Enrolment::descriptor());
  auto step = resource::BindStep(&call.method(), type);
  if (!step.ok()) return step.status();
  const auto author = resource::AuthorOf(call, request);
  return engine.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    Ledger ledger(tx, engine, author);
    const std::string name = Text(request, "name"), etag = Text(request, "etag");
    auto before = MovesSeats(*step) ? ledger.Lock(name, etag) : ledger.LockAlone(name, etag);
    if (!before.ok()) return before.status();
    Enrolment after = *before;
    if (auto s = resource::MakeStep(*step, type, request, &after); !s.ok()) return s;
    const auto* day = DayOf(request);
    if (auto s = CheckOrdered(*before, after, author.reason, day); !s.ok()) return s;
    const char* field = Day(request, "state_date") != nullptr ? "state_date" : "start_date";
    if (auto s = enrolment_rules::CheckDay(*before, day, now, field); !s.ok()) return s;
    if (before->state() == Enrolment::STATE_DEFERRED &&
        after.state() == Enrolment::STATE_ENROLLED && !before->group().empty()) {
      v1::Group* group = ledger.FindGroup(before->group());
      if (auto s = group_rules::MayCome(*group, false); !s.ok()) return s;
      if (auto s = group_rules::Arrive(false, group, &after); !s.ok()) return s;
    }
    enrolment_rules::Conclude(*before, day, author.reason, now, &after);
    if (auto s = ledger.Write(*before, after); !s.ok()) return s;
    if (before->state() == Enrolment::STATE_COMPLETED) {
      if (auto s = ending_store::TakeBack(engine, tx, author, after); !s.ok()) return s;
    }
    *response = std::move(after);
    return ledger.Close();
  });
}

absl::Status EnrolInGroup(resource::Engine& engine, rpc::Call& call,
                          const v1::EnrolInGroupRequest& request, absl::Time now,
                          Enrolment* response) {
  const std::string region(RegionOf(request.parent()));
  if (auto s = CheckGroupName(request.group(), region); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  return engine.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    Ledger ledger(tx, engine, author);
    if (auto s = ledger.LockGroup(request.group()); !s.ok()) return s;
    v1::Group* group = ledger.FindGroup(request.group());
    Enrolment enrolment = request.enrolment();
    resource::ClearOutputOnly(&enrolment);
    enrolment.set_name(NameOf(region, "enrolments", resource::NewUuid()));
    enrolment.set_state(Enrolment::STATE_APPLIED);
    enrolment.mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
    enrolment.set_group(request.group());
    if (enrolment.programme() != group->programme()) {
      return Mismatch("must be the group's programme", "enrolment.programme");
    }
    if (auto s = group_rules::MayCome(*group, true); !s.ok()) return s;
    if (auto s = group_rules::Arrive(!request.seat_only(), group, &enrolment); !s.ok()) return s;
    if (auto s = ledger.Add(enrolment); !s.ok()) return rpc::UnderField(s, "enrolment");
    *response = std::move(enrolment);
    return ledger.Close();
  });
}

absl::Status Place(resource::Engine& engine, rpc::Call& call,
                   const v1::PlaceEnrolmentRequest& request, Enrolment* response) {
  if (auto s = CheckGroupName(request.group(), RegionOf(request.name())); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  return engine.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    Ledger ledger(tx, engine, author);
    auto before = ledger.Lock(request.name(), request.etag(), request.group());
    if (!before.ok()) return before.status();
    if (!enrolment_rules::MayBeginAs(before->state())) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_INVALID_STATE,
                        "only who applies or learns takes a seat");
    }
    if (!before->group().empty()) {
      return Refuse(v1::PROGRAMS_REASON_IN_GROUP_ALREADY, "the enrolment has a group");
    }
    v1::Group* group = ledger.FindGroup(request.group());
    if (before->programme() != group->programme()) return Mismatch("must teach the programme");
    const bool applies = before->state() == Enrolment::STATE_APPLIED;  // as EnrolInGroup does
    if (auto s = group_rules::MayCome(*group, applies); !s.ok()) return s;
    if (auto s = MayGoOn(*before, *group); !s.ok()) return s;
    Enrolment after = *before;
    after.set_group(request.group());
    if (auto s = group_rules::Arrive(applies, group, &after); !s.ok()) return s;
    if (auto s = ledger.Write(*before, after); !s.ok()) return s;
    *response = std::move(after);
    return ledger.Close();
  });
}

absl::Status Transfer(resource::Engine& engine, rpc::Call& call,
                      const v1::TransferEnrolmentRequest& request, absl::Time now,
                      Enrolment* response) {
  if (auto s = CheckGroupName(request.group(), RegionOf(request.name())); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  return engine.Transact(call, request, response, [&](pg::Tx& tx) {
    Ledger ledger(tx, engine, author);
    return TransferIn(ledger, request, now, response);
  });
}

}  // namespace rsnms::programs::ledger
