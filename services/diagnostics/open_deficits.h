// How many people still lack what campaigns found, and how much of that may be told.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_OPEN_DEFICITS_H_
#define RSNMS_SERVICES_DIAGNOSTICS_OPEN_DEFICITS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"

namespace rsnms::diagnostics {

inline constexpr int64_t kSmallCell = 5;  // fewer people than this would be recognised

// What is told of so many people: nothing of nobody, that it is withheld under five, else whole
// fives, rounded down. What is left beside it, in any number somebody may know, is then never known
// exactly while it is one to four. Pure.
std::optional<v1::OpenDeficit> TellOpen(std::string competency_code, int64_t people);

// The answer, over what the transaction may see; the request was judged before.
absl::Status CountOpenDeficits(pg::Tx& tx, const v1::CountOpenDeficitsRequest& request,
                               v1::CountOpenDeficitsResponse* response);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_OPEN_DEFICITS_H_
