#include "services/diagnostics/route_replacement.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "libs/resource/text.h"

namespace rsnms::diagnostics {
namespace {

using Item = v1::RouteItem;

std::string_view Text(Item::Attention attention) {
  switch (attention) {
    case Item::ATTENTION_PROGRAMME_WITHDRAWN:
      return "Программа больше не предлагается: исключена из реестра, отозвана или удалена.";
    case Item::ATTENTION_COMPLETION_VOIDED:
      return "Документ, по которому шаг был засчитан, аннулирован.";
    case Item::ATTENTION_LEARNING_FAILED:
      return "Итоговая аттестация по программе не пройдена.";
    case Item::ATTENTION_LEARNING_WITHDRAWN:
      return "Обучение по программе прекращено или в нём отказано.";
    default:
      return "Шаг требует внимания.";
  }
}

bool Withdrawn(const Item& item) {
  return std::count(item.attention().begin(), item.attention().end(),
                    Item::ATTENTION_PROGRAMME_WITHDRAWN) > 0;
}

}  // namespace

void Suggest(const v1::Route& route, const Offers& offers,
             v1::SuggestReplacementsResponse* response) {
  absl::flat_hash_set<std::string> closed, wanted, named;
  int hours = 0;
  bool any = false;
  for (const Item& item : route.items()) {
    for (const int attention : item.attention()) {
      auto& ground = *response->add_grounds();
      ground.set_number(item.number());
      ground.set_attention(static_cast<Item::Attention>(attention));
      ground.set_text_ru(std::string(Text(ground.attention())));
    }
    named.insert(item.programme());
    if (item.state() == Item::STATE_DROPPED) continue;
    const bool withdrawn = Withdrawn(item);
    any |= withdrawn;
    if (!withdrawn) hours += item.hours();
    auto& codes = withdrawn ? wanted : closed;
    codes.insert(item.competency_codes().begin(), item.competency_codes().end());
  }
  if (!any) return;
  std::vector<v1::RouteDeficit> deficits;
  for (const auto& deficit : route.deficits()) {
    const std::string& code = deficit.competency_code();
    if (wanted.contains(code) && !closed.contains(code)) deficits.push_back(deficit);
  }
  Constraints constraints{route.hours_limit(), route.category()};
  const bool spent = route.hours_limit() > 0 && hours >= route.hours_limit();
  if (route.hours_limit() > 0) constraints.hours_limit = route.hours_limit() - hours;
  v1::Route built;
  BuildRoute(deficits, spent ? Offers({}) : offers.Without(named), constraints, built);
  for (auto& item : *built.mutable_items()) {
    item.clear_number();
    *response->add_replacements() = std::move(item);
  }
  for (auto& open : *built.mutable_uncovered()) {
    if (spent) {
      open.set_reason(
          resource::Cat("Не хватило часов: предел маршрута ", route.hours_limit(), " ч."));
    }
    *response->add_uncovered() = std::move(open);
  }
}

}  // namespace rsnms::diagnostics
