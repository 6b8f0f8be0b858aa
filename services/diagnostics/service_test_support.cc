#include "services/diagnostics/service_test_support.h"

#include <array>

#include "absl/strings/str_format.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/competency_methods.pb.h"
#include "rsnms/diagnostics/v1/instrument_methods.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/catalogue.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follower.h"

namespace rsnms::diagnostics {
namespace {

constexpr char kCatalogue[] = "services/diagnostics/catalogue";

void LoadCompetencies(rpc::Client& client, const std::string& region) {
  const auto catalogue = ReadCompetencies(kCatalogue, region);
  ASSERT_TRUE(catalogue.ok());
  v1::ImportCompetenciesRequest message;
  v1::ImportCompetenciesResponse response;
  int at = -1;
  const auto status = client.ClientStream(
      "rsnms.diagnostics.v1.Diagnostics/ImportCompetencies", &message,
      [&] {
        message.Clear();
        if (at < 0) {
          message.mutable_header()->set_parent("regions/" + region);
        } else if (at < catalogue->competencies_size()) {
          *message.mutable_competency() = catalogue->competencies(at);
        } else {
          return false;
        }
        ++at;
        return true;
      },
      &response, absl::Now() + absl::Seconds(60));
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.report().created_count(), catalogue->competencies_size());
}

}  // namespace

std::unique_ptr<DiagnosticsService> ServiceTest::service_;
std::unique_ptr<testing::Service> ServiceTest::host_;
std::unique_ptr<rpc::Client> ServiceTest::admin_;

google::type::Date DateOf(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

feed::v1::Change ChangeOf(std::string_view type, const std::string& name,
                          const google::protobuf::Message& image) {
  feed::v1::Change change;
  change.set_resource_type(std::string(type));
  change.set_resource(name);
  change.set_kind(feed::v1::CHANGE_KIND_UPDATED);
  change.mutable_image()->PackFrom(image);
  return change;
}

feed::v1::Change GoneOf(std::string_view type, const std::string& name) {
  feed::v1::Change change;
  change.set_resource_type(std::string(type));
  change.set_resource(name);
  change.set_kind(feed::v1::CHANGE_KIND_DELETED);
  return change;
}

std::string NameOf(std::string_view collection, int number) {
  return resource::Cat("regions/86/", collection,
                       absl::StrFormat("/00000000-0000-4000-8000-%012d", number));
}

void ServiceTest::SetUpTestSuite() {
  const service::Definition definition{"diagnostics", {DiagnosticsContract()}, {}};
  host_ = testing::Service::Start(definition, [](service::Host& host) {
    AddRules(host.engine());
    service_ =
        std::make_unique<DiagnosticsService>(host.engine(), [] { return DateOf(2024, 3, 15); });
    service_->Serve(host.server());
  });
  admin_ = host_->ConnectAsAdministrator();
  LoadCompetencies(*admin_, "86");
  for (const auto file : kInstrumentFiles) {
    v1::CreateInstrumentRequest create;
    create.set_parent("regions/86");
    create.set_instrument_id(std::string(file));
    *create.mutable_instrument() = *ReadInstrument(kCatalogue, file, "86");
    v1::Instrument created;
    const auto status = Call("CreateInstrument", create, &created);
    ASSERT_TRUE(status.ok()) << status;
    const auto published =
        On<v1::PublishInstrumentRequest>("PublishInstrument", created.name(), &created);
    ASSERT_TRUE(published.ok()) << published;
    ASSERT_EQ(created.state(), v1::Instrument::STATE_PUBLISHED);
  }
}

void ServiceTest::TearDownTestSuite() {
  admin_.reset();
  host_.reset();
  service_.reset();
}

v1::Campaign ServiceTest::NewCampaign(bool open) {
  v1::CreateCampaignRequest create;
  create.set_parent("regions/86");
  auto& campaign = *create.mutable_campaign();
  campaign.set_title("Стартовая диагностика");
  campaign.set_stage(v1::CAMPAIGN_STAGE_INITIAL);
  campaign.set_conducting_organisation(NameOf("organisations", 1));
  campaign.set_held_at_centre(true);
  *campaign.mutable_start_date() = DateOf(2024, 3, 1);
  *campaign.mutable_end_date() = DateOf(2024, 3, 31);
  campaign.add_instruments("regions/86/instruments/difficulties-school-1");
  v1::Campaign created;
  EXPECT_TRUE(Call("CreateCampaign", create, &created).ok());
  if (open) {
    const auto status = On<v1::OpenCampaignRequest>("OpenCampaign", created.name(), &created);
    EXPECT_TRUE(status.ok()) << status;
  }
  return created;
}

v1::Session ServiceTest::Filled(const v1::Campaign& campaign, int person, int option) {
  static const auto sheet = Sheet::Of(*ReadInstrument(kCatalogue, "difficulties-school-1", "86"));
  v1::Session session;
  session.set_campaign(campaign.name());
  session.set_instrument(campaign.instruments(0));
  session.set_person(NameOf("persons", person));
  session.set_organisation(NameOf("organisations", 100 + person % 10));
  session.set_municipality("regions/86/municipalities/71876000");
  session.set_category(v1::EDUCATOR_CATEGORY_PEDAGOGUE);
  for (const auto& row : sheet->rows()) {
    auto& answer = *session.add_answers();
    answer.set_item(row.item->code());
    // Without an option: most rows are easy, some are hard, differently for everyone.
    const uint32_t draw = (static_cast<uint32_t>(person) * 2654435761u +
                           static_cast<uint32_t>(session.answers_size()) * 40503u) >>
                          7;
    const int chosen = option >= 0 ? option : std::array{0, 0, 1, 1, 1, 2, 2, 3}[draw % 8];
    answer.set_option(row.scale->options(chosen).code());
  }
  return session;
}

absl::Status ServiceTest::SubmitBatch(const v1::Campaign& campaign, int first, int count,
                                      int option, v1::BatchSubmitSessionsResponse* response) {
  v1::BatchSubmitSessionsRequest request;
  request.set_parent("regions/86");
  request.set_campaign(campaign.name());
  for (int i = 0; i < count; ++i) *request.add_sessions() = Filled(campaign, first + i, option);
  return Call("BatchSubmitSessions", request, response);
}

std::string ServiceTest::Offer(int number, int hours, bool listed, std::vector<std::string> codes,
                               bool withdrawn) {
  programs::v1::Programme programme;
  programme.set_name(NameOf("programmes", number));
  programme.set_title(resource::Cat("Программа ", number));
  programme.set_duration_hours(hours);
  programme.set_register_state(listed ? programs::v1::REGISTER_STATE_LISTED
                                      : programs::v1::REGISTER_STATE_NOT_LISTED);
  programme.set_withdrawn(withdrawn);
  for (const auto& code : codes) {
    programme.add_competencies()->set_competency("regions/86/competencies/" + code);
  }
  Tell({ChangeOf(kProgrammeType, programme.name(), programme)});
  return programme.name();
}

void ServiceTest::Complete(int number, const std::string& route, const std::string& programme) {
  programs::v1::Completion completion;
  completion.set_name(NameOf("completions", number));
  completion.set_route(route);
  completion.set_programme(programme);
  *completion.mutable_completion_date() = DateOf(2024, 5, 20);
  Tell({ChangeOf(kCompletionType, completion.name(), completion)});
}

void ServiceTest::Tell(const std::vector<feed::v1::Change>& changes) {
  pg::TxOptions options;
  options.scopes = "*";
  const auto status = host_->database().app().Run(
      options, [&](pg::Tx& tx) { return ApplyProgrammeChanges(tx, changes); });
  EXPECT_TRUE(status.ok()) << status;
  FollowRoutes();
}

void ServiceTest::FollowRoutes() {
  for (;;) {
    const auto followed = FollowMarked(host_->host().engine());
    ASSERT_TRUE(followed.ok()) << followed.status();
    if (*followed == 0) return;
  }
}

v1::Route ServiceTest::BuiltRoute(int person) {
  const v1::Campaign campaign = NewCampaign();
  v1::BatchSubmitSessionsResponse submitted;
  EXPECT_TRUE(SubmitBatch(campaign, person, 1, 3, &submitted).ok());
  v1::BuildRoutesRequest build;
  build.set_parent("regions/86");
  build.add_results(submitted.results(0));
  build.set_hours_limit(1000);
  v1::BuildRoutesResponse built;
  const auto status = Call("BuildRoutes", build, &built);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(built.routes_size(), 1);
  v1::Route route;
  EXPECT_TRUE(On<v1::GetRouteRequest>("GetRoute", built.routes(0), &route).ok());
  return route;
}

int64_t ServiceTest::Count(const std::string& sql) {
  int64_t count = -1;
  pg::TxOptions options;
  options.scopes = "*";
  EXPECT_TRUE(host_->database()
                  .app()
                  .Run(options,
                       [&](pg::Tx& tx) {
                         auto rows = tx.Query(sql);
                         if (rows.ok()) count = (*rows)[0][0].as<int64_t>();
                         return rows.status();
                       })
                  .ok());
  return count;
}

}  // namespace rsnms::diagnostics
