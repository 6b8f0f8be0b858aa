#include "services/diagnostics/programmes_projection.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "libs/resource/names.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/learning_store.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

constexpr char kProgramme[] = "programs.rsnms/Programme";
constexpr char kEnrolment[] = "programs.rsnms/Enrolment";
constexpr char kCompletion[] = "programs.rsnms/Completion";
constexpr char kCertificate[] = "programs.rsnms/Certificate";
constexpr char kLearningRecord[] = "programs.rsnms/LearningRecord";

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

// From the register, by its provider, or deleted.
bool Withdrawn(const programs::v1::Programme& programme) {
  return programme.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN ||
         programme.withdrawn() || programme.has_delete_time();
}

bool OnOffer(const programs::v1::Programme& programme) {
  return !Withdrawn(programme) && !programme.awaits_approval() && programme.duration_hours() > 0 &&
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

absl::Status WriteTold(pg::Tx& tx, const std::map<std::string, programs::v1::Programme>& latest) {
  ToldColumns told;
  for (const auto& [name, programme] : latest) {
    if (!resource::IsUuid(IdOf(name))) continue;
    told.regions.emplace_back(RegionOf(name));
    told.ids.emplace_back(IdOf(name));
    told.withdrawn.emplace_back(Withdrawn(programme) ? "true" : "false");
  }
  return PutTold(tx, told);
}

// Learning of a batch that names a route of its own region: the last image of each.
struct LearningRows {
  LearningColumns learning;
  OutcomeColumns outcomes;
  CertificateColumns revoked, standing;
  NameColumns enrolments_gone, completions_gone, records_gone;

  static bool NamesRoute(const std::string& name, const std::string& route) {
    return resource::IsUuid(IdOf(route)) && RegionOf(route) == RegionOf(name);
  }
  static std::string Number(const std::string& item) {
    int number = 0;
    return absl::SimpleAtoi(item, &number) && number > 0 ? absl::StrCat(number) : "0";
  }
  static std::string Text(const google::type::Date& day) {
    if (day.year() == 0 || day.month() == 0 || day.day() == 0) return "";
    return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
  }

  void Add(const std::string& name, const programs::v1::Enrolment& e) {
    if (!NamesRoute(name, e.route()) || !resource::IsUuid(IdOf(e.programme()))) return;
    const absl::Time time = absl::FromUnixSeconds(e.state_time().seconds());
    learning.regions.emplace_back(RegionOf(name));
    learning.ids.emplace_back(IdOf(name));
    learning.routes.emplace_back(IdOf(e.route()));
    learning.numbers.push_back(Number(e.route_item_id()));
    learning.programmes.emplace_back(IdOf(e.programme()));
    const bool waits = e.state() == programs::v1::Enrolment::STATE_APPLIED &&
                       e.seat() == programs::v1::ENROLMENT_SEAT_WAITING;
    learning.states.push_back(waits
                                  ? "WAITING"
                                  : std::string(absl::StripPrefix(
                                        programs::v1::Enrolment::State_Name(e.state()), "STATE_")));
    learning.dates.push_back(e.has_state_date()
                                 ? Text(e.state_date())
                                 : absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()));
    learning.millis.push_back(absl::StrCat(absl::ToUnixMillis(time)));
    learning.persons.emplace_back(IdOf(e.person()));
    learning.next.push_back(Id(e.transferred_to()));
  }

  static std::string Id(const std::string& of) {
    return resource::IsUuid(IdOf(of)) ? std::string(IdOf(of)) : std::string();
  }

  void Add(const std::string& name, const programs::v1::Completion& c) {
    if (!NamesRoute(name, c.route())) return;
    AddOutcome(name, "completions", c.route(), c.route_item_id(), c.completion_date());
    outcomes.persons.emplace_back(IdOf(c.person()));
    outcomes.enrolments.push_back(Id(c.enrolment()));
    outcomes.programmes.push_back(Id(c.programme()));
  }

  // Accepted results close an item, what was taken back opens it again, whether or not its
  // acceptance was told; whatever is neither closes nothing.
  void Add(const std::string& name, const programs::v1::LearningRecord& r) {
    if (!NamesRoute(name, r.route())) return;
    const bool voided = r.state() == programs::v1::LearningRecord::STATE_VOID;
    if (!voided && r.state() != programs::v1::LearningRecord::STATE_ACCEPTED) {
      return records_gone.Add(name);
    }
    AddOutcome(name, "learningRecords", r.route(), r.route_item_id(), r.completion_date(), voided);
    outcomes.persons.emplace_back(IdOf(r.person()));
    outcomes.enrolments.emplace_back();
    outcomes.programmes.emplace_back();
  }

  void AddOutcome(const std::string& name, const char* collection, const std::string& route,
                  const std::string& item, const google::type::Date& day, bool voided = false) {
    outcomes.regions.emplace_back(RegionOf(name));
    outcomes.collections.emplace_back(collection);
    outcomes.ids.emplace_back(IdOf(name));
    outcomes.routes.push_back(Id(route));
    outcomes.numbers.push_back(Number(item));
    outcomes.dates.push_back(Text(day));
    outcomes.voided.emplace_back(voided ? "true" : "false");
  }

  // A duplicate or a replacement of a certificate takes nothing back; documents are never deleted.
  void AddCertificate(const feed::v1::Change& change) {
    programs::v1::Certificate c;
    const std::string& name = change.resource();
    if (!resource::IsUuid(IdOf(name)) || Gone(change) || !change.image().UnpackTo(&c)) return;
    if (!resource::IsUuid(IdOf(c.completion())) || RegionOf(c.completion()) != RegionOf(name)) {
      return;
    }
    const bool is = c.state() == programs::v1::Certificate::STATE_REVOKED && c.successor().empty();
    CertificateColumns& columns = is ? revoked : standing;
    columns.regions.emplace_back(RegionOf(name));
    columns.ids.emplace_back(IdOf(name));
    columns.completions.emplace_back(IdOf(c.completion()));
  }

  template <class R>
  void Read(const feed::v1::Change& change, NameColumns& gone) {
    if (!resource::IsUuid(IdOf(change.resource()))) return;
    R image;
    if (Gone(change)) {
      gone.Add(change.resource());
    } else if (change.image().UnpackTo(&image)) {
      Add(change.resource(), image);
    }
  }

  absl::Status Write(pg::Tx& tx, RouteNames& routes) const {
    if (auto s = PutLearning(tx, learning, routes); !s.ok()) return s;
    if (auto s = DropLearning(tx, enrolments_gone, routes); !s.ok()) return s;
    if (auto s = PutOutcomes(tx, outcomes, routes); !s.ok()) return s;
    if (auto s = VoidOutcomes(tx, "completions", completions_gone, routes); !s.ok()) return s;
    if (auto s = VoidOutcomes(tx, "learningRecords", records_gone, routes); !s.ok()) return s;
    return PutCertificates(tx, revoked, standing, routes);
  }
};

}  // namespace

absl::Status ApplyProgrammeChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
  std::map<std::string, const feed::v1::Change*> latest;
  for (const auto& change : changes) latest[change.resource()] = &change;
  std::map<std::string, programs::v1::Programme> programmes;
  LearningRows rows;
  for (const auto& [name, change] : latest) {
    if (change->resource_type() == kProgramme) {
      programs::v1::Programme programme;
      if (!Gone(*change)) change->image().UnpackTo(&programme);
      programme.set_withdrawn(programme.withdrawn() || Gone(*change));
      programmes[name] = std::move(programme);
    } else if (change->resource_type() == kEnrolment) {
      rows.Read<programs::v1::Enrolment>(*change, rows.enrolments_gone);
    } else if (change->resource_type() == kCompletion) {
      rows.Read<programs::v1::Completion>(*change, rows.completions_gone);
    } else if (change->resource_type() == kLearningRecord) {
      rows.Read<programs::v1::LearningRecord>(*change, rows.records_gone);
    } else if (change->resource_type() == kCertificate) {
      rows.AddCertificate(*change);
    }
  }
  RouteNames routes;
  if (auto s = WriteOffers(tx, programmes); !s.ok()) return s;
  if (auto s = WriteTold(tx, programmes); !s.ok()) return s;
  if (auto s = rows.Write(tx, routes); !s.ok()) return s;
  return MarkRoutes(tx, routes);
}

absl::Status ForgetProgrammes(pg::Tx& tx) {
  return tx.Query("DELETE FROM programme_offer", pg::Params()).status();
}

std::unique_ptr<feed::Consumer> FollowProgrammes(resource::Engine& engine,
                                                 std::shared_ptr<rpc::Client> programs,
                                                 std::function<void()> marked) {
  feed::ConsumerOptions options;
  options.name = "diagnostics.programmes";
  options.source = "programs";
  options.selector.add_resource_types(kProgramme);
  options.selector.add_resource_types(kEnrolment);
  options.selector.add_resource_types(kCompletion);
  options.selector.add_resource_types(kLearningRecord);
  options.selector.add_resource_types(kCertificate);
  return feed::Consumer::Start(
      &engine.pool(), std::move(programs), options,
      [marked = std::move(marked)](pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
        auto status = ApplyProgrammeChanges(tx, changes);
        if (status.ok()) marked();
        return status;
      },
      ForgetProgrammes);
}

}  // namespace rsnms::diagnostics
