// A district on a date: composition, head, council, curators and the fund of resources.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_CARD_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_CARD_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/structure_service.pb.h"

namespace rsnms::registry {

// Fills the card as the request asks: what holds on `as_of_date`, of what was known at
// `known_time` when it is given (the transaction then sees the whole region). NOT_FOUND when there
// was no such district.
absl::Status FillCard(const resource::Engine& engine, pg::Tx& tx,
                      const v1::GetDistrictCardRequest& request, v1::DistrictCard* card);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_CARD_H_
