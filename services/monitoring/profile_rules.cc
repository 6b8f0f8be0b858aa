#include "services/monitoring/profile_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/monitoring/v1/errors.pb.h"
#include "services/monitoring/known_rows.h"

namespace rsnms::monitoring {

namespace {

absl::Status Bad(const std::string& path, const std::string& what, const std::string& what_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::MONITORING_REASON_INVALID_PROFILE,
                    absl::StrCat(path, ": ", what))
      .Field(path, what, what_ru);
}

bool IsSlug(const std::string& id) {
  if (id.empty() || id.size() > 63 || !absl::ascii_islower(id[0])) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

absl::StatusOr<Expression> ParseAt(const std::string& path, const std::string& text,
                                   const Expression::Settings& settings) {
  auto parsed = Expression::Parse(text, settings);
  if (parsed.ok()) return parsed;
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::MONITORING_REASON_INVALID_EXPRESSION,
                    absl::StrCat(path, ": ", parsed.status().message()))
      .Field(path, std::string(parsed.status().message()), "Формула составлена неверно")
      .ToStatus();
}

absl::StatusOr<Expression::Settings> CompileSettings(const v1::Profile& profile) {
  Expression::Settings settings;
  for (int i = 0; i < profile.settings_size(); ++i) {
    const auto& setting = profile.settings(i);
    const std::string path = absl::StrCat("settings[", i, "]");
    if (!IsSlug(setting.id()) || FactByName(setting.id())) {
      return Bad(path + ".id", "is not a slug or is a fact's name", "Недопустимый код настройки");
    }
    auto parsed = ParseAt(path + ".expression", setting.expression(), settings);
    if (!parsed.ok()) return parsed.status();
    if (parsed->always()) return Bad(path + ".expression", "is empty", "Формула не заполнена");
    if (!settings.emplace(setting.id(), *std::move(parsed)).second) {
      return Bad(path + ".id", "is repeated", "Код настройки повторяется");
    }
  }
  return settings;
}

absl::Status CheckShape(const std::string& path, const v1::IndicatorDefinition& definition) {
  if (!IsSlug(definition.id()))
    return Bad(path + ".id", "is not a slug", "Недопустимый код показателя");
  if (definition.title().empty())
    return Bad(path + ".title", "is empty", "Не указано название показателя");
  if (definition.unit() == v1::UNIT_UNSPECIFIED) {
    return Bad(path + ".unit", "is not declared", "Не указана единица измерения");
  }
  if (definition.subject_kind() == v1::SUBJECT_KIND_UNSPECIFIED) {
    return Bad(path + ".subject_kind", "is not declared", "Не указано, кого считает показатель");
  }
  if (definition.decimal_places() < 0 || definition.decimal_places() > 6) {
    return Bad(path + ".decimal_places", "must be 0 to 6", "Знаков после запятой – от 0 до 6");
  }
  const bool share = definition.unit() == v1::UNIT_PERCENT;
  if (share == definition.denominator().empty()) {
    return Bad(path + ".denominator", share ? "is empty" : "must be empty for a count",
               "Знаменатель нужен долям и только им");
  }
  for (const auto& source : definition.sources()) {
    if (std::find(Sources().begin(), Sources().end(), source) == Sources().end()) {
      return Bad(path + ".sources", "names an unknown service", "Неизвестный источник данных");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<CompiledIndicator>> CompileProfile(const v1::Profile& profile) {
  auto settings = CompileSettings(profile);
  if (!settings.ok()) return settings.status();
  std::vector<CompiledIndicator> compiled;
  absl::flat_hash_set<std::string> ids;
  for (int i = 0; i < profile.indicators_size(); ++i) {
    const auto& definition = profile.indicators(i);
    const std::string path = absl::StrCat("indicators[", i, "]");
    if (auto status = CheckShape(path, definition); !status.ok()) return status;
    if (!ids.insert(definition.id()).second) {
      return Bad(path + ".id", "is repeated", "Код показателя повторяется");
    }
    auto numerator = ParseAt(path + ".numerator", definition.numerator(), *settings);
    if (!numerator.ok()) return numerator.status();
    auto denominator = ParseAt(path + ".denominator", definition.denominator(), *settings);
    if (!denominator.ok()) return denominator.status();
    compiled.push_back(
        {definition, Expression::Both(*denominator, *numerator), *std::move(denominator)});
  }
  return compiled;
}

}  // namespace rsnms::monitoring
