#include "services/registry/life/ledger.h"

namespace rsnms::registry {

void Ledger::Note(const std::string& name, v1::OrganisationEffectKind kind, int64_t before,
                  int64_t after) {
  const auto [place, fresh] = place_.try_emplace(name, effects_.size());
  if (!fresh) {
    effects_[place->second].set_version_after(after);
    return;
  }
  v1::OrganisationEffect& effect = effects_.emplace_back();
  effect.set_resource(name);
  effect.set_kind(kind);
  effect.set_version_before(before);
  effect.set_version_after(after);
}

absl::Status Ledger::Insert(Message* record) {
  if (auto s = RowsOf(*record).Insert(tx_, author_, record); !s.ok()) return s;
  const resource::Type& type = TypeOf(*record);
  Note(type.NameOf(*record), v1::ORGANISATION_EFFECT_KIND_CREATED, 0, type.VersionOf(*record));
  return absl::OkStatus();
}

absl::Status Ledger::Update(const Message& before, Message* after) {
  if (auto s = RowsOf(before).Update(tx_, author_, before, after); !s.ok()) return s;
  const resource::Type& type = TypeOf(before);
  Note(type.NameOf(before), v1::ORGANISATION_EFFECT_KIND_UPDATED, type.VersionOf(before),
       type.VersionOf(*after));
  return absl::OkStatus();
}

absl::Status Ledger::Delete(const Message& record) {
  if (auto s = RowsOf(record).Delete(tx_, author_, record); !s.ok()) return s;
  const resource::Type& type = TypeOf(record);
  const int64_t version = type.VersionOf(record);
  Note(type.NameOf(record), v1::ORGANISATION_EFFECT_KIND_DELETED, version, version + 1);
  return absl::OkStatus();
}

absl::Status Ledger::Rewrite(const Message& before, Message* after) {
  if (auto s = RowsOf(before).Rewrite(tx_, author_, before, after); !s.ok()) return s;
  const resource::Type& type = TypeOf(before);
  Note(type.NameOf(before), v1::ORGANISATION_EFFECT_KIND_UPDATED, type.VersionOf(before),
       type.VersionOf(*after));
  return absl::OkStatus();
}

absl::Status Ledger::Try(const std::function<absl::Status()>& body) {
  const auto effects = effects_;
  const auto place = place_;
  auto s = tx_.Savepoint(body);
  if (!s.ok()) {
    effects_ = effects;
    place_ = place;
  }
  return s;
}

absl::Status Ledger::Merge(const Records& records) {
  if (records.empty()) return absl::OkStatus();
  const resource::Type& type = TypeOf(*records.front());
  std::vector<Message*> images;
  std::vector<int64_t> versions;
  for (const auto& record : records) {
    images.push_back(record.get());
    versions.push_back(type.VersionOf(*record));
  }
  auto counts = RowsOf(*records.front()).Merge(tx_, author_, images);
  if (!counts.ok()) return counts.status();
  for (size_t i = 0; i < images.size(); ++i) {
    const int64_t after = type.VersionOf(*images[i]);
    if (after == versions[i]) continue;
    Note(type.NameOf(*images[i]),
         versions[i] == 0 ? v1::ORGANISATION_EFFECT_KIND_CREATED
                          : v1::ORGANISATION_EFFECT_KIND_UPDATED,
         versions[i], after);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
