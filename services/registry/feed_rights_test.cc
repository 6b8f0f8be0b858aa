// What the change feed gives a role is what its lists give.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/auth/role_book.h"
#include "libs/feed/reader.h"
#include "libs/resource/engine.h"
#include "libs/resource/keyring.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "libs/testing/database.h"
#include "rsnms/auth/v1/roles.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"

namespace rsnms::registry {
namespace {

using google::protobuf::ServiceDescriptor;
using ::testing::IsSubsetOf;

// Every service of the registry's contract.
std::vector<const ServiceDescriptor*> Contracts() {
  const auto* pool = v1::GetPersonRequest::descriptor()->file()->pool();
  std::vector<const ServiceDescriptor*> contracts;
  for (const char* name : {"Registry", "Asset", "Communities", "Events", "OrganisationLife",
                           "Mentoring", "People", "Practices", "Structure", "Documents", "Sites"}) {
    contracts.push_back(pool->FindServiceByName(absl::StrCat("rsnms.registry.v1.", name)));
  }
  return contracts;
}

class FeedRights : public ::testing::Test {
 protected:
  void SetUp() override {
    resource::EngineOptions options;
    options.secret_key = std::string(32, 'k');
    options.personal_keys = *resource::Keyring::Parse(
        absl::StrCat("index:", std::string(64, 'b'), ",1:", std::string(64, 'c')));
    auto engine = resource::Engine::Create(&database_->app(), Contracts(), options);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    std::ifstream file("deploy/roles.textproto");
    std::ostringstream text;
    text << file.rdbuf();
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text.str(), &roles_));
    auto book = auth::RoleBook::Parse(text.str());
    ASSERT_TRUE(book.ok()) << book.status();
    for (const auto& role : roles_.roles()) {
      auth::Identity identity;
      identity.roles = {role.name()};
      identity.scopes = {"regions/86"};
      identity.permissions = book->Permissions({role.name()});
      callers_.push_back(identity);
    }
  }
  // The types a caller may get or list, by the contract alone.
  std::set<std::string> Listed(const auth::Identity& caller) const {
    std::set<std::string> types;
    for (const auto* service : Contracts()) {
      for (int i = 0; i < service->method_count(); ++i) {
        const auto& method = service->method(i)->options().GetExtension(options::v1::method);
        const bool reads = method.standard() == options::v1::STANDARD_GET ||
                           method.standard() == options::v1::STANDARD_LIST;
        if (reads && caller.May(method.permission()) &&
            engine_->FindType(method.resource())->published()) {
          types.insert(method.resource());
        }
      }
    }
    return types;
  }
  // The types the feed gives, when asked for whatever there is.
  std::set<std::string> Fed(const auth::Identity& caller) const {
    const auto reader = feed::MakeReader(caller, {}, *engine_);
    if (!reader.ok()) {
      EXPECT_TRUE(absl::IsPermissionDenied(reader.status())) << reader.status();
      return {};
    }
    if (!reader->types.empty()) return {reader->types.begin(), reader->types.end()};
    std::set<std::string> all;
    for (const auto* type : engine_->types()) all.insert(type->resource_type());
    return all;
  }

  std::unique_ptr<testing::Database> database_ = testing::Database::Create("registry");
  std::unique_ptr<resource::Engine> engine_;
  auth::v1::RoleSet roles_;
  std::vector<auth::Identity> callers_;
};

TEST_F(FeedRights, EveryRoleIsFedTheTypesItsListsGive) {
  ASSERT_GT(callers_.size(), 8);
  for (const auto& caller : callers_) {
    SCOPED_TRACE(caller.roles[0]);
    std::set<std::string> expected = Listed(caller);
    // Services know persons without their personal fields, which the feed never carries.
    if (caller.roles[0] == "service") expected.insert("registry.rsnms/Person");
    EXPECT_EQ(Fed(caller), expected);
    for (const auto* type : engine_->types()) {
      if (!type->published()) continue;
      feed::v1::ChangeSelector one;
      one.add_resource_types(type->resource_type());
      EXPECT_EQ(feed::MakeReader(caller, one, *engine_).ok(),
                expected.count(type->resource_type()) == 1)
          << type->resource_type();
    }
  }
}

TEST_F(FeedRights, IntegrationIsFedNeitherConsentsNorTheReserve) {
  for (const auto& caller : callers_) {
    if (caller.roles[0] != "integration") continue;
    const auto fed = Fed(caller);
    for (const char* type : {"Consent", "Qualification", "ReserveCandidate", "PersonMerge",
                             "Person", "Membership", "ContestEntry", "ConsultingRequest"}) {
      EXPECT_EQ(fed.count(absl::StrCat("registry.rsnms/", type)), 0) << type;
    }
    EXPECT_EQ(fed.count("registry.rsnms/Organisation"), 1);
  }
}

// A role that loses a type leaves its followers with another selection: they read anew.
TEST_F(FeedRights, ChangedRoleIsAnotherSelection) {
  auth::Identity caller;
  caller.scopes = {"regions/86"};
  caller.permissions = {"registry.organisations.get", "registry.consents.list"};
  const auto before = feed::MakeReader(caller, {}, *engine_);
  ASSERT_TRUE(before.ok()) << before.status();
  caller.permissions.erase("registry.consents.list");
  const auto after = feed::MakeReader(caller, {}, *engine_);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(rpc::ReasonOf(feed::CheckSelection(*after, before->selection)), "RESYNC_REQUIRED");
}

// Among others: every column the contract gives rights by stands in a policy.
TEST_F(FeedRights, PoliciesLookAtWhatTheContractsGiveRightsBy) {
  EXPECT_EQ(engine_->Check(), absl::OkStatus());
}

// Other services follow these.
TEST_F(FeedRights, ServicesAreFedWhatTheyFollow) {
  for (const auto& caller : callers_) {
    if (caller.roles[0] != "service") continue;
    EXPECT_THAT(
        (std::vector<std::string>{"registry.rsnms/Organisation", "registry.rsnms/Person",
                                  "registry.rsnms/Employment", "registry.rsnms/SupportRecord",
                                  "registry.rsnms/ManagementTeam"}),
        IsSubsetOf(Fed(caller)));
  }
}

}  // namespace
}  // namespace rsnms::registry
