#include "services/registry/community/community_kinds.h"

#include <cstdio>
#include <cstdlib>

#include "google/protobuf/text_format.h"

namespace rsnms::registry {

// In kinds_text.cc, made by CMake.
extern const char kCommunityKindsText[];

namespace {

v1::CommunityKindCatalogue Read() {
  v1::CommunityKindCatalogue catalogue;
  if (!google::protobuf::TextFormat::ParseFromString(kCommunityKindsText, &catalogue)) {
    std::fputs("services/registry/community/kinds.textproto is not a catalogue\n", stderr);
    std::abort();
  }
  for (int i = 0; i < catalogue.entries_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (catalogue.entries(i).act() != catalogue.entries(j).act() ||
          catalogue.entries(i).kind() != catalogue.entries(j).kind()) {
        continue;
      }
      std::fprintf(stderr, "kinds.textproto names twice: %s\n",
                   catalogue.entries(i).title_ru().c_str());
      std::abort();
    }
  }
  return catalogue;
}

}  // namespace

const v1::CommunityKindCatalogue& CommunityKinds() {
  static const auto* catalogue = new v1::CommunityKindCatalogue(Read());
  return *catalogue;
}

const v1::CommunityKindEntry* FindKind(v1::RegulationAct act, v1::CommunityKind kind) {
  for (const auto& entry : CommunityKinds().entries()) {
    if (entry.act() == act && entry.kind() == kind) return &entry;
  }
  return nullptr;
}

}  // namespace rsnms::registry
