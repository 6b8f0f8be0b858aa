#include "services/registry/life/dated_records.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/acting_organisation.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "rsnms/registry/v1/support_record.pb.h"
#include "services/registry/names.h"
#include "services/registry/organisation_store.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::type::Date;

const FieldDescriptor* FieldOf(const Message& record, const char* name) {
  return record.GetDescriptor()->FindFieldByName(name);
}

absl::CivilDay StartOf(const DatedKind& kind, const Message& record) {
  return ToCivil(static_cast<const Date&>(
      record.GetReflection()->GetMessage(record, FieldOf(record, kind.start))));
}

void SetDay(Message* record, const char* field, absl::CivilDay day) {
  record->GetReflection()->MutableMessage(record, FieldOf(*record, field))->CopyFrom(ToDate(day));
}

void SetText(Message* record, const char* field, const std::string& text) {
  record->GetReflection()->SetString(record, FieldOf(*record, field), text);
}

std::unique_ptr<Message> Copy(const Message& record) {
  std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  return copy;
}

// The same record under a name to be made.
std::unique_ptr<Message> Renewed(const Ledger& ledger, const Message& record) {
  const resource::Type& type = ledger.TypeOf(record);
  auto copy = Copy(record);
  SetText(copy.get(), "name", absl::StrCat("regions/", RegionOf(type.NameOf(record))));
  for (const auto* field : {type.etag_field(), type.create_time_field(), type.update_time_field()})
    copy->GetReflection()->ClearField(copy.get(), field);
  return copy;
}

void SetMain(const Records& records, bool main) {
  for (const auto& record : records) static_cast<v1::Employment&>(*record).set_main(main);
}

// A person has one main post on any date, and a mentorship wants the person employed on each of its
// days: the new posts come first, and become main ones when the old ones have ended.
absl::Status RenewEmployments(Ledger& ledger, const Records& ended, Records begun, Records main) {
  SetMain(main, false);
  if (auto s = ledger.Merge(begun); !s.ok()) return s;
  if (auto s = ledger.Merge(main); !s.ok()) return s;
  if (auto s = ledger.Merge(ended); !s.ok()) return s;
  SetMain(main, true);
  return ledger.Merge(main);
}

bool IsMain(const Message& record) {
  return record.GetDescriptor() == v1::Employment::descriptor() &&
         static_cast<const v1::Employment&>(record).main();
}

absl::Status NotBelow(const Message& link, const std::string& target) {
  const auto& its = static_cast<const v1::OrganisationLink&>(link);
  if (its.child() != target) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_TARGET_BELOW_SOURCE,
                    "the target stands below the body it takes over from")
      .With("link", its.name());
}

// Bodies below that are closed by the day although their link lasts: nothing of them goes on.
absl::StatusOr<absl::flat_hash_set<std::string>> ClosedChildren(const Ledger& ledger,
                                                                const Records& links,
                                                                absl::CivilDay day) {
  std::vector<std::string> children;
  for (const auto& link : links)
    children.push_back(static_cast<const v1::OrganisationLink&>(*link).child());
  auto facts = FindOrganisations(ledger.tx(), children);
  if (!facts.ok()) return facts.status();
  absl::flat_hash_set<std::string> closed;
  for (const auto& [name, fact] : *facts)
    if (fact.deleted || (fact.closed && *fact.closed < day)) closed.insert(name);
  return closed;
}

}  // namespace

const DatedKind kEmployments = {v1::Employment::descriptor(), "organisation", "organisation_id",
                                "start_date", "end_date"};
const DatedKind kTeams = {v1::ManagementTeam::descriptor(), "organisation", "organisation_id",
                          "formed_date", "disbanded_date"};
const DatedKind kSupport = {v1::SupportRecord::descriptor(), "organisation", "organisation_id",
                            "start_date", "end_date"};
const DatedKind kActing = {v1::ActingOrganisation::descriptor(), "organisation", "organisation_id",
                           "valid_from_date", "valid_until_date"};
const DatedKind kLinksBelow = {v1::OrganisationLink::descriptor(), "parent", "parent_id",
                               "valid_from_date", "valid_until_date"};
const DatedKind kLinksAbove = {v1::OrganisationLink::descriptor(), "child", "child_id",
                               "valid_from_date", "valid_until_date"};

const std::vector<DatedKind>& ApportionedKinds() {
  static const auto* kinds =
      new std::vector<DatedKind>{kLinksBelow, kEmployments, kTeams, kSupport};
  return *kinds;
}

absl::StatusOr<Records> LastingRecords(const Ledger& ledger, const DatedKind& kind,
                                       const std::string& body, absl::CivilDay day) {
  Records records;
  const resource::Type& type = ledger.engine().TypeOf(kind.type);
  auto s = resource::RowsOf(ledger.engine(), kind.type)
               .Select(ledger.tx(),
                       absl::StrCat("region_code = $1 AND ", kind.body_column,
                                    " = $2::uuid AND delete_time IS NULL AND coalesce(", kind.end,
                                    ", 'infinity') >= $3::date ORDER BY id FOR UPDATE"),
                       pg::Params::Of(RegionOf(body), IdOf(body), ToIso(ToDate(day))),
                       [&] { return records.emplace_back(type.New()).get(); });
  if (!s.ok()) return s;
  return records;
}

absl::Status EndRecords(Ledger& ledger, const DatedKind& kind, Records records,
                        absl::CivilDay day) {
  Records ended;
  for (auto& record : records) {
    if (StartOf(kind, *record) >= day) {
      if (auto s = ledger.Delete(*record); !s.ok()) return s;
      continue;
    }
    SetDay(record.get(), kind.end, day - 1);
    ended.push_back(std::move(record));
  }
  return ledger.Merge(ended);
}

absl::Status HandOver(Ledger& ledger, const DatedKind& kind, Records records,
                      const std::string& target, absl::CivilDay day) {
  const bool links = kind.type == v1::OrganisationLink::descriptor();
  auto idle =
      links ? ClosedChildren(ledger, records, day)
            : absl::StatusOr<absl::flat_hash_set<std::string>>(absl::flat_hash_set<std::string>());
  if (!idle.ok()) return idle.status();
  Records ended, begun, begun_main;
  for (auto& record : records) {
    if (links) {
      if (auto s = NotBelow(*record, target); !s.ok()) return s;
    }
    if (StartOf(kind, *record) >= day) {
      SetText(record.get(), kind.body, target);
      ended.push_back(std::move(record));
      continue;
    }
    if (!links || !idle->contains(static_cast<const v1::OrganisationLink&>(*record).child())) {
      auto next = Renewed(ledger, *record);
      SetText(next.get(), kind.body, target);
      SetDay(next.get(), kind.start, day);
      (IsMain(*next) ? begun_main : begun).push_back(std::move(next));
    }
    SetDay(record.get(), kind.end, day - 1);
    ended.push_back(std::move(record));
  }
  if (kind.type == v1::Employment::descriptor())
    return RenewEmployments(ledger, ended, std::move(begun), std::move(begun_main));
  if (auto s = ledger.Merge(ended); !s.ok()) return s;
  return ledger.Merge(begun);
}

}  // namespace rsnms::registry
