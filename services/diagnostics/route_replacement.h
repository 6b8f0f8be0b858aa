// What the builder would put in the place of withdrawn programmes. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_REPLACEMENT_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_REPLACEMENT_H_

#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "services/diagnostics/route_builder.h"

namespace rsnms::diagnostics {

// Fills the grounds on which items need attention, and steps that close together the deficits of
// those whose programme was withdrawn: what other items close is left out, and the hours are those
// the route's limit leaves beside them. Changes nothing of the route.
void Suggest(const v1::Route& route, const Offers& offers,
             v1::SuggestReplacementsResponse* response);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_REPLACEMENT_H_
