#include "services/programs/certificates/certificate_store.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/certificates/certificate_rules.h"
#include "services/programs/names.h"
#include "services/programs/provider_rights.h"

namespace rsnms::programs::certificate_store {
namespace {

using resource::Engine;
using resource::Lock;
using resource::Table;
using v1::Certificate;

// Who has the number: a certificate of the issuer, or a completion that has no certificate yet. $4
// is the completion the number is asked for, which may have recorded it.
constexpr char kSqlTaken[] = R"sql(
  SELECT 1 FROM certificate WHERE region_code = $1 AND issuer_key = $2 AND number_key = $3
  UNION ALL
  SELECT 1 FROM completion
   WHERE region_code = $1 AND provider_key = $2 AND number_key = $3 AND id <> $4::uuid AND NOT voided
  LIMIT 1)sql";

constexpr char kSqlFirst[] =
    "SELECT id::text FROM certificate "
    "WHERE region_code = $1 AND completion_id = $2::uuid AND ground = 'FIRST'";

// Who issues for each completion, and the number it was recorded under.
constexpr char kSqlHold[] = R"sql(
  SELECT id::text, provider_key, certificate_number FROM completion
   WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND delete_time IS NULL ORDER BY id
   FOR UPDATE)sql";

constexpr char kWhereCode[] = "region_code = $1 AND verification_code = $2 AND state = 'ISSUED'";

absl::Status NoCompletion() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, "the completion does not exist")
      .Field("completion", "does not exist", "завершение обучения не найдено");
}

// Whether the caller's scope holds the body, as row level security would say it.
constexpr char kSqlInScope[] = "SELECT scope_allows($1, NULL, $2, NULL)";

template <class R>
absl::StatusOr<R> GetUnscoped(const Engine& engine, pg::Tx& tx, const std::string& name,
                              Lock lock = Lock::kNone) {
  absl::StatusOr<R> found = absl::InternalError("not read");
  auto status = tx.Unscoped(RegionOf(name), [&] {
    found = Table<R>(engine).Get(tx, name, lock);
    return found.status();
  });
  if (!status.ok()) return status;
  return found;
}

// The document is its provider's; where that is no body of the region, the region's.
absl::Status CheckIssuer(pg::Tx& tx, std::string_view provider, std::string_view learner,
                         std::string_view type, std::string_view name) {
  auto scopes = provider_rights::ScopesOf(tx);
  if (!scopes.ok()) return scopes.status();
  return provider_rights::Check(*scopes, provider, learner, type, name);
}

// Learners are mostly of other bodies than the issuer, which need not see what they learn and have
// learnt: who sees the document before this one, and who issues for the provider of the completion,
// may have it read. Nothing of it is answered but what the certificate says.
absl::StatusOr<v1::Completion> ReadCompletion(const Engine& engine, pg::Tx& tx,
                                              const Certificate& certificate) {
  auto seen = Table<v1::Completion>(engine).Get(tx, certificate.completion(), Lock::kUpdate);
  if (!absl::IsNotFound(seen.status())) return seen;
  auto completion =
      GetUnscoped<v1::Completion>(engine, tx, certificate.completion(), Lock::kUpdate);
  if (absl::IsNotFound(completion.status())) return NoCompletion();
  if (!completion.ok() || !certificate.predecessor().empty()) return completion;
  if (completion->provider().empty()) return NoCompletion();
  auto rows = tx.Query(kSqlInScope, RegionOf(completion->name()), IdOf(completion->provider()));
  if (!rows.ok()) return rows.status();
  if (!(*rows)[0][0].as<bool>()) return NoCompletion();
  return completion;
}

// What the certificate is issued from. The completion is locked: its first document is issued once.
absl::StatusOr<certificate_rules::Basis> ReadBasis(const Engine& engine, pg::Tx& tx,
                                                   const Certificate& certificate) {
  auto completion = ReadCompletion(engine, tx, certificate);
  if (!completion.ok()) return completion.status();
  auto enrolment = GetUnscoped<v1::Enrolment>(engine, tx, completion->enrolment());
  if (!enrolment.ok()) return enrolment.status();
  // Of a programme deleted since then too.
  std::vector<v1::Programme> programmes;
  auto read = tx.Unscoped(RegionOf(completion->name()), [&]() -> absl::Status {
    auto rows = Table<v1::Programme>(engine).Select(tx, "region_code = $1 AND id = $2::uuid",
                                                    RegionOf(completion->name()),
                                                    IdOf(completion->programme()));
    if (!rows.ok()) return rows.status();
    programmes = *std::move(rows);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  if (programmes.empty()) return NoCompletion();
  certificate_rules::Basis basis;
  basis.completion = *std::move(completion);
  basis.enrolment = *std::move(enrolment);
  basis.programme = std::move(programmes.front());
  return basis;
}

absl::Status CheckFirst(pg::Tx& tx, const Certificate& certificate) {
  auto rows = tx.Query(kSqlFirst, RegionOf(certificate.name()), IdOf(certificate.completion()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAlreadyExists,
                    v1::PROGRAMS_REASON_CERTIFICATE_ALREADY_ISSUED,
                    "the completion has its first certificate")
      .Field("completion", "has its first certificate", "документ по этому обучению уже выдан")
      .Resource("programs.rsnms/Certificate",
                NameOf(RegionOf(certificate.name()), "certificates", (*rows)[0][0].c_str()));
}

absl::Status CheckNumber(pg::Tx& tx, const Certificate& certificate) {
  const std::string_view region = RegionOf(certificate.name());
  const std::string key = NumberKey(Cat(certificate.series(), certificate.number()));
  if (auto s = HoldNumbers(tx, region, {certificate.issuer_key()}, {key}); !s.ok()) return s;
  auto rows =
      tx.Query(kSqlTaken, region, certificate.issuer_key(), key, IdOf(certificate.completion()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAlreadyExists, v1::PROGRAMS_REASON_CERTIFICATE_NUMBER_TAKEN,
                    "the issuer has already issued a certificate with this series and number")
      .Field("number", "is taken", "номер уже использован");
}

absl::Status Issue(const Engine& engine, pg::Tx& tx, const CertificateKeys* keys, absl::Time now,
                   Certificate* certificate) {
  if (keys == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_CERTIFICATE_KEY_MISSING,
                      "no key is configured that certificates could be signed with");
  }
  Certificate predecessor;
  if (!certificate->predecessor().empty()) {
    auto found = Table<Certificate>(engine).Get(tx, certificate->predecessor());
    if (!found.ok()) return found.status();
    predecessor = *std::move(found);
  }
  auto basis = ReadBasis(engine, tx, *certificate);
  if (!basis.ok()) return basis.status();
  if (auto s = CheckIssuer(tx, basis->completion.provider(), basis->completion.person(),
                           "programs.rsnms/Completion", basis->completion.name());
      !s.ok()) {
    return s;
  }
  basis->today = certificate_rules::LatestDay(now);
  if (!predecessor.name().empty()) basis->predecessor = &predecessor;
  if (auto s = certificate_rules::Complete(*basis, certificate); !s.ok()) return s;
  // Numbers are one issuer's matter, not one reader's.
  auto free = tx.Unscoped(RegionOf(certificate->name()), [&]() -> absl::Status {
    if (basis->predecessor == nullptr) {
      if (auto s = CheckFirst(tx, *certificate); !s.ok()) return s;
    }
    return CheckNumber(tx, *certificate);
  });
  return free.ok() ? keys->Sign(certificate) : free;
}

}  // namespace

Engine::Preparation IssueBy(const Engine& engine, std::shared_ptr<const CertificateKeys> keys,
                            std::function<absl::Time()> now) {
  return [&engine, keys = std::move(keys), now = std::move(now)](
             pg::Tx& tx, std::vector<Engine::Pending>& rows) {
    for (auto& row : rows) {
      if (!row.status.ok()) continue;
      if (row.before != nullptr) {
        const auto& before = static_cast<const Certificate&>(*row.before);
        row.status = CheckIssuer(tx, before.provider(), before.person(),
                                 "programs.rsnms/Certificate", before.name());
        continue;
      }
      row.status = Issue(engine, tx, keys.get(), now(), static_cast<Certificate*>(row.after));
    }
    return absl::OkStatus();
  };
}

absl::Status Hold(pg::Tx& tx, std::string_view region_code,
                  const google::protobuf::RepeatedPtrField<Certificate>& certificates) {
  std::vector<std::string> ids;
  for (const Certificate& certificate : certificates) {
    // What lies elsewhere is refused when its turn comes.
    if (RegionOf(certificate.completion()) == region_code) {
      ids.emplace_back(IdOf(certificate.completion()));
    }
  }
  return tx.Unscoped(region_code, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlHold, region_code, ids);
    if (!rows.ok()) return rows.status();
    absl::flat_hash_map<std::string, pqxx::row> completions;
    for (const auto& row : *rows) completions.emplace(row[0].c_str(), row);
    std::vector<std::string> issuers, numbers;
    for (const Certificate& certificate : certificates) {
      const auto found = completions.find(std::string(IdOf(certificate.completion())));
      if (found == completions.end()) continue;
      issuers.emplace_back(found->second[1].c_str());
      numbers.push_back(NumberKey(certificate.number().empty()
                                      ? found->second[2].c_str()
                                      : Cat(certificate.series(), certificate.number())));
    }
    return HoldNumbers(tx, region_code, issuers, numbers);
  });
}

absl::StatusOr<Certificate> FindByCode(const Engine& engine, pg::Tx& tx,
                                       std::string_view region_code, std::string_view code) {
  Certificate found;
  auto status = tx.Unscoped(region_code, [&]() -> absl::Status {
    auto rows = Table<Certificate>(engine).Select(tx, kWhereCode, region_code, code);
    if (rows.ok() && !rows->empty()) found = std::move(rows->front());
    return rows.status();
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace rsnms::programs::certificate_store
