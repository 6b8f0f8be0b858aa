// Packages for ФИС ФРДО, as their tests ask for them.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_FIXTURE_H_

#include <string>
#include <vector>

#include "services/programs/certificates/certificates_fixture.h"

namespace rsnms::programs {

using v1::FrdoPackage;
using v1::FrdoRow;

struct Exported {
  absl::Status status;
  v1::FrdoSummary summary;
  std::vector<v1::FrdoFault> faults;
  std::vector<v1::FrdoLine> lines;
  // The certificates' numbers, in the order of the file.
  std::vector<std::string> numbers() const {
    std::vector<std::string> numbers;
    for (const auto& line : lines) numbers.push_back(line.values(6));
    return numbers;
  }
};

class Frdo : public CertificatesFixture {
 protected:
  static v1::ExportFrdoRequest Asking(v1::FrdoSelection selection = v1::FRDO_SELECTION_CHANGED) {
    v1::ExportFrdoRequest request;
    request.set_parent(kRegion);
    request.set_template_(v1::FRDO_TEMPLATE_SEPARATE_MARKS);
    request.set_selection(selection);
    request.set_provider(Provider());
    request.set_purpose("внесение сведений в ФИС ФРДО, 273-ФЗ, статья 98");
    return request;
  }
  Exported Export(const v1::ExportFrdoRequest& request, rpc::Client* client = nullptr) {
    Exported exported;
    v1::ExportFrdoResponse part;
    exported.status = (client == nullptr ? *admin_ : *client)
                          .ServerStream(
                              "rsnms.programs.v1.Certificates/ExportFrdo", request, &part,
                              [&] {
                                if (part.has_summary()) exported.summary = part.summary();
                                if (part.has_fault()) exported.faults.push_back(part.fault());
                                if (part.has_line()) exported.lines.push_back(part.line());
                                return true;
                              },
                              absl::Now() + absl::Seconds(20));
    return exported;
  }
  Exported MustExport(const v1::ExportFrdoRequest& request = Asking()) {
    auto exported = Export(request);
    EXPECT_TRUE(exported.status.ok()) << exported.status;
    return exported;
  }
  void Send(const std::string& package) {
    v1::SendFrdoPackageRequest request;
    request.set_name(package);
    *request.mutable_send_date() = D(2026, 5, 30);
    request.set_register_number("ФРДО-1");
    EXPECT_EQ(Must<FrdoPackage>("SendFrdoPackage", request).state(), FrdoPackage::STATE_SENT);
  }
  static v1::RecordFrdoReceiptsRequest Receipts(const std::string& package) {
    v1::RecordFrdoReceiptsRequest request;
    request.set_name(package);
    return request;
  }
  static void Add(v1::RecordFrdoReceiptsRequest& request, int row, const std::string& refusal) {
    auto& receipt = *request.add_receipts();
    receipt.set_row_number(row);
    receipt.set_state(refusal.empty() ? FrdoRow::STATE_ACCEPTED : FrdoRow::STATE_REJECTED);
    receipt.set_message(refusal);
  }
  // Exports, sends, and has every row accepted.
  Exported Settle() {
    auto exported = MustExport();
    Send(exported.summary.frdo_package());
    auto receipts = Receipts(exported.summary.frdo_package());
    for (const auto& line : exported.lines) Add(receipts, line.row_number(), "");
    EXPECT_EQ(Must<FrdoPackage>("RecordFrdoReceipts", receipts).state(),
              FrdoPackage::STATE_ANSWERED);
    return exported;
  }
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_FIXTURE_H_
