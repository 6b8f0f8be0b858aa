#include "tools/federal_sim/passport_sim.h"

#include <openssl/sha.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/federal/v1/errors.pb.h"
#include "tools/federal_sim/signature.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::PassportReceipt;
using federal::v1::SubmitPassportRequest;
using options::v1::COMMON_REASON_INVALID_PARENT;
using options::v1::COMMON_REASON_INVALID_REQUEST;

constexpr char kReceiptType[] = "federal.rsnms/PassportReceipt";
constexpr size_t kGreatestPayload = 3 << 20;
constexpr int kBlocks = 7;

std::string Sha256Hex(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

// `2026`, `2026-H1`, `2026-Q3`.
bool IsPeriod(const std::string& period) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (period.size() != 4 && period.size() != 7) return false;
  if (!std::all_of(period.begin(), period.begin() + 4, digit)) return false;
  if (period.size() == 4) return true;
  const char last = period[5] == 'H' ? '2' : period[5] == 'Q' ? '4' : '0';
  return period[4] == '-' && period[6] >= '1' && period[6] <= last;
}

absl::Status CheckEnvelope(const federal::v1::PassportEnvelope& envelope) {
  using federal::v1::FederalReason;
  auto refuse = [](FederalReason reason, std::string_view message) -> absl::Status {
    return rpc::Error(absl::StatusCode::kInvalidArgument, reason, message);
  };
  if (!IsPeriod(envelope.period())) {
    return rpc::InvalidField("envelope.period", COMMON_REASON_INVALID_REQUEST,
                             "must be a year, half-year or quarter");
  }
  if (envelope.payload().empty() || envelope.payload().size() > kGreatestPayload) {
    return rpc::InvalidField("envelope.payload", COMMON_REASON_INVALID_REQUEST,
                             "must hold 1 byte to 3 MiB");
  }
  if (envelope.format_version().rfind("rsnms-passport/", 0) != 0) {
    return refuse(federal::v1::FEDERAL_REASON_FORMAT_NOT_SUPPORTED, "unknown format_version");
  }
  if (Sha256Hex(envelope.payload()) != envelope.sha256()) {
    return refuse(federal::v1::FEDERAL_REASON_HASH_MISMATCH, "sha256 is not that of the payload");
  }
  for (const auto& signature : envelope.signatures()) {
    if (!Verifies(signature, envelope.payload())) {
      return refuse(federal::v1::FEDERAL_REASON_SIGNATURE_INVALID, "a signature does not verify");
    }
  }
  return absl::OkStatus();
}

// A region's matter is shown to those whose scope covers the region.
absl::Status CheckScope(const rpc::Call& call, std::string_view region, std::string_view name) {
  if (!region.empty() && call.identity().CoversRegion(region)) return absl::OkStatus();
  return rpc::NotFound(kReceiptType, name);
}

std::string RegionOf(const std::string& name) {
  if (name.rfind("regions/", 0) != 0) return "";
  return name.substr(8, name.find('/', 8) - 8);
}

}  // namespace

PassportSim::PassportSim(std::string state_file) : state_file_(std::move(state_file)) { Load(); }

void PassportSim::Serve(rpc::Server& server) {
  server.Serve(PassportReceipt::descriptor()->file()->FindServiceByName("PassportExchange"));
  const std::string service = "rsnms.federal.v1.PassportExchange/";
  server.Unary(service + "SubmitPassport", this, &PassportSim::Submit);
  server.Unary(service + "GetPassportReceipt", this, &PassportSim::Get);
  server.Unary(service + "ListPassportReceipts", this, &PassportSim::List);
}

void PassportSim::SetRemarks(std::vector<Remark> remarks) {
  absl::MutexLock lock(&mutex_);
  remarks_ = std::move(remarks);
}

void PassportSim::LoseAnswers(int calls) {
  absl::MutexLock lock(&mutex_);
  lost_answers_ = calls;
}

absl::Status PassportSim::Submit(rpc::Call& call, const SubmitPassportRequest& request,
                                 PassportReceipt* response) {
  const std::string region = RegionOf(request.parent());
  if (auto status = CheckScope(call, region, request.parent()); !status.ok()) return status;
  if (request.parent() != absl::StrCat("regions/", request.envelope().region_code())) {
    return rpc::InvalidField("parent", COMMON_REASON_INVALID_PARENT,
                             "must be the region of the envelope");
  }
  if (auto status = CheckEnvelope(request.envelope()); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  auto earlier = Earlier(request);
  if (!earlier.ok()) return earlier.status();
  if (*earlier == nullptr) {
    receipts_.push_back(Decide(request, absl::Now()));
    Append(receipts_.back());
    *earlier = &receipts_.back();
  }
  if (!request.request_id().empty()) {
    by_request_[request.request_id()] = {request.envelope().SerializeAsString(),
                                         static_cast<int>(*earlier - receipts_.data())};
  }
  if (lost_answers_ > 0) {
    --lost_answers_;
    return rpc::Error(absl::StatusCode::kUnavailable,
                      options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE, "the answer was lost");
  }
  *response = **earlier;
  return absl::OkStatus();
}

absl::StatusOr<const PassportReceipt*> PassportSim::Earlier(
    const SubmitPassportRequest& request) const {
  const auto& envelope = request.envelope();
  if (auto it = by_request_.find(request.request_id());
      !request.request_id().empty() && it != by_request_.end()) {
    if (it->second.first == envelope.SerializeAsString()) return &receipts_[it->second.second];
    return rpc::Error(absl::StatusCode::kAlreadyExists,
                      options::v1::COMMON_REASON_REQUEST_ID_REUSED,
                      "request_id was used with another envelope")
        .ToStatus();
  }
  for (const PassportReceipt& receipt : receipts_) {
    if (receipt.period() != envelope.period() ||
        RegionOf(receipt.name()) != envelope.region_code() ||
        receipt.state() != federal::v1::RECEIPT_STATE_ACCEPTED) {
      continue;
    }
    if (receipt.sha256() == envelope.sha256()) return &receipt;
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      federal::v1::FEDERAL_REASON_PERIOD_CLOSED,
                      "another passport of this period is accepted")
        .With("receipt", receipt.name())
        .ToStatus();
  }
  return nullptr;
}

PassportReceipt PassportSim::Decide(const SubmitPassportRequest& request, absl::Time now) const {
  const auto& envelope = request.envelope();
  PassportReceipt receipt;
  receipt.set_name(absl::StrCat(request.parent(), "/passportReceipts/", resource::NewUuid()));
  receipt.set_receipt_number(absl::StrFormat("ПО-%s-%s-%04d", envelope.region_code(),
                                             envelope.period(), receipts_.size() + 1));
  receipt.set_period(envelope.period());
  receipt.set_format_version(envelope.format_version());
  receipt.set_sha256(Sha256Hex(envelope.payload()));
  receipt.set_passport(envelope.passport());
  receipt.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
  receipt.set_verified_signature_count(envelope.signatures_size());
  receipt.mutable_receive_time()->set_seconds(absl::ToUnixSeconds(now));
  std::vector<int> numbers;
  for (const auto& block : envelope.blocks()) numbers.push_back(block.number());
  for (int i = 1; numbers.empty() && i <= kBlocks; ++i) numbers.push_back(i);
  std::sort(numbers.begin(), numbers.end());
  for (int number : numbers) {
    auto& word = *receipt.add_items();
    word.set_block_number(number);
    word.set_state(federal::v1::RECEIPT_STATE_ACCEPTED);
    for (const Remark& remark : remarks_) {
      if (remark.block_number != number) continue;
      auto& item = remark.item_code.empty() ? word : *receipt.add_items();
      item.set_block_number(number);
      item.set_item_code(remark.item_code);
      item.set_state(federal::v1::RECEIPT_STATE_RETURNED);
      item.set_remark_code(remark.code);
      item.set_remark_ru(remark.text_ru);
      receipt.set_state(federal::v1::RECEIPT_STATE_RETURNED);
    }
  }
  return receipt;
}

absl::Status PassportSim::Get(rpc::Call& call,
                              const federal::v1::GetPassportReceiptRequest& request,
                              PassportReceipt* response) {
  if (auto s = CheckScope(call, RegionOf(request.name()), request.name()); !s.ok()) return s;
  absl::MutexLock lock(&mutex_);
  for (const PassportReceipt& receipt : receipts_) {
    if (receipt.name() != request.name()) continue;
    *response = receipt;
    return absl::OkStatus();
  }
  return rpc::NotFound(kReceiptType, request.name());
}

absl::Status PassportSim::List(rpc::Call& call,
                               const federal::v1::ListPassportReceiptsRequest& request,
                               federal::v1::ListPassportReceiptsResponse* response) {
  if (auto s = CheckScope(call, RegionOf(request.parent()), request.parent()); !s.ok()) return s;
  size_t skip = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &skip)) {
    return rpc::InvalidField("page_token", options::v1::COMMON_REASON_INVALID_PAGE_TOKEN,
                             "was not given by this service");
  }
  if (request.page_size() < 0) {
    return rpc::InvalidField("page_size", options::v1::COMMON_REASON_INVALID_PAGE_SIZE,
                             "must not be negative");
  }
  const size_t size = request.page_size() == 0 ? 100 : std::min(request.page_size(), 1000);
  absl::MutexLock lock(&mutex_);
  size_t seen = 0;
  for (auto it = receipts_.rbegin(); it != receipts_.rend(); ++it) {
    if (RegionOf(it->name()) != RegionOf(request.parent())) continue;
    if (!request.period().empty() && it->period() != request.period()) continue;
    if (seen++ < skip) continue;
    if (seen - skip > size) {
      response->set_next_page_token(absl::StrCat(skip + size));
      break;
    }
    *response->add_passport_receipts() = *it;
  }
  return absl::OkStatus();
}

void PassportSim::Load() {
  if (state_file_.empty()) return;
  std::ifstream file(state_file_, std::ios::binary);
  if (!file) return;
  google::protobuf::io::IstreamInputStream stream(&file);
  PassportReceipt receipt;
  bool clean_end = false;
  absl::MutexLock lock(&mutex_);
  // A receipt cut by a crash ends the file.
  while (google::protobuf::util::ParseDelimitedFromZeroCopyStream(&receipt, &stream, &clean_end)) {
    receipts_.push_back(receipt);
    receipt.Clear();
  }
}

void PassportSim::Append(const PassportReceipt& receipt) const {
  if (state_file_.empty()) return;
  std::ofstream file(state_file_, std::ios::binary | std::ios::app);
  google::protobuf::util::SerializeDelimitedToOstream(receipt, &file);
}

}  // namespace rsnms::federal_sim
