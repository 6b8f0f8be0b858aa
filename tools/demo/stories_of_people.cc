// Stories of people: communities, events, experts and practices, mentoring, the asset.
#include <iterator>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "tools/demo/activities.h"

namespace rsnms::demo {
namespace {

constexpr size_t kMembers = 6, kParticipants = 5;

const char* const kSubjects[] = {"математики", "русского языка",    "физики",
                                 "истории",    "начальных классов", "информатики"};

const char* const kForms[] = {"SEMINAR", "WORKSHOP", "WEBINAR", "MASTER_CLASS", "ROUND_TABLE"};

const char* const kPractices[] = {
    "Урок-исследование в малых группах", "Школьный дневник профессионального роста",
    "Наставничество через совместное планирование", "Управленческая команда: от данных к решению"};

const char* const kModels[] = {"TRADITIONAL", "GROUP",           "SITUATIONAL",
                               "PARTNER",     "SHORT_TERM_GOAL", "SPEED",
                               "VIRTUAL",     "SELF_REGULATED",  "REVERSE"};

// The act a region's bodies exist under; regions without one of the five follow Yugra's.
const char* ActOf(std::string_view region) {
  if (region == "04") return "ALTAI";
  if (region == "05") return "DAGESTAN";
  if (region == "56") return "ORENBURG";
  if (region == "61") return "VOLGODONSK";
  return "YUGRA";
}

}  // namespace

// Every third has not met yet.
Story Activities::Community(int64_t index) const {
  Teller t = Begin(Activity::kCommunity, index);
  const int64_t m = index % Municipalities();
  const char* subject = kSubjects[index % std::size(kSubjects)];
  const std::vector<int64_t> people = TeamOf(index).people;
  const std::string community = t.Create(
      "Communities", "Community",
      absl::StrCat("kind: COMMUNITY_KIND_MUNICIPAL_UNION act: REGULATION_ACT_",
                   ActOf(plan_.place.code), " ",
                   Text("title", absl::StrCat("Методическое объединение учителей ", subject, " ",
                                              plan_.municipalities[m].genitive)),
                   Text("organisation", Body(Service(m))), "quorum_percent: 50"));
  t.Do("Communities", "EstablishCommunity", community,
       absl::StrCat(On("established_date", Ago(320)),
                    Text("founding_document", absl::StrCat("Приказ № ", 40 + index))));
  for (size_t i = 0; i < kMembers; ++i) {
    t.Create("Communities", "Membership",
             absl::StrCat(Text("community", community), Text("person", Person(people[i])),
                          "role: COMMUNITY_ROLE_", i == 0 ? "CHAIR " : "MEMBER ",
                          On("start_date", Ago(320))));
  }
  t.Do("Communities", "ActivateCommunity", community, On("active_date", Ago(315)));
  const std::string meeting = t.Create(
      "Communities", "Meeting",
      absl::StrCat(Text("community", community), Text("number", "1"), On("planned_date", Ago(280)),
                   "agenda { ", Text("title", "План работы объединения на учебный год"), "}"));
  if (index % 3 == 2) return t.Take();
  std::string held = On("held_date", Ago(280));
  for (size_t i = 0; i + 1 < kMembers; ++i) held += Text("attendees", Person(people[i]));
  t.Do("Communities", "HoldMeeting", meeting, held);
  const std::string decision =
      t.Create("Communities", "MeetingDecision",
               absl::StrCat(Text("meeting", meeting), "number: 1 ",
                            Text("text", "Подготовить банк открытых уроков"),
                            Text("owner", Person(people[1])), On("due_date", Ago(200))));
  t.Do("Communities", "ApproveMinutes", meeting,
       absl::StrCat(On("minutes_date", Ago(277)), Text("minutes_document", "Протокол № 1")));
  t.Do("Communities", "FulfilMeetingDecision", decision,
       absl::StrCat(On("done_date", Ago(205)), Text("result", "Собрано 14 уроков")));
  t.Do("Communities", "CompleteMeeting", meeting);
  return t.Take();
}

// Every third is still to be held.
Story Activities::Event(int64_t index) const {
  Teller t = Begin(Activity::kEvent, index);
  const bool ahead = index % 3 == 2;
  const Team team = TeamOf(index);
  const char* subject = kSubjects[index % std::size(kSubjects)];
  const std::string event = t.Create(
      "Events", "Event",
      absl::StrCat("form: EVENT_FORM_", kForms[index % std::size(kForms)],
                   " level: ACTIVITY_LEVEL_REGION delivery: EVENT_DELIVERY_MIXED capacity: 30 ",
                   Text("title", absl::StrCat("Региональная встреча учителей ", subject)),
                   Text("theme", "Функциональная грамотность"),
                   Text("organisation", Body(Institute())),
                   Text("municipality", Municipality(index % Municipalities())),
                   On("start_date", Ago(ahead ? -20 : 150))));
  t.Do("Events", "OpenEventRegistration", event);
  std::vector<std::string> came;
  for (size_t i = 0; i < kParticipants; ++i) {
    came.push_back(
        t.Create("Events", "Participation",
                 absl::StrCat(Text("event", event), Text("person", Person(team.people[i])),
                              "role: PARTICIPATION_ROLE_", i == 0 ? "SPEAKER " : "LISTENER ",
                              Text("sending_organisation", Body(team.body)))));
  }
  if (ahead) return t.Take();
  t.Do("Events", "HoldEvent", event, On("held_date", Ago(150)));
  for (size_t i = 0; i < came.size(); ++i) {
    if (i + 1 == came.size()) {
      t.Do("Events", "MissParticipation", came[i]);
    } else {
      t.Do("Events", "ConfirmParticipation", came[i], "hours: 6");
    }
  }
  t.Do("Events", "ReportEvent", event, Text("report", "Показаны три урока, собраны отзывы."));
  return t.Take();
}

Story Activities::Expert(int64_t index) const {
  Teller t = Begin(Activity::kExpert, index);
  const Team team = TeamOf(index);
  const std::string expert = t.Create(
      "Practices", "Expert",
      absl::StrCat(Text("person", Person(team.people[0])), Text("organisation", Body(team.body)),
                   "fields: EXPERT_FIELD_PRACTICE fields: EXPERT_FIELD_PROGRAMME"));
  t.Do("Practices", "PrepareExpert", expert,
       absl::StrCat(On("trained_date", Ago(320)),
                    Text("training_document", "Удостоверение эксперта")));
  t.Do("Practices", "RegisterExpert", expert,
       absl::StrCat(On("registered_date", Ago(310)),
                    Text("accreditation_document", "Решение экспертного совета")));
  return t.Take();
}

std::vector<std::string> Activities::ExpertsFor(int64_t index, int64_t body) const {
  std::vector<std::string> experts;
  const int64_t count = Count(Activity::kExpert);
  for (int64_t i = 0; i < count && experts.size() < 2; ++i) {
    const int64_t expert = (index + i) % count;
    if (!generator_.MayWorkAt(TeamOf(expert).people[0], body))
      experts.push_back(NameOf(Activity::kExpert, expert, "experts"));
  }
  return experts;
}

// Five in a turn: two published, one introduced elsewhere, one under review, one handed in.
Story Activities::Practice(int64_t index) const {
  Teller t = Begin(Activity::kPractice, index);
  const Team team = TeamOf(Count(Activity::kExpert) + index);
  const std::string practice = t.Create(
      "Practices", "Practice",
      absl::StrCat("kind: PRACTICE_KIND_", index % 4 == 3 ? "MANAGEMENT " : "TEACHING ",
                   Text("title", kPractices[index % std::size(kPractices)]),
                   Text("organisation", Body(team.body)), Text("authors", Person(team.people[1])),
                   Text("summary", "Описан ход работы, условия и результаты за два года.")));
  if (index % 5 == 4) return t.Take();
  t.Do("Practices", "StartPracticeReview", practice);
  const auto experts = ExpertsFor(index, team.body);
  if (index % 5 == 3 || experts.size() < 2) return t.Take();
  for (const std::string& expert : experts) {
    const std::string assignment =
        t.Create("Practices", "ExpertAssignment",
                 absl::StrCat(Text("expert", expert), "field: EXPERT_FIELD_PRACTICE ",
                              Text("practice", practice), On("assigned_date", Ago(260))));
    t.Do("Practices", "SubmitReview", assignment,
         absl::StrCat(On("review_date", Ago(240)), "verdict: REVIEW_VERDICT_APPROVE score: ",
                      60 + index * 7 % 40, " ", Text("opinion", "Практика воспроизводима.")));
  }
  t.Do("Practices", "ConfirmPractice", practice,
       absl::StrCat(Text("decision_document", "Протокол экспертного совета № 2"),
                    On("decision_date", Ago(230))));
  const std::string consent = t.Create(
      "People", "Consent",
      absl::StrCat(Text("person", Person(team.people[1])), "purpose: CONSENT_PURPOSE_PUBLICATION"));
  t.Do("People", "GiveConsent", consent,
       absl::StrCat(On("given_date", Ago(225)), Text("document", "Согласие на публикацию")));
  t.Do("Practices", "PublishPractice", practice,
       absl::StrCat(On("publish_date", Ago(220)),
                    Text("publication_url", absl::StrCat("https://example.org/bank/", index))));
  if (index % 5 == 2) {
    t.Do("Practices", "IntroducePractice", practice,
         Text("introduction_report", "Внедрена в соседней школе."));
  }
  return t.Take();
}

// Seven in a turn: prepared, at work, analysed, corrected, finished, in the long-term base,
// dissolved.
Story Activities::Mentorship(int64_t index) const {
  Teller t = Begin(Activity::kMentorship, index);
  const auto step = [&](const char* method, const std::string& name, const std::string& fields) {
    t.Do("Mentoring", method, name, fields);
  };
  const Team team = TeamOf(index);
  const std::string model = kModels[index % std::size(kModels)];
  std::string fields = absl::StrCat(
      "model: MENTORING_MODEL_", model,
      " format: MENTORING_FORMAT_YOUNG_SPECIALIST basis: MENTORING_BASIS_SUBJECT deficits: "
      "MENTEE_DEFICIT_YOUNG_SPECIALIST ",
      Text("organisation", Body(team.body)), Text("mentors", Person(team.people[0])),
      Text("direction", "Первые годы в школе"), Text("goals", "Уверенно проводить урок"),
      Text("programme", "Посещение уроков, совместное планирование, разбор."),
      Text("schedule", "вторник, после уроков"), On("start_date", Ago(300)),
      On("end_date", Ago(-60)));
  for (size_t i = 1; i <= (model == "GROUP" ? 3u : 1u); ++i)
    fields += Text("mentees", Person(team.people[i]));
  const std::string name = t.Create("Mentoring", "Mentorship", fields);
  const int64_t fate = index % 7;
  if (fate == 0) return t.Take();
  step("RegisterMentees", name, "");
  step("RegisterMentors", name, "");
  step("TrainMentors", name, Text("mentor_training", "Программа «Наставник», 36 часов"));
  step("FormMentorship", name, "");
  step("DocumentMentorship", name, Text("order_document", absl::StrCat("Приказ № ", 70 + index)));
  step("StartMentorship", name, "");
  if (fate == 6) {
    step(
        "DissolveMentorship", name,
        absl::StrCat(Text("reason", "Наставляемый сменил место работы"), On("end_date", Ago(120))));
  }
  if (fate == 1 || fate == 6) return t.Take();
  step("ReviewMentorship", name,
       absl::StrCat(On("interim_review_date", Ago(170)),
                    Text("interim_findings", "Урок стал увереннее, нужна работа с классом")));
  if (fate == 2) return t.Take();
  step("CorrectMentorship", name, Text("schedule", "четверг, после уроков"));
  if (fate == 3) return t.Take();
  step("FinishMentorship", name,
       absl::StrCat(On("end_date", Ago(30)), "result: MENTORSHIP_RESULT_REACHED ",
                    Text("result_text", "Наставляемый ведёт урок самостоятельно")));
  if (fate == 4) return t.Take();
  step("RewardMentorship", name, "incentives: MENTOR_INCENTIVE_AWARD");
  step("KeepMentorship", name, "");
  return t.Take();
}

Story Activities::TellMethodologist(int64_t index, int64_t person) const {
  Teller t = Begin(Activity::kMethodologist, index);
  const std::string name = t.Create(
      "Asset", "Methodologist",
      absl::StrCat(Text("person", Person(person)),
                   Text("organisation", Body(generator_.plan().BodyOf(person))),
                   On("nomination_date", Ago(60)),
                   Text("assessment_document", "Независимая оценка: высокие результаты класса")));
  t.Do("Asset", "ConfirmDiagnostics", name);
  t.Do("Asset", "ConfirmTraining", name);
  if (index % 8 == 7) return t.Take();
  t.Do("Asset", "ContractMethodologist", name,
       absl::StrCat("contract_kind: METHODOLOGIST_CONTRACT_KIND_",
                    index % 3 == 1 ? "COOPERATION " : "CIVIL ",
                    Text("contract_number", absl::StrCat("М-", index + 1)),
                    On("contract_date", Ago(35)), On("contract_start_date", Ago(30)),
                    On("contract_end_date", Ago(-335))));
  t.Do("Asset", "ActivateMethodologist", name, On("activation_date", Ago(30)));
  const std::string plan =
      t.Create("Asset", "WorkPlan",
               absl::StrCat(Text("methodologist", name), "plan_year: ", Ago(0).year(), " ",
                            Text("title", "План работы регионального методиста")));
  const std::string item =
      t.Create("Asset", "WorkPlanItem",
               absl::StrCat(Text("work_plan", plan), "function: METHODOLOGIST_FUNCTION_ROUTES ",
                            Text("title", "Консультации прикреплённых педагогов"),
                            On("due_date", absl::CivilDay(Ago(0).year(), 12, 20))));
  t.Do("Asset", "ApproveWorkPlan", plan,
       absl::StrCat(Text("approval_document", "Решение совета центра"),
                    On("approval_date", Ago(25))));
  if (index % 2 == 0) {
    t.Do("Asset", "MarkDone", item,
         absl::StrCat(On("mark_date", Ago(5)), Text("mark_text", "Проведено 12 консультаций")));
  }
  return t.Take();
}

}  // namespace rsnms::demo
