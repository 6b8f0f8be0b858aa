// rsnmsctl: the command line of RSNMS for people and scripts.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "absl/strings/ascii.h"
#include "tools/rsnmsctl/act_files.h"
#include "tools/rsnmsctl/certificate_flags.h"
#include "tools/rsnmsctl/commands.h"
#include "tools/rsnmsctl/document.h"
#include "tools/rsnmsctl/import_command.h"
#include "tools/rsnmsctl/profile.h"
#include "tools/rsnmsctl/register_file.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_import.h"
#include "tools/rsnmsctl/steps.h"
#include "tools/rsnmsctl/training_plan.h"

namespace {

using rsnms::ctl::Session;
using rsnms::ctl::Settings;
using rsnms::ctl::SheetOptions;

const std::vector<std::string> kServices = {"registry", "diagnostics", "programs", "monitoring"};

// What the chosen subcommand will do once the flags are read.
using Action = std::function<absl::Status(Session&)>;

void AddGlobal(CLI::App& app, Settings& settings) {
  for (auto& [service, target] : settings.targets) {
    app.add_option("--" + service, target, "адрес сервиса " + service)
        ->envname(absl::AsciiStrToUpper("RSNMS_" + service + "_TARGET"));
  }
  app.add_option("--token", settings.token, "токен доступа")->envname("RSNMS_TOKEN");
  app.add_option("--token-file", settings.token_file, "файл с токеном")
      ->envname("RSNMS_TOKEN_FILE");
  app.add_option("--timeout", settings.timeout_seconds, "сколько ждать ответа, с");
  app.add_flag("--json", settings.json, "ответы в JSON, по одному в строке");
}

void AddReading(CLI::App& app, Action& action) {
  static std::string name;
  auto* get = app.add_subcommand("get", "показать запись по имени");
  get->add_option("name", name, "regions/86/organisations/…")->required();
  get->callback([&] { action = [](Session& s) { return rsnms::ctl::Get(s, name); }; });

  static rsnms::ctl::ListOptions list;
  auto* l = app.add_subcommand("list", "перечислить записи вида");
  l->add_option("collection", list.collection, "organisations, persons, routes …")->required();
  l->add_option("--parent", list.parent, "regions/86; по умолчанию все доступные регионы");
  l->add_option("--filter", list.filter, "условие по AIP-160");
  l->add_option("--order-by", list.order_by, "поле [desc], …");
  l->add_option("--limit", list.limit, "сколько показать");
  l->add_flag("--deleted", list.show_deleted, "вместе с удалёнными");
  l->callback([&] { action = [](Session& s) { return rsnms::ctl::List(s, list); }; });
}

void AddFeed(CLI::App& app, Action& action) {
  auto* feed = app.add_subcommand("feed", "лента изменений сервиса");
  feed->require_subcommand(1);
  static std::vector<std::string> services = kServices;
  auto* state = feed->add_subcommand("state", "эпоха и границы журнала");
  state->add_option("services", services, "сервисы");
  state->callback([&] { action = [](Session& s) { return rsnms::ctl::FeedState(s, services); }; });

  static rsnms::ctl::TailOptions tail;
  auto* t = feed->add_subcommand("tail", "следить за изменениями");
  t->add_option("service", tail.service, "сервис")->required();
  t->add_option("--after", tail.after, "начать после позиции; по умолчанию с конца");
  t->add_option("--type", tail.types, "только эти виды, registry.rsnms/Person …");
  t->add_option("--region", tail.regions, "только эти регионы");
  t->add_option("--limit", tail.limit, "остановиться после стольких");
  t->callback([&] { action = [](Session& s) { return rsnms::ctl::FeedTail(s, tail); }; });

  auto* audit = app.add_subcommand("audit", "целостность журнала");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "пересчитать цепочку хешей");
  verify->add_option("services", services, "сервисы");
  verify->callback(
      [&] { action = [](Session& s) { return rsnms::ctl::AuditVerify(s, services); }; });
}

void AddProfiles(CLI::App& app, Action& action) {
  static rsnms::ctl::ProfileOptions options;
  auto* profile = app.add_subcommand("profile", "положения о системах: субъекты и их функции");
  profile->require_subcommand(1);
  auto* load = profile->add_subcommand("load", "загрузить положения из файлов; по умолчанию все");
  load->add_option("profiles", options.codes, "altai, yugra … или пути к файлам");
  load->add_option("--directory", options.directory, "каталог с файлами");
  load->add_flag("--dry-run", options.dry_run, "только проверить");
  load->callback([&] { action = [](Session& s) { return LoadProfiles(s, options); }; });
  auto* tree = profile->add_subcommand("tree", "субъекты положения деревом");
  tree->callback([&] { action = [](Session& s) { return PrintSubjects(s, options); }; });
  auto* functions = profile->add_subcommand("functions", "кто что делает, совместно с кем");
  functions->add_flag("--uncovered", options.uncovered, "только те, что никем не исполняются");
  functions->callback([&] { action = [](Session& s) { return PrintFunctions(s, options); }; });
  for (auto* show : {tree, functions}) {
    show->add_option("profile", options.codes, "altai, yugra …")->required()->expected(1);
    show->add_option("--region", options.region, "код региона, если положение есть в нескольких");
    show->add_option("--date", options.date, "на какую дату, 2026-09-01; по умолчанию сегодня");
  }
}

// `load` under `noun`: files of what the acts prescribe.
void AddActFiles(CLI::App& noun, Action& action, rsnms::ctl::ActFiles& files,
                 absl::Status (*load)(Session&, const rsnms::ctl::ActFiles&)) {
  auto* command = noun.add_subcommand("load", "загрузить из файлов; повторная загрузка безвредна");
  command->add_option("files", files.codes, "altai, yugra … или пути к файлам; по умолчанию все");
  command->add_option("--region", files.region, "код региона; по умолчанию регион положения");
  command->add_option("--directory", files.directory, "каталог с файлами");
  command->add_flag("--dry-run", files.dry_run, "только проверить");
  command->callback(
      [&action, &files, load] { action = [&files, load](Session& s) { return load(s, files); }; });
}

void AddActs(CLI::App& app, Action& action) {
  static rsnms::ctl::ActFiles templates, regulations;
  templates.directory = "services/registry/documents/templates";
  regulations.directory = "services/registry/asset/regulations";
  auto* shelf = app.add_subcommand("templates", "шаблоны документов; без команды – перечень");
  shelf->require_subcommand(0, 1);
  shelf->add_option("--region", templates.region, "код региона; по умолчанию все доступные");
  shelf->callback([&action, shelf] {
    if (!shelf->get_subcommands().empty()) return;
    action = [](Session& s) { return PrintTemplates(s, templates.region); };
  });
  AddActFiles(*shelf, action, templates, &rsnms::ctl::LoadTemplates);
  auto* asset = app.add_subcommand("regulations", "положения о методическом активе");
  asset->require_subcommand(1);
  AddActFiles(*asset, action, regulations, &rsnms::ctl::LoadRegulations);
}

void AddDocuments(CLI::App& app, Action& action) {
  static rsnms::ctl::DocumentOptions options;
  auto* document = app.add_subcommand("document", "документы по шаблонам");
  document->require_subcommand(1);
  auto* make = document->add_subcommand("make", "создать проект по шаблону");
  make->add_option("template", options.name, "regions/86/documentTemplates/…")->required();
  make->add_option("--organisation", options.organisation, "кто издаёт")->required();
  make->add_option("--title", options.title, "название; по умолчанию как у шаблона");
  make->callback([&] { action = [](Session& s) { return MakeDocument(s, options); }; });
  auto* fill = document->add_subcommand("fill", "вписать значения и показать, что осталось");
  fill->add_option("--set", options.values, "пропуск=значение; пустое значение стирает");
  fill->add_flag("--ask", options.ask, "спросить обо всём, что не заполнено");
  fill->callback([&] { action = [](Session& s) { return FillDocument(s, options, std::cin); }; });
  auto* blanks = document->add_subcommand("blanks", "показать, что осталось заполнить");
  blanks->callback([&] { action = [](Session& s) { return PrintBlanks(s, options); }; });
  for (auto* command : {fill, blanks})
    command->add_option("document", options.name, "regions/86/documents/…")->required();
}

// The flags the steps share.
struct StepFlags {
  rsnms::ctl::DemoOptions demo;
  rsnms::ctl::CampaignOptions campaign;
  std::string profile = "yugra", catalogue = "services/diagnostics/catalogue", campaign_name;
  bool full = false, ask_again = false;
  std::string people_key_file;
  int year = 2026;
};

CLI::App* AddStep(CLI::App& app, const char* name, const char* title, StepFlags& flags) {
  auto* step = app.add_subcommand(name, title);
  step->add_option("--region", flags.demo.region, "код региона");
  return step;
}

void AddTables(CLI::App& app, Action& action, StepFlags& f) {
  static SheetOptions table;
  static std::string delimiter;
  static std::vector<std::string> what;
  auto* load = AddStep(app, "import", "загрузить записи из таблиц CSV, XLSX или из JSON", f);
  load->add_option("what", what,
                   "вид записей (organisations, persons, employments …) и файл; либо файлы и "
                   "каталоги, вид которых ясен по имени: загружаются в порядке ссылок")
      ->required();
  load->add_flag("--skip-bad", table.skip_bad, "загрузить верные строки, даже если есть неверные");
  load->add_flag("--dry-run", table.validate_only, "только проверить");
  load->add_option("--map", table.maps, "ЗАГОЛОВОК=СТОЛБЕЦ; ЗАГОЛОВОК=- не читать столбец")
      ->allow_extra_args(false);
  load->add_option("--map-file", table.map_file, "файл таких строк");
  load->add_option("--report", table.report, "файл CSV для замечаний");
  load->add_option("--chunk", table.chunk,
                   "загружать таблицу частями по столько строк; прерванная загрузка продолжается "
                   "той же командой")
      ->check(CLI::Range(1, 1000000));
  load->add_option("--journal", table.journal,
                   "файл с ходом загрузки частями; по умолчанию ФАЙЛ.progress");
  load->add_option("--sheet", table.open.sheet, "лист книги; по умолчанию первый видимый");
  load->add_option("--header-row", table.header_row, "номер строки заголовков");
  load->add_option("--encoding", table.open.encoding, "кодировка CSV: utf-8, cp1251, cp866 …");
  load->add_option("--delimiter", delimiter, "разделитель CSV: \";\", \",\", tab");
  load->callback([&] {
    action = [&f](Session& s) -> absl::Status {
      table.region = f.demo.region;
      if (!delimiter.empty()) table.open.delimiter = delimiter == "tab" ? '\t' : delimiter[0];
      return rsnms::ctl::ImportWhat(s, table, what);
    };
  });
  static rsnms::ctl::ExportOptions out;
  auto* save = AddStep(app, "export", "выгрузить записи в таблицу CSV или XLSX", f);
  save->add_option("collection", out.collection, "organisations, persons, employments …")
      ->required();
  save->add_option("file", out.path, "файл .csv или .xlsx")->required();
  save->add_option("--filter", out.filter, "условие по AIP-160");
  save->callback([&] {
    action = [&f](Session& s) {
      out.region = f.demo.region;
      const auto count = rsnms::ctl::ExportSheet(s, out);
      if (count.ok())
        std::printf("%s: выгружено %lld\n", out.path.c_str(), static_cast<long long>(*count));
      return count.status();
    };
  });
}

void AddLoading(CLI::App& app, Action& action, StepFlags& f) {
  auto* catalogue = AddStep(app, "catalogue", "загрузить компетенции и опросные листы", f);
  catalogue->add_option("directory", f.catalogue, "каталог с файлами");
  catalogue->callback([&] {
    action = [&f](Session& s) { return rsnms::ctl::LoadCatalogue(s, f.demo.region, f.catalogue); };
  });
  auto* sync = AddStep(app, "sync", "сверить программы с федеральным реестром", f);
  sync->add_flag("--full", f.full, "целиком, а не только изменённое");
  sync->add_flag("--ask-again", f.ask_again, "спросить ещё раз о сокращении, которое отклонили");
  sync->callback([&] {
    action = [&f](Session& s) {
      auto done = rsnms::ctl::Sync(s, f.demo.region, f.full, f.ask_again);
      if (done.ok()) std::puts(rsnms::ctl::ToJson(*done, !s.json()).c_str());
      return done.status();
    };
  });
}

void AddRegisterFile(CLI::App& app, Action& action, StepFlags& f) {
  static rsnms::ctl::RegisterFile file;
  auto* load = AddStep(app, "load-register", "сверить программы с реестром из файла", f);
  load->add_option("file", file.path, "CSV, XLSX или JSON (запись на строку)")->required();
  load->add_flag("--partial", file.partial,
                 "в файле часть реестра: чего в нём нет, исключённым не считать");
  load->add_flag("--ask-again", file.ask_again, "спросить ещё раз о сокращении, которое отклонили");
  load->add_option("--sheet", file.open.sheet, "лист книги; по умолчанию первый видимый");
  load->add_option("--encoding", file.open.encoding, "кодировка CSV: utf-8, cp1251, cp866 …");
  load->callback([&] {
    action = [&f](Session& s) {
      file.region = f.demo.region;
      auto run = rsnms::ctl::LoadRegister(s, file);
      if (run.ok()) run = rsnms::ctl::Follow(s, run->name());
      if (run.ok()) std::puts(rsnms::ctl::ToJson(*run, !s.json()).c_str());
      return run.status();
    };
  });
}

void AddSteps(CLI::App& app, Action& action, StepFlags& f) {
  auto* campaign = AddStep(app, "campaign", "провести диагностику и построить маршруты", f);
  campaign->add_option("--year", f.year, "год");
  campaign->add_option("--share", f.campaign.share_percent, "сколько процентов отвечает");
  campaign->callback([&] {
    action = [&f](Session& s) {
      f.campaign.region = f.demo.region;
      f.campaign.year = f.year;
      auto done = rsnms::ctl::RunCampaign(s, f.campaign);
      if (done.ok()) {
        std::printf("%s: листов %lld, маршрутов построено %lld, утверждено %lld\n",
                    done->name.c_str(), static_cast<long long>(done->sessions),
                    static_cast<long long>(done->routes_built),
                    static_cast<long long>(done->routes_approved));
      }
      return done.status();
    };
  });
  auto* indicators = AddStep(app, "indicators", "вычислить показатели", f);
  indicators->add_option("--profile", f.profile, "положение: yugra …");
  indicators->add_option("--year", f.year, "год");
  indicators->callback([&] {
    action = [&f](Session& s) {
      auto values = rsnms::ctl::Indicators(s, f.demo.region, f.profile, f.year);
      if (values.ok()) rsnms::ctl::PrintIndicators(s, *values);
      return values.status();
    };
  });
  auto* passport = AddStep(app, "passport", "собрать, утвердить и направить паспорт", f);
  passport->add_option("--profile", f.profile, "положение: yugra …");
  passport->add_option("--year", f.year, "год");
  passport->callback([&] {
    action = [&f](Session& s) {
      auto done = rsnms::ctl::ExchangePassport(s, f.demo.region, f.profile, f.year);
      if (done.ok()) rsnms::ctl::PrintPassport(s, *done);
      return done.status();
    };
  });
  auto* job =
      AddStep(app, "job", "основная работа на вымышленном регионе, от загрузки до квитанции", f);
  job->add_option("--educators", f.demo.educators, "сколько педагогов");
  job->add_option("--seed", f.demo.seed, "другое зерно даёт другой регион");
  job->add_option("--profile", f.profile, "положение: yugra …");
  job->add_option("--year", f.year, "год");
  job->add_option("--people-key", f.people_key_file,
                  "ключ (PEM), которым подписываются токены вымышленных людей: без него эксперты "
                  "молчат");
  job->callback([&] {
    action = [&f](Session& s) {
      return rsnms::ctl::Job(s, {f.demo, f.profile, f.year, f.people_key_file});
    };
  });
  static std::string service;
  static int seconds = 30;
  auto* wait = app.add_subcommand("wait", "дождаться готовности сервиса");
  wait->add_option("service", service, "registry …")->required();
  wait->add_option("--for", seconds, "сколько ждать, с");
  wait->callback(
      [&] { action = [](Session& s) { return rsnms::ctl::Wait(s, service, seconds); }; });
}

void AddPlans(CLI::App& app, Action& action) {
  static rsnms::ctl::TrainingPlanOptions options;
  auto* plan = app.add_subcommand("plan", "показать план обучения и его исполнение");
  plan->add_option("name", options.name, "regions/86/trainingPlans/…")->required();
  plan->add_option("--out", options.out, "файл .csv или .xlsx; по умолчанию на экран");
  plan->callback(
      [&] { action = [](Session& s) { return rsnms::ctl::PrintTrainingPlan(s, options); }; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("РСНМС: командная строка региональной системы научно-методического сопровождения");
  app.require_subcommand(1);
  app.fallthrough();
  Settings settings;
  Action action;
  AddGlobal(app, settings);
  AddReading(app, action);
  AddFeed(app, action);
  AddProfiles(app, action);
  AddActs(app, action);
  AddDocuments(app, action);
  rsnms::ctl::AddCertificates(app, action);
  rsnms::ctl::AddFrdo(app, action);
  AddPlans(app, action);
  StepFlags flags;
  AddTables(app, action, flags);
  AddLoading(app, action, flags);
  AddRegisterFile(app, action, flags);
  AddSteps(app, action, flags);
  CLI11_PARSE(app, argc, argv);
  Session session(settings);
  const absl::Status status = action(session);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", rsnms::ctl::Explain(status).c_str());
  return 1;
}
