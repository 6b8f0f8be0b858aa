#include "libs/feed/test_source.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/feed/feed_service.h"
#include "libs/resource/keyring.h"
#include "rsnms/registry/v1/registry_service.pb.h"

namespace rsnms::feed {
namespace {

using registry::v1::Organisation;

const std::string kKey(32, 'k');

journal::Author Tester() { return {"system:test", "", "", ""}; }

absl::Status ApplyTo(pg::Tx& tx, const std::string& projection, const v1::Change& change) {
  auto effect = tx.Execute("INSERT INTO effect (projection, name, version) VALUES ($1, $2, $3)",
                           projection, change.resource(), change.version());
  if (!effect.ok()) return effect.status();
  if (change.kind() == v1::CHANGE_KIND_DELETED) {
    return tx
        .Execute("DELETE FROM replica WHERE projection = $1 AND name = $2", projection,
                 change.resource())
        .status();
  }
  Organisation organisation;
  if (!change.image().UnpackTo(&organisation)) return absl::InternalError("image");
  return tx
      .Execute(
          "INSERT INTO replica VALUES ($1, $2, $3, $4) ON CONFLICT (projection, name) "
          "DO UPDATE SET version = excluded.version, official_name = excluded.official_name",
          projection, change.resource(), change.version(), organisation.official_name())
      .status();
}

}  // namespace

pg::TxOptions Everything() {
  pg::TxOptions options;
  options.scopes = "*";
  return options;
}

std::string Uuid(int n) {
  char text[40];
  std::snprintf(text, sizeof(text), "00000000-0000-7000-8000-%012d", n);
  return text;
}

std::string OrganisationName(int n, const std::string& region) {
  return absl::StrCat("regions/", region, "/organisations/", Uuid(n));
}

// Takes `Bearer <scopes>[;<permissions>]` at its word.
class Source::Trusting : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(
      std::string_view authorization) const override {
    auto identity = std::make_shared<auth::Identity>(auth::Identity::System("test"));
    const std::vector<std::string> parts =
        absl::StrSplit(std::string(authorization.substr(7)), ';');
    identity->scopes = absl::StrSplit(parts[0], ',');
    if (parts.size() > 1) {
      identity->permissions = absl::StrSplit(parts[1], ',');
      identity->permissions.insert("feed.changes.read");
    }
    return identity;
  }
};

Source::Source(pg::Pool& pool, journal::SealerOptions sealing)
    : pool_(pool), sealer_(journal::Sealer::Start(&pool, sealing)) {
  resource::EngineOptions options;
  options.secret_key = kKey;
  options.personal_keys = *resource::Keyring::Parse(
      absl::StrCat("index:", std::string(64, 'b'), ",1:", std::string(64, 'c')));
  options.after_commit = [this] { sealer_->Wake(); };
  const auto* contract =
      registry::v1::GetPersonRequest::descriptor()->file()->pool()->FindServiceByName(
          "rsnms.registry.v1.Registry");
  auto engine = resource::Engine::Create(&pool, {contract}, options);
  EXPECT_TRUE(engine.ok()) << engine.status();
  engine_ = *std::move(engine);
  verifier_ = std::make_unique<Trusting>();
  server_ = rpc::Server::Create({}, verifier_.get());
  ServeFeed(*server_, pool_, *sealer_, *engine_, kKey);
  const auto started = server_->Start();
  EXPECT_TRUE(started.ok()) << started;
}

Source::~Source() { server_->Drain(); }

std::shared_ptr<rpc::Client> Source::Client(const std::string& scopes) const {
  rpc::ClientOptions options;
  options.target = absl::StrCat("127.0.0.1:", server_->port());
  options.token = [scopes] { return scopes; };
  return rpc::Client::Create(options);
}

absl::Status Source::RenameIn(pg::Tx& tx, int n, const std::string& official_name,
                              const std::string& region) {
  const resource::Table<Organisation> table(*engine_);
  auto before = table.Get(tx, OrganisationName(n, region), resource::Lock::kUpdate);
  if (absl::IsNotFound(before.status())) {
    Organisation made;
    made.set_name(OrganisationName(n, region));
    made.set_official_name(official_name);
    made.set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
    return table.Insert(tx, Tester(), made);
  }
  if (!before.ok()) return before.status();
  if (before->has_delete_time()) return absl::OkStatus();
  Organisation after = *before;
  after.set_official_name(official_name);
  return table.Update(tx, Tester(), *before, after);
}

// By hand: the engine would look for references in tables this schema does not have.
absl::Status Source::DeleteIn(pg::Tx& tx, int n) {
  auto rows = tx.Query(
      "UPDATE organisation SET delete_time = now(), version = version + 1 "
      "WHERE id = $1::uuid AND delete_time IS NULL RETURNING version",
      Uuid(n));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return absl::OkStatus();
  Organisation image;
  image.set_name(OrganisationName(n));
  return journal::Append(tx, Tester(),
                         {{"86",
                           kOrganisation,
                           Uuid(n),
                           v1::CHANGE_KIND_DELETED,
                           (*rows)[0][0].as<int64_t>(),
                           {},
                           image.SerializeAsString()}});
}

absl::Status Source::Rename(int n, const std::string& official_name, const std::string& region) {
  auto status =
      pool_.Run(Everything(), [&](pg::Tx& tx) { return RenameIn(tx, n, official_name, region); });
  sealer_->Wake();
  return status;
}

absl::Status Source::Delete(int n) {
  auto status = pool_.Run(Everything(), [&](pg::Tx& tx) { return DeleteIn(tx, n); });
  sealer_->Wake();
  return status;
}

std::unique_ptr<Consumer> Follow(pg::Pool& pool, std::shared_ptr<rpc::Client> client,
                                 const std::string& projection, int batch,
                                 const std::vector<std::string>& regions) {
  ConsumerOptions options;
  options.name = projection;
  options.source = "registry";
  options.selector.add_resource_types(kOrganisation);
  for (const auto& region : regions) options.selector.add_region_codes(region);
  options.batch = batch;
  auto apply = [projection](pg::Tx& tx, const std::vector<v1::Change>& changes) -> absl::Status {
    for (const auto& change : changes) {
      if (auto status = ApplyTo(tx, projection, change); !status.ok()) return status;
    }
    return absl::OkStatus();
  };
  auto reset = [projection](pg::Tx& tx) -> absl::Status {
    auto effects = tx.Execute("DELETE FROM effect WHERE projection = $1", projection);
    if (!effects.ok()) return effects.status();
    return tx.Execute("DELETE FROM replica WHERE projection = $1", projection).status();
  };
  return Consumer::Start(&pool, std::move(client), options, apply, reset);
}

std::vector<std::string> Column(pg::Pool& pool, const std::string& sql) {
  std::vector<std::string> values;
  auto status = pool.Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
    values.clear();
    auto rows = tx.Query(sql);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) values.push_back(row[0].is_null() ? "NULL" : row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) values = {status.ToString()};
  return values;
}

std::vector<std::string> SourceRows(pg::Pool& pool) {
  return Column(
      pool,
      "SELECT concat_ws('|', 'regions/' || region_code || '/organisations/' || id, version, "
      "official_name) FROM organisation WHERE delete_time IS NULL ORDER BY 1");
}

std::vector<std::string> ReplicaRows(pg::Pool& pool, const std::string& projection) {
  return Column(pool,
                absl::StrCat("SELECT concat_ws('|', name, version, official_name) FROM replica "
                             "WHERE projection = '",
                             projection, "' ORDER BY 1"));
}

std::vector<std::string> WrongEffects(pg::Pool& pool) {
  return Column(
      pool,
      "SELECT concat_ws('|', projection, name, earlier, version) FROM (SELECT *, "
      "lag(version) OVER (PARTITION BY projection, name ORDER BY n) AS earlier FROM effect) e "
      "WHERE version <= earlier");
}

}  // namespace rsnms::feed
