// Packages for ФИС ФРДО over the wire: rows, faults, people, races.
#include <atomic>
#include <set>
#include <thread>

#include "rsnms/registry/v1/registry_service.pb.h"
#include "services/programs/certificates/frdo_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Frdo, RowsAreMadeOfTheCertificateAndTheRegistrysPerson) {
  const auto issued = Issue(1, "1");
  const auto exported = MustExport();
  EXPECT_EQ(exported.summary.columns_size(), 40);
  EXPECT_EQ(exported.summary.columns(7).kind(), v1::FrdoColumn::KIND_DATE);
  ASSERT_EQ(exported.lines.size(), 1U);
  const auto& line = exported.lines[0];
  EXPECT_EQ(line.certificate(), issued.name());
  EXPECT_EQ(line.row_number(), 2);
  EXPECT_EQ(line.values_size(), 40);
  EXPECT_EQ(line.values(21), "Вымышленная");
  EXPECT_EQ(line.values(26), "112-233-445 95");

  v1::GetFrdoPackageRequest get;
  get.set_name(exported.summary.frdo_package());
  const auto package = Must<FrdoPackage>("GetFrdoPackage", get);
  EXPECT_EQ(package.state(), FrdoPackage::STATE_PREPARED);
  EXPECT_EQ(package.row_count(), 1);
  EXPECT_THAT(package.purpose(), HasSubstr("273-ФЗ"));
}

TEST_F(Frdo, TheNewerTemplateHas38Columns) {
  Issue(1, "1");
  auto merged = Asking();
  merged.set_template_(v1::FRDO_TEMPLATE_MERGED_MARKS);
  const auto exported = MustExport(merged);
  ASSERT_EQ(exported.lines.size(), 1U);
  EXPECT_EQ(exported.lines[0].values_size(), 38);
}

TEST_F(Frdo, NobodysDataStayBehind) {
  Issue(1, "1");
  Settle();
  for (const char* table :
       {"certificate", "frdo_package", "frdo_row", "journal", "request_log", "access_log"}) {
    const std::string count = Cat("SELECT count(*)::text FROM ", table, " t WHERE t::text LIKE '%");
    for (const char* personal : {"Вымыш", "Примеров", "11223344595", "112-233-445", "1985"}) {
      EXPECT_EQ(Value(Cat(count, personal, "%'")), "0") << table << " " << personal;
    }
  }
}

TEST_F(Frdo, EveryReadOfAPersonIsRecordedAsTheCallers) {
  Issue(1, "1");
  Issue(2, "2");
  auto methodologist = service_->Connect({"centre"}, {"regions/86"}, "ivanova");
  EXPECT_TRUE(Export(Asking(), methodologist.get()).status.ok());
  EXPECT_THAT(askers_, ElementsAre("ivanova"));
  EXPECT_EQ(Value("SELECT count(*)::text FROM access_log WHERE actor = 'ivanova' AND "
                  "resource_type = 'registry.rsnms/Person' AND region_code = '86' AND "
                  "method = 'rsnms.programs.v1.Certificates.ExportFrdo'"),
            "2");
  EXPECT_EQ(
      Value(Cat("SELECT count(*)::text FROM access_log WHERE resource_id = '", Numbered(1), "'")),
      "1");
}

TEST_F(Frdo, WhoMayNotReadPeopleGetsNothing) {
  Issue(1, "1");
  people_status_ = rpc::Error(absl::StatusCode::kPermissionDenied,
                              options::v1::COMMON_REASON_PERMISSION_DENIED, "no");
  EXPECT_EQ(rpc::ReasonOf(Export(Asking()).status), "PERMISSION_DENIED");
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_package"), "0");
  auto authority = service_->Connect({"authority"}, {"regions/86"});
  EXPECT_EQ(rpc::ReasonOf(Export(Asking(), authority.get()).status), "PERMISSION_DENIED");
  auto stranger = service_->Connect({"centre"}, {"regions/61"});
  EXPECT_EQ(Export(Asking(), stranger.get()).status.code(), absl::StatusCode::kNotFound);
}

TEST_F(Frdo, BadRequestsNameTheField) {
  auto request = Asking();
  request.clear_purpose();
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("purpose"));
  request = Asking();
  request.set_purpose("по просьбе 112-233-445 95");
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("purpose"));
  request = Asking();
  request.clear_template_();
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("template"));
  request = Asking();
  request.set_provider("regions/61/organisations/" + Numbered(1));
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("provider"));
  request = Asking();
  request.set_max_rows(5001);
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("max_rows"));
  auto issuer = service_->Connect({"institute"}, {Provider()});
  request = Asking();
  request.clear_provider();
  EXPECT_THAT(FieldsOf(Export(request).status), ElementsAre("provider")) << "no package of all";
  request.set_check_only(true);
  EXPECT_TRUE(Export(request).status.ok()) << "a check may look at all";
  EXPECT_THAT(FieldsOf(Export(request, issuer.get()).status), ElementsAre("provider"));
}

TEST_F(Frdo, AnIssuersExportHoldsWhomTheRegistryShowsIt) {
  Issue(1, "1");
  auto request = Asking();
  request.set_provider(Provider());
  // Learners of other bodies are not shown to the issuer: each is a fault, nobody is left out
  // silently.
  auto issuer = service_->Connect({"institute"}, {Provider()});
  const auto hidden = Export(request, issuer.get());
  EXPECT_TRUE(hidden.status.ok()) << hidden.status;
  EXPECT_THAT(hidden.lines, IsEmpty());
  ASSERT_EQ(hidden.faults.size(), 1U);
  EXPECT_EQ(hidden.faults[0].number(), "1");
  auto both = service_->Connect({"institute"}, {Provider(), School()});
  const auto exported = Export(request, both.get());
  EXPECT_TRUE(exported.status.ok()) << exported.status;
  EXPECT_THAT(exported.numbers(), ElementsAre("1"));
  request.set_provider(NameOf("86", "organisations", Numbered(71)));
  EXPECT_THAT(MustExport(request).lines, IsEmpty());
}

TEST_F(Frdo, AFaultAnywhereMeansNothingIsWritten) {
  Issue(1, "1");
  Issue(2, "2");
  Issue(3, "3");
  people_[Person(2)].clear_snils();
  people_[Person(2)].clear_sex();
  people_.erase(Person(3));
  auto exported = MustExport();
  EXPECT_THAT(exported.lines, IsEmpty());
  EXPECT_EQ(exported.summary.frdo_package(), "");
  EXPECT_EQ(exported.summary.faulty_count(), 2);
  ASSERT_EQ(exported.faults.size(), 3U);
  EXPECT_EQ(exported.faults[0].number(), "2");
  EXPECT_EQ(exported.faults[0].column_title(), "Пол получателя");
  EXPECT_EQ(exported.faults[1].column_number(), 27);
  EXPECT_EQ(exported.faults[2].number(), "3");
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_row"), "0");

  auto request = Asking();
  request.set_check_only(true);
  EXPECT_EQ(MustExport(request).faults.size(), 3U);
  request.set_check_only(false);
  request.set_skip_faulty(true);
  exported = MustExport(request);
  EXPECT_THAT(exported.numbers(), ElementsAre("1"));
  EXPECT_EQ(exported.faults.size(), 3U);
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_row"), "1");
}

TEST_F(Frdo, ACheckLeavesNoPackage) {
  Issue(1, "1");
  auto request = Asking();
  request.set_check_only(true);
  const auto exported = MustExport(request);
  EXPECT_EQ(exported.summary.row_count(), 1);
  EXPECT_THAT(exported.lines, IsEmpty());
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_package"), "0");
}

TEST_F(Frdo, APackageHoldsSoManyRowsAndTheNextTakesTheRest) {
  for (int n = 1; n <= 5; ++n) Issue(n, Cat(n));
  auto request = Asking();
  request.set_max_rows(2);
  std::set<std::string> sent;
  for (const bool more : {true, true, false}) {
    const auto exported = MustExport(request);
    EXPECT_EQ(exported.summary.more(), more);
    for (const auto& number : exported.numbers()) EXPECT_TRUE(sent.insert(number).second);
  }
  EXPECT_EQ(sent.size(), 5U);
}

TEST_F(Frdo, FaultyCertificatesDoNotStandInTheWayOfTheOthers) {
  for (int n = 1; n <= 4; ++n) Issue(n, Cat(n));
  std::set<std::string> numbers;
  for (int n : {1, 2}) people_[Person(n)].clear_snils();
  auto request = Asking();
  request.set_skip_faulty(true);
  request.set_max_rows(1);
  for (int package = 1; package <= 2; ++package) {
    const auto exported = MustExport(request);
    ASSERT_EQ(exported.lines.size(), 1U);
    numbers.insert(exported.numbers()[0]);
  }
  EXPECT_THAT(numbers, ElementsAre("3", "4"));
}

TEST_F(Frdo, RacingExportsSendEachCertificateOnce) {
  for (int n = 1; n <= 20; ++n) Issue(n, Cat(n));
  std::vector<std::thread> writers;
  std::atomic<int> rows{0};
  for (int t = 0; t < 8; ++t) {
    writers.emplace_back([&] {
      auto client = service_->ConnectAsAdministrator();
      const auto exported = Export(Asking(), client.get());
      if (exported.status.ok()) {
        rows += static_cast<int>(exported.lines.size());
      } else {
        EXPECT_EQ(rpc::ReasonOf(exported.status), "CONCURRENT_UPDATE") << exported.status;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(rows, 20);
  EXPECT_EQ(Value("SELECT count(*)::text FROM frdo_row"), "20");
}

// --- the registry over gRPC

// Lets in and remembers what was brought.
class Door : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(
      std::string_view authorization) const override {
    brought_ = authorization;
    return std::make_shared<const auth::Identity>(auth::Identity::System("test"));
  }
  mutable std::string brought_;
};

class FrdoOfRegistry : public Frdo {
 protected:
  void SetUp() override {
    server_ = rpc::Server::Create(rpc::ServerOptions(), &door_);
    const auto* registry = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        "rsnms.registry.v1.Registry");
    server_->Serve(registry);
    const auto none = absl::UnimplementedError("the stand-in gives people alone");
    for (int i = 0; i < registry->method_count(); ++i) {
      const auto* method = registry->method(i);
      if (method->client_streaming()) {
        server_->HandleClientStream(method, [=](auto&&...) { return none; });
      } else if (method->server_streaming()) {
        server_->HandleServerStream(method, [=](auto&&...) { return none; });
      } else if (method->name() != "BatchGetPersons") {
        server_->Handle(method, [=](auto&&...) { return none; });
      }
    }
    server_->Unary<registry::v1::BatchGetPersonsRequest, registry::v1::BatchGetPersonsResponse>(
        "rsnms.registry.v1.Registry/BatchGetPersons",
        [this](rpc::Call&, const auto& request, auto* response) {
          return Show(request, response);
        });
    ASSERT_TRUE(server_->Start().ok());
    rpc::ClientOptions client;
    client.target = Cat("127.0.0.1:", server_->port());
    people_source_ = PeopleOfRegistry(client);
    Frdo::SetUp();
  }
  absl::Status Ask(const rpc::Call& caller, const std::vector<std::string>& names,
                   PeopleByName* found) override {
    return people_source_(caller, names, found);
  }

  absl::Status Show(const registry::v1::BatchGetPersonsRequest& request,
                    registry::v1::BatchGetPersonsResponse* response) {
    ++calls_;
    for (const std::string& name : request.names()) {
      const auto person = people_.find(name);
      if (person == people_.end()) return rpc::NotFound("registry.rsnms/Person", name);
      *response->add_persons() = person->second;
    }
    return absl::OkStatus();
  }

  Door door_;
  People people_source_;
  std::unique_ptr<rpc::Server> server_;
  int calls_ = 0;
};

TEST_F(FrdoOfRegistry, TheRegistryIsAskedWithTheCallersOwnToken) {
  Issue(1, "1");
  const std::string token = testing::TestToken({"centre"}, {"regions/86"}, "ivanova");
  rpc::ClientOptions options;
  options.target = service_->target();
  options.token = [&] { return token; };
  auto caller = rpc::Client::Create(options);
  const auto exported = Export(Asking(), caller.get());
  ASSERT_TRUE(exported.status.ok()) << exported.status;
  EXPECT_EQ(exported.lines.size(), 1U);
  EXPECT_EQ(door_.brought_, "Bearer " + token);
}

TEST_F(FrdoOfRegistry, OneWhoIsHiddenDoesNotHideTheOthers) {
  for (int n = 1; n <= 9; ++n) Issue(n, Cat(n));
  people_.erase(Person(4));
  auto request = Asking();
  request.set_skip_faulty(true);
  const auto exported = MustExport(request);
  EXPECT_EQ(exported.lines.size(), 8U);
  ASSERT_EQ(exported.faults.size(), 1U);
  EXPECT_EQ(exported.faults[0].number(), "4");
  EXPECT_LE(calls_, 9) << "halves, not one by one";
  server_.reset();
  EXPECT_EQ(rpc::ReasonOf(Export(Asking()).status), "UPSTREAM_UNAVAILABLE");
}

}  // namespace
}  // namespace rsnms::programs
