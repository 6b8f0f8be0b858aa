#include "services/programs/certificates/frdo_export.h"

#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "libs/observe/log.h"
#include "libs/resource/names.h"
#include "libs/resource/personal_text.h"
#include "libs/resource/sealing.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "services/programs/certificates/frdo_template.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using frdo_store::Candidate;
using resource::Table;

constexpr int kPage = 500;
constexpr int kMostRows = 5000;
constexpr size_t kMostFaults = 5000;  // answered; no more certificates are looked at for them
constexpr int kFirstRow = 2;          // the headings stand in the first

}  // namespace

FrdoExport::FrdoExport(resource::Engine& engine, const People& people, const std::string& row_key,
                       rpc::Call& call, const v1::ExportFrdoRequest& request)
    : engine_(engine),
      people_(people),
      row_key_(row_key),
      call_(call),
      request_(request),
      most_rows_(request.max_rows() == 0 ? kMostRows : request.max_rows()) {}

absl::Status FrdoExport::Run(rpc::Writer<v1::ExportFrdoResponse>& writer) {
  if (auto s = CheckRequest(); !s.ok()) return s;
  if (auto s = CountAwaiting(); !s.ok()) return s;
  if (auto s = Collect(); !s.ok()) return s;
  const bool blocked = !faults_.empty() && !request_.skip_faulty();
  if (!request_.check_only() && !blocked && !lines_.empty()) {
    if (auto s = Record(); !s.ok()) return s;
  }
  return Send(writer);
}

absl::Status FrdoExport::CheckRequest() const {
  if (people_ == nullptr) {
    return rpc::Error(absl::StatusCode::kUnavailable,
                      options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                      "no registry is configured that people could be asked of");
  }
  // A package is handed in by one body, which answers for its documents (273-ФЗ, article 98, part
  // 9).
  if (request_.provider().empty() &&
      !(request_.check_only() && call_.identity().CoversRegion(RegionOf(request_.parent())))) {
    return rpc::InvalidField("provider", options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                             "is required, except of a check by who covers the region",
                             "укажите организацию, выдавшую документы");
  }
  if (!request_.provider().empty() &&
      request_.provider() !=
          NameOf(RegionOf(request_.parent()), "organisations", IdOf(request_.provider()))) {
    return rpc::InvalidField("provider", options::v1::COMMON_REASON_INVALID_NAME,
                             "must be an organisation of the region",
                             "организация должна принадлежать региону запроса");
  }
  const auto found = resource::FindPersonal(request_.purpose());
  if (found == resource::Personal::kNone) return absl::OkStatus();
  const auto words = resource::DescribePersonal(found);
  return rpc::InvalidField("purpose", options::v1::COMMON_REASON_INVALID_FORMAT, words.english,
                           words.russian);
}

absl::Status FrdoExport::CountAwaiting() {
  return engine_.pool().Run(call_.ReadTx(), [&](pg::Tx& tx) {
    auto count = frdo_store::CountAwaiting(tx, request_);
    if (count.ok()) summary_.set_awaiting_count(*count);
    return count.status();
  });
}

absl::Status FrdoExport::Collect() {
  frdo_store::Place place;
  while (true) {
    if (call_.cancelled()) {
      return rpc::Error(absl::StatusCode::kCancelled, options::v1::COMMON_REASON_CANCELLED,
                        "the caller went away");
    }
    std::vector<Candidate> candidates;
    const frdo_store::Place from = place;
    auto status = engine_.pool().Run(call_.ReadTx(), [&](pg::Tx& tx) {
      place = from;
      auto read = frdo_store::ReadCandidates(engine_, tx, request_, kPage, &place);
      if (read.ok()) candidates = *std::move(read);
      return read.status();
    });
    if (!status.ok()) return status;
    if (candidates.empty()) return absl::OkStatus();
    auto people = ReadPeople(candidates);
    if (!people.ok()) return people.status();
    bool room = true;
    for (size_t i = 0; room && i < candidates.size(); ++i) room = Take(candidates[i], *people);
    if (auto s = Confirm(); !s.ok()) return s;
    if (!room) return absl::OkStatus();
  }
}

absl::Status FrdoExport::Confirm() {
  if (confirmed_.empty()) return absl::OkStatus();
  const auto author = resource::AuthorOf(call_, request_);
  auto status = engine_.pool().Run(call_.Tx(), [&](pg::Tx& tx) {
    return frdo_store::ConfirmRows(engine_, tx, author, RegionOf(request_.parent()), confirmed_);
  });
  confirmed_.clear();
  if (status.ok()) engine_.WakeSealer();
  return status;
}

absl::StatusOr<PeopleByName> FrdoExport::ReadPeople(const std::vector<Candidate>& candidates) {
  std::set<std::string> distinct;
  for (const Candidate& candidate : candidates) distinct.insert(candidate.certificate.person());
  const std::vector<std::string> names(distinct.begin(), distinct.end());
  PeopleByName people;
  if (auto s = people_(call_, names, &people); !s.ok()) return s;
  std::vector<std::string> read;
  for (const auto& [name, person] : people) read.push_back(name);
  auto status = engine_.pool().Run(
      call_.Tx(), [&](pg::Tx& tx) { return frdo_store::RecordReads(tx, call_, read); });
  if (!status.ok()) return status;
  observe::LogInfo("people's data were read for an export",
                   {{"purpose", request_.purpose()}, {"count", static_cast<int64_t>(read.size())}});
  return people;
}

bool FrdoExport::Take(const Candidate& candidate, const PeopleByName& people) {
  const v1::Certificate& certificate = candidate.certificate;
  const auto person = people.find(certificate.person());
  const frdo::Source source = {.certificate = &certificate,
                               .original = candidate.original ? &*candidate.original : nullptr,
                               .person = person == people.end() ? nullptr : &person->second,
                               .accepted_before = candidate.sent.accepted_before};
  auto row = frdo::Row(request_.template_(), source);
  const std::string hash =
      absl::BytesToHexString(resource::Hmac(row_key_, frdo::Content(request_.template_(), row)));
  const bool sent_so = !candidate.sent.row_id.empty() && !candidate.sent.rejected &&
                       candidate.sent.content_hash == hash;
  if (sent_so && request_.selection() != v1::FRDO_SELECTION_ALL) {
    summary_.set_unchanged_count(summary_.unchanged_count() + 1);
    if (candidate.sent.older) {
      confirmed_.push_back({candidate.sent.row_id, certificate.update_time()});
    }
    return true;
  }
  if (lines_.size() >= most_rows_) {
    summary_.set_more(true);
    return false;
  }
  // Faults alone are answered then: whoever has so many need not wait for the rest.
  if (!request_.skip_faulty() && summary_.faulty_count() >= static_cast<int>(kMostFaults)) {
    summary_.set_more(true);
    return false;
  }
  auto faults = frdo::Check(request_.template_(), source, row);
  if (!faults.empty()) {
    summary_.set_faulty_count(summary_.faulty_count() + 1);
    for (auto& fault : faults) {
      if (faults_.size() < kMostFaults) faults_.push_back(std::move(fault));
    }
    return true;
  }
  lines_.push_back({.certificate = certificate.name(),
                    .provider = certificate.provider(),
                    .sent_row_id = candidate.sent.row_id,
                    .content_hash = hash,
                    .certificate_time = certificate.update_time(),
                    .accepted_before = candidate.sent.accepted_before,
                    .values = std::move(row)});
  return true;
}

absl::Status FrdoExport::Record() {
  const std::string region(RegionOf(request_.parent()));
  std::vector<std::string> ids;
  for (const Line& line : lines_) ids.emplace_back(IdOf(line.certificate));
  auto status = engine_.pool().Run(call_.Tx(), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = frdo_store::LockRegion(tx, region); !s.ok()) return s;
    auto sent = frdo_store::ReadSent(tx, region, ids);
    if (!sent.ok()) return sent.status();
    for (size_t i = 0; i < lines_.size(); ++i) {
      const auto& now = (*sent)[ids[i]];
      if (now.row_id == lines_[i].sent_row_id && now.accepted_before == lines_[i].accepted_before) {
        continue;
      }
      return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                        "another export took the same certificates meanwhile");
    }
    return InsertPackage(tx);
  });
  if (status.ok()) engine_.WakeSealer();
  return status;
}

absl::Status FrdoExport::InsertPackage(pg::Tx& tx) {
  const std::string region(RegionOf(request_.parent()));
  const auto author = resource::AuthorOf(call_, request_);
  v1::FrdoPackage package;
  package.set_name(request_.parent());
  package.set_template_(request_.template_());
  package.set_provider(request_.provider());
  package.set_purpose(request_.purpose());
  package.set_state(v1::FrdoPackage::STATE_PREPARED);
  package.set_row_count(static_cast<int>(lines_.size()));
  if (auto s = Table<v1::FrdoPackage>(engine_).Insert(tx, author, package); !s.ok()) return s;
  std::vector<v1::FrdoRow> rows;
  for (const Line& line : lines_) {
    v1::FrdoRow& row = rows.emplace_back();
    row.set_name(NameOf(region, "frdoRows", resource::NewUuid()));
    row.set_frdo_package(package.name());
    row.set_certificate(line.certificate);
    row.set_provider(line.provider);
    row.set_row_number(static_cast<int>(rows.size()) - 1 + kFirstRow);
    row.set_content_hash(line.content_hash);
    *row.mutable_certificate_time() = line.certificate_time;
    row.set_state(v1::FrdoRow::STATE_PENDING);
  }
  summary_.set_frdo_package(package.name());
  return Table<v1::FrdoRow>(engine_).Merge(tx, author, rows).status();
}

absl::Status FrdoExport::Send(rpc::Writer<v1::ExportFrdoResponse>& writer) const {
  v1::ExportFrdoResponse part;
  v1::FrdoSummary& summary = *part.mutable_summary();
  summary = summary_;
  summary.set_row_count(static_cast<int>(lines_.size()));
  for (const frdo::Column& column : frdo::Columns(request_.template_())) {
    v1::FrdoColumn& shown = *summary.add_columns();
    shown.set_title(std::string(column.title));
    shown.set_kind(column.kind);
    shown.set_required(column.required);
    for (const auto value : column.values) shown.add_values(std::string(value));
  }
  bool wanted = writer.Write(part);
  for (size_t i = 0; wanted && i < faults_.size(); ++i) {
    *part.mutable_fault() = faults_[i];
    wanted = writer.Write(part);
  }
  for (size_t i = 0; wanted && !summary_.frdo_package().empty() && i < lines_.size(); ++i) {
    v1::FrdoLine& line = *part.mutable_line();
    line.set_certificate(lines_[i].certificate);
    line.set_row_number(static_cast<int>(i) + kFirstRow);
    *line.mutable_values() = {lines_[i].values.begin(), lines_[i].values.end()};
    wanted = writer.Write(part);
  }
  if (wanted) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kCancelled, options::v1::COMMON_REASON_CANCELLED,
                    "the caller went away");
}

}  // namespace rsnms::programs
