#include "services/monitoring/indicator_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rsnms::monitoring {

namespace {

using v1::IndicatorValue;

bool InGroup(int64_t count) { return count > 0 && count < kSmallCell; }

void Withhold(IndicatorValue& value) {
  value.set_state(v1::VALUE_STATE_SUPPRESSED);
  value.set_reason("Значение скрыто: группа слишком мала, в ней можно узнать людей.");
  value.clear_numerator();
  value.clear_denominator();
  value.clear_value();
}

void SetAbsent(IndicatorValue& value, v1::ValueState state, std::string reason) {
  value.set_state(state);
  value.set_reason(std::move(reason));
}

// Why the indicator says nothing here; false when it may be counted.
bool IsInapplicable(const v1::IndicatorDefinition& definition, const Situation& situation,
                    IndicatorValue& value) {
  if ((definition.first_year() != 0 && situation.year < definition.first_year()) ||
      (definition.last_year() != 0 && situation.year > definition.last_year())) {
    SetAbsent(value, v1::VALUE_STATE_NOT_APPLICABLE,
              absl::StrCat("Показатель не применяется в ", situation.year, " году."));
    return true;
  }
  if (situation.breakdown && !definition.by_municipality()) {
    SetAbsent(value, v1::VALUE_STATE_NOT_APPLICABLE,
              "Показатель считается только по региону в целом.");
    return true;
  }
  for (const auto& source : definition.sources()) {
    if (situation.loaded.contains(source)) continue;
    SetAbsent(value, v1::VALUE_STATE_MISSING,
              absl::StrCat("Данные службы ", source, " ещё не загружены."));
    return true;
  }
  return false;
}

}  // namespace

std::string Percent(int64_t numerator, int64_t denominator, int places) {
  unsigned __int128 scale = 100;
  for (int i = 0; i < places; ++i) scale *= 10;
  const unsigned __int128 doubled = static_cast<unsigned __int128>(numerator) * scale * 2 +
                                    static_cast<unsigned __int128>(denominator);
  const auto scaled =
      static_cast<uint64_t>(doubled / (2 * static_cast<unsigned __int128>(denominator)));
  if (places == 0) return absl::StrCat(scaled);
  const auto unit = static_cast<uint64_t>(scale / 100);
  return absl::StrFormat("%d.%0*d", scaled / unit, places, scaled % unit);
}

IndicatorValue Evaluate(const CompiledIndicator& indicator, const Situation& situation,
                        const std::vector<const Cell*>& cells) {
  const auto& definition = indicator.definition;
  IndicatorValue value;
  value.set_indicator_id(definition.id());
  value.set_clause(definition.clause());
  value.set_title(definition.title());
  value.set_unit(definition.unit());
  value.set_period_year(situation.year);
  if (IsInapplicable(definition, situation, value)) return value;
  int64_t numerator = 0, denominator = 0;
  for (const Cell* cell : cells) {
    if (cell->kind != definition.subject_kind()) continue;
    if (indicator.numerator.Holds(cell->mask)) numerator += cell->count;
    if (indicator.denominator.Holds(cell->mask)) denominator += cell->count;
  }
  value.set_numerator(numerator);
  if (definition.unit() == v1::UNIT_COUNT) {
    value.set_state(v1::VALUE_STATE_PRESENT);
    value.mutable_value()->set_value(absl::StrCat(numerator));
    return value;
  }
  value.set_denominator(denominator);
  if (denominator == 0) {
    SetAbsent(value, v1::VALUE_STATE_ZERO_DENOMINATOR,
              "Знаменатель равен нулю: доля не определена.");
    return value;
  }
  value.set_state(v1::VALUE_STATE_PRESENT);
  value.mutable_value()->set_value(Percent(numerator, denominator, definition.decimal_places()));
  return value;
}

bool IsSmall(int64_t numerator, int64_t denominator) {
  return InGroup(numerator) || InGroup(denominator) || InGroup(denominator - numerator);
}

void SuppressSmall(const std::vector<IndicatorValue*>& breakdown) {
  int withheld = 0;
  IndicatorValue* least = nullptr;
  for (IndicatorValue* value : breakdown) {
    if (value->state() != v1::VALUE_STATE_PRESENT) continue;
    const bool count = value->unit() == v1::UNIT_COUNT;
    if (IsSmall(value->numerator(), count ? value->numerator() : value->denominator())) {
      Withhold(*value);
      ++withheld;
    } else if (least == nullptr || value->denominator() < least->denominator() ||
               (count && value->numerator() < least->numerator())) {
      least = value;
    }
  }
  if (withheld == 1 && least != nullptr) Withhold(*least);
}

}  // namespace rsnms::monitoring
