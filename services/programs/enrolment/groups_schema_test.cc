// The migration of groups, walked with data in the tables.
#include "libs/pg/migrate.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

class GroupsSchema : public TrainingFixture {};

TEST_F(GroupsSchema, WalksDownAndUpWithPeopleInGroups) {
  const std::string group = OpenGroup(2), other = OpenGroup(1);
  const std::string deferred = Need(Apply(group, 1)).name(), moved = Need(Apply(group, 2)).name();
  const std::string applied = Need(Apply(group, 3)).name();
  Need(Move("ConfirmEnrolment", deferred));
  Need(Move("DeferEnrolment", deferred));
  const std::string next =
      Need(Move("TransferEnrolment", moved, Cat("group: '", other, "'"))).transferred_to();
  pg::MigrateOptions options;
  options.conninfo = service_->database().superuser_conninfo();
  options.schema = "programs";
  options.sets = {{"platform", "libs/journal/migrations"},
                  {"programs", "services/programs/migrations"}};
  ASSERT_TRUE(pg::MigrateDown(options, "programs", 2).ok());
  const auto state = [&](const std::string& name) {
    return Sql(Cat("SELECT state FROM enrolment WHERE id = '", IdOf(name), "'"));
  };
  EXPECT_EQ(state(deferred), "WITHDRAWN") << "what the former life did not know has ended";
  EXPECT_EQ(state(moved), "WITHDRAWN");
  EXPECT_EQ(state(next), "APPLIED");
  EXPECT_EQ(state(applied), "APPLIED");
  const auto up = pg::MigrateUp(options);
  ASSERT_TRUE(up.ok()) << up;
  EXPECT_EQ(state(applied), "APPLIED");
  Need(Move("ConfirmEnrolment", applied));
  Need(Move("WithdrawEnrolment", next));
  EXPECT_EQ(Need(Apply(OpenGroup(1), 2)).seat(), v1::ENROLMENT_SEAT_HELD);
}

}  // namespace
}  // namespace rsnms::programs
