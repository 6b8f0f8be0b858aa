#include "services/programs/certificates/frdo_store.h"

#include <utility>

#include "libs/resource/table.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::frdo_store {
namespace {

using resource::Table;
using v1::Certificate;

// $1 region, $2 and $3 place, $4 issuer, $5 and $6 first and last day of issue (may be null), $7
// only those never sent, changed since, or rejected, $8 how many.
constexpr char kSqlCandidates[] = R"sql(
  SELECT c.id::text, c.issue_date::text
    FROM certificate c
    LEFT JOIN LATERAL (
      SELECT r.state, r.certificate_time FROM frdo_row r
       WHERE r.region_code = c.region_code AND r.certificate_id = c.id AND r.state <> 'CANCELLED'
       ORDER BY r.create_time DESC, r.id DESC LIMIT 1) last ON true
   WHERE c.region_code = $1 AND (c.issue_date, c.id) > ($2::date, $3::uuid)
     AND ($4::uuid IS NULL OR c.provider_id = $4::uuid)
     AND ($5::date IS NULL OR c.issue_date >= $5::date)
     AND ($6::date IS NULL OR c.issue_date <= $6::date)
     AND last.state IS DISTINCT FROM 'PENDING'
     AND (NOT $7::boolean OR last.state IS NULL OR last.state = 'REJECTED'
          OR last.certificate_time <> c.update_time)
   ORDER BY c.issue_date, c.id LIMIT $8)sql";

// $1 region, $2 issuer, $3 and $4 first and last day of issue (may be null). One row of a
// certificate is without a receipt at most, its last.
constexpr char kSqlAwaiting[] = R"sql(
  SELECT count(DISTINCT c.id)
    FROM frdo_row r JOIN certificate c ON c.region_code = r.region_code AND c.id = r.certificate_id
   WHERE r.region_code = $1 AND r.state = 'PENDING'
     AND ($2::uuid IS NULL OR c.provider_id = $2::uuid)
     AND ($3::date IS NULL OR c.issue_date >= $3::date)
     AND ($4::date IS NULL OR c.issue_date <= $4::date))sql";

// Certificates of the package that were taken into another one after it: how many, the row of the
// first, and the last package that has it.
constexpr char kSqlSuperseded[] = R"sql(
  SELECT count(*) OVER ()::text, r.row_number::text, r.certificate_id::text, later.package::text
    FROM frdo_row r
    JOIN LATERAL (
      SELECT n.frdo_package_id AS package FROM frdo_row n
       WHERE n.region_code = $1 AND n.certificate_id = r.certificate_id AND n.id <> r.id
         AND n.state <> 'CANCELLED' AND (n.create_time, n.id) > (r.create_time, r.id)
       ORDER BY n.create_time DESC, n.id DESC LIMIT 1) later ON true
   WHERE r.region_code = $1 AND r.frdo_package_id = $2::uuid AND r.state <> 'CANCELLED'
   ORDER BY r.row_number LIMIT 1)sql";

// Certificates of the package that the register accepted from another one after this was made, and
// whose rows here do not name the number to be changed: the first, with its row.
constexpr char kSqlAcceptedSince[] = R"sql(
  SELECT r.row_number::text, r.certificate_id::text, a.frdo_package_id::text
    FROM frdo_row r JOIN frdo_row a ON a.region_code = $1 AND a.certificate_id = r.certificate_id
   WHERE r.region_code = $1 AND r.frdo_package_id = $2::uuid AND NOT r.accepted_before
     AND a.id <> r.id AND a.state = 'ACCEPTED'
   ORDER BY r.row_number LIMIT 1)sql";

constexpr char kSqlSent[] = R"sql(
  SELECT c.id::text, last.id::text, last.content_hash, last.state = 'REJECTED',
         EXISTS (SELECT FROM frdo_row a
                  WHERE a.region_code = $1 AND a.certificate_id = c.id AND a.state = 'ACCEPTED'),
         last.certificate_time <> (SELECT d.update_time FROM certificate d
                                    WHERE d.region_code = $1 AND d.id = c.id)
    FROM unnest($2::uuid[]) AS c (id)
    JOIN LATERAL (
      SELECT r.id, r.state, r.content_hash, r.certificate_time FROM frdo_row r
       WHERE r.region_code = $1 AND r.certificate_id = c.id AND r.state <> 'CANCELLED'
       ORDER BY r.create_time DESC, r.id DESC LIMIT 1) last ON true)sql";

// The document each duplicate stands for: back over duplicates to what is none.
constexpr char kSqlOriginals[] = R"sql(
  WITH RECURSIVE chain (duplicate, id, ground, predecessor_id) AS (
    SELECT c.id, c.id, c.ground, c.predecessor_id FROM certificate c
     WHERE c.region_code = $1 AND c.id = ANY ($2::uuid[])
    UNION ALL
    SELECT chain.duplicate, p.id, p.ground, p.predecessor_id
      FROM chain JOIN certificate p ON p.region_code = $1 AND p.id = chain.predecessor_id
     WHERE chain.ground = 'DUPLICATE')
  SELECT duplicate::text, id::text FROM chain WHERE ground <> 'DUPLICATE')sql";

constexpr char kSqlLock[] = "SELECT pg_advisory_xact_lock(hashtextextended('frdo/' || $1, 0))";

constexpr char kSqlReads[] =
    "INSERT INTO access_log (actor, method, trace_id, resource_type, region_code, resource_id) "
    "SELECT $1, $2, $3, 'registry.rsnms/Person', * FROM unnest($4::text[], $5::text[])";

constexpr char kWhereIds[] = "region_code = $1 AND id = ANY ($2::uuid[])";
constexpr char kWhereRows[] =
    "region_code = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR NO KEY UPDATE";

std::optional<std::string> DayOf(bool has, const google::type::Date& date) {
  if (!has) return std::nullopt;
  return resource::DateText(date);
}

std::optional<std::string> IssuerOf(const v1::ExportFrdoRequest& request) {
  if (request.provider().empty()) return std::nullopt;
  return std::string(IdOf(request.provider()));
}

absl::StatusOr<std::map<std::string, Certificate>> ById(const resource::Engine& engine, pg::Tx& tx,
                                                        std::string_view region,
                                                        const std::vector<std::string>& ids) {
  auto rows = Table<Certificate>(engine).Select(tx, kWhereIds, region, ids);
  if (!rows.ok()) return rows.status();
  std::map<std::string, Certificate> by_id;
  for (Certificate& row : *rows) {
    std::string id(IdOf(row.name()));
    by_id.emplace(std::move(id), std::move(row));
  }
  return by_id;
}

// By the duplicate's id.
absl::StatusOr<std::map<std::string, Certificate>> OriginalsOf(
    const resource::Engine& engine, pg::Tx& tx, std::string_view region,
    const std::map<std::string, Certificate>& certificates) {
  std::vector<std::string> duplicates, ids;
  for (const auto& [id, certificate] : certificates) {
    if (certificate.ground() == v1::CERTIFICATE_GROUND_DUPLICATE) duplicates.push_back(id);
  }
  std::map<std::string, Certificate> originals;
  if (duplicates.empty()) return originals;
  auto chains = tx.Query(kSqlOriginals, region, duplicates);
  if (!chains.ok()) return chains.status();
  for (const auto& row : *chains) ids.emplace_back(row[1].c_str());
  auto certificates_by_id = ById(engine, tx, region, ids);
  if (!certificates_by_id.ok()) return certificates_by_id.status();
  for (const auto& row : *chains) {
    const auto found = certificates_by_id->find(row[1].c_str());
    if (found != certificates_by_id->end()) originals[row[0].c_str()] = found->second;
  }
  return originals;
}

}  // namespace

absl::StatusOr<std::map<std::string, Sent>> ReadSent(pg::Tx& tx, std::string_view region_code,
                                                     const std::vector<std::string>& ids) {
  auto rows = tx.Query(kSqlSent, region_code, ids);
  if (!rows.ok()) return rows.status();
  std::map<std::string, Sent> sent;
  for (const auto& row : *rows) {
    sent[row[0].c_str()] = {.row_id = row[1].c_str(),
                            .content_hash = row[2].c_str(),
                            .rejected = row[3].as<bool>(),
                            .accepted_before = row[4].as<bool>(),
                            .older = !row[5].is_null() && row[5].as<bool>()};
  }
  return sent;
}

absl::StatusOr<int> CountAwaiting(pg::Tx& tx, const v1::ExportFrdoRequest& request) {
  auto rows = tx.Query(kSqlAwaiting, RegionOf(request.parent()), IssuerOf(request),
                       DayOf(request.has_issue_start_date(), request.issue_start_date()),
                       DayOf(request.has_issue_end_date(), request.issue_end_date()));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int>();
}

namespace {

absl::Status AcceptedSince(std::string_view region, const std::string& package,
                           const pqxx::row& row) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                    "the register accepted a certificate of the package since it was made: cancel "
                    "this one and export anew")
      .With("state", "PREPARED")
      .With("earlier_package", NameOf(region, "frdoPackages", row[2].c_str()))
      .With("certificate", NameOf(region, "certificates", row[1].c_str()))
      .With("row_number", row[0].c_str())
      .Field("name", "a certificate of the package was accepted from an earlier one",
             "документ пакета уже принят из прежнего пакета: отмените этот и выгрузите заново")
      .Resource("programs.rsnms/FrdoPackage", package);
}

}  // namespace

absl::Status CheckSending(pg::Tx& tx, std::vector<resource::Engine::Pending>& packages) {
  for (auto& pending : packages) {
    const auto& after = static_cast<const v1::FrdoPackage&>(*pending.after);
    if (pending.before == nullptr || after.state() != v1::FrdoPackage::STATE_SENT ||
        static_cast<const v1::FrdoPackage&>(*pending.before).state() == after.state()) {
      continue;
    }
    const std::string_view region = RegionOf(after.name());
    auto status = tx.Unscoped(region, [&]() -> absl::Status {
      if (auto s = LockRegion(tx, region); !s.ok()) return s;
      auto rows = tx.Query(kSqlSuperseded, region, IdOf(after.name()));
      if (!rows.ok()) return rows.status();
      if (rows->empty()) {
        auto accepted = tx.Query(kSqlAcceptedSince, region, IdOf(after.name()));
        if (accepted.ok() && !accepted->empty()) {
          pending.status = AcceptedSince(region, after.name(), (*accepted)[0]);
        }
        return accepted.status();
      }
      pending.status =
          rpc::Error(absl::StatusCode::kFailedPrecondition,
                     options::v1::COMMON_REASON_INVALID_STATE,
                     "a certificate of the package stands in a later one: cancel this one")
              .With("state", "PREPARED")
              .With("later_package", NameOf(region, "frdoPackages", (*rows)[0][3].c_str()))
              .With("certificate", NameOf(region, "certificates", (*rows)[0][2].c_str()))
              .With("row_number", (*rows)[0][1].c_str())
              .With("overtaken_rows", (*rows)[0][0].c_str())
              .Field("name", "a certificate of the package stands in a later one",
                     "документы пакета уже вошли в более новый пакет: отмените этот")
              .Resource("programs.rsnms/FrdoPackage", after.name());
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Candidate>> ReadCandidates(const resource::Engine& engine, pg::Tx& tx,
                                                      const v1::ExportFrdoRequest& request,
                                                      int limit, Place* place) {
  const std::string_view region = RegionOf(request.parent());
  const bool changed = request.selection() == v1::FRDO_SELECTION_UNSPECIFIED ||
                       request.selection() == v1::FRDO_SELECTION_CHANGED;
  auto due =
      tx.Query(kSqlCandidates, region, place->date, place->id, IssuerOf(request),
               DayOf(request.has_issue_start_date(), request.issue_start_date()),
               DayOf(request.has_issue_end_date(), request.issue_end_date()), changed, limit);
  if (!due.ok()) return due.status();
  std::vector<std::string> ids;
  for (const auto& row : *due) {
    ids.emplace_back(row[0].c_str());
    *place = {.date = row[1].c_str(), .id = row[0].c_str()};
  }
  auto certificates = ById(engine, tx, region, ids);
  if (!certificates.ok()) return certificates.status();
  auto originals = OriginalsOf(engine, tx, region, *certificates);
  if (!originals.ok()) return originals.status();
  auto sent = ReadSent(tx, region, ids);
  if (!sent.ok()) return sent.status();
  std::vector<Candidate> candidates;
  for (const std::string& id : ids) {
    const auto found = certificates->find(id);
    if (found == certificates->end()) continue;
    Candidate& candidate = candidates.emplace_back();
    candidate.certificate = std::move(found->second);
    candidate.sent = (*sent)[id];
    if (const auto o = originals->find(id); o != originals->end()) {
      candidate.original = o->second;
    }
  }
  return candidates;
}

absl::Status ConfirmRows(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                         std::string_view region_code, const std::vector<Confirmed>& confirmed) {
  std::map<std::string, google::protobuf::Timestamp> times;
  std::vector<std::string> ids;
  for (const Confirmed& one : confirmed) {
    times[one.row_id] = one.certificate_time;
    ids.push_back(one.row_id);
  }
  auto rows = Table<v1::FrdoRow>(engine).Select(tx, kWhereRows, region_code, ids);
  if (!rows.ok()) return rows.status();
  std::vector<v1::FrdoRow> noted;
  for (v1::FrdoRow& row : *rows) {
    const auto& time = times[std::string(IdOf(row.name()))];
    const auto& known = row.certificate_time();
    if (std::pair(time.seconds(), time.nanos()) <= std::pair(known.seconds(), known.nanos())) {
      continue;
    }
    *row.mutable_certificate_time() = time;
    noted.push_back(std::move(row));
  }
  if (noted.empty()) return absl::OkStatus();
  return Table<v1::FrdoRow>(engine).Merge(tx, author, noted).status();
}

absl::Status LockRegion(pg::Tx& tx, std::string_view region_code) {
  return tx.Query(kSqlLock, region_code).status();
}

absl::Status RecordReads(pg::Tx& tx, const rpc::Call& call, const std::vector<std::string>& names) {
  std::vector<std::string> regions, ids;
  for (const std::string& name : names) {
    regions.emplace_back(RegionOf(name));
    ids.emplace_back(IdOf(name));
  }
  return tx
      .Query(kSqlReads, call.identity().subject, call.method().full_name(), call.trace().trace_id,
             regions, ids)
      .status();
}

}  // namespace rsnms::programs::frdo_store
