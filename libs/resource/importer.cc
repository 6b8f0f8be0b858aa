#include "libs/resource/importer.h"

#include <openssl/evp.h>

#include "absl/container/flat_hash_set.h"
#include "absl/numeric/int128.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "libs/resource/clean_text.h"
#include "libs/resource/engine_core.h"
#include "libs/resource/request_log.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/sealing.h"
#include "libs/resource/spool.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/import.pb.h"

namespace rsnms::resource {
namespace {

using absl::StatusCode;
using options::v1::ImportHeader;
using options::v1::ImportReport;

constexpr size_t kChunk = 2000;
// Rows the database refuses are found by halving; so many of them are taken for a wrong file.
constexpr int64_t kMaxRefusedByDatabase = 200;
constexpr int kAttempts = 4;

// Bad rows as the report shows them.
class Rejections {
 public:
  void Add(int64_t number, std::string_view name, const absl::Status& status) {
    ++count_;
    if (rows_.size() >= static_cast<size_t>(kMaxImportErrors)) return;
    options::v1::ImportRowError row;
    row.set_row(number);
    row.set_name(std::string(name));
    row.set_code(google::rpc::Code_Name(static_cast<int>(status.code())));
    row.set_message(std::string(status.message()));
    const google::rpc::Status details = rpc::ToProto(status);
    for (const auto& any : details.details()) {
      google::rpc::ErrorInfo info;
      google::rpc::BadRequest bad;
      google::rpc::LocalizedMessage localized;
      if (any.UnpackTo(&info)) row.set_reason(info.reason());
      if (any.UnpackTo(&bad) && bad.field_violations_size() > 0) {
        row.set_field(bad.field_violations(0).field());
      }
      if (any.UnpackTo(&localized)) row.set_message_ru(localized.message());
    }
    rows_.push_back(std::move(row));
  }
  int64_t count() const { return count_; }

  void WriteTo(ImportReport* report) const {
    report->set_rejected_count(count_);
    report->set_errors_truncated(count_ > static_cast<int64_t>(rows_.size()));
    auto sorted = rows_;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.row() < b.row(); });
    for (auto& row : sorted) *report->add_errors() = std::move(row);
  }

  absl::Status ToStatus() const {
    rpc::Error error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_IMPORT_REJECTED,
                     Cat(count_, " rows are bad; nothing was changed"));
    error.With("rejected_count", Cat(count_));
    for (size_t i = 0; i < rows_.size() && i < 20; ++i) {
      const std::string at = Cat("rows[", rows_[i].row(), "]");
      error.Field(rows_[i].field().empty() ? at : Cat(at, ".", rows_[i].field()),
                  rows_[i].message(), Cat("строка ", rows_[i].row(), ": ", rows_[i].message_ru()));
    }
    return error;
  }

 private:
  int64_t count_ = 0;
  std::vector<options::v1::ImportRowError> rows_;
};

// A fingerprint of an id: 128 bits, so that different ids never meet in practice.
absl::uint128 Fingerprint(std::string_view id) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(id.data(), id.size(), digest, &size, EVP_sha256(), nullptr);
  uint64_t halves[2];
  std::memcpy(halves, digest, sizeof(halves));
  return absl::MakeUint128(halves[0], halves[1]);
}

class Import {
 public:
  Import(const Store& store, const Method& method, std::string_view key, rpc::Call& call)
      : store_(store), type_(store.type()), method_(method), key_(key), call_(call) {}

  // Nothing touches the database until the stream has ended well.
  absl::Status ReadAll(rpc::Reader<Message>& reader) {
    const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(
        method_.rpc->input_type());
    const std::unique_ptr<Message> message(prototype->New());
    if (!reader.Read(message.get())) {
      if (auto s = reader.status(); !s.ok()) return s;
      return BadStream("the stream is empty; it begins with a header");
    }
    if (auto s = ReadHeader(*message); !s.ok()) return s;
    message->Clear();
    while (reader.Read(message.get())) {
      if (auto s = ReadRow(message.get()); !s.ok()) return s;
      message->Clear();
    }
    return reader.status();
  }

  absl::Status Write(pg::Pool& pool, ImportReport* report, bool* committed);

 private:
  static absl::Status BadStream(std::string_view why) {
    return rpc::Error(StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_REQUEST,
                      why);
  }

  absl::Status ReadHeader(const Message& message) {
    const auto* reflection = message.GetReflection();
    if (!reflection->HasField(message, method_.header)) {
      return BadStream("the first message must be the header");
    }
    header_.CopyFrom(reflection->GetMessage(message, method_.header));
    const auto region = ParseParent(header_.parent());
    const bool all_regions = type_.is_region() && header_.parent().empty();
    if (!all_regions && (!region || *region == "-")) {
      return rpc::InvalidField("header.parent", options::v1::COMMON_REASON_INVALID_PARENT,
                               "must be regions/{code}", "укажите regions/{код}");
    }
    if (region) region_ = std::string(*region);
    if (region && !call_.identity().TouchesRegion(region_)) {
      return rpc::Error(StatusCode::kPermissionDenied, options::v1::COMMON_REASON_PERMISSION_DENIED,
                        "the region lies outside the caller's scope (or it might not exist)");
    }
    if (!options::v1::ImportMode_IsValid(header_.mode())) {
      return rpc::InvalidField("header.mode", options::v1::COMMON_REASON_UNKNOWN_ENUM_VALUE,
                               "unknown value");
    }
    auto record = ReadRequestRecord(call_, header_, key_);
    if (!record.ok()) return record.status();
    record_ = *std::move(record);
    // All imports share the header's type: what tells them apart is the message of the stream.
    if (record_) record_->method = method_.rpc->input_type()->full_name();
    author_ = AuthorOf(call_, header_);
    chain_ = record_ ? record_->hash : "";
    return absl::OkStatus();
  }

  absl::Status ReadRow(Message* message) {
    const auto* reflection = message->GetReflection();
    if (!reflection->HasField(*message, method_.resource)) {
      return BadStream("every message after the header must hold a row");
    }
    if (++rows_ > kMaxImportRows) {
      return rpc::Error(StatusCode::kInvalidArgument, options::v1::COMMON_REASON_OUT_OF_RANGE,
                        Cat("an import holds at most ", kMaxImportRows, " rows"));
    }
    Message* row = reflection->MutableMessage(message, method_.resource);
    if (record_) chain_ = Hmac(chain_, SerializeDeterministic(*row));
    const std::string name = type_.NameOf(*row);
    if (auto s = CheckRow(row); !s.ok()) {
      rejections_.Add(rows_, IsCleanText(name) && name.size() < 200 ? name : "", s);
      return absl::OkStatus();
    }
    if (spool_.Append(rows_, row->SerializeAsString())) return absl::OkStatus();
    return rpc::Error(StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                      "the import does not fit the temporary disk");
  }

  // The pure checks of a row; completes its name.
  absl::Status CheckRow(Message* row) {
    std::string name = type_.NameOf(*row);
    if (!type_.is_region() && (name.empty() || name == header_.parent())) {
      if (type_.pattern().id_kind != options::v1::ID_KIND_UUID) {
        return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                                 "must hold the id: it is a code", "укажите имя записи");
      }
      type_.SetName(row, region_, NewUuid());
      name = type_.NameOf(*row);
    }
    const auto parts = ParseName(type_.pattern(), name);
    if (!parts) {
      return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                               Cat("must be ", type_.pattern().Format("{region}", "{id}")),
                               "имя записи не соответствует образцу");
    }
    if (!region_.empty() && parts->region != region_) {
      return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                               "must lie in the import's parent",
                               "запись относится к другому региону");
    }
    if (!seen_.insert(Fingerprint(parts->id)).second) {
      return rpc::Error(StatusCode::kInvalidArgument, options::v1::COMMON_REASON_ALREADY_EXISTS,
                        "the name occurs earlier in the import")
          .Field("name", "occurs earlier in the import", "запись уже встречалась в загрузке")
          .ToStatus();
    }
    if (auto s = CheckEtagForm(StringOf(*row, type_.etag_field()), "etag"); !s.ok()) return s;
    for (const auto& column : type_.columns()) {
      if (column.output_only) row->GetReflection()->ClearField(row, column.field);
    }
    return ValidateResource(type_, "", row);
  }

  bool all_or_nothing() const { return header_.mode() != options::v1::IMPORT_MODE_SKIP_BAD; }

  absl::Status WriteOnce(pg::Tx& tx, ImportReport* report, bool* known);
  absl::Status WriteRows(pg::Tx& tx, MergeCounts* counts, Rejections* rejections);
  std::vector<MergeRow> RejectTaken(absl::Span<const MergeRow> rows,
                                    const std::vector<const MergeRow*>& taken,
                                    Rejections* rejections) const;
  absl::Status WriteChunk(pg::Tx& tx, absl::Span<const MergeRow> rows, MergeCounts* counts,
                          Rejections* rejections);

  const Store& store_;
  const Type& type_;
  const Method& method_;
  const std::string key_;
  rpc::Call& call_;
  ImportHeader header_;
  std::string region_, chain_;
  std::optional<RequestRecord> record_;
  journal::Author author_;
  int64_t rows_ = 0;
  absl::flat_hash_set<absl::uint128> seen_;
  Rejections rejections_;  // of the pure checks
  int64_t refused_by_database_ = 0;
  Spool spool_;
};

bool IsRowFault(const absl::Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kAlreadyExists:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kPermissionDenied:
    case StatusCode::kOutOfRange:
    case StatusCode::kNotFound:
      return true;
    default:
      return false;
  }
}

// Answers the rows but `taken`, whose names others have.
std::vector<MergeRow> Import::RejectTaken(absl::Span<const MergeRow> rows,
                                          const std::vector<const MergeRow*>& taken,
                                          Rejections* rejections) const {
  const absl::flat_hash_set<const MergeRow*> bad(taken.begin(), taken.end());
  std::vector<MergeRow> rest;
  for (const auto& row : rows) {
    const std::string name = type_.NameOf(*row.image);
    if (bad.contains(&row)) {
      rejections->Add(row.number, name, store_.Lost(name, /*creating=*/true));
    } else {
      rest.push_back(row);
    }
  }
  return rest;
}

// A chunk the database refuses is halved until the bad rows stand alone.
absl::Status Import::WriteChunk(pg::Tx& tx, absl::Span<const MergeRow> rows, MergeCounts* counts,
                                Rejections* rejections) {
  MergeCounts added;
  std::vector<std::pair<const MergeRow*, absl::Status>> refused;
  std::vector<const MergeRow*> taken;
  const absl::Status status = tx.Savepoint([&]() -> absl::Status {
    return store_.MergeChunk(
        tx, author_, MergeMode::kClient, rows, &added, &taken,
        [&](const MergeRow& row, absl::Status why) { refused.emplace_back(&row, std::move(why)); });
  });
  if (status.ok()) {
    counts->created += added.created;
    counts->updated += added.updated;
    counts->unchanged += added.unchanged;
    for (const auto& [row, why] : refused) {
      rejections->Add(row->number, type_.NameOf(*row->image), why);
    }
    return absl::OkStatus();
  }
  if (!IsRowFault(status)) return status;
  if (!taken.empty()) {
    const auto rest = RejectTaken(rows, taken, rejections);
    return rest.empty() ? absl::OkStatus() : WriteChunk(tx, rest, counts, rejections);
  }
  if (rows.size() == 1) {
    rejections->Add(rows[0].number, type_.NameOf(*rows[0].image), store_.Explain(status, ""));
    if (++refused_by_database_ <= kMaxRefusedByDatabase) return absl::OkStatus();
    return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_IMPORT_REJECTED,
                      Cat("the database refused more than ", kMaxRefusedByDatabase,
                          " rows; nothing was changed"))
        .Field(Cat("rows[", rows[0].number, "]"), std::string(status.message()));
  }
  const size_t half = rows.size() / 2;
  if (auto s = WriteChunk(tx, rows.subspan(0, half), counts, rejections); !s.ok()) return s;
  return WriteChunk(tx, rows.subspan(half), counts, rejections);
}

absl::Status Import::WriteRows(pg::Tx& tx, MergeCounts* counts, Rejections* rejections) {
  if (!spool_.Rewind()) return absl::InternalError("the spool cannot be read");
  if (auto s = store_.PrepareMerge(tx); !s.ok()) return s;
  std::vector<std::unique_ptr<Message>> images;
  std::vector<MergeRow> chunk;
  std::string bytes;
  for (bool more = true; more;) {
    chunk.clear();
    while (chunk.size() < kChunk) {
      int64_t number = 0;
      more = spool_.Next(&number, &bytes);
      if (!more) break;
      if (images.size() <= chunk.size()) images.push_back(type_.New());
      Message* image = images[chunk.size()].get();
      if (!image->ParseFromString(bytes)) return absl::InternalError("the spool is damaged");
      chunk.push_back({number, image, type_.VersionOf(*image)});
    }
    if (spool_.failed()) return absl::InternalError("the spool cannot be read");
    if (chunk.empty()) break;
    if (auto s = WriteChunk(tx, chunk, counts, rejections); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// One transaction. `known` when the report is that of an earlier, equal import.
absl::Status Import::WriteOnce(pg::Tx& tx, ImportReport* report, bool* known) {
  *known = false;
  report->Clear();
  refused_by_database_ = 0;
  Rejections rejections = rejections_;
  if (record_ && !header_.validate_only()) {
    auto answer = FindAnswer(tx, *record_);
    if (!answer.ok()) return answer.status();
    *known = answer->has_value();
    if (*known) {
      report->ParseFromString((*answer)->response);
      return absl::OkStatus();
    }
  }
  const bool doomed = all_or_nothing() && !header_.validate_only();
  if (doomed && rejections.count() > 0) return rejections.ToStatus();
  MergeCounts counts;
  if (auto s = WriteRows(tx, &counts, &rejections); !s.ok()) return s;
  if (doomed && rejections.count() > 0) return rejections.ToStatus();
  report->set_created_count(counts.created);
  report->set_updated_count(counts.updated);
  report->set_unchanged_count(counts.unchanged);
  rejections.WriteTo(report);
  if (!record_ || header_.validate_only()) return absl::OkStatus();
  auto fresh = LogRequest(tx, *record_, *report, "");
  if (!fresh.ok()) return fresh.status();
  if (*fresh) return absl::OkStatus();
  return rpc::Error(StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                    "the same request_id is being imported");
}

absl::Status Import::Write(pg::Pool& pool, ImportReport* report, bool* committed) {
  if (record_) record_->hash = chain_;
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool known = false, validated = false;
    status = pool.Run(call_.Tx(), [&](pg::Tx& tx) -> absl::Status {
      if (auto s = WriteOnce(tx, report, &known); !s.ok()) return s;
      validated = header_.validate_only();
      return validated ? absl::CancelledError("validated") : absl::OkStatus();
    });
    if (validated) return absl::OkStatus();
    *committed = status.ok() && !known;
    // Others wrote the same rows, or the same import, meanwhile: look again.
    if (!absl::IsAborted(status)) break;
  }
  return status;
}

}  // namespace

absl::Status RunImport(pg::Pool& pool, const Store& store, const Method& method,
                       std::string_view key, rpc::Call& call, rpc::Reader<Message>& reader,
                       Message* response, bool* committed) {
  *committed = false;
  Import import(store, method, key, call);
  if (auto s = import.ReadAll(reader); !s.ok()) return s;
  auto* report = response->GetReflection()->MutableMessage(response, method.report);
  auto s = import.Write(pool, static_cast<ImportReport*>(report), committed);
  if (!s.ok()) response->Clear();
  return s;
}

}  // namespace rsnms::resource
