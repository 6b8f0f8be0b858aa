// An invented region, streamed from the generator straight into Import methods.
#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tools/demo/generator.h"
#include "tools/demo/programmes.h"
#include "tools/rsnmsctl/importer.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Message;

options::v1::ImportHeader Header(const std::string& region) {
  options::v1::ImportHeader header;
  header.set_parent(absl::StrCat("regions/", region));
  header.set_mode(options::v1::IMPORT_MODE_ALL_OR_NOTHING);
  header.set_request_id(NewRequestId());
  return header;
}

// One collection from a stream of the generator's.
template <class R>
absl::Status Send(Session& session, const std::string& region, const char* collection,
                  const char* title, int64_t total, const demo::Stream<R>& stream, Loaded* loaded) {
  const auto report = Import(session, collection, Header(region), title, total,
                             [&](Message* message) { return stream(static_cast<R*>(message)); });
  if (!report.ok()) return report.status();
  PrintRejected(*report);
  loaded->Add(*report);
  return absl::OkStatus();
}

absl::Status EnsureRegion(Session& session, const registry::v1::Region& region,
                          const std::string& code) {
  registry::v1::GetRegionRequest get;
  get.set_name(region.name());
  registry::v1::Region stored;
  const auto found = session.Call("rsnms.registry.v1.Registry/GetRegion", get, &stored);
  if (!absl::IsNotFound(found)) return found;
  registry::v1::CreateRegionRequest create;
  *create.mutable_region() = region;
  create.set_region_id(code);
  create.set_request_id(NewRequestId());
  return session.Call("rsnms.registry.v1.Registry/CreateRegion", create, &stored);
}

absl::Status SendProgrammes(Session& session, const DemoOptions& options,
                            const std::string& institute, Loaded* loaded) {
  const auto programmes = demo::OwnProgrammes(absl::StrCat("regions/", options.region), institute);
  size_t i = 0;
  return Send<programs::v1::Programme>(
      session, options.region, "programmes", "Программы института",
      static_cast<int64_t>(programmes.size()),
      [&](programs::v1::Programme* out) {
        if (i == programmes.size()) return false;
        *out = programmes[i++];
        return true;
      },
      loaded);
}

}  // namespace

absl::StatusOr<LoadedRegion> LoadDemo(Session& session, const DemoOptions& options) {
  const auto made = demo::Generator::Create(
      {.seed = options.seed, .educators = options.educators, .regions = {options.region}});
  if (!made.ok()) return made.status();
  const demo::Generator& g = **made;
  const demo::Counts n = g.Count(0);
  const std::string& region = options.region;
  if (auto s = EnsureRegion(session, g.Region(0), region); !s.ok()) return s;
  LoadedRegion loaded;
  absl::Status s = Send(session, region, "municipalities", "Муниципалитеты", n.municipalities,
                        g.Municipalities(0), &loaded.municipalities);
  if (s.ok()) {
    s = Send(session, region, "organisations", "Организации", n.organisations, g.Organisations(0),
             &loaded.organisations);
  }
  if (s.ok())
    s = Send(session, region, "organisationLinks", "Подчинённость", n.links, g.Links(0),
             &loaded.links);
  if (s.ok())
    s = Send(session, region, "persons", "Люди", n.persons, g.Persons(0), &loaded.persons);
  if (s.ok()) {
    s = Send(session, region, "employments", "Трудоустройства", n.employments, g.Employments(0),
             &loaded.employments);
  }
  if (s.ok()) {
    s = Send(session, region, "supportRecords", "Поддержка и сопровождение", n.support_records,
             g.SupportRecords(0), &loaded.support);
  }
  if (s.ok())
    s = Send(session, region, "managementTeams", "Управленческие команды", n.teams, g.Teams(0),
             &loaded.teams);
  // The first three bodies of a region: authority, institute, centre.
  const std::string institute = g.OrganisationName(g.plan().regions()[0].first_body + 1);
  if (s.ok()) s = SendProgrammes(session, options, institute, &loaded.programmes);
  if (!s.ok()) return s;
  return loaded;
}

}  // namespace rsnms::ctl
