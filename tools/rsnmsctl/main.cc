// rsnmsctl: the command line of RSNMS for people and scripts.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/rsnmsctl/commands.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/session.h"

namespace {

using rsnms::ctl::Session;
using rsnms::ctl::Settings;

const std::vector<std::string> kServices = {"registry", "diagnostics", "programs", "monitoring"};

// What the chosen subcommand will do once the flags are read.
using Action = std::function<absl::Status(Session&)>;

void AddGlobal(CLI::App& app, Settings& settings) {
  for (auto& [service, target] : settings.targets) {
    app.add_option("--" + service, target, "адрес сервиса " + service)->envname("RSNMS_" + service);
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
  CLI11_PARSE(app, argc, argv);
  Session session(settings);
  const absl::Status status = action(session);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", rsnms::ctl::Explain(status).c_str());
  return 1;
}
