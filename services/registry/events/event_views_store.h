// The calendar of events and the bank of winners, as queries.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_VIEWS_STORE_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_VIEWS_STORE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/event_views.pb.h"

namespace rsnms::registry {

// A year of more than 10 000 events is cut,
// and `event_count` tells how many there are in all.
absl::Status ReadCalendar(pg::Tx& tx, const v1::GetEventCalendarRequest& request,
                          v1::EventCalendar* calendar);

absl::Status ReadWinners(pg::Tx& tx, const v1::ListWinnersRequest& request,
                         v1::ListWinnersResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_VIEWS_STORE_H_
