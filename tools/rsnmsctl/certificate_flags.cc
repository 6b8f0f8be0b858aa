#include "tools/rsnmsctl/certificate_flags.h"

#include "tools/rsnmsctl/certificate.h"
#include "tools/rsnmsctl/frdo.h"

namespace rsnms::ctl {

void AddCertificates(CLI::App& app, std::function<absl::Status(Session&)>& action) {
  static CertificateOptions options;
  auto* certificate = app.add_subcommand("certificate", "удостоверения и дипломы");
  certificate->require_subcommand(1);

  auto* verify = certificate->add_subcommand("verify", "проверить подпись без связи с системой");
  verify->add_option("file", options.file, "файл с подписанным документом")->required();
  verify->add_option("--keys", options.keys, "файл с открытыми ключами, JWKS")->required();
  verify->callback([&] { action = [](Session&) { return VerifyCertificate(options); }; });

  auto* check = certificate->add_subcommand("check", "спросить, действует ли документ");
  check->add_option("--region", options.region, "код региона")->required();
  check->add_option("--series", options.series, "серия");
  check->add_option("--number", options.number, "номер")->required();
  check->add_option("--code", options.code, "код проверки с документа")->required();
  check->callback([&] { action = [](Session& s) { return CheckCertificate(s, options); }; });

  auto* sign = certificate->add_subcommand("sign", "записать подписанный документ");
  sign->add_option("name", options.name, "regions/86/certificates/…")->required();
  sign->callback([&] { action = [](Session& s) { return SaveSignedCertificate(s, options); }; });
  auto* keys = certificate->add_subcommand("keys", "записать открытые ключи, JWKS");
  keys->callback([&] { action = [](Session& s) { return SaveCertificateKeys(s, options); }; });
  for (auto* saving : {sign, keys}) {
    saving->add_option("--out", options.out, "файл; по умолчанию на экран");
  }
}

void AddFrdo(CLI::App& app, std::function<absl::Status(Session&)>& action) {
  static FrdoOptions options;
  auto* frdo = app.add_subcommand("frdo", "передача сведений о документах в ФИС ФРДО");
  frdo->require_subcommand(1);

  auto* out = frdo->add_subcommand("export", "выгрузить строки в файл по шаблону");
  out->add_option("--region", options.region, "код региона");
  out->add_option("--out", options.out, "файл .xlsx или .csv");
  out->add_option("--provider", options.provider, "кто выдал, regions/86/organisations/…");
  out->add_option("--purpose", options.purpose, "зачем читаются персональные данные");
  out->add_option("--from", options.first, "выданные с этого дня, 2026-01-01");
  out->add_option("--to", options.last, "выданные по этот день");
  out->add_flag("--merged", options.merged, "шаблон из 38 столбцов");
  out->add_flag("--all", options.all, "все, а не только новые, изменённые и отклонённые");
  out->add_flag("--compare", options.compared, "сличить все с отправленным");
  out->add_flag("--check", options.check_only, "только проверить");
  out->add_flag("--skip-faulty", options.skip_faulty, "выгрузить строки без ошибок");
  out->callback([&] { action = [](Session& s) { return ExportFrdoAndTell(s, options); }; });

  auto* list = frdo->add_subcommand("list", "пакеты и их состояния, новые сверху");
  list->add_option("--region", options.region, "код региона");
  list->callback([&] { action = [](Session& s) { return ListFrdo(s, options); }; });
  auto* send = frdo->add_subcommand("sent", "отметить, что файл передан");
  send->add_option("--date", options.day, "день передачи, 2026-09-01")->required();
  send->add_option("--number", options.number, "номер пакета в ФИС ФРДО");
  send->callback([&] { action = [](Session& s) { return SendFrdo(s, options); }; });
  auto* cancel = frdo->add_subcommand("cancel", "отказаться от пакета");
  cancel->add_option("--reason", options.reason, "почему")->required();
  cancel->callback([&] { action = [](Session& s) { return CancelFrdo(s, options); }; });
  auto* receipts = frdo->add_subcommand("receipts", "загрузить квитанции из таблицы");
  receipts->callback([&] { action = [](Session& s) { return RecordFrdoReceipts(s, options); }; });
  for (auto* about : {send, cancel, receipts}) {
    about->add_option("package", options.package, "regions/86/frdoPackages/…")->required();
  }
  receipts
      ->add_option("file", options.file,
                   "таблица: Строка, Результат, Сообщение; Номер документа сверяется")
      ->required();
}

}  // namespace rsnms::ctl
