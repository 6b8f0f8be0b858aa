#include "services/diagnostics/programmes_projection.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/route_store.h"

namespace rsnms::diagnostics {
namespace {

constexpr char kProgramme[] = "programs.rsnms/Programme";
constexpr char kCompletion[] = "programs.rsnms/Completion";

constexpr std::string_view kSqlWithdraw =
    "DELETE FROM programme_offer o USING unnest($1::text[], $2::text[]) AS gone (region, id) "
    "WHERE o.region_code = gone.region AND o.programme_id = gone.id::uuid";

// Codes travel as one text per programme: they hold no commas.
constexpr std::string_view kSqlOffer =
    "INSERT INTO programme_offer (region_code, programme_id, title, hours, register_programme, "
    "for_pedagogues, for_managers, competency_codes) "
    "SELECT region, id::uuid, title, hours, listed, pedagogues, managers, "
    "string_to_array(codes, ',') FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], "
    "$5::boolean[], $6::boolean[], $7::boolean[], $8::text[]) "
    "AS offered (region, id, title, hours, listed, pedagogues, managers, codes) "
    "ON CONFLICT (region_code, programme_id) DO UPDATE SET title = excluded.title, "
    "hours = excluded.hours, register_programme = excluded.register_programme, "
    "for_pedagogues = excluded.for_pedagogues, for_managers = excluded.for_managers, "
    "competency_codes = excluded.competency_codes";

bool Gone(const feed::v1::Change& change) {
  return change.kind() == feed::v1::CHANGE_KIND_DELETED ||
         change.kind() == feed::v1::CHANGE_KIND_PURGED;
}

bool OnOffer(const programs::v1::Programme& programme) {
  return programme.register_state() != programs::v1::REGISTER_STATE_WITHDRAWN &&
         !programme.withdrawn() && !programme.has_delete_time() && programme.duration_hours() > 0 &&
         programme.competencies_size() > 0;
}

std::string Codes(const programs::v1::Programme& programme) {
  std::vector<std::string> codes;
  for (const auto& c : programme.competencies()) codes.emplace_back(IdOf(c.competency()));
  return absl::StrJoin(codes, ",");
}

// Columns of the offers to write.
struct OfferColumns {
  std::vector<std::string> regions, ids, titles, listed, pedagogues, managers, codes;
  std::vector<int64_t> hours;

  void Add(const std::string& name, const programs::v1::Programme& p) {
    const auto text = [](bool value) { return value ? "true" : "false"; };
    regions.emplace_back(RegionOf(name));
    ids.emplace_back(IdOf(name));
    titles.push_back(p.title());
    hours.push_back(p.duration_hours());
    listed.push_back(text(p.register_state() == programs::v1::REGISTER_STATE_LISTED));
    pedagogues.push_back(text(p.for_pedagogues()));
    managers.push_back(text(p.for_managers()));
    codes.push_back(Codes(p));
  }
};

absl::Status WriteOffers(pg::Tx& tx, const std::map<std::string, programs::v1::Programme>& latest) {
  OfferColumns offered;
  std::vector<std::string> gone_regions, gone_ids;
  for (const auto& [name, programme] : latest) {
    if (OnOffer(programme)) {
      offered.Add(name, programme);
    } else {
      gone_regions.emplace_back(RegionOf(name));
      gone_ids.emplace_back(IdOf(name));
    }
  }
  if (!gone_ids.empty()) {
    if (auto done = tx.Query(kSqlWithdraw, gone_regions, gone_ids); !done.ok()) {
      return done.status();
    }
  }
  if (offered.ids.empty()) return absl::OkStatus();
  return tx
      .Query(kSqlOffer, offered.regions, offered.ids, offered.titles, offered.hours, offered.listed,
             offered.pedagogues, offered.managers, offered.codes)
      .status();
}

CompletedProgramme Completed(const std::string& name, const programs::v1::Completion& completion) {
  CompletedProgramme out{completion.route(), name, completion.programme(), 0,
                         completion.completion_date()};
  int number = 0;
  if (absl::SimpleAtoi(completion.route_item_id(), &number)) out.item_number = number;
  return out;
}

}  // namespace

absl::Status ApplyProgrammeChanges(const resource::Engine& engine, pg::Tx& tx,
                                   const std::vector<feed::v1::Change>& changes) {
  std::map<std::string, programs::v1::Programme> latest;  // the last image of each
  std::vector<CompletedProgramme> completed;
  for (const auto& change : changes) {
    if (change.resource_type() == kProgramme) {
      programs::v1::Programme programme;
      if (!Gone(change)) change.image().UnpackTo(&programme);
      latest[change.resource()] = std::move(programme);
    } else if (change.resource_type() == kCompletion && !Gone(change)) {
      programs::v1::Completion completion;
      if (!change.image().UnpackTo(&completion) || completion.route().empty()) continue;
      completed.push_back(Completed(change.resource(), completion));
    }
  }
  if (auto s = WriteOffers(tx, latest); !s.ok()) return s;
  if (completed.empty()) return absl::OkStatus();
  const journal::Author author{"system:programmes-projection", "", "", ""};
  return RouteStore(engine).Complete(tx, author, completed);
}

absl::Status ForgetProgrammes(pg::Tx& tx) {
  return tx.Query("DELETE FROM programme_offer", pg::Params()).status();
}

std::unique_ptr<feed::Consumer> FollowProgrammes(resource::Engine& engine,
                                                 std::shared_ptr<rpc::Client> programs) {
  feed::ConsumerOptions options;
  options.name = "diagnostics.programmes";
  options.source = "programs";
  options.selector.add_resource_types(kProgramme);
  options.selector.add_resource_types(kCompletion);
  return feed::Consumer::Start(
      &engine.pool(), std::move(programs), options,
      [&engine](pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
        return ApplyProgrammeChanges(engine, tx, changes);
      },
      ForgetProgrammes);
}

}  // namespace rsnms::diagnostics
