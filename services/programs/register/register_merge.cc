#include "services/programs/register/register_merge.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/json_util.h"
#include "services/programs/catalogue/programme_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::register_merge {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using v1::RegisterChange;

// What the register says of a programme and a region may say otherwise.
constexpr std::array kMirrored = {"title",          "kind",           "provider_title",
                                  "provider_inn",   "duration_hours", "internship_hours",
                                  "form",           "distance",       "network",
                                  "for_pedagogues", "for_managers",   "annotation",
                                  "competencies",   "topic_codes"};
// Fields that make sense together only.
constexpr std::array kHours = {"kind", "duration_hours", "internship_hours"};
// The resource's keeping, nobody's statement.
constexpr std::array kKeeping = {"name", "etag", "create_time", "update_time", "delete_time"};

const FieldDescriptor* Field(std::string_view name) {
  return v1::Programme::descriptor()->FindFieldByName(std::string(name));
}

const std::vector<const FieldDescriptor*>& Mirrored() {
  static const auto& fields = *[] {
    auto* found = new std::vector<const FieldDescriptor*>;
    for (const char* name : kMirrored) found->push_back(Field(name));
    return found;
  }();
  return fields;
}

template <class Names>
bool Among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool SameElement(const Message& a, const Message& b, const FieldDescriptor* field, int i) {
  const auto* reflection = a.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return reflection->GetRepeatedMessage(a, field, i).SerializeAsString() ==
           reflection->GetRepeatedMessage(b, field, i).SerializeAsString();
  }
  return reflection->GetRepeatedString(a, field, i) == reflection->GetRepeatedString(b, field, i);
}

// Programmes repeat strings and messages only.
bool Same(const v1::Programme& a, const v1::Programme& b, const FieldDescriptor* field) {
  const auto* reflection = a.GetReflection();
  if (field->is_repeated()) {
    const int size = reflection->FieldSize(a, field);
    if (size != reflection->FieldSize(b, field)) return false;
    for (int i = 0; i < size; ++i) {
      if (!SameElement(a, b, field, i)) return false;
    }
    return true;
  }
  if (reflection->HasField(a, field) != reflection->HasField(b, field)) return false;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(a, field) == reflection->GetString(b, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(a, field) == reflection->GetEnumValue(b, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(a, field) == reflection->GetBool(b, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(a, field) == reflection->GetInt32(b, field);
    default:
      return ValueText(a, field->name()) == ValueText(b, field->name());
  }
}

bool IsDefault(const v1::Programme& programme, const FieldDescriptor* field) {
  return Same(programme, v1::Programme::default_instance(), field);
}

void Copy(const v1::Programme& from, const FieldDescriptor* field, v1::Programme& to) {
  v1::Programme source = from;
  source.GetReflection()->SwapFields(&source, &to, {field});
}

bool HoursFit(const v1::Programme& programme) {
  const int least = programme.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING
                        ? programme_rules::kLeastRetrainingHours
                        : programme_rules::kLeastDevelopmentHours;
  return programme.duration_hours() >= least &&
         programme.internship_hours() <= programme.duration_hours();
}

// The three sides of a merge; `base` may be null.
struct Sides {
  const v1::Programme* base;
  const v1::Programme& theirs;
  const v1::Programme& ours;
};

enum class Verdict { kTakeTheirs, kKeepOurs, kDisagree };

Verdict Judge(const Sides& sides, const FieldDescriptor* field) {
  if (Same(sides.theirs, sides.ours, field)) return Verdict::kKeepOurs;
  if (sides.base == nullptr) {
    return IsDefault(sides.ours, field) ? Verdict::kTakeTheirs : Verdict::kDisagree;
  }
  if (Same(*sides.base, sides.ours, field)) return Verdict::kTakeTheirs;
  return Same(*sides.base, sides.theirs, field) ? Verdict::kKeepOurs : Verdict::kDisagree;
}

Disagreement Between(const Sides& sides, const std::string& field) {
  return {.field = field,
          .base = sides.base == nullptr ? "" : ValueText(*sides.base, field),
          .theirs = ValueText(sides.theirs, field),
          .ours = ValueText(sides.ours, field)};
}

void MergeFields(const Sides& sides, Applied& applied) {
  std::vector<const FieldDescriptor*> taken_hours;
  for (const FieldDescriptor* field : Mirrored()) {
    switch (Judge(sides, field)) {
      case Verdict::kKeepOurs:
        break;
      case Verdict::kTakeTheirs:
        Copy(sides.theirs, field, applied.after);
        if (Among(kHours, field->name())) taken_hours.push_back(field);
        break;
      case Verdict::kDisagree:
        applied.disagreements.push_back(Between(sides, field->name()));
    }
  }
  if (HoursFit(applied.after)) return;
  for (const FieldDescriptor* field : taken_hours) {
    Copy(sides.ours, field, applied.after);
    applied.disagreements.push_back(Between(sides, field->name()));
  }
}

// What the register alone says: that, and as what, the programme stands in it.
void SetStanding(const federal::v1::Programme& entry, const Context& context,
                 v1::Programme& programme) {
  programme.set_federal_register_number(entry.register_number());
  programme.set_register_state(v1::REGISTER_STATE_LISTED);
  programme.clear_register_withdrawn_date();
  programme.clear_register_listed_date();
  if (entry.has_listed_date()) *programme.mutable_register_listed_date() = entry.listed_date();
  programme.set_register_sha256(context.payload_sha256);
  if (programme.provider().empty()) programme.set_provider(context.provider);
}

// Fills in what differs, in order of field numbers.
void NoteChanges(const v1::Programme& before, Applied& applied) {
  const auto* descriptor = v1::Programme::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const std::string& name = descriptor->field(i)->name();
    if (Among(kKeeping, name) || Same(before, applied.after, descriptor->field(i))) continue;
    applied.changed_fields.push_back(name);
    v1::RegisterFieldChange& change = applied.field_changes.emplace_back();
    change.set_field(name);
    change.set_before(ValueText(before, name));
    change.set_after(ValueText(applied.after, name));
  }
  for (const Disagreement& disagreement : applied.disagreements) {
    v1::RegisterFieldChange& change = applied.field_changes.emplace_back();
    change.set_field(disagreement.field);
    change.set_before(disagreement.ours);
    change.set_after(disagreement.ours);
    change.set_theirs(disagreement.theirs);
  }
}

RegisterChange::Kind KindOf(const v1::Programme& before) {
  switch (before.register_state()) {
    case v1::REGISTER_STATE_WITHDRAWN:
      return RegisterChange::KIND_REAPPEARED;
    case v1::REGISTER_STATE_LISTED:
      return RegisterChange::KIND_CHANGED;
    default:
      return RegisterChange::KIND_LINKED;
  }
}

Applied Make(const federal::v1::Programme& entry, const Context& context) {
  Applied applied{.after = Image(entry, context.region_code), .kind = RegisterChange::KIND_ADDED};
  SetStanding(entry, context, applied.after);
  applied.after.set_name(NameOf(context.region_code, "programmes",
                                context.fresh_id.empty()
                                    ? NewId(context.region_code, entry.register_number())
                                    : context.fresh_id));
  applied.after.set_register_sync(context.register_sync);
  return applied;
}

}  // namespace

std::string NewId(std::string_view region_code, std::string_view register_number) {
  return StableUuid(Cat(region_code, "/", register_number));
}

v1::Programme Image(const federal::v1::Programme& entry, std::string_view region_code) {
  v1::Programme image;
  image.set_title(entry.title());
  // The two contracts number these enums alike.
  image.set_kind(static_cast<v1::ProgrammeKind>(entry.kind()));
  image.set_form(static_cast<v1::StudyForm>(entry.form()));
  image.set_provider_title(entry.provider().title());
  image.set_provider_inn(entry.provider().inn());
  image.set_duration_hours(entry.duration_hours());
  image.set_internship_hours(entry.internship_hours());
  image.set_distance(entry.distance());
  image.set_network(entry.network());
  image.set_for_pedagogues(entry.for_pedagogues());
  image.set_for_managers(entry.for_managers());
  image.set_annotation(entry.annotation());
  for (const federal::v1::CompetencyCoverage& from : entry.competencies()) {
    v1::CompetencyCoverage& to = *image.add_competencies();
    to.set_competency(NameOf(region_code, "competencies", from.competency_code()));
    to.set_depth(from.depth() == federal::v1::COVERAGE_DEPTH_UNSPECIFIED
                     ? v1::COVERAGE_DEPTH_OVERVIEW
                     : static_cast<v1::CoverageDepth>(from.depth()));
  }
  for (const std::string& topic : entry.topic_codes()) image.add_topic_codes(topic);
  auto& topics = *image.mutable_topic_codes();
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return image;
}

Applied Apply(const federal::v1::Programme& entry, const v1::Programme* existing,
              const federal::v1::Programme* base, const Context& context) {
  if (entry.has_withdrawn_date()) {
    if (existing == nullptr) return Applied{};
    if (existing->register_state() == v1::REGISTER_STATE_WITHDRAWN) {
      // It may have been flagged without a word, with the day of the run that missed it. The run
      // behind the flag stays: learners have had their notices.
      Applied applied{.after = *existing};
      *applied.after.mutable_register_withdrawn_date() = entry.withdrawn_date();
      NoteChanges(*existing, applied);
      if (!applied.changed_fields.empty()) applied.kind = RegisterChange::KIND_CHANGED;
      return applied;
    }
    return Withdraw(*existing, entry.withdrawn_date(), context.register_sync);
  }
  if (existing == nullptr) return Make(entry, context);
  Applied applied{.after = *existing};
  const v1::Programme theirs = Image(entry, context.region_code);
  v1::Programme said_before;
  if (base != nullptr) said_before = Image(*base, context.region_code);
  MergeFields(
      {.base = base == nullptr ? nullptr : &said_before, .theirs = theirs, .ours = *existing},
      applied);
  SetStanding(entry, context, applied.after);
  NoteChanges(*existing, applied);
  if (applied.changed_fields.empty()) return applied;
  applied.kind = KindOf(*existing);
  applied.after.set_register_sync(context.register_sync);
  return applied;
}

Applied Withdraw(const v1::Programme& existing, const google::type::Date& day,
                 std::string_view register_sync) {
  Applied applied{.after = existing, .kind = RegisterChange::KIND_WITHDRAWN};
  applied.after.set_register_state(v1::REGISTER_STATE_WITHDRAWN);
  *applied.after.mutable_register_withdrawn_date() = day;
  NoteChanges(existing, applied);
  applied.after.set_register_sync(std::string(register_sync));
  return applied;
}

std::vector<v1::RegisterConflict> Reconcile(const Applied& applied,
                                            const federal::v1::Programme& entry,
                                            const std::vector<v1::RegisterConflict>& open,
                                            std::string_view register_sync) {
  std::vector<v1::RegisterConflict> rows;
  absl::flat_hash_set<std::string> asked;
  const v1::Programme image = Image(entry, RegionOf(applied.after.name()));
  for (const v1::RegisterConflict& conflict : open) {
    asked.insert(conflict.field());
    const std::string theirs = ValueText(image, conflict.field());
    const std::string ours = ValueText(applied.after, conflict.field());
    if (theirs != ours && theirs == conflict.their_value() && ours == conflict.our_value() &&
        conflict.register_number() == entry.register_number()) {
      continue;
    }
    v1::RegisterConflict& row = rows.emplace_back(conflict);
    row.set_register_number(entry.register_number());
    row.set_their_value(theirs);
    row.set_our_value(ours);
    row.set_register_sync(std::string(register_sync));
    if (theirs == ours || theirs == conflict.base_value()) {
      row.set_state(v1::RegisterConflict::STATE_SETTLED);
    }
  }
  for (const Disagreement& disagreement : applied.disagreements) {
    if (!asked.insert(disagreement.field).second) continue;
    v1::RegisterConflict& row = rows.emplace_back();
    const std::string& programme = applied.after.name();
    row.set_name(NameOf(RegionOf(programme), "registerConflicts",
                        StableUuid(Cat(register_sync, "/", programme, "/", disagreement.field))));
    row.set_state(v1::RegisterConflict::STATE_OPEN);
    row.set_programme(programme);
    row.set_register_number(entry.register_number());
    row.set_field(disagreement.field);
    row.set_base_value(disagreement.base);
    row.set_their_value(disagreement.theirs);
    row.set_our_value(disagreement.ours);
    row.set_register_sync(std::string(register_sync));
  }
  return rows;
}

std::vector<std::string> Values(const v1::Programme& programme) {
  std::vector<std::string> values;
  for (const FieldDescriptor* field : Mirrored()) {
    values.push_back(ValueText(programme, field->name()));
  }
  return values;
}

std::string ValueText(const v1::Programme& programme, std::string_view field) {
  const FieldDescriptor* descriptor = Field(field);
  if (descriptor == nullptr) return "";
  v1::Programme alone;
  Copy(programme, descriptor, alone);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(alone, &json, options).ok()) return "";
  const std::string head = Cat("{\"", field, "\":");
  if (json.size() <= head.size()) return "";
  return json.substr(head.size(), json.size() - head.size() - 1);
}

absl::Status SetValue(std::string_view field, std::string_view text, v1::Programme& programme) {
  const FieldDescriptor* descriptor = Field(field);
  if (descriptor == nullptr) return absl::InvalidArgumentError("no such field");
  v1::Programme alone;
  if (!text.empty()) {
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(Cat("{\"", field, "\":", text, "}"), &alone);
    if (!parsed.ok()) return absl::InvalidArgumentError("not a value of the field");
  }
  Copy(alone, descriptor, programme);
  return absl::OkStatus();
}

std::vector<v1::FieldProvenance> Provenance(const v1::Programme& programme,
                                            const federal::v1::Programme* base) {
  std::vector<v1::FieldProvenance> fields;
  v1::Programme image;
  if (base != nullptr) image = Image(*base, RegionOf(programme.name()));
  const auto* descriptor = v1::Programme::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const std::string& name = field->name();
    if (Among(kKeeping, name)) continue;
    const bool standing = name.starts_with("register_") || name == "federal_register_number";
    v1::FieldProvenance& provenance = fields.emplace_back();
    provenance.set_field(name);
    provenance.set_our_value(ValueText(programme, name));
    provenance.set_origin(v1::FieldProvenance::ORIGIN_OURS);
    if (base == nullptr || (!standing && !Among(kMirrored, name))) continue;
    provenance.set_their_value(standing ? provenance.our_value() : ValueText(image, name));
    provenance.set_origin(standing || Same(programme, image, field)
                              ? v1::FieldProvenance::ORIGIN_THEIRS
                              : v1::FieldProvenance::ORIGIN_EDITED);
  }
  return fields;
}

}  // namespace rsnms::programs::register_merge
