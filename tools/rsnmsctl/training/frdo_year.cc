// The year's documents on their way to ФИС ФРДО: a package, its receipts, one of them a refusal;
// the mended row and what changed since in a second package. Rows are people's data: they are
// counted here and kept nowhere. `rsnmsctl frdo export` writes them to a file.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/certificates_service.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;

constexpr char kService[] = "rsnms.programs.v1.Certificates/";

std::string Quoted(const char* field, const std::string& value) {
  return absl::StrCat(field, " = \"", value, "\"");
}

// Bodies of the region that have issued documents.
absl::StatusOr<std::set<std::string>> Issuers(const Desk& desk) {
  v1::ListCertificatesRequest list;
  list.set_parent(desk.parent());
  std::set<std::string> issuers;
  const auto status = ForEachPage<v1::ListCertificatesRequest, v1::ListCertificatesResponse>(
      desk.session(), absl::StrCat(kService, "ListCertificates"), list, [&](const auto& page) {
        for (const auto& each : page.certificates()) issuers.insert(each.provider());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  issuers.erase("");
  return issuers;
}

absl::StatusOr<std::vector<v1::FrdoPackage>> PackagesOf(const Desk& desk,
                                                        const std::string& issuer) {
  v1::ListFrdoPackagesRequest list;
  list.set_parent(desk.parent());
  list.set_filter(Quoted("provider", issuer));
  list.set_order_by("create_time");
  std::vector<v1::FrdoPackage> packages;
  const auto status = ForEachPage<v1::ListFrdoPackagesRequest, v1::ListFrdoPackagesResponse>(
      desk.session(), absl::StrCat(kService, "ListFrdoPackages"), list, [&](const auto& page) {
        packages.insert(packages.end(), page.frdo_packages().begin(), page.frdo_packages().end());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return packages;
}

// Makes a package of what is due; none when nothing is.
absl::Status Export(const Desk& desk, const std::string& issuer) {
  v1::ExportFrdoRequest request;
  request.set_parent(desk.parent());
  request.set_template_(v1::FRDO_TEMPLATE_SEPARATE_MARKS);
  request.set_provider(issuer);
  request.set_selection(v1::FRDO_SELECTION_CHANGED);
  request.set_purpose("внесение сведений о документах в ФИС ФРДО (273-ФЗ, статья 98)");
  v1::ExportFrdoResponse part;
  std::string fault;
  const auto status = desk.session()
                          .client("programs")
                          .ServerStream(
                              absl::StrCat(kService, "ExportFrdo"), request, &part,
                              [&] {
                                if (part.has_fault()) fault = part.fault().what_ru();
                                return true;
                              },
                              desk.session().deadline());
  if (!status.ok() || fault.empty()) return status;
  return absl::FailedPreconditionError(absl::StrCat("строка для ФИС ФРДО с ошибкой: ", fault));
}

absl::StatusOr<std::vector<v1::FrdoRow>> RowsOf(const Desk& desk, const std::string& package) {
  v1::ListFrdoRowsRequest list;
  list.set_parent(desk.parent());
  list.set_filter(Quoted("frdo_package", package));
  std::vector<v1::FrdoRow> rows;
  const auto status = ForEachPage<v1::ListFrdoRowsRequest, v1::ListFrdoRowsResponse>(
      desk.session(), absl::StrCat(kService, "ListFrdoRows"), list, [&](const auto& page) {
        rows.insert(rows.end(), page.frdo_rows().begin(), page.frdo_rows().end());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  std::sort(rows.begin(), rows.end(), [](const v1::FrdoRow& a, const v1::FrdoRow& b) {
    return a.certificate() < b.certificate();
  });
  return rows;
}

// Sends the package, unless it was sent, and records what the register said of its rows: accepted,
// the first refused when `refuse`. A refused document is mended.
absl::Status SendAndAnswer(const Desk& desk, const v1::FrdoPackage& package, bool refuse) {
  const std::string named = Text("name", package.name());
  if (package.state() == v1::FrdoPackage::STATE_PREPARED) {
    if (auto s = desk.Do({"Certificates/SendFrdoPackage",
                          absl::StrCat(named, On("send_date", desk.options().year, 9, 1),
                                       Text("register_number", refuse ? "1001" : "1002"))});
        !s.ok()) {
      return s;
    }
  }
  const auto rows = RowsOf(desk, package.name());
  if (!rows.ok()) return rows.status();
  std::string receipts = named, refused;
  for (const v1::FrdoRow& row : *rows) {
    const bool first = refuse && refused.empty();
    if (first) refused = row.certificate();
    absl::StrAppend(
        &receipts, "receipts { row_number: ", row.row_number(), " state: STATE_",
        first ? absl::StrCat("REJECTED ", Text("message", "Неверная область деятельности"))
              : "ACCEPTED ",
        "} ");
  }
  if (auto s = desk.Do({"Certificates/RecordFrdoReceipts", receipts}); !s.ok()) return s;
  if (refused.empty()) return absl::OkStatus();
  return desk.Do({"Certificates/UpdateCertificate",
                  absl::StrCat("certificate { ", Text("name", refused),
                               Text("professional_area", "Образование"),
                               "} update_mask { paths: 'professional_area' }")});
}

// Two packages in all: a row of the first is refused; the second holds what was mended and what
// changed since. Goes on from wherever it stopped.
absl::Status Report(const Desk& desk, const std::string& issuer) {
  for (size_t number = 1; number <= 2; ++number) {
    auto packages = PackagesOf(desk, issuer);
    if (!packages.ok()) return packages.status();
    if (packages->size() > 2) return absl::OkStatus();
    if (packages->size() < number) {
      if (auto s = Export(desk, issuer); !s.ok()) return s;
      packages = PackagesOf(desk, issuer);
      if (!packages.ok()) return packages.status();
    }
    if (packages->size() < number) return absl::OkStatus();  // nothing was due
    const auto& package = (*packages)[number - 1];
    const bool waits = package.state() == v1::FrdoPackage::STATE_PREPARED ||
                       package.state() == v1::FrdoPackage::STATE_SENT;
    if (waits) {
      if (auto s = SendAndAnswer(desk, package, /*refuse=*/number == 1); !s.ok()) return s;
    }
    if (auto s = ChangeCertificates(desk); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReportToFrdo(const Desk& desk) {
  const auto issuers = Issuers(desk);
  if (!issuers.ok()) return issuers.status();
  for (const std::string& issuer : *issuers) {
    if (auto s = Report(desk, issuer); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
