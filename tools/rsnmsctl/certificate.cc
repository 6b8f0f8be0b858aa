#include "tools/rsnmsctl/certificate.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/auth/jose.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

constexpr char kType[] = "rsnms-certificate";
constexpr char kService[] = "rsnms.programs.v1.Certificates/";

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("не прочитать файл ", path));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  absl::StripAsciiWhitespace(&text);
  return text;
}

absl::Status Save(const std::string& text, const std::string& path) {
  if (path.empty()) {
    std::puts(text.c_str());
    return absl::OkStatus();
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << "\n";
  file.close();
  if (!file) return absl::PermissionDeniedError(absl::StrCat("не записать файл ", path));
  return absl::OkStatus();
}

}  // namespace

absl::Status SaveSignedCertificate(Session& session, const CertificateOptions& options) {
  programs::v1::SignCertificateRequest request;
  request.set_name(options.name);
  programs::v1::SignCertificateResponse response;
  auto status = session.Call(absl::StrCat(kService, "SignCertificate"), request, &response);
  return status.ok() ? Save(response.jws(), options.out) : status;
}

absl::Status SaveCertificateKeys(Session& session, const CertificateOptions& options) {
  const programs::v1::GetCertificateKeysRequest request;
  programs::v1::GetCertificateKeysResponse response;
  auto status = session.Call(absl::StrCat(kService, "GetCertificateKeys"), request, &response);
  return status.ok() ? Save(response.jwks(), options.out) : status;
}

absl::Status CheckCertificate(Session& session, const CertificateOptions& options) {
  programs::v1::VerifyCertificateRequest request;
  request.set_parent("regions/" + options.region);
  request.set_series(options.series);
  request.set_number(options.number);
  request.set_code(options.code);
  programs::v1::VerifyCertificateResponse response;
  auto status = session.Call(absl::StrCat(kService, "VerifyCertificate"), request, &response);
  if (!status.ok()) return status;
  if (!response.valid()) {
    return absl::NotFoundError("действующего документа с таким номером и кодом нет");
  }
  std::puts("документ действует");
  return absl::OkStatus();
}

absl::StatusOr<std::string> VerifyCertificateFile(const std::string& file,
                                                  const std::string& keys) {
  const auto text = ReadText(file);
  if (!text.ok()) return text.status();
  const auto jwks = ReadText(keys);
  if (!jwks.ok()) return jwks.status();
  const auto set = auth::ParseJwks(*jwks);
  if (!set.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("в файле ", keys, " нет открытых ключей (нужен JWKS)"));
  }
  auto facts = auth::OpenJws(*set, *text, kType);
  if (facts.ok()) return facts;
  return absl::InvalidArgumentError(
      absl::StrCat("подпись не подтверждается: ", facts.status().message()));
}

absl::Status VerifyCertificate(const CertificateOptions& options) {
  const auto facts = VerifyCertificateFile(options.file, options.keys);
  if (!facts.ok()) return facts.status();
  const auto fields = nlohmann::json::parse(*facts, nullptr, /*allow_exceptions=*/false);
  const auto text = [&](const char* name) {
    return fields.is_object() ? fields.value(name, "") : std::string();
  };
  Table table({"подпись верна", ""});
  table.Add({"документ", text("kind") == "PROFESSIONAL_RETRAINING"
                             ? "диплом о профессиональной переподготовке"
                             : "удостоверение о повышении квалификации"});
  table.Add({"серия и номер", absl::StrCat(text("series"), " ", text("number"))});
  table.Add({"выдан", text("issue_date")});
  table.Add({"кем", text("issuer")});
  table.Add({"программа", text("programme")});
  table.Add({"часов", absl::StrCat(fields.is_object() ? fields.value("hours", 0) : 0)});
  table.Print();
  std::puts("Подпись говорит, что документ выдан. Не отозван ли он: rsnmsctl certificate check.");
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
