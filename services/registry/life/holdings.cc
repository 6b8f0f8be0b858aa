#include "services/registry/life/holdings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "services/registry/life/dated_records.h"
#include "services/registry/life/fates.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor* FieldOf(const Message& record, const char* name) {
  return record.GetDescriptor()->FindFieldByName(name);
}

std::string TextOf(const Message& record, const char* name) {
  return record.GetReflection()->GetString(record, FieldOf(record, name));
}

std::unique_ptr<Message> Copy(const Message& record) {
  std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  return copy;
}

// `to` in the place of `from`; false when the field names `to` already, or not `from`. A list that
// names both drops `from`, unless the record then changes its meaning (`strict`).
bool Replace(const FieldDescriptor* field, const std::string& from, const std::string& to,
             bool strict, Message* record) {
  const auto* reflection = record->GetReflection();
  if (!field->is_repeated()) {
    if (reflection->GetString(*record, field) != from) return false;
    reflection->SetString(record, field, to);
    return true;
  }
  int at = -1;
  bool has = false;
  const int n = reflection->FieldSize(*record, field);
  for (int i = 0; i < n; ++i) {
    const std::string name = reflection->GetRepeatedString(*record, field, i);
    if (name == from) at = i;
    has = has || name == to;
  }
  if (at < 0 || (has && strict)) return false;
  if (!has) {
    reflection->SetRepeatedString(record, field, at, to);
    return true;
  }
  for (int i = at; i + 1 < n; ++i) reflection->SwapElements(record, field, i, i + 1);
  reflection->RemoveLast(record, field);
  return true;
}

// A copy of the body's municipality follows it; where something is held stays.
void FollowMunicipality(const v1::Organisation& source, const v1::Organisation& target,
                        Message* record) {
  const auto* field = FieldOf(*record, "municipality");
  if (field == nullptr || TextOf(*record, "municipality") != source.municipality()) return;
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY)
      record->GetReflection()->SetString(record, field, target.municipality());
  }
}

void ReplaceInside(const std::vector<const char*>& path, const std::string& from,
                   const std::string& to, Message* record) {
  const auto* list = FieldOf(*record, path[0]);
  const auto* reflection = record->GetReflection();
  for (int i = 0; i < reflection->FieldSize(*record, list); ++i) {
    Message* inner = reflection->MutableRepeatedMessage(record, list, i);
    Replace(FieldOf(*inner, path[1]), from, to, false, inner);
  }
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status);
}

// Ends the record the day before `day`; false when it cannot.
absl::StatusOr<bool> End(Ledger& ledger, const Ending& ending, const Message& record,
                         absl::CivilDay day, const std::string& ground) {
  if (ending.date == nullptr) return false;
  auto after = Copy(record);
  const auto* reflection = after->GetReflection();
  if (ending.state != nullptr) {
    const auto* field = FieldOf(record, "state");
    const std::string now = reflection->GetEnum(record, field)->name();
    const auto named = [&](const std::string& name) {
      return now.size() > name.size() + 1 && absl::EndsWith(now, absl::StrCat("_", name));
    };
    const auto from = std::find_if(ending.from.begin(), ending.from.end(), named);
    if (from == ending.from.end()) return false;
    const std::string prefix = now.substr(0, now.size() - std::string_view(*from).size());
    reflection->SetEnum(after.get(), field,
                        field->enum_type()->FindValueByName(absl::StrCat(prefix, ending.state)));
  }
  reflection->MutableMessage(after.get(), FieldOf(record, ending.date))->CopyFrom(ToDate(day - 1));
  if (ending.ground != nullptr)
    reflection->SetString(after.get(), FieldOf(record, ending.ground), ground);
  const auto s = ledger.tx().Savepoint([&] { return ledger.Rewrite(record, after.get()); });
  if (IsRefusal(s)) return false;  // it would end before it began
  if (!s.ok()) return s;
  return true;
}

absl::Status FollowCopies(Ledger& ledger, const Copies& copies, const Message& record,
                          const v1::Organisation& source, const v1::Organisation& target) {
  const resource::Type* type = ledger.engine().FindType(copies.type);
  if (type == nullptr) return absl::OkStatus();
  const std::string name = ledger.TypeOf(record).NameOf(record);
  Records rows;
  auto s = resource::RowsOf(ledger.engine(), type->descriptor())
               .Select(ledger.tx(),
                       absl::StrCat("region_code = $1 AND ", copies.rows,
                                    " AND organisation_id = ", "$3::uuid ORDER BY id FOR UPDATE"),
                       pg::Params::Of(RegionOf(name), IdOf(name), IdOf(source.name())),
                       [&] { return rows.emplace_back(type->New()).get(); });
  if (!s.ok()) return s;
  for (const auto& row : rows) {
    auto after = Copy(*row);
    Replace(FieldOf(*after, "organisation"), source.name(), target.name(), false, after.get());
    FollowMunicipality(source, target, after.get());
    if (s = ledger.Rewrite(*row, after.get()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

Records One(const Message& record) {
  Records records;
  records.push_back(Copy(record));
  return records;
}

// The successor goes on with what the record says; where it does so already, the record just ends.
absl::Status Renew(Ledger& ledger, const Fate& fate, const Message& record,
                   const v1::Organisation& target, absl::CivilDay day, Holdings* ended) {
  auto s = ledger.Try([&] { return HandOver(ledger, kActing, One(record), target.name(), day); });
  if (!IsRefusal(s)) return s;
  ++(*ended)[fate.type];
  return EndRecords(ledger, kActing, One(record), day);
}

absl::Status PassOne(Ledger& ledger, const Fate& fate, const Message& record,
                     const v1::Organisation& source, const v1::Organisation& target,
                     absl::CivilDay day, const std::string& ground, Holdings* ended) {
  if (fate.renewed) return Renew(ledger, fate, record, target, day, ended);
  // Another way in which the record names the body may have been followed already.
  const std::string name = ledger.TypeOf(record).NameOf(record);
  auto before = Copy(record);
  auto s = ledger.RowsOf(record).Get(ledger.tx(), name, resource::Lock::kUpdate, before.get());
  if (!s.ok()) return s;
  auto after = Copy(*before);
  absl::Status refused = rpc::Error(absl::StatusCode::kFailedPrecondition,
                                    options::v1::COMMON_REASON_CONSTRAINT_VIOLATED,
                                    "the successor has a part in it already")
                             .With("resource", name);
  if (Replace(FieldOf(record, fate.field), source.name(), target.name(),
              fate.ending.date != nullptr, after.get())) {
    for (const auto& path : fate.inside)
      ReplaceInside(path, source.name(), target.name(), after.get());
    FollowMunicipality(source, target, after.get());
    refused = ledger.tx().Savepoint([&] { return ledger.Rewrite(*before, after.get()); });
    if (refused.ok()) {
      for (const auto& copies : fate.copies) {
        if (s = FollowCopies(ledger, copies, record, source, target); !s.ok()) return s;
      }
      return absl::OkStatus();
    }
    if (!IsRefusal(refused)) return refused;
  }
  auto done = End(ledger, fate.ending, *before, day, ground);
  if (!done.ok()) return done.status();
  if (!*done) return refused;
  ++(*ended)[fate.type];
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Held>> HeldBy(const Ledger& ledger, const std::string& body,
                                         absl::CivilDay day) {
  std::vector<Held> held;
  for (size_t i = 0; i < Fates().size(); ++i) {
    const Fate& fate = Fates()[i];
    const resource::Type* type = ledger.engine().FindType(fate.type);
    if (type == nullptr || fate.living == nullptr) continue;
    const auto* column = type->Find(fate.field);
    const bool many = column->kind == resource::Kind::kReferences;
    auto s = resource::RowsOf(ledger.engine(), type->descriptor())
                 .Select(ledger.tx(),
                         absl::StrCat("region_code = $1 AND ", column->sql,
                                      many ? " @> ARRAY[$2::text]" : " = $2::uuid",
                                      " AND delete_time IS NULL AND $3::date IS NOT NULL AND ",
                                      fate.living, " ORDER BY id FOR UPDATE"),
                         pg::Params::Of(RegionOf(body), IdOf(body), ToIso(ToDate(day))), [&] {
                           return held.emplace_back(Held{i, type->New()}).record.get();
                         });
    if (!s.ok()) return s;
  }
  return held;
}

absl::Status Pass(Ledger& ledger, std::vector<Held> records, const v1::Organisation& source,
                  const v1::Organisation& target, absl::CivilDay day, const std::string& ground,
                  Holdings* ended) {
  for (const auto& held : records) {
    auto s = PassOne(ledger, Fates()[held.fate], *held.record, source, target, day, ground, ended);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> EndHeld(Ledger& ledger, std::vector<Held> records,
                                                 absl::CivilDay day, const std::string& ground) {
  std::vector<Held> holding;
  for (auto& held : records) {
    const Fate& fate = Fates()[held.fate];
    if (fate.closing == OnClosing::kStays) continue;
    if (fate.renewed) {
      if (auto s = EndRecords(ledger, kActing, One(*held.record), day); !s.ok()) return s;
      continue;
    }
    absl::StatusOr<bool> done = false;
    if (fate.closing == OnClosing::kEnds)
      done = End(ledger, fate.ending, *held.record, day, ground);
    if (!done.ok()) return done.status();
    if (!*done) holding.push_back(std::move(held));
  }
  return NamesOf(ledger, holding);
}

absl::StatusOr<Holdings> CountHoldings(const Ledger& ledger, const std::vector<std::string>& bodies,
                                       absl::CivilDay day) {
  std::map<std::string, std::set<std::string>> found;  // a record may name a body in two ways
  for (const std::string& body : bodies) {
    auto held = HeldBy(ledger, body, day);
    if (!held.ok()) return held.status();
    for (const auto& one : *held)
      found[Fates()[one.fate].type].insert(ledger.TypeOf(*one.record).NameOf(*one.record));
  }
  Holdings counts;
  for (const auto& [type, names] : found) counts[type] = static_cast<int64_t>(names.size());
  return counts;
}

std::vector<std::string> NamesOf(const Ledger& ledger, const std::vector<Held>& records) {
  std::set<std::string> names;
  for (const auto& held : records) names.insert(ledger.TypeOf(*held.record).NameOf(*held.record));
  return {names.begin(), names.end()};
}

bool IsHolding(const std::string& resource_type) {
  for (const Fate& fate : Fates()) {
    if (fate.type == resource_type) return true;
    for (const auto& copies : fate.copies)
      if (copies.type == resource_type) return true;
  }
  return false;
}

}  // namespace rsnms::registry
