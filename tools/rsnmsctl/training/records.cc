// Learning no enrolment shows: internships, self-study, courses outside, the operator's academy;
// and what of it came into practice.
#include "absl/strings/str_cat.h"
#include "tools/rsnmsctl/training/people.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

constexpr size_t kRecords = 24, kHosts = 6, kAtAcademy = 4;

struct Theme {
  const char *kind, *title;
  int hours;
  const char* extra;
};
constexpr Theme kThemes[] = {
    {"INTERNSHIP", "Урок в разноуровневом классе: стажировка на площадке", 24, ""},
    {"SELF_STUDY", "Формирующее оценивание на уроке", 36, ""},
    {"COURSE_OUTSIDE", "Цифровые инструменты учителя", 16,
     "provider_title: 'Университет соседнего региона' "},
    {"INTERNSHIP", "Проектная работа школьников: стажировка на площадке", 24, ""},
    {"SELF_STUDY", "Работа с одарёнными детьми", 36, ""},
    {"OTHER", "Методический десант в сельскую школу", 8, ""},
};

// What becomes of a record, by its number: five in eight are accepted.
enum class End { kAccepted, kReported, kReturned, kFailed, kCancelled };
constexpr End kEnds[] = {End::kAccepted, End::kAccepted, End::kAccepted, End::kAccepted,
                         End::kReported, End::kAccepted, End::kReturned, End::kFailed,
                         End::kAccepted, End::kAccepted, End::kAccepted, End::kAccepted,
                         End::kReported, End::kAccepted, End::kReturned, End::kCancelled};

Acts Agreed(const Desk& desk, const std::string& name, const std::string& record) {
  const std::string named = Text("name", name);
  return {{"Learning/CreateLearningRecord", Creation(desk, "learning_record", name, record)},
          {"Learning/AgreeLearningRecord", named},
          {"Learning/StartLearningRecord", named}};
}

Act Report(const Desk& desk, const std::string& name, int hours, const std::string& more) {
  return {"Learning/ReportLearningRecord",
          absl::StrCat(Text("name", name),
                       Text("report", "Изучены приёмы, подготовлены и проведены два занятия"),
                       "completed_hours: ", hours, " ",
                       On("completion_date", desk.options().year, 5, 29), more)};
}

Act Accept(const Desk& desk, const std::string& name) {
  return {"Learning/AcceptLearningRecord",
          absl::StrCat(Text("name", name), On("acceptance_date", desk.options().year, 6, 5))};
}

Acts Record(const Desk& desk, const Somebody& who, const Host& host, size_t number) {
  const Theme& theme = kThemes[number % std::size(kThemes)];
  const bool internship = std::string_view(theme.kind) == "INTERNSHIP";
  const std::string name = desk.NameOf("learningRecords", absl::StrCat("record ", number));
  const int year = desk.options().year;
  Acts acts = Agreed(
      desk, name,
      absl::StrCat(WhoIs(who), "kind: LEARNING_KIND_", theme.kind, " ", Text("title", theme.title),
                   "hours: ", theme.hours, " ", theme.extra, On("start_date", year, 5, 4),
                   On("end_date", year, 5, 29),
                   internship ? absl::StrCat(Text("host_organisation", host.organisation),
                                             Text("supervisor", host.supervisor),
                                             host.site.empty() ? "" : Text("site", host.site))
                              : ""));
  const auto because = [&](const char* method, const char* why) {
    acts.push_back({method, absl::StrCat(Text("name", name), Text("state_reason", why))});
  };
  switch (kEnds[number % std::size(kEnds)]) {
    case End::kAccepted:
      acts.push_back(Report(desk, name, theme.hours, ""));
      acts.push_back(Accept(desk, name));
      break;
    case End::kReported:
      acts.push_back(Report(desk, name, theme.hours, ""));
      break;
    case End::kReturned:
      acts.push_back(Report(desk, name, theme.hours, ""));
      because("Learning/ReturnLearningRecord", "В отчёте не описаны проведённые занятия");
      break;
    case End::kFailed:
      because("Learning/FailLearningRecord", "Программа не выполнена");
      break;
    case End::kCancelled:
      because("Learning/CancelLearningRecord", "Сроки совпали с отпуском");
      break;
  }
  return acts;
}

// The centre's people at the federal operator's academy, with certificates.
Acts AtAcademy(const Desk& desk, const Somebody& who, size_t number) {
  const std::string name = desk.NameOf("learningRecords", absl::StrCat("academy ", number));
  const int year = desk.options().year;
  Acts acts =
      Agreed(desk, name,
             absl::StrCat(WhoIs(who), "kind: LEARNING_KIND_ACADEMY hours: 36 ",
                          Text("title", "Сопровождение педагога по индивидуальному маршруту"),
                          On("start_date", year, 4, 13), On("end_date", year, 5, 22)));
  acts.push_back(
      Report(desk, name, 36,
             absl::StrCat(Text("certificate_number", absl::StrCat("АК-", year, "-", number + 1)),
                          On("certificate_date", year, 5, 29))));
  acts.push_back(Accept(desk, name));
  return acts;
}

// A self-study that is shown to a colleague; the second waits for a decision.
Acts InPractice(const Desk& desk, const Somebody& who, const Somebody& observer,
                const std::string& record, size_t number) {
  const std::string name = desk.NameOf("practiceAcceptances", absl::StrCat(number));
  const int year = desk.options().year;
  const std::string acceptance = absl::StrCat(
      WhoIs(who), Text("learning_record", record), "form: PRACTICE_FORM_OPEN_LESSON ",
      Text("title", "Открытый урок с картами самооценки"),
      Text("evidence", "Ученики оценивают работу по критериям, доля верных самооценок выросла"),
      On("shown_date", year, 6, 1), Text("observer", observer.person));
  Acts acts = {{"Learning/CreatePracticeAcceptance",
                Creation(desk, "practice_acceptance", name, acceptance)},
               {"Learning/SubmitPracticeAcceptance", Text("name", name)}};
  if (number == 0) {
    acts.push_back({"Learning/AcceptPracticeAcceptance",
                    absl::StrCat(Text("name", name), On("acceptance_date", year, 6, 8))});
  }
  return acts;
}

}  // namespace

absl::Status RecordLearning(const Desk& desk, const std::vector<Somebody>& learners) {
  // A record names the body its learner works in.
  const auto worked = WhoWorked(desk, learners, LearningDay(desk), kRecords + 1);
  if (!worked.ok()) return worked.status();
  const std::vector<Somebody>& people = *worked;
  if (people.size() < 2) return absl::OkStatus();
  auto hosts = FindHosts(desk, kHosts);
  if (!hosts.ok()) return hosts.status();
  // Without a site an internship is led by a colleague elsewhere.
  if (hosts->empty()) hosts->push_back({people.back().organisation, "", people.back().person});
  std::vector<Acts> stories;
  for (size_t i = 0; i < kRecords && i + 1 < people.size(); ++i) {
    const Host* host = &(*hosts)[i % hosts->size()];
    if (host->supervisor == people[i].person) host = &(*hosts)[(i + 1) % hosts->size()];
    if (host->supervisor == people[i].person) continue;
    stories.push_back(Record(desk, people[i], *host, i));
  }
  const auto centres = BodiesOf(desk, "CENTRE");
  if (!centres.ok()) return centres.status();
  size_t at_academy = 0;
  for (const std::string& centre : *centres) {
    const auto staff = StaffOf(desk, centre, kAtAcademy);
    if (!staff.ok()) return staff.status();
    for (const Somebody& who : *staff) stories.push_back(AtAcademy(desk, who, at_academy++));
  }
  if (auto s = desk.PlayAll(stories); !s.ok()) return s;
  stories.clear();
  for (size_t i = 0; i < kRecords && i + 1 < people.size() && stories.size() < 2; ++i) {
    const bool shown = std::string_view(kThemes[i % std::size(kThemes)].kind) == "SELF_STUDY" &&
                       kEnds[i % std::size(kEnds)] == End::kAccepted;
    if (!shown) continue;
    stories.push_back(InPractice(desk, people[i], people[i + 1],
                                 desk.NameOf("learningRecords", absl::StrCat("record ", i)),
                                 stories.size()));
  }
  return desk.PlayAll(stories);
}

}  // namespace rsnms::ctl
