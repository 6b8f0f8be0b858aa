#include "tools/rsnmsctl/sheet_resolve.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/resource/names.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "tools/rsnmsctl/sheet_lookup.h"
#include "tools/rsnmsctl/sheet_values.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;
using registry::v1::Employment;
using registry::v1::Organisation;
using registry::v1::Person;
using sheet::Flaw;

Flaw NoBody() {
  return {"такой организации в реестре региона нет",
          "сначала загрузите организации (import organisations) или исправьте значение"};
}

// --- what every collection does

class Resolver {
 public:
  Resolver(Session& session, const std::string& region, const Plan& plan,
           std::vector<Draft>& drafts, Memory& memory, Findings* findings)
      : session_(session),
        region_(region),
        plan_(plan),
        drafts_(drafts),
        memory_(memory),
        findings_(findings) {}

  absl::Status NameBodies();
  absl::Status NamePeople();
  absl::Status NameEmployments();
  absl::Status CheckOthers();

 private:
  template <class R>
  static R& As(Draft& draft) {
    return static_cast<R&>(*draft.message);
  }
  void Fail(Draft& draft, const std::string& column, const Flaw& flaw) {
    draft.bad = true;
    findings_->Add(draft.row, column, flaw);
  }
  std::string Describe(const SheetColumn* column) const {
    for (size_t i = 0; i < plan_.of_file.size(); ++i) {
      if (plan_.of_file[i] == column) return plan_.Describe(i);
    }
    return column->title;
  }
  // Visits good drafts of type R.
  template <class R, class Visit>
  void Each(const Visit& visit) {
    for (Draft& draft : drafts_) {
      if (!draft.bad) visit(draft, As<R>(draft));
    }
  }
  std::string Derived(const char* collection, const std::string& words) const {
    return absl::StrCat("regions/", region_, "/", collection, "/",
                        DerivedId(absl::StrCat(region_, "|", collection, "|", words)));
  }
  bool IsPartial(const google::protobuf::Descriptor* type) const {
    for (const SheetColumn& column : ColumnsOf("", type)) {
      if (column.role == Role::kField && !plan_.Fills(column.field)) return true;
    }
    return false;
  }
  // Fields the file has no column for stay as they are stored.
  void Keep(const Message& stored, Message* row) const {
    if (!IsPartial(row->GetDescriptor())) return;
    const std::unique_ptr<Message> whole(stored.New());
    whole->CopyFrom(stored);
    for (const SheetColumn& column : ColumnsOf("", row->GetDescriptor())) {
      if (column.role != Role::kField || !plan_.Fills(column.field)) continue;
      whole->GetReflection()->ClearField(whole.get(), column.field);
    }
    whole->MergeFrom(*row);
    row->CopyFrom(*whole);
  }
  // Reads what rows that came with a name have stored, when it is needed.
  absl::Status KeepNamed(const char* get);
  absl::Status FindPersonKeys();
  absl::Status FindBodyKeys();

  Session& session_;
  const std::string& region_;
  const Plan& plan_;
  std::vector<Draft>& drafts_;
  Memory& memory_;
  Findings* findings_;
};

absl::Status Resolver::KeepNamed(const char* get) {
  if (drafts_.empty() || !IsPartial(drafts_[0].message->GetDescriptor())) return absl::OkStatus();
  for (Draft& draft : drafts_) {
    const auto* name = draft.message->GetDescriptor()->FindFieldByName("name");
    if (draft.bad) continue;
    const std::string value = draft.message->GetReflection()->GetString(*draft.message, name);
    if (value.empty()) continue;
    registry::v1::GetPersonRequest request;  // all Get requests are one name in field 1
    request.set_name(value);
    const std::unique_ptr<Message> stored(draft.message->New());
    auto status =
        session_.Call(absl::StrCat("rsnms.registry.v1.Registry/", get), request, stored.get());
    if (absl::IsNotFound(status)) continue;
    if (!status.ok()) return status;
    Keep(*stored, draft.message.get());
  }
  return absl::OkStatus();
}

absl::Status Resolver::NameBodies() {
  if (auto s = KeepNamed("GetOrganisation"); !s.ok()) return s;
  std::set<std::string> ogrns, inns, names;
  Each<Organisation>([&](Draft&, const Organisation& row) {
    if (!row.name().empty()) return;
    if (!row.ogrn().empty()) ogrns.insert(row.ogrn());
    if (!row.inn().empty()) inns.insert(row.inn());
    if (!row.official_name().empty()) names.insert(row.official_name());
  });
  Bodies stored;
  if (auto s = FindBodies(session_, region_, "ogrn", ogrns, &stored); !s.ok()) return s;
  if (auto s = FindBodies(session_, region_, "inn", inns, &stored); !s.ok()) return s;
  if (auto s = FindBodies(session_, region_, "official_name", names, &stored); !s.ok()) return s;
  Each<Organisation>([&](Draft& draft, Organisation& row) {
    if (!row.name().empty()) return;
    Flaw flaw;
    const Organisation* found = StoredBody(stored, row, &flaw);
    if (flaw.found()) return Fail(draft, "", flaw);
    draft.standing = found == nullptr ? Standing::kFresh : Standing::kStored;
    if (found == nullptr)
      return row.set_name(Derived("organisations", NaturalKey("organisations", row)));
    row.set_name(found->name());
    Keep(*found, &row);
  });
  return absl::OkStatus();
}

absl::Status Resolver::NamePeople() {
  if (auto s = KeepNamed("GetPerson"); !s.ok()) return s;
  std::set<std::string> snils, families;
  Each<Person>([&](Draft& draft, const Person& row) {
    if (!row.name().empty()) return;
    if (row.snils().empty() && !row.has_birth_date()) {
      Fail(draft, "",
           {"нечем отличить однофамильцев", "впишите СНИЛС, дату рождения или код записи"});
      return;
    }
    if (!row.snils().empty()) snils.insert(row.snils());
    if (row.has_birth_date()) families.insert(row.family_name());
  });
  People stored;
  if (auto s = FindPeople(session_, region_, "snils", snils, &stored); !s.ok()) return s;
  // Namesakes are asked for only where the СНИЛС did not answer.
  Each<Person>([&](Draft&, const Person& row) {
    Flaw flaw;
    if (row.name().empty() && StoredPerson(stored, row, &flaw) != nullptr)
      families.erase(row.family_name());
  });
  families.erase("");
  if (auto s = FindPeople(session_, region_, "family_name", families, &stored); !s.ok()) return s;
  Each<Person>([&](Draft& draft, Person& row) {
    if (!row.name().empty()) return;
    Flaw flaw;
    const Person* found = StoredPerson(stored, row, &flaw);
    if (flaw.found()) return Fail(draft, "", flaw);
    draft.standing = found == nullptr ? Standing::kFresh : Standing::kStored;
    if (found == nullptr) {
      return row.set_name(absl::StrCat("regions/", region_, "/persons/", resource::NewUuid()));
    }
    row.set_name(found->name());
    Keep(*found, &row);
  });
  return absl::OkStatus();
}

absl::Status Resolver::FindPersonKeys() {
  std::set<std::string> snils;
  for (Draft& draft : drafts_) {
    for (auto& [column, text] : draft.keys) {
      if (column->role != Role::kPersonSnils) continue;
      Person person;
      const auto* field = Person::descriptor()->FindFieldByName("snils");
      const Flaw flaw = SetField(&person, field, {text, {}, {}}, region_);
      const bool coded = !As<Employment>(draft).person().empty();
      if (flaw.found() && !coded) Fail(draft, Describe(column), flaw);
      text = person.snils();
      if (!coded && !text.empty()) snils.insert(text);
    }
  }
  if (auto s = memory_.LearnPeople(session_, region_, snils); !s.ok()) return s;
  Each<Employment>([&](Draft& draft, Employment& row) {
    for (const auto& [column, text] : draft.keys) {
      if (column->role != Role::kPersonSnils || !row.person().empty()) continue;
      row.set_person(memory_.PersonOf(text));
      if (row.person().empty()) {
        Fail(draft, Describe(column),
             {"человека с таким СНИЛС в реестре региона нет",
              "сначала загрузите людей (import persons) или исправьте СНИЛС"});
      }
    }
  });
  return absl::OkStatus();
}

absl::Status Resolver::FindBodyKeys() {
  static constexpr std::pair<Role, const char*> kWays[] = {
      {Role::kBodyOgrn, "ogrn"}, {Role::kBodyInn, "inn"}, {Role::kBodyTitle, "official_name"}};
  // The first way the row offers is the one that counts: a name beside an ОГРН only helps to read.
  for (const auto& [role, field_name] : kWays) {
    const auto* field = Organisation::descriptor()->FindFieldByName(field_name);
    std::map<std::string, std::vector<std::pair<Draft*, const SheetColumn*>>> asking;
    std::set<std::string> values;
    Each<Employment>([&](Draft& draft, Employment& row) {
      for (const auto& [column, text] : draft.keys) {
        if (column->role != role || !row.organisation().empty()) continue;
        Organisation body;
        const Flaw flaw = SetField(&body, field, {text, {}, {}}, region_);
        if (flaw.found()) return Fail(draft, Describe(column), flaw);
        const std::string value = Organisation::GetReflection()->GetString(body, field);
        values.insert(value);
        asking[value].emplace_back(&draft, column);
      }
    });
    if (auto s = memory_.LearnBodies(session_, region_, field_name, values); !s.ok()) return s;
    for (const auto& [value, rows] : asking) {
      const auto& names = memory_.BodiesOf(field_name, value);
      for (const auto& [draft, column] : rows) {
        if (names.size() == 1) {
          As<Employment>(*draft).set_organisation(*names.begin());
        } else {
          Fail(*draft, Describe(column), names.empty() ? NoBody() : Ambiguous());
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Resolver::NameEmployments() {
  if (auto s = KeepNamed("GetEmployment"); !s.ok()) return s;
  if (auto s = FindPersonKeys(); !s.ok()) return s;
  if (auto s = FindBodyKeys(); !s.ok()) return s;
  std::set<std::string> people;
  Each<Employment>([&](Draft&, const Employment& row) {
    // People this command brings have no posts yet.
    if (row.name().empty() && !row.person().empty() && !memory_.IsFresh(row.person()))
      people.insert(row.person());
  });
  Posts stored;
  if (auto s = FindPosts(session_, region_, people, &stored); !s.ok()) return s;
  std::map<std::string, std::map<std::string, Employment>> by_key;
  for (const auto& [name, post] : stored) by_key[NaturalKey("employments", post)][name] = post;
  // The main post and one beside it may share everything the key is made of: where both occur,
  // `main` tells them apart.
  std::map<std::string, int> rows_of;
  Each<Employment>(
      [&](Draft&, const Employment& row) { ++rows_of[NaturalKey("employments", row)]; });
  const bool told = plan_.Fills(Employment::descriptor()->FindFieldByName("main"));
  Each<Employment>([&](Draft& draft, Employment& row) {
    if (!row.name().empty()) return;
    const std::string key = NaturalKey("employments", row);
    const bool twins = told && (rows_of[key] > 1 || by_key[key].size() > 1);
    Flaw flaw;
    const auto* found = Only(
        by_key[key], [&](const auto& post) { return !twins || post.main() == row.main(); }, &flaw);
    if (flaw.found()) return Fail(draft, "", flaw);
    draft.standing = found == nullptr ? Standing::kFresh : Standing::kStored;
    row.set_name(found != nullptr
                     ? found->name()
                     : Derived("employments", twins && !row.main() ? key + "|beside" : key));
    if (found != nullptr) Keep(*found, &row);
  });
  return absl::OkStatus();
}

// Other collections have no words to be known by: their rows bring their codes.
absl::Status Resolver::CheckOthers() {
  for (Draft& draft : drafts_) {
    const auto* name = draft.message->GetDescriptor()->FindFieldByName("name");
    if (draft.bad || !draft.message->GetReflection()->GetString(*draft.message, name).empty())
      continue;
    Fail(draft, "Код записи",
         {"нет кода записи", "впишите его: у записей этого вида нет другого ключа"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Resolve(Session& session, const std::string& region, const std::string& collection,
                     const Plan& plan, std::vector<Draft>& drafts, Memory& memory,
                     Findings* findings) {
  Resolver resolver(session, region, plan, drafts, memory, findings);
  if (collection == "organisations") return resolver.NameBodies();
  if (collection == "persons") return resolver.NamePeople();
  if (collection == "employments") return resolver.NameEmployments();
  return resolver.CheckOthers();
}

}  // namespace rsnms::ctl
