#include "services/registry/people/people_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/access_log.h"
#include "libs/resource/table.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/names.h"
#include "services/registry/people/name_search.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/people/people_store.h"
#include "services/registry/people/standing_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr int kDefaultPage = 20, kLargestPage = 100;
constexpr size_t kMostWords = 6;
constexpr int kShortestFragment = 3;

std::string Method(const char* name) { return absl::StrCat("rsnms.registry.v1.People/", name); }

int64_t Letters(const std::string& word) {
  const auto first = [](unsigned char c) { return (c & 0xC0) != 0x80; };  // counts code points
  return std::count_if(word.begin(), word.end(), first);
}
bool LongEnough(const std::string& word) { return Letters(word) >= 2; }

absl::Status CheckQuery(const std::vector<std::string>& words) {
  if (words.size() <= kMostWords && std::any_of(words.begin(), words.end(), &LongEnough)) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_QUERY_TOO_SHORT,
                    "one to six words, one of them with at least two letters")
      .Field("query", "has no word of two letters, or too many words",
             "Укажите от одного до шести слов, хотя бы одно – не короче двух букв.");
}

std::optional<absl::CivilDay> DayOf(bool set, const google::type::Date& date) {
  if (!set) return std::nullopt;
  return ToCivil(date);
}

// The person, recorded as read; FAILED_PRECONDITION PERSON_MERGED names whom to ask about instead.
absl::StatusOr<v1::Person> ReadLiving(resource::Engine& engine, rpc::Call& call, pg::Tx& tx,
                                      const std::string& name) {
  auto person = resource::Table<v1::Person>(engine).Get(tx, name);
  if (!person.ok()) return person;
  if (!person->merged_into().empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_MERGED,
                      "the person was merged into another")
        .With("merged_into", person->merged_into())
        .ToStatus();
  }
  const auto& type = engine.TypeOf(v1::Person::descriptor());
  if (auto s = resource::RecordReads(tx, call, type, {name}); !s.ok()) return s;
  return person;
}

template <class R>
absl::StatusOr<std::vector<R>> RowsOn(resource::Engine& engine, pg::Tx& tx,
                                      const std::string& person, const google::type::Date& date,
                                      const char* condition) {
  return resource::Table<R>(engine).Select(
      tx,
      absl::StrCat("region_code = $1 AND person_id = $2::uuid AND delete_time IS NULL AND ",
                   condition),
      RegionOf(person), IdOf(person), ToIso(date));
}

// Words of the query and where in the names they are looked for: `*иван` is looked for anywhere.
struct Query {
  std::vector<std::string> words;
  bool anywhere = false;
};
Query Understand(std::vector<std::string> words) {
  Query query;
  for (std::string& word : words) {
    const size_t from = word.find_first_not_of('*');
    if (from == word.npos) continue;
    query.anywhere = query.anywhere || from > 0;
    query.words.push_back(word.substr(from));
  }
  return query;
}

// Fragments are sought among all people of the region, one by one: not for a letter or two.
bool MaySeekFragments(const Query& query) {
  return std::all_of(query.words.begin(), query.words.end(),
                     [](const auto& word) { return Letters(word) >= kShortestFragment; });
}

absl::Status FindByFragments(resource::Engine& engine, pg::Tx& tx, const std::string& region,
                             const std::vector<std::string>& words,
                             const std::optional<SearchPlace>& after, int limit,
                             std::vector<v1::Person>* found) {
  auto params = pg::Params::Of(region);
  const std::string sql = FragmentCondition(words, after ? &*after : nullptr, limit, &params);
  return resource::RowsOf(engine, v1::Person::descriptor()).Select(tx, sql, params, [&] {
    return &found->emplace_back();
  });
}

// The first `limit` people behind `after`: a single word is taken for a family name first. Answers
// how many of them were found by it.
absl::StatusOr<size_t> FindByWords(resource::Engine& engine, pg::Tx& tx, const std::string& region,
                                   const std::vector<std::string>& words,
                                   const std::optional<SearchPlace>& after, int limit,
                                   std::vector<v1::Person>* found) {
  const auto& rows = resource::RowsOf(engine, v1::Person::descriptor());
  const auto next = [&] { return &found->emplace_back(); };
  const bool families = words.size() == 1 && (!after || after->by_family);
  if (families) {
    auto params = pg::Params::Of(region);
    const std::string sql = FamilyCondition(words[0], after ? &*after : nullptr, limit, &params);
    if (auto s = rows.Select(tx, sql, params, next); !s.ok()) return s;
    if (found->size() == static_cast<size_t>(limit)) return found->size();
  }
  const size_t by_family = found->size();
  const SearchPlace* place = after && !families ? &*after : nullptr;
  auto ids = FindBeginnings(tx, region, words, place, limit - static_cast<int>(by_family));
  if (!ids.ok()) return ids.status();
  if (ids->empty()) return by_family;
  auto params = pg::Params::Of(region);
  const std::string sql = PeopleCondition(*ids, &params);
  if (auto s = rows.Select(tx, sql, params, next); !s.ok()) return s;
  return by_family;
}

constexpr size_t kPlaceColumns = 5;

std::optional<SearchPlace> ToPlace(const std::optional<resource::Values>& values) {
  if (!values) return std::nullopt;
  const auto text = [&](size_t i) { return (*values)[i].value_or(""); };
  return SearchPlace{text(0) == "family",  text(1), text(2), text(3), text(4),
                     text(0) == "anywhere"};
}

resource::Values FromPlace(const SearchPlace& place) {
  return {place.anywhere    ? "anywhere"
          : place.by_family ? "family"
                            : "any",
          place.family, place.given, place.patronymic, place.id};
}

}  // namespace

void PeopleService::Serve(rpc::Server& server) {
  server.Unary<v1::CheckConsentRequest, v1::CheckConsentResponse>(
      Method("CheckConsent"), [this](auto& call, const auto& request, auto* response) {
        return CheckConsent(call, request, response);
      });
  server.Unary<v1::SearchPersonsRequest, v1::SearchPersonsResponse>(
      Method("SearchPersons"), [this](auto& call, const auto& request, auto* response) {
        return SearchPersons(call, request, response);
      });
  server.Unary<v1::GetProfessionalStandingRequest, v1::ProfessionalStanding>(
      Method("GetProfessionalStanding"), [this](auto& call, const auto& request, auto* response) {
        return GetProfessionalStanding(call, request, response);
      });
  server.Unary<v1::AssessCareerLadderRequest, v1::CareerLadderAssessment>(
      Method("AssessCareerLadder"), [this](auto& call, const auto& request, auto* response) {
        return AssessCareerLadder(call, request, response);
      });
  ServeMerges(server);
}

absl::Status PeopleService::CheckConsent(rpc::Call& call, const v1::CheckConsentRequest& request,
                                         v1::CheckConsentResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto person = resource::Table<v1::Person>(engine_).Get(tx, request.name());
    if (!person.ok()) return person.status();
    // Whoever holds the name of a merged card asks about the person all the same.
    const std::string name = person->merged_into().empty() ? request.name() : person->merged_into();
    response->set_consent_needed(NeedsConsent(request.purpose()));
    auto consent = FindConsent(tx, name, request.purpose(), request.as_of_date());
    if (!consent.ok()) return consent.status();
    response->set_consent(*consent);
    return consent->empty()
               ? RequireConsent(tx, name, request.purpose(), request.as_of_date(), "purpose")
               : absl::OkStatus();
  });
}

absl::Status PeopleService::SearchPersons(rpc::Call& call, const v1::SearchPersonsRequest& request,
                                          v1::SearchPersonsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  const size_t limit = PageSize(request.page_size(), kDefaultPage, kLargestPage);
  auto values = pages_.Place(call, request, kPlaceColumns);
  if (!values.ok()) return values.status();
  const auto after = ToPlace(*values);
  return engine_.pool().Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto words = SearchWords(tx, request.query());
    if (!words.ok()) return words.status();
    Query query = Understand(*std::move(words));
    if (auto s = CheckQuery(query.words); !s.ok()) return s;
    query.words = WithoutImplied(std::move(query.words));
    const std::string region = RegionOf(absl::StrCat(request.parent(), "/"));
    std::vector<v1::Person> found;
    size_t families = 0;
    if (!query.anywhere && !(after && after->anywhere)) {
      auto by_family = FindByWords(engine_, tx, region, query.words, after, limit + 1, &found);
      if (!by_family.ok()) return by_family.status();
      families = *by_family;
    }
    const bool anywhere = found.empty() && (!after || after->anywhere);
    if (anywhere && MaySeekFragments(query)) {
      auto s = FindByFragments(engine_, tx, region, query.words, after, limit + 1, &found);
      if (!s.ok()) return s;
    }
    response->set_truncated(found.size() > limit);
    if (response->truncated()) {
      found.pop_back();
      auto last = PlaceOf(tx, found.back().name(), families >= limit);
      if (!last.ok()) return last.status();
      last->anywhere = anywhere;
      response->set_next_page_token(pages_.Next(call, request, FromPlace(*last)));
    }
    std::vector<std::string> names;
    for (auto& person : found) {
      names.push_back(person.name());
      *response->add_persons() = std::move(person);
    }
    return resource::RecordReads(tx, call, engine_.TypeOf(v1::Person::descriptor()), names);
  });
}

absl::Status PeopleService::GetProfessionalStanding(
    rpc::Call& call, const v1::GetProfessionalStandingRequest& request,
    v1::ProfessionalStanding* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto profile = FindPeopleProfile(request.profile(), RegionOf(request.name()));
  if (!profile.ok()) return profile.status();
  const absl::CivilDay day = ToCivil(request.as_of_date());
  const auto [first, last] = YearOf(**profile, day);
  return engine_.pool().Run(call.Tx(), [&, first = first](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto person = ReadLiving(engine_, call, tx, request.name());
    if (!person.ok()) return person.status();
    response->set_person(person->name());
    *response->mutable_as_of_date() = request.as_of_date();
    response->set_profile((*profile)->id());
    const auto young =
        JudgeYoung(**profile, DayOf(person->has_birth_date(), person->birth_date()),
                   DayOf(person->has_teaching_start_date(), person->teaching_start_date()), day);
    response->set_young_specialist(young.young);
    for (const auto& note : young.notes) response->add_young_specialist_notes(note);
    auto categories = RowsOn<v1::Qualification>(engine_, tx, person->name(), request.as_of_date(),
                                                "decision_date <= $3::date");
    if (!categories.ok()) return categories.status();
    if (const auto* current = CurrentQualification(*categories, day)) {
      *response->mutable_qualification() = *current;
    }
    for (const auto& q : *categories) {
      if (q.category() != v1::QUALIFICATION_CATEGORY_COMPLIANCE) continue;
      if (!response->has_compliance_until_date() ||
          ToCivil(response->compliance_until_date()) < ToCivil(q.valid_until_date())) {
        *response->mutable_compliance_until_date() = q.valid_until_date();
      }
    }
    *response->mutable_year_start_date() = ToDate(first);
    response->set_corporate_hours_required((*profile)->corporate_hours());
    auto hours = CorporateHours(tx, person->name(), first, day);
    if (!hours.ok()) return hours.status();
    response->set_corporate_hours(static_cast<int32_t>(*hours));
    auto themes = RowsOn<v1::SelfEducationTheme>(
        engine_, tx, person->name(), request.as_of_date(),
        "start_date <= $3::date AND coalesce(end_date, 'infinity') >= $3::date "
        "ORDER BY start_date DESC, id LIMIT 1");
    if (!themes.ok()) return themes.status();
    if (!themes->empty()) response->set_self_education_theme(themes->front().name());
    auto posts =
        RowsOn<v1::Employment>(engine_, tx, person->name(), request.as_of_date(),
                               "start_date <= $3::date AND coalesce(end_date, 'infinity') >= "
                               "$3::date ORDER BY main DESC, start_date, id");
    if (!posts.ok()) return posts.status();
    for (const auto& post : *posts) {
      response->add_employments(post.name());
      if (post.category() == v1::STAFF_CATEGORY_PEDAGOGUE) response->set_pedagogue(true);
      if (post.category() == v1::STAFF_CATEGORY_MANAGER) response->set_manager(true);
    }
    return absl::OkStatus();
  });
}

absl::Status PeopleService::AssessCareerLadder(rpc::Call& call,
                                               const v1::AssessCareerLadderRequest& request,
                                               v1::CareerLadderAssessment* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  auto profile = FindPeopleProfile(request.profile(), RegionOf(request.name()));
  if (!profile.ok()) return profile.status();
  if ((*profile)->ladder().empty()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_NO_CAREER_LADDER,
                      "the profile has no career ladder")
        .With("profile", (*profile)->id());
  }
  const absl::CivilDay day = ToCivil(request.as_of_date());
  return engine_.pool().Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto person = ReadLiving(engine_, call, tx, request.name());
    if (!person.ok()) return person.status();
    auto categories = RowsOn<v1::Qualification>(engine_, tx, person->name(), request.as_of_date(),
                                                "decision_date <= $3::date");
    if (!categories.ok()) return categories.status();
    auto evidence = RowsOn<v1::CareerEvidence>(engine_, tx, person->name(), request.as_of_date(),
                                               "evidence_date <= $3::date");
    if (!evidence.ok()) return evidence.status();
    response->set_person(person->name());
    *response->mutable_as_of_date() = request.as_of_date();
    response->set_profile((*profile)->id());
    response->set_note_ru((*profile)->ladder_note_ru());
    for (auto& step :
         JudgeLadder(**profile, CurrentQualification(*categories, day), *evidence, day)) {
      *response->add_steps() = std::move(step);
    }
    return absl::OkStatus();
  });
}

}  // namespace rsnms::registry
