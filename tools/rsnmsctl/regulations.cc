// What a region prescribes for its methodological asset, from files.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/asset_regulation.pb.h"
#include "tools/rsnmsctl/act_files.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

using registry::v1::AssetRegulation;

std::string Method(const char* name) { return absl::StrCat("rsnms.registry.v1.Asset/", name); }

// What a file says of a regulation.
AssetRegulation Content(const AssetRegulation& full) {
  AssetRegulation content = full;
  content.clear_name();
  content.clear_etag();
  content.clear_create_time();
  content.clear_update_time();
  return content;
}

// The regulation of the same first day; empty when there is none.
absl::Status Find(Session& session, const std::string& parent, const AssetRegulation& wanted,
                  AssetRegulation* found) {
  registry::v1::ListAssetRegulationsRequest list;
  list.set_parent(parent);
  return ForEachPage<registry::v1::ListAssetRegulationsRequest,
                     registry::v1::ListAssetRegulationsResponse>(
      session, Method("ListAssetRegulations"), list, [&](const auto& page) {
        for (const auto& stored : page.asset_regulations()) {
          if (stored.start_date().SerializeAsString() == wanted.start_date().SerializeAsString())
            *found = stored;
        }
        return absl::OkStatus();
      });
}

// What was done with it, for people.
absl::StatusOr<const char*> Put(Session& session, const std::string& parent,
                                const AssetRegulation& wanted, bool dry_run) {
  AssetRegulation stored, answer;
  if (auto s = Find(session, parent, wanted, &stored); !s.ok()) return s;
  if (stored.name().empty()) {
    registry::v1::CreateAssetRegulationRequest create;
    create.set_parent(parent);
    *create.mutable_asset_regulation() = wanted;
    create.set_request_id(NewRequestId());
    create.set_validate_only(dry_run);
    if (auto s = session.Call(Method("CreateAssetRegulation"), create, &answer); !s.ok()) return s;
    return "создано";
  }
  if (Content(stored).SerializeAsString() == wanted.SerializeAsString()) return "без изменений";
  registry::v1::UpdateAssetRegulationRequest update;
  *update.mutable_asset_regulation() = wanted;
  update.mutable_asset_regulation()->set_name(stored.name());
  update.mutable_asset_regulation()->set_etag(stored.etag());
  update.mutable_update_mask()->add_paths("*");
  update.set_request_id(NewRequestId());
  update.set_validate_only(dry_run);
  if (auto s = session.Call(Method("UpdateAssetRegulation"), update, &answer); !s.ok()) return s;
  return "изменено";
}

}  // namespace

absl::Status LoadRegulations(Session& session, const ActFiles& files) {
  const auto paths = PathsOf(files);
  if (!paths.ok()) return paths.status();
  Table table({"регион", "положение", "итог"});
  for (const std::string& path : *paths) {
    AssetRegulation wanted;
    if (auto s = ReadTextFile(path, &wanted); !s.ok()) return s;
    const auto parent = ParentOf(files, path);
    if (!parent.ok()) return parent.status();
    const auto done = Put(session, *parent, wanted, files.dry_run);
    if (!done.ok()) return done.status();
    table.Add({parent->substr(sizeof("regions/") - 1), wanted.document(), *done});
  }
  table.Print();
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
