// The main job from an empty region to the operator's receipt, and its printed summary.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/steps.h"
#include "tools/rsnmsctl/training/counts.h"

namespace rsnms::ctl {
namespace {

// Stories of a kind in the main job: enough to see every state, few enough not to wait for.
constexpr int64_t kStories = 200;

// Everything the summary tells.
struct Outcome {
  LoadedRegion loaded;
  programs::v1::RegisterSync sync;
  CampaignOutcome campaign;
  TrainingCounts training;
  ActivityCounts activities;
  std::vector<monitoring::v1::IndicatorValue> indicators;
  monitoring::v1::Passport passport;
  absl::Duration took;
};

void Set(google::protobuf::Struct* json, const std::string& key, int64_t number) {
  (*json->mutable_fields())[key].set_number_value(static_cast<double>(number));
}
void Set(google::protobuf::Struct* json, const std::string& key, const std::string& text) {
  (*json->mutable_fields())[key].set_string_value(text);
}

// One line for machines; tests recount every number in it.
void PrintJson(const Outcome& o) {
  google::protobuf::Struct json;
  Set(&json, "organisations", o.loaded.organisations.total());
  Set(&json, "persons", o.loaded.persons.total());
  Set(&json, "employments", o.loaded.employments.total());
  Set(&json, "programmes_synced", o.sync.fetched_count());
  Set(&json, "sessions", o.campaign.sessions);
  Set(&json, "routes_approved", o.campaign.routes_approved);
  Set(&json, "enrolments", Total(o.training, "enrolments"));
  Set(&json, "completions", Total(o.training, "completions"));
  auto* training = (*json.mutable_fields())["training"].mutable_struct_value();
  for (const auto& [collection, counts] : o.training) {
    auto* words = (*training->mutable_fields())[collection].mutable_struct_value();
    for (const auto& [word, count] : counts) Set(words, word, count);
  }
  auto* activities = (*json.mutable_fields())["activities"].mutable_struct_value();
  for (const auto& [collection, count] : o.activities) Set(activities, collection, count);
  auto* list = (*json.mutable_fields())["indicators"].mutable_list_value();
  for (const auto& value : o.indicators) {
    auto* entry = list->add_values()->mutable_struct_value();
    Set(entry, "id", value.indicator_id());
    Set(entry, "clause", value.clause());
    Set(entry, "numerator", value.numerator());
    Set(entry, "denominator", value.denominator());
    Set(entry, "value", value.value().value());
  }
  Set(&json, "passport", o.passport.name());
  Set(&json, "passport_sha256", o.passport.sha256());
  Set(&json, "receipt", o.passport.receipt().receipt_number());
  std::puts(ToJson(json).c_str());
}

// The activities by area, in the order people think of them.
void AddActivities(const ActivityCounts& counts, Table& table) {
  const auto n = [&](const char* collection) {
    const auto found = counts.find(collection);
    return found == counts.end() ? int64_t{0} : found->second;
  };
  table.Add(
      {"методический актив", absl::StrCat(n("methodologists"), " методистов, ", n("attachments"),
                                          " прикреплений, ", n("workPlans"), " планов работы")});
  table.Add({"методические службы", absl::StrCat(n("mmsStaffMembers"), " работников")});
  table.Add({"наставничество", absl::StrCat(n("mentorships"), " пар и групп")});
  table.Add({"методические округа",
             absl::StrCat(n("districts"), ", муниципалитетов в них ", n("districtMembers"))});
  table.Add({"документы", absl::StrCat(n("documents"), " приказов, ", n("agreements"),
                                       " соглашений, ", n("appointments"), " назначений")});
  table.Add({"площадки", absl::StrCat(n("sites"))});
  table.Add({"объединения", absl::StrCat(n("communities"), ", участников ", n("memberships"),
                                         ", заседаний ", n("meetings"))});
  table.Add({"мероприятия", absl::StrCat(n("events"), ", участий ", n("participations"))});
  table.Add({"банк практик", absl::StrCat(n("practices"), ", экспертов ", n("experts"),
                                          ", заключений ", n("expertAssignments"))});
}

// The year of training by stage.
void AddTraining(const TrainingCounts& counts, Table& table) {
  const auto n = [&](const char* collection, const char* word) {
    const auto found = counts.find(collection);
    if (found == counts.end()) return int64_t{0};
    const auto count = found->second.find(word);
    return count == found->second.end() ? int64_t{0} : count->second;
  };
  table.Add(
      {"обучение",
       absl::StrCat(Total(counts, "enrolments"), " зачислений, ", Total(counts, "completions"),
                    " завершено, ", n("enrolments", "IN_PROGRESS"), " учатся, ",
                    n("enrolments", "DEFERRED"), " отложили, ",
                    n("enrolments", "WITHDRAWN") + n("enrolments", "FAILED"), " выбыли")});
  table.Add({"группы", absl::StrCat(Total(counts, "groups"), ", из них учатся ",
                                    n("groups", "RUNNING"), ", окончили ", n("groups", "FINISHED"),
                                    "; занятых мест ", n("seats", "HELD"))});
  table.Add({"заказ и план обучения",
             absl::StrCat(Total(counts, "training_orders"), " заявок, из них исполнено ",
                          n("training_orders", "EXECUTED"), "; в плане ", n("plan", "places"),
                          " мест, обучено ", n("plan", "completed"), ", учатся ",
                          n("plan", "learning"))});
  table.Add(
      {"другое обучение",
       absl::StrCat(Total(counts, "learning_records"), " записей, из них принято ",
                    n("learning_records", "ACCEPTED"), "; внедрено ",
                    n("practice_acceptances", "ACCEPTED"), "; команд обучается ",
                    Total(counts, "team_trainings"), ", обучено ", n("team_trainings", "COMPLETED"),
                    "; занятий каскада ", n("cascade_sessions", "HELD"))});
  table.Add({"документы об обучении",
             absl::StrCat(
                 Total(counts, "certificates"), ", из них действуют ", n("certificates", "ISSUED"),
                 ", утрачены с дубликатом ", n("certificates", "DUPLICATED"), ", заменены ",
                 n("certificates", "REPLACED"), ", отозваны ", n("certificates", "REVOKED"))});
  table.Add({"ФИС ФРДО",
             absl::StrCat("пакетов ", Total(counts, "frdo_packages"), ", строк принято ",
                          n("frdo_rows", "ACCEPTED"), ", отклонено ", n("frdo_rows", "REJECTED"))});
}

void PrintText(Session& session, const Outcome& o) {
  const auto& l = o.loaded;
  std::printf("\nИтог основной работы (%.1f с)\n\n", absl::ToDoubleSeconds(o.took));
  Table table({"шаг", "итог"});
  table.Add({"муниципалитеты", absl::StrCat(l.municipalities.total())});
  table.Add({"организации системы", absl::StrCat(l.organisations.total())});
  table.Add({"педагоги и руководители", absl::StrCat(l.persons.total(), " человек, ",
                                                     l.employments.total(), " трудоустройств")});
  table.Add({"программы федерального реестра",
             absl::StrCat(o.sync.fetched_count(), " (новых ", o.sync.added_count(), ", изменено ",
                          o.sync.changed_count(), ", исключено ", o.sync.withdrawn_count(), ")")});
  table.Add({"диагностика", absl::StrCat(o.campaign.sessions, " листов оценено")});
  table.Add({"маршруты (ИОМ)", absl::StrCat(o.campaign.routes_approved, " утверждено")});
  AddTraining(o.training, table);
  AddActivities(o.activities, table);
  table.Print();
  std::puts("");
  PrintIndicators(session, o.indicators);
  std::puts("");
  PrintPassport(session, o.passport);
}

// Routes approved and sessions scored in all, so that a repeated run tells the same as the first.
absl::Status CountCampaign(Session& session, CampaignOutcome* campaign) {
  diagnostics::v1::SummarizeCampaignRequest request;
  request.set_name(campaign->name);
  diagnostics::v1::SummarizeCampaignResponse summary;
  if (auto s =
          session.Call("rsnms.diagnostics.v1.Diagnostics/SummarizeCampaign", request, &summary);
      !s.ok()) {
    return s;
  }
  campaign->sessions = campaign->routes_approved = 0;
  for (const auto& count : summary.sessions()) {
    if (count.label() == "SUBMITTED") campaign->sessions += count.count();
  }
  for (const auto& count : summary.routes()) {
    const bool approved =
        count.label() != "DRAFT" && count.label() != "AGREED" && count.label() != "RETURNED";
    if (approved) campaign->routes_approved += count.count();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadKey(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::ostringstream pem;
  if (!file || !(pem << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat("ключ не читается: ", path));
  }
  return pem.str();
}

}  // namespace

absl::Status Job(Session& session, const JobOptions& job) {
  const auto& [demo, profile, year, key_file] = job;
  const auto people_key = ReadKey(key_file);
  if (!people_key.ok()) return people_key.status();
  Outcome o;
  const absl::Time begin = absl::Now();
  auto loaded = LoadDemo(session, demo);
  if (!loaded.ok()) return loaded.status();
  o.loaded = *loaded;
  if (auto s = LoadCatalogue(session, demo.region, "services/diagnostics/catalogue"); !s.ok())
    return s;
  auto sync = Sync(session, demo.region, /*full=*/true);
  if (!sync.ok()) return sync.status();
  if (sync->state() != programs::v1::RegisterSync::STATE_SUCCEEDED) {
    return absl::AbortedError(
        absl::StrCat("сверка не завершилась: ", sync->error_reason(), " (", sync->name(), ")"));
  }
  o.sync = *sync;
  CampaignOptions options;
  options.region = demo.region;
  options.year = year;
  options.seed = demo.seed;
  options.people_key = *people_key;
  auto campaign = RunCampaign(session, options);
  if (!campaign.ok()) return campaign.status();
  o.campaign = *campaign;
  if (auto s = HoldTrainingYear(session, options, campaign->name); !s.ok()) return s;
  auto activities = LoadActivities(session, demo, kStories);
  if (!activities.ok()) return activities.status();
  o.activities = *activities;
  auto training = EndTrainingYear(session, options, campaign->name);
  if (!training.ok()) return training.status();
  o.training = *std::move(training);
  if (auto s = CountCampaign(session, &o.campaign); !s.ok()) return s;
  if (auto s = CatchUp(session); !s.ok()) return s;
  auto indicators = Indicators(session, demo.region, profile, year);
  if (!indicators.ok()) return indicators.status();
  o.indicators = *indicators;
  auto passport = ExchangePassport(session, demo.region, profile, year);
  if (!passport.ok()) return passport.status();
  o.passport = *passport;
  o.took = absl::Now() - begin;
  if (session.json()) {
    PrintJson(o);
  } else {
    PrintText(session, o);
  }
  return absl::OkStatus();
}

absl::Status Wait(Session& session, const std::string& service, int seconds) {
  const absl::Time deadline = absl::Now() + absl::Seconds(seconds);
  absl::Status last;
  while (absl::Now() < deadline) {
    grpc::health::v1::HealthCheckResponse response;
    last = session.client(service).Unary("grpc.health.v1.Health/Check",
                                         grpc::health::v1::HealthCheckRequest(), &response,
                                         absl::Now() + absl::Seconds(1), /*idempotent=*/false);
    if (last.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING)
      return last;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return absl::DeadlineExceededError(
      absl::StrCat("сервис ", service, " не готов: ", std::string(last.message())));
}

}  // namespace rsnms::ctl
