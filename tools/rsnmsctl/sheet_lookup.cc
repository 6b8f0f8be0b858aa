#include "tools/rsnmsctl/sheet_lookup.h"

#include <openssl/evp.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/resource/text_values.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;
using registry::v1::Employment;
using registry::v1::Organisation;
using registry::v1::Person;
using sheet::Flaw;
using sheet::Fold;

// What the engine takes in one filter, with room to spare.
constexpr size_t kMaxComparisons = 90;
constexpr size_t kMaxFilter = 3500;

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '*') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

// Asks for all resources whose `field` is one of `values`.
template <class Request, class Response>
absl::Status ListWhere(Session& session, const char* method, const std::string& region,
                       const char* field, const std::set<std::string>& values,
                       const std::function<absl::Status(const Response&)>& visit) {
  for (auto value = values.begin(); value != values.end();) {
    Request request;
    request.set_parent("regions/" + region);
    std::string filter;
    for (size_t n = 0; value != values.end() && n < kMaxComparisons; ++n, ++value) {
      const std::string one = absl::StrCat(field, " = ", Quoted(*value));
      if (!filter.empty() && filter.size() + one.size() > kMaxFilter) break;
      absl::StrAppend(&filter, filter.empty() ? "" : " OR ", one);
    }
    request.set_filter(filter);
    if (auto s = ForEachPage<Request, Response>(
            session, absl::StrCat("rsnms.registry.v1.Registry/", method), request, visit);
        !s.ok())
      return s;
  }
  return absl::OkStatus();
}

// Whether two optional values do not contradict each other.
bool Compatible(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b;
}

bool SameDay(const google::type::Date& a, const google::type::Date& b) {
  return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
}

}  // namespace

Flaw Ambiguous() {
  return {"подходит несколько записей", "укажите точнее (ОГРН, СНИЛС) или код записи из выгрузки"};
}

absl::Status FindBodies(Session& session, const std::string& region, const char* field,
                        const std::set<std::string>& values, Bodies* out) {
  using Page = registry::v1::ListOrganisationsResponse;
  return ListWhere<registry::v1::ListOrganisationsRequest, Page>(
      session, "ListOrganisations", region, field, values, [&](const Page& page) {
        for (const auto& body : page.organisations()) (*out)[body.name()] = body;
        return absl::OkStatus();
      });
}

absl::Status FindPeople(Session& session, const std::string& region, const char* field,
                        const std::set<std::string>& values, People* out) {
  using Page = registry::v1::ListPersonsResponse;
  return ListWhere<registry::v1::ListPersonsRequest, Page>(
      session, "ListPersons", region, field, values, [&](const Page& page) {
        for (const auto& person : page.persons()) (*out)[person.name()] = person;
        return absl::OkStatus();
      });
}

const Organisation* StoredBody(const Bodies& stored, const Organisation& row, Flaw* flaw) {
  if (!row.ogrn().empty()) {
    const auto* found = Only(
        stored, [&](const auto& o) { return o.ogrn() == row.ogrn(); }, flaw);
    if (found != nullptr || flaw->found()) return found;
  }
  // Branches share the ИНН of their body: КПП or the name tells them apart.
  const auto same_inn = [&](const Organisation& o) {
    return !row.inn().empty() && o.inn() == row.inn() && Compatible(o.ogrn(), row.ogrn()) &&
           (!row.kpp().empty() && !o.kpp().empty() ? o.kpp() == row.kpp()
                                                   : o.official_name() == row.official_name());
  };
  const auto* found = Only(stored, same_inn, flaw);
  if (found != nullptr || flaw->found()) return found;
  return Only(
      stored,
      [&](const Organisation& o) {
        return !row.official_name().empty() && o.official_name() == row.official_name() &&
               Compatible(o.ogrn(), row.ogrn()) && Compatible(o.inn(), row.inn()) &&
               Compatible(o.municipality(), row.municipality());
      },
      flaw);
}

const Person* StoredPerson(const People& stored, const Person& row, Flaw* flaw) {
  if (!row.snils().empty()) {
    const auto* found = Only(
        stored, [&](const Person& p) { return p.snils() == row.snils(); }, flaw);
    if (found != nullptr || flaw->found()) return found;
  }
  if (!row.has_birth_date()) return nullptr;
  return Only(
      stored,
      [&](const Person& p) {
        return Fold(p.family_name()) == Fold(row.family_name()) &&
               Fold(p.given_name()) == Fold(row.given_name()) &&
               Fold(p.patronymic()) == Fold(row.patronymic()) &&
               SameDay(p.birth_date(), row.birth_date()) && Compatible(p.snils(), row.snils());
      },
      flaw);
}

absl::Status FindPosts(Session& session, const std::string& region,
                       const std::set<std::string>& people, Posts* out) {
  using Page = registry::v1::ListEmploymentsResponse;
  return ListWhere<registry::v1::ListEmploymentsRequest, Page>(
      session, "ListEmployments", region, "person", people, [&](const Page& page) {
        for (const auto& post : page.employments()) (*out)[post.name()] = post;
        return absl::OkStatus();
      });
}

std::string NaturalKey(const std::string& collection, const Message& message) {
  if (collection == "organisations") {
    const auto& body = static_cast<const Organisation&>(message);
    if (!body.ogrn().empty()) return "ogrn|" + body.ogrn();
    if (!body.inn().empty())
      return absl::StrCat("inn|", body.inn(), "|", body.kpp(), "|", Fold(body.official_name()));
    return absl::StrCat("name|", Fold(body.official_name()), "|", body.municipality());
  }
  if (collection == "persons") {
    const auto& person = static_cast<const Person&>(message);
    if (!person.snils().empty()) return "snils|" + person.snils();
    return absl::StrCat(Fold(person.family_name()), "|", Fold(person.given_name()), "|",
                        Fold(person.patronymic()), "|", resource::DateText(person.birth_date()));
  }
  if (collection == "employments") {
    const auto& post = static_cast<const Employment&>(message);
    return absl::StrCat(post.person(), "|", post.organisation(), "|", post.post_code(), "|",
                        Fold(post.post_title()), "|", resource::DateText(post.start_date()));
  }
  return "";
}

std::string DerivedId(const std::string& words) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(words.data(), words.size(), hash, &size, EVP_sha256(), nullptr);
  hash[6] = static_cast<unsigned char>(0x80 | (hash[6] & 0x0F));
  hash[8] = static_cast<unsigned char>(0x80 | (hash[8] & 0x3F));
  std::string id;
  for (int i = 0; i < 16; ++i) {
    absl::StrAppendFormat(&id, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", hash[i]);
  }
  return id;
}

}  // namespace rsnms::ctl
