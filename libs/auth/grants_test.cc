// What roles and scopes grant.
#include <gtest/gtest.h>

#include "libs/auth/identity.h"
#include "libs/auth/role_book.h"

namespace rsnms::auth {
namespace {

TEST(IdentityTest, PatternsGrantSegments) {
  Identity identity;
  identity.permissions = {"registry.organisations.get", "programs.*", "*.*.list", "a.*.c"};
  for (const char* yes : {"registry.organisations.get", "programs.programmes.import",
                          "monitoring.profiles.list", "a.b.c"}) {
    EXPECT_TRUE(identity.May(yes)) << yes;
  }
  for (const char* no : {"registry.organisations.update", "programs", "list", "a.c", "a.b.c.d",
                         "x.y.z.list", "", "*", "registry.*"}) {
    EXPECT_FALSE(identity.May(no)) << no;
  }
}

TEST(IdentityTest, ScopesReachDownNotUp) {
  Identity identity;
  identity.scopes = {"regions/86/organisations/x", "regions/61"};
  EXPECT_FALSE(identity.CoversRegion("86"));
  EXPECT_TRUE(identity.TouchesRegion("86"));
  EXPECT_TRUE(identity.CoversRegion("61"));
  EXPECT_FALSE(identity.TouchesRegion("6"));
  EXPECT_FALSE(identity.CoversAll());
  EXPECT_EQ(identity.ScopesSetting(), "regions/86/organisations/x,regions/61");
  EXPECT_TRUE(Identity::System("job").CoversAll());
  EXPECT_TRUE(Identity::System("job").May("any.thing.atall"));
  EXPECT_EQ(Identity::System("job").ScopesSetting(), "*");
}

TEST(RoleBookTest, TheInstallationsRolesLoad) {
  const auto book = RoleBook::Load("deploy/roles.textproto");
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_EQ(book->TitleOf("dashboard"), "Панель показателей");
  Identity dashboard;
  dashboard.permissions = book->Permissions({"dashboard", "nobody"});
  EXPECT_TRUE(dashboard.May("monitoring.indicatorValues.list"));
  for (const char* role :
       {"dashboard", "integration", "service", "federal_operator", "authority"}) {
    Identity identity;
    identity.permissions = book->Permissions({role});
    EXPECT_FALSE(identity.May("registry.persons.get")) << role << " has no need of personal data";
  }
}

TEST(RoleBookTest, BadRolesAreRefused) {
  EXPECT_FALSE(RoleBook::Parse("roles {").ok());
  EXPECT_FALSE(RoleBook::Parse("roles { name: 'a' } roles { name: 'a' }").ok());
  EXPECT_FALSE(RoleBook::Parse("roles { name: 'a' permissions: 'x..y' }").ok());
  EXPECT_FALSE(RoleBook::Parse("roles { name: 'a' permissions: 'x.y*' }").ok());
}

}  // namespace
}  // namespace rsnms::auth
