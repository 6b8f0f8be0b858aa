#include "services/registry/life/life_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {
namespace {

constexpr size_t kShown = 10;

rpc::Error FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

}  // namespace

absl::Status MayChange(const v1::Organisation& body, absl::CivilDay day, bool existed) {
  if (body.has_delete_time() || body.has_closed_date()) {
    return FailedPrecondition(v1::REGISTRY_REASON_ORGANISATION_CLOSED, "the body is closed")
        .With("organisation", body.name());
  }
  if (body.has_founded_date() && ToCivil(body.founded_date()) > (existed ? day - 1 : day)) {
    return FailedPrecondition(v1::REGISTRY_REASON_CHANGE_OUT_OF_ORDER,
                              "the body is founded later than the change needs it")
        .With("organisation", body.name());
  }
  return absl::OkStatus();
}

absl::Status CheckDatedFields(const v1::Organisation& before, const v1::Organisation& after) {
  rpc::Error error(absl::StatusCode::kInvalidArgument, options::v1::COMMON_REASON_IMMUTABLE_FIELD,
                   "names and the last day of a body change from a day on, by their own methods");
  constexpr std::string_view kName =
      "changes by RenameOrganisation, a misprint by CorrectOrganisation";
  constexpr std::string_view kNameRu =
      "наименование меняется с даты: переименуйте организацию (RenameOrganisation), описку "
      "исправьте "
      "(CorrectOrganisation)";
  bool wrong = false;
  if (before.official_name() != after.official_name()) {
    error.Field("official_name", kName, kNameRu);
    wrong = true;
  }
  if (!before.short_name().empty() && before.short_name() != after.short_name()) {
    error.Field("short_name", kName, kNameRu);
    wrong = true;
  }
  if (before.has_closed_date() != after.has_closed_date() ||
      (before.has_closed_date() && ToCivil(before.closed_date()) != ToCivil(after.closed_date()))) {
    error.Field("closed_date", "changes by CloseOrganisation or CorrectOrganisation",
                "организацию закрывает CloseOrganisation, неверную дату исправляет "
                "CorrectOrganisation");
    wrong = true;
  }
  return wrong ? error.ToStatus() : absl::OkStatus();
}

absl::Status CheckSuccessors(const v1::Organisation& body) {
  if (body.successors().empty() || body.has_closed_date()) return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_ORGANISATION_CLOSED,
                            "the body has successors; undo the change to reopen it");
}

absl::Status CheckDistinct(const std::vector<std::string>& bodies) {
  absl::flat_hash_set<std::string> seen;
  for (const std::string& body : bodies) {
    if (seen.insert(body).second) continue;
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_BODY_NAMED_TWICE,
                      "a body is named twice, or as its own successor")
        .With("organisation", body);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OrganisationFormerName> FormerName(
    const v1::Organisation& body, const std::vector<v1::OrganisationFormerName>& former,
    const std::string& new_name, const std::string& new_short_name, absl::CivilDay day) {
  if (body.official_name() == new_name &&
      (new_short_name.empty() || new_short_name == body.short_name())) {
    return FailedPrecondition(v1::REGISTRY_REASON_NAME_UNCHANGED, "the body bears this name")
        .ToStatus();
  }
  v1::OrganisationFormerName borne;
  borne.set_organisation(body.name());
  borne.set_official_name(body.official_name());
  borne.set_short_name(body.short_name());
  *borne.mutable_valid_until_date() = ToDate(day - 1);
  for (const auto& earlier : former) {
    const absl::CivilDay first = ToCivil(earlier.valid_until_date()) + 1;
    if (first >= day) {
      return FailedPrecondition(v1::REGISTRY_REASON_CHANGE_OUT_OF_ORDER,
                                "the body is renamed on that day or later")
          .With("former_name", earlier.name())
          .ToStatus();
    }
    *borne.mutable_valid_from_date() = ToDate(first);
  }
  return borne;
}

absl::StatusOr<v1::OrganisationFormerMunicipality> FormerMunicipality(
    const v1::Organisation& body, const std::vector<v1::OrganisationFormerMunicipality>& former,
    absl::CivilDay day) {
  v1::OrganisationFormerMunicipality lay;
  lay.set_organisation(body.name());
  lay.set_municipality(body.municipality());
  *lay.mutable_valid_until_date() = ToDate(day - 1);
  for (const auto& earlier : former) {
    const absl::CivilDay first = ToCivil(earlier.valid_until_date()) + 1;
    if (first >= day) {
      return FailedPrecondition(v1::REGISTRY_REASON_CHANGE_OUT_OF_ORDER,
                                "the body moved on that day or later")
          .With("former_municipality", earlier.name())
          .ToStatus();
    }
    *lay.mutable_valid_from_date() = ToDate(first);
  }
  return lay;
}

absl::StatusOr<std::vector<std::string>> Apportion(const std::vector<std::string>& present,
                                                   const std::vector<Portion>& portions) {
  const absl::flat_hash_set<std::string> known(present.begin(), present.end());
  absl::flat_hash_set<std::string> taken;
  for (const Portion& portion : portions) {
    for (const std::string& name : portion.names) {
      const bool mine = known.contains(name);
      if (mine && taken.insert(name).second) continue;
      return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_APPORTIONED_WRONGLY,
                        absl::StrCat(name, mine ? " is given twice" : " is not the body's then"))
          .Field(portion.path, mine ? "names a record twice" : "is not the body's on that day",
                 mine ? "запись передана дважды" : "запись не относится к организации в эту дату")
          .ToStatus();
    }
  }
  std::vector<std::string> left;
  std::copy_if(present.begin(), present.end(), std::back_inserter(left),
               [&](const std::string& name) { return !taken.contains(name); });
  return left;
}

std::string Some(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kShown);
  std::string text = absl::StrJoin(names.begin(), names.begin() + shown, ", ");
  if (names.size() > shown) absl::StrAppend(&text, " (+", names.size() - shown, ")");
  return text;
}

absl::Status NothingLeft(const std::vector<std::string>& left) {
  if (left.empty()) return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_NOT_APPORTIONED,
                            absl::StrCat("still the body's on that day: ", Some(left)))
      .With("left", Some(left))
      .With("leftCount", absl::StrCat(left.size()))
      .Russian(absl::StrCat("Не распределено записей: ", left.size(), " (", Some(left), ")."));
}

}  // namespace rsnms::registry
