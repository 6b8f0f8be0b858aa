// The state machines of the area as the acts' workflows have them, step by step: what the contract
// declares is compared with these tables.
#include "libs/testing/state_machine.h"
#include "services/registry/structure/structure.h"

namespace rsnms::registry {
namespace {

using testing::ExpectMachine;

// Dagestan WF_DISTRICT; heads come and go with officers, the rest is stepped.
TEST(StructureWorkflows, DistrictIsThatOfTheActs) {
  ExpectMachine(*StructureContract(), "District", 6,
                {
                    {"LaunchDistrict", {"HEADED", "ROTATED"}, "RUNNING"},
                    {"CloseDistrict", {"FORMED", "HEADED", "RUNNING", "ROTATED"}, "CLOSED"},
                });
}

}  // namespace
}  // namespace rsnms::registry
