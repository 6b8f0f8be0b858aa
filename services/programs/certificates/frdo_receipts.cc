#include "services/programs/certificates/frdo_receipts.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "libs/resource/personal_text.h"
#include "libs/resource/table.h"
#include "libs/resource/transition.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/certificates/frdo_store.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Lock;
using resource::Table;
using v1::FrdoPackage;
using v1::FrdoRow;

constexpr char kPackage[] = "programs.rsnms/FrdoPackage";
constexpr char kWhereRows[] =
    "region_code = $1 AND frdo_package_id = $2::uuid ORDER BY row_number FOR UPDATE";

// The package, locked, and its rows by their numbers.
struct Opened {
  FrdoPackage package;
  std::map<int, FrdoRow> rows;
  std::map<std::string, v1::Certificate> documents;  // by name; read when a receipt names one
};
template <class Request>
absl::StatusOr<Opened> Open(const resource::Engine& engine, pg::Tx& tx, const Request& request) {
  auto package = Table<FrdoPackage>(engine).Get(tx, request.name(), Lock::kUpdate);
  if (!package.ok()) return package.status();
  if (!request.etag().empty() && request.etag() != package->etag()) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the package has changed")
        .Resource(kPackage, request.name())
        .ToStatus();
  }
  auto rows =
      Table<FrdoRow>(engine).Select(tx, kWhereRows, RegionOf(request.name()), IdOf(request.name()));
  if (!rows.ok()) return rows.status();
  Opened opened;
  opened.package = *std::move(package);
  for (FrdoRow& row : *rows) {
    const int number = row.row_number();
    opened.rows.emplace(number, std::move(row));
  }
  return opened;
}

absl::Status Unfit(int index, std::string_view field, std::string_view what,
                   std::string_view what_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_FRDO_ROW_UNKNOWN,
                    Cat("receipts[", index, "]: ", what))
      .Field(Cat("receipts[", index, "].", field), what, what_ru);
}

// The documents of rows whose receipts say a number. Who sees the package sees them.
absl::Status ReadDocuments(const resource::Engine& engine, pg::Tx& tx,
                           const v1::RecordFrdoReceiptsRequest& request, Opened& opened) {
  std::vector<std::string> ids;
  for (const auto& receipt : request.receipts()) {
    const auto row = opened.rows.find(receipt.row_number());
    if (receipt.document_number().empty() || row == opened.rows.end()) continue;
    ids.emplace_back(IdOf(row->second.certificate()));
  }
  if (ids.empty()) return absl::OkStatus();
  auto found = Table<v1::Certificate>(engine).Select(
      tx, "region_code = $1 AND id = ANY ($2::uuid[])", RegionOf(request.name()), ids);
  if (!found.ok()) return found.status();
  for (auto& document : *found) opened.documents[document.name()] = std::move(document);
  return absl::OkStatus();
}

// A receipt file of another package, or sorted anew, says numbers of other documents.
absl::Status CheckDocument(int index, const v1::FrdoReceipt& receipt, const FrdoRow& row,
                           const Opened& opened) {
  if (receipt.document_number().empty()) return absl::OkStatus();
  const std::string key = NumberKey(receipt.document_number());
  const auto document = opened.documents.find(row.certificate());
  if (document != opened.documents.end() &&
      (key == NumberKey(document->second.number()) ||
       key == NumberKey(Cat(document->second.series(), document->second.number())))) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_FRDO_DOCUMENT_DIFFERS,
                    Cat("receipts[", index, "]: the row is of another document"))
      .Field(Cat("receipts[", index, "].document_number"), "is not that of the row's document",
             Cat("в строке ", row.row_number(), " пакета другой документ"))
      .With("certificate", row.certificate());
}

absl::Status TakeReceipt(int index, const v1::FrdoReceipt& receipt, absl::Time now, Opened& opened,
                         std::map<int, FrdoRow>* changed) {
  const auto row = opened.rows.find(receipt.row_number());
  if (row == opened.rows.end()) {
    return Unfit(index, "row_number", "the package has no such row",
                 Cat("в пакете нет строки ", receipt.row_number()));
  }
  if (receipt.state() != FrdoRow::STATE_ACCEPTED && receipt.state() != FrdoRow::STATE_REJECTED) {
    return Unfit(index, "state", "must be ACCEPTED or REJECTED",
                 "результат: принято или отклонено");
  }
  if (auto s = CheckDocument(index, receipt, row->second, opened); !s.ok()) return s;
  const bool rejected = receipt.state() == FrdoRow::STATE_REJECTED;
  if (rejected && receipt.message().empty()) {
    return Unfit(index, "message", "is required of a rejected row",
                 "укажите, почему строка отклонена");
  }
  FrdoRow answered = row->second;
  answered.set_state(receipt.state());
  answered.set_message(rejected ? WithoutPersonal(receipt.message()) : "");
  const bool same =
      answered.state() == row->second.state() && answered.message() == row->second.message();
  if (!same) answered.mutable_receipt_time()->set_seconds(absl::ToUnixSeconds(now));
  if (!changed->emplace(receipt.row_number(), std::move(answered)).second) {
    return Unfit(index, "row_number", "the row is named twice",
                 Cat("строка ", receipt.row_number(), " названа дважды"));
  }
  return absl::OkStatus();
}

// Counts anew and answers the package's new image.
FrdoPackage Counted(const Opened& opened) {
  FrdoPackage package = opened.package;
  int accepted = 0, rejected = 0;
  for (const auto& [number, row] : opened.rows) {
    accepted += row.state() == FrdoRow::STATE_ACCEPTED;
    rejected += row.state() == FrdoRow::STATE_REJECTED;
  }
  package.set_accepted_count(accepted);
  package.set_rejected_count(rejected);
  if (accepted + rejected == package.row_count() &&
      package.state() != FrdoPackage::STATE_CANCELLED) {
    package.set_state(FrdoPackage::STATE_ANSWERED);
  }
  return package;
}

absl::Status Store(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                   const Opened& opened, std::map<int, FrdoRow> changed, FrdoPackage* package) {
  std::vector<FrdoRow> rows;
  for (auto& [number, row] : changed) rows.push_back(std::move(row));
  if (!rows.empty()) {
    if (auto merged = Table<FrdoRow>(engine).Merge(tx, author, rows); !merged.ok()) {
      return merged.status();
    }
  }
  return Table<FrdoPackage>(engine).Update(tx, author, opened.package, *package);
}

}  // namespace

std::string WithoutPersonal(std::string_view words) {
  if (resource::FindPersonal(words) == resource::Personal::kNone) return std::string(words);
  std::string blotted;
  for (const char c : words) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      blotted += '*';
    } else if (c == '@') {
      // What stands before it, back to the last space, is somebody's address.
      const size_t space = blotted.rfind(' ');
      blotted.resize(space == std::string::npos ? 0 : space + 1);
      blotted += "***";
    } else {
      blotted += c;
    }
  }
  return blotted;
}

absl::Status CancelPackage(resource::Engine& engine, rpc::Call& call,
                           const v1::CancelFrdoPackageRequest& request, FrdoPackage* response) {
  const resource::Type& type = engine.TypeOf(FrdoPackage::descriptor());
  const auto step = resource::BindStep(&call.method(), type);
  if (!step.ok()) return step.status();
  return engine.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto opened = Open(engine, tx, request);
    if (!opened.ok()) return opened.status();
    FrdoPackage package = opened->package;
    if (auto s = resource::MakeStep(*step, type, request, &package); !s.ok()) return s;
    std::map<int, FrdoRow> changed;
    for (const auto& [number, row] : opened->rows) {
      if (row.state() != FrdoRow::STATE_PENDING) continue;
      FrdoRow cancelled = row;
      cancelled.set_state(FrdoRow::STATE_CANCELLED);
      changed.emplace(number, std::move(cancelled));
    }
    auto s =
        Store(engine, tx, resource::AuthorOf(call, request), *opened, std::move(changed), &package);
    if (s.ok()) *response = std::move(package);
    return s;
  });
}

absl::Status RecordReceipts(resource::Engine& engine, rpc::Call& call,
                            const v1::RecordFrdoReceiptsRequest& request, absl::Time now,
                            FrdoPackage* response) {
  return engine.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto opened = Open(engine, tx, request);
    if (!opened.ok()) return opened.status();
    const auto state = opened->package.state();
    const bool given_up = state == FrdoPackage::STATE_CANCELLED && opened->package.has_send_date();
    if (state != FrdoPackage::STATE_SENT && state != FrdoPackage::STATE_ANSWERED && !given_up) {
      return rpc::Error(absl::StatusCode::kFailedPrecondition,
                        options::v1::COMMON_REASON_INVALID_STATE,
                        "receipts are recorded of packages that were sent")
          .With("state", FrdoPackage::State_Name(state).substr(sizeof("STATE_") - 1))
          .With("permitted", "SENT,ANSWERED");
    }
    // A package made since then must not be sent beside: it waits, and looks once more.
    if (given_up) {
      if (auto s = frdo_store::LockRegion(tx, RegionOf(request.name())); !s.ok()) return s;
    }
    if (auto s = ReadDocuments(engine, tx, request, *opened); !s.ok()) return s;
    std::map<int, FrdoRow> changed;
    for (int i = 0; i < request.receipts_size(); ++i) {
      auto s = TakeReceipt(i, request.receipts(i), now, *opened, &changed);
      if (!s.ok()) return s;
    }
    for (const auto& [number, row] : changed) opened->rows[number] = row;
    FrdoPackage package = Counted(*opened);
    auto s =
        Store(engine, tx, resource::AuthorOf(call, request), *opened, std::move(changed), &package);
    if (s.ok()) *response = std::move(package);
    return s;
  });
}

}  // namespace rsnms::programs
